// The derivative of the Hebbian term by the rates: dL/dr = factor (W + W^T) r, factor one number a row (time x trial).
//
//   drives [R, T, B, hidden4] vec4f: (W + W^T) r; factors [R, T B]
//   direct_gradients [R, T, B, hidden4] vec4f: written by the first term on the rates (FIRST), added to by later ones
//
// An invocation owns four units of one row.
//!include lib/shape.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> drives: array<vec4f>;
@group(0) @binding(2) var<storage, read> factors: array<f32>;
@group(0) @binding(3) var<storage, read_write> direct_gradients: array<vec4f>;

override WORKGROUP_SIZE: u32;
override FIRST: bool;

@compute @workgroup_size(WORKGROUP_SIZE)
fn hebbian_rate_gradient(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let rows = shape.steps * shape.batch;
  if (item >= rows * shape.hidden4) { return; }
  let at = id.z * rows * shape.hidden4 + item;
  var gradient = factors[id.z * rows + item / shape.hidden4] * drives[at];
  if (!FIRST) { gradient += direct_gradients[at]; }
  direct_gradients[at] = gradient;
}
