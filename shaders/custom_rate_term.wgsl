// A user's loss of one rate r at a time, and its gradient, for one row (time x trial) and the units UNIT_FIRST ...
// UNIT_END - 1, n of them:
//   loss = c sum value(r),   dL/dr = c slope(r)     c = weight / (T B n)
//
//   settings [R]; rates [R, T + 1, B, hidden4] vec4f (slots 1 ... T)
//   direct_gradients [R, T, B, hidden4] vec4f; loss_rows [R, TERMS, T B]: lib/loss_term.wgsl
//
// An invocation owns one row. The formula is put in at the two places (src/ops/losses/custom.ts); without it both are 0.
// Other units are left out, not multiplied by 0: the formula may be anything there.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/loss_term.wgsl
//!include lib/scalar.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> rates: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> direct_gradients: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> loss_rows: array<f32>;

override WORKGROUP_SIZE: u32;
override UNIT_FIRST: u32;
override UNIT_END: u32;

fn element_value(r: f32) -> f32 {
  var value = 0.0;
  //!place value
  return value;
}

fn element_slope(r: f32) -> f32 {
  var slope = 0.0;
  //!place slope
  return slope;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn custom_rate_term(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let rows = shape.steps * shape.batch;
  if (item >= rows) { return; }
  let scale = settings[id.z].loss_scale[TERM];
  let start = (id.z * rows + item) * shape.hidden4;
  let ahead = (id.z + 1u) * shape.batch * shape.hidden4;  // rates have one slot more a replica
  var sum = 0.0;
  for (var k = 0u; k < shape.hidden4; k += 1u) {
    let r = rates[start + ahead + k];
    var gradient = vec4f(0.0);
    for (var i = 0u; i < 4u; i += 1u) {
      let unit = 4u * k + i;
      if (unit >= UNIT_FIRST && unit < UNIT_END) {
        sum += element_value(r[i]);
        gradient[i] = scale * element_slope(r[i]);
      }
    }
    if (!FIRST) { gradient += direct_gradients[start + k]; }
    direct_gradients[start + k] = gradient;
  }
  loss_rows[loss_row(id.z, item, rows)] = scale * sum;
}
