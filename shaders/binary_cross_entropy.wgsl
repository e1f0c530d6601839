// Cross-entropy of one row (time x trial) between targets y in [0, 1] and sigmoid(z) of each output z by itself:
//   loss = c sum m (max(z, 0) - z y + log(1 + e^-|z|)),   dL/dz = c m (sigmoid(z) - y)
// c = weight / (T B O), or weight / (sum of m).
//
//   settings [R]; outputs, targets, trial_mask [R, T, B, output4] vec4f (padding: mask 0)
//   output_gradients, same shape; loss_rows [R, TERMS, T B]: lib/loss_term.wgsl
//
// An invocation owns one row. Nothing overflows. log(1 + x) is a series, since 1 + x drops the last digits of a small x.
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

// log(1 + x) = 2 atanh(s) for x in [0, 1], s = x / (2 + x) <= 1/3: the first term left out is below 2e-8 of the sum.
fn log_one_plus(x: vec4f) -> vec4f {
  let s = x / (2.0 + x);
  let q = s * s;
  var series = q / 13.0 + 1.0 / 11.0;
  series = series * q + 1.0 / 9.0;
  series = series * q + 1.0 / 7.0;
  series = series * q + 1.0 / 5.0;
  series = series * q + 1.0 / 3.0;
  return 2.0 * s * (series * q + 1.0);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn binary_cross_entropy(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let rows = shape.steps * shape.batch;
  if (item >= rows) { return; }
  let scale = settings[id.z].loss_scale[TERM];
  let start = (id.z * rows + item) * shape.output4;
  var sum = 0.0;
  for (var k = start; k < start + shape.output4; k += 1u) {
    let m = trial_mask[k];
    let z = outputs[k];
    let y = targets[k];
    let small = exp(-abs(z));
    sum += dot(m, max(z, vec4f(0.0)) - z * y + log_one_plus(small));
    let sigmoid = select(small, vec4f(1.0), z >= vec4f(0.0)) / (1.0 + small);
    var gradient = scale * m * (sigmoid - y);
    if (!FIRST) { gradient += output_gradients[k]; }
    output_gradients[k] = gradient;
  }
  loss_rows[loss_row(id.z, item, rows)] = scale * sum;
}
