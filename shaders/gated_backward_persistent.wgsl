// Back-propagation through an LSTM or a GRU over all time steps in one dispatch (equations and shapes:
// lib/gated_backward.wgsl).
//
// A workgroup owns a tile's trials of one replica, from the last slot down to slot 0. What it reads was written by this
// workgroup; the storageBarrier after each slot makes it visible. Of a segment of time only the slots LOWEST ... T - SHARED
// are done (src/ops/segment.ts).
//!include lib/gated_backward.wgsl
override SHARED: u32;
override LOWEST: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn gated_backward_persistent(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  //!place quad_parameter
) {
  //!place quad_lane
  for (var done = SHARED; done + LOWEST <= shape.steps; done += 1u) {
    backward_slot(group.z, shape.steps - done, TILE_ROWS * group.x, 0u, shape.hidden4, local);
    storageBarrier();
  }
}
