// The mean over time of every unit's rate in every trial, or of its absolute value (ABSOLUTE).
//
//   rates [R, T + 1, B, hidden4] vec4f (slots 1 ... T, less the last SHARED); trial_means [R, B, hidden4] vec4f
// Of a trial in segments, trial_means holds the sum so far: it goes on with CONTINUES, and becomes the mean over the steps of
// the `whole` trial with ENDS.
//
// An invocation owns four units of one trial.
//!include lib/shape.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> rates: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> trial_means: array<vec4f>;
@group(0) @binding(3) var<uniform> whole: Shape;

override WORKGROUP_SIZE: u32;
override ABSOLUTE: bool;
override SHARED: u32;
override CONTINUES: bool;
override ENDS: bool;

@compute @workgroup_size(WORKGROUP_SIZE)
fn trial_rate_means(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let slot = shape.batch * shape.hidden4;
  if (item >= slot) { return; }
  let start = id.z * (shape.steps + 1u) * slot + item;
  var sum = vec4f(0.0);
  if (CONTINUES) { sum = trial_means[id.z * slot + item]; }
  for (var t = 1u; t <= shape.steps - SHARED; t += 1u) {
    let r = rates[start + t * slot];
    sum += select(r, abs(r), ABSOLUTE);
  }
  if (ENDS) { sum /= f32(whole.steps); }
  trial_means[id.z * slot + item] = sum;
}
