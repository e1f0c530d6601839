// An LSTM or a GRU over all time steps in one dispatch (equations and shapes: lib/gated_forward.wgsl).
//
// A workgroup owns a tile's trials of one replica for all time. The rates it reads are those its own invocations wrote; the
// storageBarrier after each step makes them visible. Nothing is exchanged between workgroups.
//!include lib/gated_forward.wgsl

@compute @workgroup_size(WORKGROUP_SIZE)
fn gated_forward_persistent(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  //!place quad_parameter
) {
  //!place quad_lane
  for (var slot = 1u; slot <= shape.steps; slot += 1u) {
    forward_slot(group.z, slot, TILE_ROWS * group.x, 0u, shape.hidden4, local);
    storageBarrier();
  }
}
