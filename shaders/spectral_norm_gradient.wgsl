// The derivative of the spectral term by the effective weights of its matrix: d loss / dW[i, j] = (f u)[i] v[j].
//
//   vectors [R, 4 VECTORS] from spectral_norm, here read one float at a time: v, padded to whole vec4f, then f u
//   penalties [R, P]: written by the first term on this matrix (FIRST), added to by later ones
//
// One invocation owns one weight.
//!include lib/shape.wgsl
//!include lib/tensors.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read_write> penalties: array<f32>;

override WORKGROUP_SIZE: u32;
override TENSOR: u32;
override VECTORS: u32;
override FIRST: bool;

@compute @workgroup_size(WORKGROUP_SIZE)
fn spectral_norm_gradient(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let start = tensor_start(shape, TENSOR);
  if (item >= tensor_start(shape, TENSOR + 1u) - start) { return; }
  let columns = select(shape.hidden, shape.inputs, TENSOR == 0u);
  let v = id.z * 4u * VECTORS;
  let u = v + (columns + 3u) / 4u * 4u;
  var gradient = vectors[u + item / columns] * vectors[v + item % columns];
  let at = id.z * shape.parameters + start + item;
  if (!FIRST) { gradient += penalties[at]; }
  penalties[at] = gradient;
}
