// What a unit does with its preactivation: r = f(gain (v - threshold)), f the unit's own activation with ACTIVATION 7. Needs
// lib/shape.wgsl and the bindings `shape` and `packed`.
//!include lib/activation.wgsl
override UNIT_GAIN: bool;  // whether any unit has a gain other than 1 or a threshold other than 0

fn unit_property(replica: u32, property: u32, column: u32) -> vec4f {
  return packed[replica * shape.packed4 + packed_units(shape) + property * shape.hidden4 + column];
}

fn unit_argument(replica: u32, column: u32, v: vec4f) -> vec4f {
  if (!UNIT_GAIN) { return v; }
  return unit_property(replica, 0u, column) * (v - unit_property(replica, 1u, column));
}

fn unit_rate(replica: u32, column: u32, v: vec4f) -> vec4f {
  let x = unit_argument(replica, column, v);
  if (ACTIVATION != 7u) { return activation(ACTIVATION, x); }
  let codes = unit_property(replica, 4u, column);
  var r = vec4f(0.0);
  for (var i = 0u; i < 4u; i += 1u) { r[i] = activation(u32(codes[i]), x)[i]; }
  return r;
}

// dr/dv
fn unit_slope(replica: u32, column: u32, v: vec4f) -> vec4f {
  let x = unit_argument(replica, column, v);
  var slope = vec4f(0.0);
  if (ACTIVATION != 7u) {
    slope = activation_slope(ACTIVATION, x);
  } else {
    let codes = unit_property(replica, 4u, column);
    for (var i = 0u; i < 4u; i += 1u) { slope[i] = activation_slope(u32(codes[i]), x)[i]; }
  }
  if (!UNIT_GAIN) { return slope; }
  return slope * unit_property(replica, 0u, column);
}
