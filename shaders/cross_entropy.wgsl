// Cross-entropy of one row (time x trial) between targets t (probabilities or one-hot) and softmax(z) of the outputs z:
//   loss = c m sum_k t_k (log sum_j e^(z_j - M) + M - z_k),   dL/dz = c m ((sum_k t_k) softmax(z) - t),   M = max z
// m is the trial mask of the row's first output, c = weight / (T B), or weight / (sum of m over rows).
//
//   settings [R]; outputs, targets, trial_mask [R, T, B, output4] vec4f (padding: 0, left out of M and of the sum)
//   output_gradients, same shape; loss_rows [R, TERMS, T B]: lib/loss_term.wgsl
//
// An invocation owns one row. Nothing overflows: every exponent is at most 0, and the sum at least 1.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/loss_term.wgsl
//!include lib/lanes.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> outputs: array<vec4f>;
@group(0) @binding(3) var<storage, read> targets: array<vec4f>;
@group(0) @binding(4) var<storage, read> trial_mask: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> output_gradients: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> loss_rows: array<f32>;

override WORKGROUP_SIZE: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn cross_entropy(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let rows = shape.steps * shape.batch;
  if (item >= rows) { return; }
  let start = (id.z * rows + item) * shape.output4;
  let scale = settings[id.z].loss_scale[TERM] * trial_mask[start].x;
  var largest4 = vec4f(outputs[start].x);
  for (var k = 0u; k < shape.output4; k += 1u) {
    let inside = lanes(k, 0u, shape.outputs) > vec4f(0.0);
    largest4 = max(largest4, select(largest4, outputs[start + k], inside));
  }
  let largest = max(max(largest4.x, largest4.y), max(largest4.z, largest4.w));
  var total = 0.0;
  var mass = 0.0;  // sum of t
  var below = 0.0; // sum of t (M - z)
  for (var k = 0u; k < shape.output4; k += 1u) {
    let inside = lanes(k, 0u, shape.outputs);
    let drop = inside * (largest - outputs[start + k]);
    let t = targets[start + k];
    total += dot(inside, exp(-drop));
    mass += dot(t, inside);
    below += dot(t, drop);
  }
  for (var k = 0u; k < shape.output4; k += 1u) {
    let inside = lanes(k, 0u, shape.outputs);
    let drop = inside * (largest - outputs[start + k]);
    let softmax = inside * exp(-drop) / total;
    var gradient = scale * (mass * softmax - targets[start + k]);
    if (!FIRST) { gradient += output_gradients[start + k]; }
    output_gradients[start + k] = gradient;
  }
  loss_rows[loss_row(id.z, item, rows)] = scale * (mass * log(total) + below);
}
