// Partial sums over the effective weights of one matrix: of |w| (KIND 0) or of w^2 (KIND 1 and 2).
//
//   parameters, rules [R, P]; sums [R, CHUNKS]
//
// A workgroup owns one chunk of one replica's matrix: x is the chunk, z the replica. Sums have a fixed order (lib/sum.wgsl).
//!include lib/shape.wgsl
//!include lib/constraint.wgsl
//!include lib/tensors.wgsl
//!include lib/sum.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read> rules: array<u32>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>;

override CHUNKS: u32;
override KIND: u32;
override TENSOR: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn weight_penalty_sum(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let start = tensor_start(shape, TENSOR);
  let size = tensor_start(shape, TENSOR + 1u) - start;
  let flat = group.z * shape.parameters + start;
  var sum = 0.0;
  for (var k = group.x * WORKGROUP_SIZE + local; k < size; k += CHUNKS * WORKGROUP_SIZE) {
    let w = effective_weight(parameters[flat + k], rules[flat + k]);
    sum += select(w * w, abs(w), KIND == 0u);
  }
  let total = workgroup_sum(local, sum);
  if (local == 0u) { sums[group.z * CHUNKS + group.x] = total; }
}
