// One time step of one layer of back-propagation a dispatch (equations and shapes: lib/ctrnn_backward_cell.wgsl), for wide
// networks.
//
// An invocation owns 8 trials by 4 units: x runs over the layer's columns of four units, y over the groups of 8 trials.
//!include lib/ctrnn_backward.wgsl

struct Time { slot: u32, layer: u32 }
@group(1) @binding(0) var<uniform> time: Time;

@compute @workgroup_size(WORKGROUP_SIZE)
fn ctrnn_backward_step(
  @builtin(workgroup_id) group: vec3u,
  @builtin(global_invocation_id) id: vec3u,
  //!place quad_parameter
) {
  //!place quad_lane
  let columns = columns_of(layer_units(group.z, time.layer));
  backward_tile(group.z, time.slot, time.layer, TILE_ROWS * group.y, columns.x + TILE_COLUMNS4 * id.x, columns.y);
}
