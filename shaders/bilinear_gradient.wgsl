// Gradients of the parameters of a network with multiplicative input: the sums over slices of the rows (weight_gradient.wgsl),
// 0 where a synapse is absent or not learned; of all matrices with the gradient of the penalty DECAY / 2 sum w^2.
//
//   parameters, rules [R, P] (lib/constraint.wgsl); partials [R, splits, P]; gradients [R, P]
//
// An invocation owns one parameter.
//!include lib/shape.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> rules: array<u32>;
@group(0) @binding(2) var<storage, read> partials: array<f32>;
@group(0) @binding(3) var<storage, read> parameters: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradients: array<f32>;

override WORKGROUP_SIZE: u32;
override DECAY: f32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn bilinear_gradient(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  if (item >= shape.parameters) { return; }
  let rule = rules[id.z * shape.parameters + item];
  var sum = 0.0;
  if ((rule & 9u) == 9u) {
    for (var slice = 0u; slice < shape.splits; slice += 1u) {
      sum += partials[(id.z * shape.splits + slice) * shape.parameters + item];
    }
    // Tensor 1 of the rules: W_0 ... W_D.
    if ((rule >> 4u) == 1u) { sum = fma(DECAY, parameters[id.z * shape.parameters + item], sum); }
  }
  gradients[id.z * shape.parameters + item] = sum;
}
