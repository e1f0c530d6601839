// Gradients of the raw parameters from the partial sums:
//   g = ((sum over slices) * alpha[post] + penalty) * d effective / d raw, 0 where the synapse is absent or not learned;
//   alpha for weights and biases of hidden units of a CTRNN only, penalty only with PENALTY; clipped by value with CLIP_VALUE.
// Also the sum of squares of every tensor's gradient, one number a workgroup, for the norms.
//
//   settings [R]; parameters, rules, gradients [R, P]; partials [R, splits, P]; squares [R, tensors, CHUNKS]
//   penalties [R, P]: gradients of loss terms on the effective weights
//
// A workgroup owns one chunk of one tensor: x is the chunk, y the tensor, z the replica; an invocation owns every
// (CHUNKS * WORKGROUP_SIZE)-th parameter of it.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/constraint.wgsl
//!include lib/tensors.wgsl
//!include lib/sum.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> parameters: array<f32>;
@group(0) @binding(3) var<storage, read> rules: array<u32>;
@group(0) @binding(4) var<storage, read> partials: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradients: array<f32>;
@group(0) @binding(6) var<storage, read_write> squares: array<f32>;
@group(0) @binding(7) var<storage, read> penalties: array<f32>;

override CHUNKS: u32;
override CLIP_VALUE: bool;
override PENALTY: bool;

// The hidden unit whose alpha scales this parameter's gradient.
fn postsynaptic(tensor: u32, element: u32) -> u32 {
  switch tensor {
    case 0u: { return element / shape.inputs; }
    case 1u: { return element / shape.hidden; }
    default: { return element; }
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn gradient_finish(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let tensor = group.y;
  let replica = group.z;
  let start = tensor_start(shape, tensor);
  let size = tensor_start(shape, tensor + 1u) - start;
  let flat = replica * shape.parameters;
  var sum_of_squares = 0.0;
  for (var element = group.x * WORKGROUP_SIZE + local; element < size; element += CHUNKS * WORKGROUP_SIZE) {
    let p = start + element;
    let rule = rules[flat + p];
    var g = 0.0;
    if (is_present(rule) && is_learned(rule)) {
      for (var slice = 0u; slice < shape.splits; slice += 1u) {
        g += partials[(replica * shape.splits + slice) * shape.parameters + p];
      }
      if (tensor <= 2u && shape.gates == 1u) { g *= parameters[flat + offset_alpha(shape) + postsynaptic(tensor, element)]; }
      if (PENALTY) { g += penalties[flat + p]; }
      g *= effective_slope(parameters[flat + p], rule);
      if (CLIP_VALUE) { g = clamp(g, -settings[replica].clip, settings[replica].clip); }
    }
    gradients[flat + p] = g;
    sum_of_squares = fma(g, g, sum_of_squares);
  }
  let total = workgroup_sum(local, sum_of_squares);
  if (local == 0u) { squares[(replica * groups.y + tensor) * CHUNKS + group.x] = total; }
}
