// Masked squared error of one row (time x trial) and its gradient, e = y - target, c = weight / denominator:
//   ELEMENTS   loss = c sum (m e)^2, dL/dy = 2 c m^2 e     c = weight / (T B O)       (PsychRNN)
//   otherwise  loss = c sum m e^2,   dL/dy = 2 c m e       c = weight / sum of m      (pycog)
//
//   settings [R]; outputs, targets, trial_mask [R, T, B, output4] vec4f (padding: mask 0)
//   output_gradients, same shape; loss_rows [R, TERMS, T B]: lib/loss_term.wgsl
//
// An invocation owns one row.
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
override ELEMENTS: bool;

@compute @workgroup_size(WORKGROUP_SIZE)
fn mean_squared_error(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let rows = shape.steps * shape.batch;
  if (item >= rows) { return; }
  let scale = settings[id.z].loss_scale[TERM];
  let start = (id.z * rows + item) * shape.output4;
  var sum = 0.0;
  for (var k = start; k < start + shape.output4; k += 1u) {
    let m = trial_mask[k];
    let e = outputs[k] - targets[k];
    let weighted = select(m * e, m * m * e, ELEMENTS);
    sum += dot(weighted, e);
    var gradient = 2.0 * scale * weighted;
    if (!FIRST) { gradient += output_gradients[k]; }
    output_gradients[k] = gradient;
  }
  loss_rows[loss_row(id.z, item, rows)] = scale * sum;
}
