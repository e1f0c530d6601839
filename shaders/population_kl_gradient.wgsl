// What population_kl.wgsl found for each unit, by every rate of every set s that a trial is in, and its loss:
//   dL/dr = sum over s of (c KL by m_s) / N_s + 2 (c KL by v_s) / N_s (r - m_s) + 2 c SQUARES r / N_s
//   loss = sum of the shares, in the first row (with TELLS: of the segment that has it); 0 in the others
// T of N_s is that of the `whole` trial.
//
//   settings [R]; rates [R, T + 1, B, hidden4] vec4f (slots 1 ... T)
//   factors [R, hidden4, 2, 3] vec4f, shares [R, hidden4]: population_kl.wgsl
//   direct_gradients [R, T, B, hidden4] vec4f; loss_rows [R, TERMS, T B]: lib/loss_term.wgsl
//
// An invocation owns four units of one row (time x trial); that of units 0 ... 3, the row's loss, too.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/loss_term.wgsl
//!include lib/lanes.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> rates: array<vec4f>;
@group(0) @binding(3) var<storage, read> factors: array<vec4f>;
@group(0) @binding(4) var<storage, read> shares: array<f32>;
@group(0) @binding(5) var<storage, read_write> direct_gradients: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> loss_rows: array<f32>;
@group(0) @binding(7) var<uniform> whole: Shape;

override WORKGROUP_SIZE: u32;
override UNIT_FIRST: u32;
override UNIT_END: u32;
override FIRST_0: u32;
override END_0: u32;
override FIRST_1: u32;
override END_1: u32;
override SQUARES: f32;
override TELLS: bool;

fn by_rate(at: u32, r: vec4f, square: vec4f, trials: u32) -> vec4f {
  return factors[at + 1u] + factors[at + 2u] * (r - factors[at]) + square * r / f32(trials * whole.steps);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn population_kl_gradient(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let rows = shape.steps * shape.batch;
  if (item >= rows * shape.hidden4) { return; }
  let row = item / shape.hidden4;
  let vector = item % shape.hidden4;
  let trial = row % shape.batch;
  let at = id.z * rows * shape.hidden4 + item;
  let r = rates[at + (id.z + 1u) * shape.batch * shape.hidden4];  // rates have one slot more a replica
  let square = 2.0 * settings[id.z].loss_scale[TERM] * SQUARES * lanes(vector, UNIT_FIRST, UNIT_END);
  let factor = (id.z * shape.hidden4 + vector) * 6u;
  var gradient = vec4f(0.0);
  if (trial >= FIRST_0 && trial < END_0) { gradient += by_rate(factor, r, square, END_0 - FIRST_0); }
  if (trial >= FIRST_1 && trial < END_1) { gradient += by_rate(factor + 3u, r, square, END_1 - FIRST_1); }
  if (!FIRST) { gradient += direct_gradients[at]; }
  direct_gradients[at] = gradient;
  if (vector != 0u) { return; }
  var loss = 0.0;
  if (TELLS && row == 0u) {
    for (var k = 0u; k < shape.hidden4; k += 1u) { loss += shares[id.z * shape.hidden4 + k]; }
  }
  loss_rows[loss_row(id.z, row, rows)] = loss;
}
