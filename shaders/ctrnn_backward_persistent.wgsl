// Back-propagation over all time steps in one dispatch (equations and shapes: lib/ctrnn_backward.wgsl).
//
// A workgroup owns 8 trials of one replica, from the last slot down to slot 0; its invocations share out the columns of
// four units. dL/dv of slot t + 1 was written by this workgroup; the storageBarrier after each step makes it visible.
//!include lib/ctrnn_backward.wgsl

@compute @workgroup_size(WORKGROUP_SIZE)
fn ctrnn_backward_persistent(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  for (var done = 0u; done <= shape.steps; done += 1u) {
    for (var column = local; column < shape.hidden4; column += WORKGROUP_SIZE) {
      backward_tile(group.z, shape.steps - done, 8u * group.x, column);
    }
    storageBarrier();
  }
}
