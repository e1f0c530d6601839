// One time step of back-propagation through an LSTM or a GRU a dispatch (equations and shapes: lib/gated_backward.wgsl), for
// wide networks.
//
// A workgroup owns a tile's trials by COLUMNS columns of four units: x runs over ranges of columns, y over the groups of
// trials.
//!include lib/gated_backward.wgsl

override COLUMNS: u32;

struct Time { slot: u32, layer: u32 }  // as in ctrnn_forward_step.wgsl; there is one layer
@group(1) @binding(0) var<uniform> time: Time;

@compute @workgroup_size(WORKGROUP_SIZE)
fn gated_backward_step(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  //!place quad_parameter
) {
  //!place quad_lane
  let first = group.x * COLUMNS;
  let columns = min(COLUMNS, shape.hidden4 - first);
  backward_slot(group.z, time.slot, TILE_ROWS * group.y, first, columns, local);
}
