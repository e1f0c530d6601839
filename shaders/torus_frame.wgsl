// Keeps the rates of chosen units at one time step: frames[slot, trial, k] = state[trial, chosen[k]].
//
//   state [trials, area]; chosen [count]; frames [slots, trials, count]
//
// An invocation owns one number; z is the trial.
struct Frame { count: u32, area: u32, trials: u32, slot: u32 }
@group(0) @binding(0) var<storage, read> state: array<f32>;
@group(0) @binding(1) var<storage, read> chosen: array<u32>;
@group(0) @binding(2) var<storage, read_write> frames: array<f32>;
@group(1) @binding(0) var<uniform> frame: Frame;

override WORKGROUP_SIZE: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn torus_frame(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  if (item >= frame.count) { return; }
  frames[(frame.slot * frame.trials + id.z) * frame.count + item] = state[id.z * frame.area + chosen[item]];
}
