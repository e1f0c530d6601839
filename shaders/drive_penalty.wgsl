// The size of the drive d = W r onto the units UNIT_FIRST ... UNIT_END - 1, n of them, in one row (time x trial):
//   loss = c sum d^2,   c = weight / (T B n)
//   e = 2 c d / alpha, 0 for the other units
// e is the loss's derivative by d as if it came from preactivations: the products that follow multiply by alpha, and give
// dL/dr = W^T (alpha e) and dL/dW[i, j] = alpha[i] sum over rows e[i] r[j].
//
//   settings [R]; packed [R, packed4] vec4f, which holds alpha
//   products [R, T, B, hidden4] vec4f: d before, e after; loss_rows [R, TERMS, T B]: lib/loss_term.wgsl
//
// An invocation owns one row.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/loss_term.wgsl
//!include lib/lanes.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> packed: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> products: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> loss_rows: array<f32>;

override WORKGROUP_SIZE: u32;
override UNIT_FIRST: u32;
override UNIT_END: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn drive_penalty(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let rows = shape.steps * shape.batch;
  if (item >= rows) { return; }
  let scale = settings[id.z].loss_scale[TERM];
  let start = (id.z * rows + item) * shape.hidden4;
  let alphas = id.z * shape.packed4 + packed_alpha(shape);
  var sum = 0.0;
  for (var k = 0u; k < shape.hidden4; k += 1u) {
    let drive = products[start + k] * lanes(k, UNIT_FIRST, UNIT_END);
    let alpha = packed[alphas + k];
    sum += dot(drive, drive);
    // Padding has an alpha of 0.
    products[start + k] = select(vec4f(0.0), 2.0 * scale * drive / alpha, alpha > vec4f(0.0));
  }
  loss_rows[loss_row(id.z, item, rows)] = scale * sum;
}
