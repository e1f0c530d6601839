// Distance in direction of one row (time x trial) between outputs y and targets t, u = t / |t| (0 where t = 0):
//   loss = c m (1 - y.u / d),   dL/dy = -c m (u - (y.u / d) y / d) / d,   d = sqrt(|y|^2 + EPSILON^2)
// m is the trial mask of the row's first output, c = weight / (T B), or weight / (sum of m over rows).
//
//   settings [R]; outputs, targets, trial_mask [R, T, B, output4] vec4f (padding 0)
//   output_gradients, same shape; loss_rows [R, TERMS, T B]: lib/loss_term.wgsl
//
// An invocation owns one row. EPSILON bounds the gradient, by c m / EPSILON, where the outputs are all 0.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/loss_term.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> outputs: array<vec4f>;
@group(0) @binding(3) var<storage, read> targets: array<vec4f>;
@group(0) @binding(4) var<storage, read> trial_mask: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> output_gradients: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> loss_rows: array<f32>;

override WORKGROUP_SIZE: u32;
override EPSILON: f32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn cosine(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let rows = shape.steps * shape.batch;
  if (item >= rows) { return; }
  let start = (id.z * rows + item) * shape.output4;
  let scale = settings[id.z].loss_scale[TERM] * trial_mask[start].x;
  var product = 0.0;
  var output_square = EPSILON * EPSILON;
  var target_square = 0.0;
  for (var k = start; k < start + shape.output4; k += 1u) {
    product += dot(outputs[k], targets[k]);
    output_square += dot(outputs[k], outputs[k]);
    target_square += dot(targets[k], targets[k]);
  }
  let inverse_target = select(0.0, 1.0 / sqrt(target_square), target_square > 0.0);
  let inverse_output = 1.0 / sqrt(output_square);
  let similarity = product * inverse_target * inverse_output;
  for (var k = start; k < start + shape.output4; k += 1u) {
    let across = targets[k] * inverse_target - similarity * inverse_output * outputs[k];
    var gradient = -scale * inverse_output * across;
    if (!FIRST) { gradient += output_gradients[k]; }
    output_gradients[k] = gradient;
  }
  loss_rows[loss_row(id.z, item, rows)] = scale * (1.0 - similarity);
}
