// The derivative of the Hebbian term by the effective recurrent weights: dL/dW[i, j] = sum over rows factor r[i] r[j].
//
//   rates [R, T + 1, B, hidden4] vec4f (slots 1 ... T); factors [R, T B]
//   penalties [R, P]: written by the first term on weight_hh (FIRST), added to by later ones
//
// An invocation owns 4 by 4 weights: x runs over presynaptic, y over postsynaptic blocks. Sums run over rows in order.
//!include lib/shape.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> rates: array<vec4f>;
@group(0) @binding(2) var<storage, read> factors: array<f32>;
@group(0) @binding(3) var<storage, read_write> penalties: array<f32>;

override WORKGROUP_X: u32;
override WORKGROUP_Y: u32;
override FIRST: bool;

fn store(replica: u32, post: u32, pre: u32, value: f32) {
  if (post >= shape.hidden || pre >= shape.hidden) { return; }
  let at = replica * shape.parameters + offset_weight_hh(shape) + post * shape.hidden + pre;
  if (FIRST) { penalties[at] = value; } else { penalties[at] += value; }
}

fn store4(replica: u32, post: u32, pre: u32, value: vec4f) {
  store(replica, post, pre, value.x);
  store(replica, post, pre + 1u, value.y);
  store(replica, post, pre + 2u, value.z);
  store(replica, post, pre + 3u, value.w);
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn hebbian_weight_gradient(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= shape.hidden4 || id.y >= shape.hidden4) { return; }
  let rows = shape.steps * shape.batch;
  let start = (id.z * rows + (id.z + 1u) * shape.batch) * shape.hidden4;  // slot 1 of this replica
  var c0 = vec4f(0.0); var c1 = vec4f(0.0); var c2 = vec4f(0.0); var c3 = vec4f(0.0);
  for (var row = 0u; row < rows; row += 1u) {
    let post = factors[id.z * rows + row] * rates[start + row * shape.hidden4 + id.y];
    let pre = rates[start + row * shape.hidden4 + id.x];
    c0 = fma(vec4f(post.x), pre, c0);
    c1 = fma(vec4f(post.y), pre, c1);
    c2 = fma(vec4f(post.z), pre, c2);
    c3 = fma(vec4f(post.w), pre, c3);
  }
  store4(id.z, 4u * id.y, 4u * id.x, c0);
  store4(id.z, 4u * id.y + 1u, 4u * id.x, c1);
  store4(id.z, 4u * id.y + 2u, 4u * id.x, c2);
  store4(id.z, 4u * id.y + 3u, 4u * id.x, c3);
}
