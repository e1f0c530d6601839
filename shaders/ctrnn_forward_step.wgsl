// One time step of the recurrence a dispatch (equations and shapes: lib/ctrnn_forward.wgsl), for wide networks.
//
// An invocation owns 8 trials by 4 units: x runs over the columns of four units, y over the groups of 8 trials. The
// order between time steps is the order of the dispatches.
//!include lib/ctrnn_forward.wgsl

struct Time { slot: u32 }
@group(1) @binding(0) var<uniform> time: Time;

@compute @workgroup_size(WORKGROUP_SIZE)
fn ctrnn_forward_step(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= shape.hidden4 || 8u * id.y >= shape.batch) { return; }
  forward_tile(id.z, time.slot, 8u * id.y, id.x);
}
