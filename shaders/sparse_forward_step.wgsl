// One time step of one layer a dispatch, over the synapses that may exist (lib/sparse_forward.wgsl).
// Who owns what is as in ctrnn_forward_step.wgsl.
//!include lib/sparse_forward.wgsl

struct Time { slot: u32, layer: u32 }
@group(1) @binding(0) var<uniform> time: Time;

@compute @workgroup_size(WORKGROUP_SIZE)
fn sparse_forward_step(@builtin(global_invocation_id) id: vec3u) {
  let columns = columns_of(layer_units(id.z, time.layer));
  let column = columns.x + id.x;
  if (column >= columns.y || 8u * id.y >= shape.batch) { return; }
  forward_tile(id.z, time.slot, time.layer, 8u * id.y, column);
}
