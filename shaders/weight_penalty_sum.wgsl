// Partial sums over the effective weights of one matrix, or of a block of it: of |w| (KIND 0) or of w^2 (KIND 1 and 2), with
// DISTANCES each times the distance d of its two units.
//
//   parameters, rules [R, P]; sums [R, CHUNKS]; distances [1 or R, H, H], not read without DISTANCES
//
// A workgroup owns one chunk of one replica's block: x is the chunk, z the replica. Sums have a fixed order (lib/sum.wgsl).
//!include lib/shape.wgsl
//!include lib/constraint.wgsl
//!include lib/tensors.wgsl
//!include lib/weight_penalty.wgsl
//!include lib/sum.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read> rules: array<u32>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>;
@group(0) @binding(4) var<storage, read> distances: array<f32>;

override CHUNKS: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn weight_penalty_sum(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let start = tensor_start(shape, TENSOR);
  let size = part_size(tensor_start(shape, TENSOR + 1u) - start);
  let flat = group.z * shape.parameters + start;
  var sum = 0.0;
  for (var k = group.x * WORKGROUP_SIZE + local; k < size; k += CHUNKS * WORKGROUP_SIZE) {
    let entry = part_entry(shape, k);
    let w = effective_weight(parameters[flat + entry], rules[flat + entry]);
    var share = select(w * w, abs(w), KIND == 0u);
    if (DISTANCES) { share *= distances[group.z * DISTANCE_STRIDE + entry]; }
    sum += share;
  }
  let total = workgroup_sum(local, sum);
  if (local == 0u) { sums[group.z * CHUNKS + group.x] = total; }
}
