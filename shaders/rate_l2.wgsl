// Activity cost of one row (time x trial): loss = c sum r^2, dL/dr = 2 c r, c = weight / (T B H).
//
//   settings [R]; rates [R, T + 1, B, hidden4] vec4f (slots 1 ... T; padding 0)
//   direct_gradients [R, T, B, hidden4] vec4f: written by the first term on the rates (FIRST), added to by later ones
//   loss_rows [R, TERMS, T B]: this term's share of every row, summed by `verdict`
//
// An invocation owns one row.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> rates: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> direct_gradients: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> loss_rows: array<f32>;

override WORKGROUP_SIZE: u32;
override TERM: u32;
override TERMS: u32;
override FIRST: bool;

@compute @workgroup_size(WORKGROUP_SIZE)
fn rate_l2(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let rows = shape.steps * shape.batch;
  if (item >= rows) { return; }
  let scale = settings[id.z].loss_scale[TERM];
  let start = (id.z * rows + item) * shape.hidden4;
  let ahead = (id.z + 1u) * shape.batch * shape.hidden4;  // rates have one slot more a replica
  var sum = 0.0;
  for (var k = start; k < start + shape.hidden4; k += 1u) {
    let r = rates[k + ahead];
    sum += dot(r, r);
    var gradient = 2.0 * scale * r;
    if (!FIRST) { gradient += direct_gradients[k]; }
    direct_gradients[k] = gradient;
  }
  loss_rows[(id.z * TERMS + TERM) * rows + item] = scale * sum;
}
