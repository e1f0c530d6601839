// The loss from the agreement q of every row (time x trial) with the weights, and its derivative by q, c = weight / (T B):
//   PER_STEP   loss = c sum over rows |q|                      factor = c sign(q)
//   otherwise  loss = c sum over trials |sum over time q|      factor = c sign(sum over time q)
//
//   settings [R]; loss_rows [R, TERMS, T B]: q before, factor q after; factors [R, T B], 0 in the last SHARED steps
//   totals [R, B]: sums over the time of a trial in segments. GATHER: only add to them (CONTINUES: there were segments
//   before). GIVEN: they are the sums over all time. Neither: there is one segment, and they are not touched.
//
// An invocation owns all steps of one trial.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/loss_term.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read_write> factors: array<f32>;
@group(0) @binding(3) var<storage, read_write> loss_rows: array<f32>;
@group(0) @binding(4) var<storage, read_write> totals: array<f32>;

override WORKGROUP_SIZE: u32;
override PER_STEP: bool;
override SHARED: u32;
override GATHER: bool;
override CONTINUES: bool;
override GIVEN: bool;

@compute @workgroup_size(WORKGROUP_SIZE)
fn hebbian_factor(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let trial = id.y * groups.x * WORKGROUP_SIZE + id.x;
  if (trial >= shape.batch) { return; }
  let rows = shape.steps * shape.batch;
  let start = loss_row(id.z, 0u, rows);
  let counted = rows - SHARED * shape.batch;
  var total = 0.0;
  if (CONTINUES || GIVEN) { total = totals[id.z * shape.batch + trial]; }
  if (!GIVEN) {
    for (var row = trial; row < counted; row += shape.batch) { total += loss_rows[start + row]; }
  }
  if (GATHER) {
    totals[id.z * shape.batch + trial] = total;
    return;
  }
  let scale = settings[id.z].loss_scale[TERM];
  for (var row = trial; row < rows; row += shape.batch) {
    let agreement = loss_rows[start + row];
    var factor = scale * select(sign(total), sign(agreement), PER_STEP);
    if (row >= counted) { factor = 0.0; }
    factors[id.z * rows + row] = factor;
    loss_rows[start + row] = factor * agreement;
  }
}
