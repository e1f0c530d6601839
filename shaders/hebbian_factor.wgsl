// The loss from the agreement q of every row (time x trial) with the weights, and its derivative by q, c = weight / (T B):
//   PER_STEP   loss = c sum over rows |q|                      factor = c sign(q)
//   otherwise  loss = c sum over trials |sum over time q|      factor = c sign(sum over time q)
//
//   settings [R]; loss_rows [R, TERMS, T B]: q before, factor q after; factors [R, T B]
//
// An invocation owns all steps of one trial.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/loss_term.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read_write> factors: array<f32>;
@group(0) @binding(3) var<storage, read_write> loss_rows: array<f32>;

override WORKGROUP_SIZE: u32;
override PER_STEP: bool;

@compute @workgroup_size(WORKGROUP_SIZE)
fn hebbian_factor(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let trial = id.y * groups.x * WORKGROUP_SIZE + id.x;
  if (trial >= shape.batch) { return; }
  let rows = shape.steps * shape.batch;
  let start = loss_row(id.z, 0u, rows);
  var total = 0.0;
  for (var row = trial; row < rows; row += shape.batch) { total += loss_rows[start + row]; }
  let scale = settings[id.z].loss_scale[TERM];
  for (var row = trial; row < rows; row += shape.batch) {
    let agreement = loss_rows[start + row];
    let factor = scale * select(sign(total), sign(agreement), PER_STEP);
    factors[id.z * rows + row] = factor;
    loss_rows[start + row] = factor * agreement;
  }
}
