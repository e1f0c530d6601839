// Squared difference between the rates of one row (time x trial) and recorded ones, z, under their mask:
//   loss = c sum m (r - z)^2,   dL/dr = 2 c m (r - z),   c = weight / (T B K), or weight / sum of m, K recorded units
//
//   settings [R]; rates [R, T + 1, B, hidden4] vec4f (slots 1 ... T)
//   rate_targets, rate_mask [R, T, B, hidden4] vec4f: every recorded unit's column at its hidden unit; 0 elsewhere, and
//   where nothing was recorded
//   direct_gradients [R, T, B, hidden4] vec4f; loss_rows [R, TERMS, T B]: lib/loss_term.wgsl
//
// An invocation owns one row.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/loss_term.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> rates: array<vec4f>;
@group(0) @binding(3) var<storage, read> rate_targets: array<vec4f>;
@group(0) @binding(4) var<storage, read> rate_mask: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> direct_gradients: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> loss_rows: array<f32>;

override WORKGROUP_SIZE: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn target_rates(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let rows = shape.steps * shape.batch;
  if (item >= rows) { return; }
  let scale = settings[id.z].loss_scale[TERM];
  let start = (id.z * rows + item) * shape.hidden4;
  let ahead = (id.z + 1u) * shape.batch * shape.hidden4;  // rates have one slot more a replica
  var sum = 0.0;
  for (var k = start; k < start + shape.hidden4; k += 1u) {
    let e = rates[k + ahead] - rate_targets[k];
    let weighted = rate_mask[k] * e;
    sum += dot(weighted, e);
    var gradient = 2.0 * scale * weighted;
    if (!FIRST) { gradient += direct_gradients[k]; }
    direct_gradients[k] = gradient;
  }
  loss_rows[loss_row(id.z, item, rows)] = scale * sum;
}
