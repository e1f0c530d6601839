// The mean squared error of the rates of the first OBSERVED units, and its gradient: over all steps, trials and those units,
//   L = mean (r - target)^2,   dL/dr = 2 (r - target) / count
//
//   rates, rate_gradients [R, T, B, units4] vec4f; targets [R, T, B, OBSERVED]
//   loss_rows [R, T B]: each row's share of the loss
//
// An invocation owns one row: a step of a trial.
//!include lib/bilinear.wgsl
@group(0) @binding(0) var<uniform> bilinear: Bilinear;
@group(0) @binding(1) var<storage, read> rates: array<vec4f>;
@group(0) @binding(2) var<storage, read> targets: array<f32>;
@group(0) @binding(3) var<storage, read_write> rate_gradients: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> loss_rows: array<f32>;

override WORKGROUP_SIZE: u32;
override OBSERVED: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn bilinear_error(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let rows = bilinear.steps * bilinear.batch;
  if (item >= rows) { return; }
  let row = id.z * rows + item;
  let share = 1.0 / (f32(rows) * f32(OBSERVED));
  var square = 0.0;
  for (var k = 0u; k < bilinear.units4; k += 1u) {
    var difference = vec4f(0.0);
    for (var i = 0u; i < 4u && 4u * k + i < OBSERVED; i += 1u) {
      difference[i] = rates[row * bilinear.units4 + k][i] - targets[row * OBSERVED + 4u * k + i];
    }
    square += dot(difference, difference);
    rate_gradients[row * bilinear.units4 + k] = 2.0 * share * difference;
  }
  loss_rows[row] = share * square;
}
