// Hidden units in the order in which they are updated: LAYERS contiguous ranges. A synapse from an earlier layer acts
// within the time step, any other one step later. With one layer none of this is compiled in.
//
// The table behind the unit properties in `packed` holds three vec4f a layer, as unit numbers (src/ops/layers.ts):
//   first, end of the layer; presynaptic units that act within the step
//   presynaptic units that act one step later; postsynaptic units that it reaches one step later
//   postsynaptic units that it reaches within the step; 0, 0
// Needs lib/shape.wgsl and the bindings `shape` and `packed`.
override LAYERS: u32;
override LAYER_STRIDE: u32;  // barriers a time step: 1, or LAYERS where a later layer reaches back to an earlier one

fn layer_row(replica: u32, layer: u32, row: u32) -> vec4u {
  return vec4u(packed[replica * shape.packed4 + packed_layers(shape) + 3u * layer + row]);
}

// First and end of a layer, in units.
fn layer_units(replica: u32, layer: u32) -> vec2u {
  if (LAYERS == 1u) { return vec2u(0u, shape.hidden); }
  return layer_row(replica, layer, 0u).xy;
}

// Columns of vec4f that hold the units [first, end).
fn columns_of(units: vec2u) -> vec2u { return vec2u(units.x / 4u, (units.y + 3u) / 4u); }

// Presynaptic units of a layer: part 0 of the step before, part 1 of the same step.
fn sources_of(replica: u32, layer: u32, part: u32) -> vec2u {
  if (LAYERS == 1u) { return vec2u(0u, shape.hidden); }
  if (part == 0u) { return layer_row(replica, layer, 1u).xy; }
  return layer_row(replica, layer, 0u).zw;
}

// Postsynaptic units of a layer: part 0 of the next step, part 1 of the same step.
fn targets_of(replica: u32, layer: u32, part: u32) -> vec2u {
  if (LAYERS == 1u) { return vec2u(0u, shape.hidden); }
  if (part == 0u) { return layer_row(replica, layer, 1u).zw; }
  return layer_row(replica, layer, 2u).xy;
}

// What a vec4f of units outside [first, end) holds does not count, not even a NaN.
fn only(units: vec2u, column: u32, values: vec4f) -> vec4f {
  if (LAYERS == 1u) { return values; }
  let unit = vec4u(4u * column) + vec4u(0u, 1u, 2u, 3u);
  return select(vec4f(0.0), values, (unit >= vec4u(units.x)) & (unit < vec4u(units.y)));
}

// New values of a layer's units beside the old ones of the layers with which they share a vec4f; 0 in the padding.
fn merge(units: vec2u, column: u32, old: vec4f, next: vec4f) -> vec4f {
  let unit = vec4u(4u * column) + vec4u(0u, 1u, 2u, 3u);
  let kept = select(vec4f(0.0), next, unit < vec4u(shape.hidden));
  if (LAYERS == 1u) { return kept; }
  let others = (unit < vec4u(units.x)) | ((unit >= vec4u(units.y)) & (unit < vec4u(shape.hidden)));
  return select(kept, old, others);
}
