// The update of every parameter at once (formulas and shapes: lib/update_parameter.wgsl). One invocation owns one parameter.
//
//   plasticity [R, P]
//!include lib/update_parameter.wgsl
@group(0) @binding(4) var<storage, read> plasticity: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn update(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  if (item >= shape.parameters) { return; }
  update_parameter(id.z, item, plasticity[id.z * shape.parameters + item]);
}
