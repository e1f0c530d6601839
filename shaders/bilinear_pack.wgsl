// Weights of a network with multiplicative input as the kernels read them (lib/bilinear.wgsl): every matrix twice, indexed
// [pre][post] for the forward and [post][pre] for the backward pass, then bias and alpha. What pads a row is 0.
//
//   parameters [R, P]; packed [R, packed4] vec4f
//
// An invocation owns one vec4f of `packed`.
//!include lib/bilinear.wgsl
@group(0) @binding(0) var<uniform> bilinear: Bilinear;
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read_write> packed: array<vec4f>;

override WORKGROUP_SIZE: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn bilinear_pack(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  if (item >= bilinear.packed4) { return; }
  let n = bilinear.units;
  let n4 = bilinear.units4;
  let start = id.z * bilinear.parameters;
  let matrices = (1u + bilinear.inputs) * n * n;
  var value = vec4f(0.0);
  if (item >= packed_bias(bilinear)) {
    let vector = item - packed_bias(bilinear);
    for (var i = 0u; i < 4u; i += 1u) {
      let unit = 4u * (vector % n4) + i;
      if (unit < n) { value[i] = parameters[start + matrices + vector / n4 * n + unit]; }
    }
  } else {
    let is_forward = item < packed_backward(bilinear);
    let place = select(item - packed_backward(bilinear), item, is_forward);
    let matrix = start + place / (4u * n4 * n4) * n * n;
    let summed = place / n4 % (4u * n4);
    for (var i = 0u; i < 4u; i += 1u) {
      let result = 4u * (place % n4) + i;
      if (summed < n && result < n) {
        value[i] = parameters[matrix + select(summed * n + result, result * n + summed, is_forward)];
      }
    }
  }
  packed[id.z * bilinear.packed4 + item] = value;
}
