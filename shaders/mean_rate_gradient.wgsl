// Spreads the derivative of a term on mean rates over time: dL/dr[t, b, n] = factor[b, n], times the sign of r where the
// means are of |r| (ABSOLUTE).
//
//   rates [R, T + 1, B, hidden4] vec4f (slots 1 ... T); factors [R, B, hidden4] vec4f
//   direct_gradients [R, T, B, hidden4] vec4f: written by the first term on the rates (FIRST), added to by later ones
//
// An invocation owns four units of one trial at one time.
//!include lib/shape.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> rates: array<vec4f>;
@group(0) @binding(2) var<storage, read> factors: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> direct_gradients: array<vec4f>;

override WORKGROUP_SIZE: u32;
override ABSOLUTE: bool;
override FIRST: bool;

@compute @workgroup_size(WORKGROUP_SIZE)
fn mean_rate_gradient(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let slot = shape.batch * shape.hidden4;
  if (item >= shape.steps * slot) { return; }
  let at = id.z * shape.steps * slot + item;
  var gradient = factors[id.z * slot + item % slot];
  if (ABSOLUTE) { gradient *= sign(rates[at + (id.z + 1u) * slot]); }
  if (!FIRST) { gradient += direct_gradients[at]; }
  direct_gradients[at] = gradient;
}
