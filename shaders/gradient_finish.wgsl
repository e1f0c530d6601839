// Gradients of the raw parameters from the partial sums:
//   g = ((sum over slices) * alpha[post] + penalty) * d effective / d raw, 0 where the synapse is absent or not learned;
//   alpha for weights and biases of hidden units of a CTRNN only, penalty only with PENALTY; clipped by value with CLIP_VALUE.
// Also the sum of squares of every tensor's gradient, one number a workgroup, for the norms.
//
//   settings [R]; parameters, rules, gradients [R, P]; partials [R, splits, P]; squares [R, tensors, CHUNKS]
//   penalties [R, P]: gradients of loss terms on the effective weights
//
// A workgroup owns one chunk of one tensor: x runs over the chunks of all tensors, z over replicas. A tensor has a chunk for
// every CHUNK_ELEMENTS, but at most CHUNKS; an invocation owns every (chunks * WORKGROUP_SIZE)-th parameter of it. Squares of
// chunks that a tensor does not have stay 0.
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
override CHUNK_ELEMENTS: u32;
override TENSORS: u32;
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

fn chunks_of(tensor: u32) -> u32 {
  let size = tensor_start(shape, tensor + 1u) - tensor_start(shape, tensor);
  return min(CHUNKS, (size + CHUNK_ELEMENTS - 1u) / CHUNK_ELEMENTS);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn gradient_finish(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let replica = group.z;
  var tensor = 0u;
  var chunk = group.x;
  var chunks = chunks_of(0u);
  while (chunk >= chunks && tensor + 1u < TENSORS) {
    chunk -= chunks;
    tensor += 1u;
    chunks = chunks_of(tensor);
  }
  let start = tensor_start(shape, tensor);
  let size = tensor_start(shape, tensor + 1u) - start;
  let flat = replica * shape.parameters;
  var sum_of_squares = 0.0;
  for (var element = chunk * WORKGROUP_SIZE + local; element < size; element += chunks * WORKGROUP_SIZE) {
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
  if (local == 0u) { squares[(replica * TENSORS + tensor) * CHUNKS + chunk] = total; }
}
