// The update of every parameter but the recurrent weights that a mask never lets exist, which stay 0 (formulas and shapes:
// lib/update_parameter.wgsl). One invocation owns one of them.
//
//   updated [R, items]: which parameter, and the bits of its plasticity; 0xffffffff past a replica's last
//!include lib/update_parameter.wgsl
struct Updated { parameter: u32, plasticity: u32 }
@group(0) @binding(4) var<storage, read> updated: array<Updated>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn sparse_update(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let items = arrayLength(&updated) / shape.replicas;
  if (item >= items) { return; }
  let own = updated[id.z * items + item];
  if (own.parameter == 0xffffffffu) { return; }
  update_parameter(id.z, own.parameter, bitcast<f32>(own.plasticity));
}
