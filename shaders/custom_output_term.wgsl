// A user's loss of one output y at a time, and its gradient, for one row (time x trial):
//   loss = c sum value(y, target, mask),   dL/dy = c slope(y, target, mask)     c = weight / denominator
//
//   settings [R]; outputs, targets, trial_mask [R, T, B, output4] vec4f
//   output_gradients, same shape; loss_rows [R, TERMS, T B]: lib/loss_term.wgsl
//
// An invocation owns one row. The formula is put in at the two places (src/ops/losses/custom.ts); without it both are 0.
// Padding is left out, not multiplied by 0: the formula may be anything there.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/loss_term.wgsl
//!include lib/scalar.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> outputs: array<vec4f>;
@group(0) @binding(3) var<storage, read> targets: array<vec4f>;
@group(0) @binding(4) var<storage, read> trial_mask: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> output_gradients: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> loss_rows: array<f32>;

override WORKGROUP_SIZE: u32;

fn element_value(y: f32, goal: f32, mask: f32) -> f32 {
  var value = 0.0;
  //!place value
  return value;
}

fn element_slope(y: f32, goal: f32, mask: f32) -> f32 {
  var slope = 0.0;
  //!place slope
  return slope;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn custom_output_term(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let rows = shape.steps * shape.batch;
  if (item >= rows) { return; }
  let scale = settings[id.z].loss_scale[TERM];
  let start = (id.z * rows + item) * shape.output4;
  var sum = 0.0;
  for (var k = 0u; k < shape.output4; k += 1u) {
    let y = outputs[start + k];
    let goal = targets[start + k];
    let mask = trial_mask[start + k];
    let here = min(4u, shape.outputs - 4u * k);
    var gradient = vec4f(0.0);
    for (var i = 0u; i < here; i += 1u) {
      sum += element_value(y[i], goal[i], mask[i]);
      gradient[i] = scale * element_slope(y[i], goal[i], mask[i]);
    }
    if (!FIRST) { gradient += output_gradients[start + k]; }
    output_gradients[start + k] = gradient;
  }
  loss_rows[loss_row(id.z, item, rows)] = scale * sum;
}
