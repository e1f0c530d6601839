// Activity cost of one row (time x trial) over the units UNIT_FIRST ... UNIT_END - 1, n of them, c = weight / (T B n):
//   ABSOLUTE   loss = c sum |r|,   dL/dr = c sign(r)  (0 at 0)
//   otherwise  loss = c sum r^2,   dL/dr = 2 c r
//
//   settings [R]; rates [R, T + 1, B, hidden4] vec4f (slots 1 ... T)
//   direct_gradients [R, T, B, hidden4] vec4f; loss_rows [R, TERMS, T B]: lib/loss_term.wgsl
//
// An invocation owns one row.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/loss_term.wgsl
//!include lib/lanes.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> rates: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> direct_gradients: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> loss_rows: array<f32>;

override WORKGROUP_SIZE: u32;
override UNIT_FIRST: u32;
override UNIT_END: u32;
override ABSOLUTE: bool;

@compute @workgroup_size(WORKGROUP_SIZE)
fn rate_magnitude(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let rows = shape.steps * shape.batch;
  if (item >= rows) { return; }
  let scale = settings[id.z].loss_scale[TERM];
  let start = (id.z * rows + item) * shape.hidden4;
  let ahead = (id.z + 1u) * shape.batch * shape.hidden4;  // rates have one slot more a replica
  var sum = 0.0;
  for (var k = 0u; k < shape.hidden4; k += 1u) {
    let r = rates[start + ahead + k] * lanes(k, UNIT_FIRST, UNIT_END);
    let slope = select(2.0 * r, sign(r), ABSOLUTE);
    sum += dot(r, select(r, slope, ABSOLUTE));
    var gradient = scale * slope;
    if (!FIRST) { gradient += direct_gradients[start + k]; }
    direct_gradients[start + k] = gradient;
  }
  loss_rows[loss_row(id.z, item, rows)] = scale * sum;
}
