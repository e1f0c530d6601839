// The recurrence over all time steps in one dispatch (equations and shapes: lib/ctrnn_forward.wgsl).
//
// A workgroup owns 8 trials of one replica for all time; its invocations share out the columns of four units. The rates
// it reads at step t are those its own invocations wrote at t - 1: one storageBarrier after each step makes them visible.
// Nothing is exchanged between workgroups.
//!include lib/ctrnn_forward.wgsl

@compute @workgroup_size(WORKGROUP_SIZE)
fn ctrnn_forward_persistent(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  for (var slot = 1u; slot <= shape.steps; slot += 1u) {
    for (var column = local; column < shape.hidden4; column += WORKGROUP_SIZE) {
      forward_tile(group.z, slot, 8u * group.x, column);
    }
    storageBarrier();
  }
}
