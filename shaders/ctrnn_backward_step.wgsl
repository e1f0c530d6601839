// One time step of one layer of back-propagation a dispatch (equations and shapes: lib/ctrnn_backward_cell.wgsl), for wide
// networks.
//
// An invocation owns 8 trials by 4 units: x runs over the layer's columns of four units, y over the groups of 8 trials.
//!include lib/ctrnn_backward.wgsl

struct Time { slot: u32, layer: u32 }
@group(1) @binding(0) var<uniform> time: Time;

@compute @workgroup_size(WORKGROUP_SIZE)
fn ctrnn_backward_step(@builtin(global_invocation_id) id: vec3u) {
  let columns = columns_of(layer_units(id.z, time.layer));
  let column = columns.x + id.x;
  if (column >= columns.y || 8u * id.y >= shape.batch) { return; }
  backward_tile(id.z, time.slot, time.layer, 8u * id.y, column);
}
