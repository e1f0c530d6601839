// The gradient of one raw parameter from its partial sums:
//   g = ((sum over slices) * alpha[post] + penalty) * d effective / d raw, 0 where the synapse is absent or not learned;
//   alpha for weights and biases of hidden units of a CTRNN only, penalty only with PENALTY; clipped by value with CLIP_VALUE.
//
//   settings [R]; parameters, rules, gradients [R, P]; partials [R, splits, P]; squares [R, tensors, CHUNKS]
//   penalties [R, P]: gradients of loss terms on the effective weights
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/constraint.wgsl
//!include lib/tensors.wgsl
//!include lib/gradient_chunks.wgsl
//!include lib/sum.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> parameters: array<f32>;
@group(0) @binding(3) var<storage, read> rules: array<u32>;
@group(0) @binding(4) var<storage, read> partials: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradients: array<f32>;
@group(0) @binding(6) var<storage, read_write> squares: array<f32>;
@group(0) @binding(7) var<storage, read> penalties: array<f32>;

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

// A tensor, one of its chunks, and the elements of it.
struct Chunk { tensor: u32, number: u32, start: u32, end: u32 }

fn chunk_of(group: u32) -> Chunk {
  var tensor = 0u;
  var number = group;
  var chunks = chunks_of(0u);
  while (number >= chunks && tensor + 1u < TENSORS) {
    number -= chunks;
    tensor += 1u;
    chunks = chunks_of(tensor);
  }
  let size = tensor_start(shape, tensor + 1u) - tensor_start(shape, tensor);
  // A whole number of elements for each invocation.
  let length = (size + chunks * WORKGROUP_SIZE - 1u) / (chunks * WORKGROUP_SIZE) * WORKGROUP_SIZE;
  return Chunk(tensor, number, number * length, min((number + 1u) * length, size));
}

// Writes the gradient of an element of a tensor; gives it back.
fn finish_parameter(replica: u32, tensor: u32, element: u32) -> f32 {
  let flat = replica * shape.parameters;
  let p = tensor_start(shape, tensor) + element;
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
  return g;
}
