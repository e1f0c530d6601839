// Gradients of the raw parameters from the partial sums (equation and shapes: lib/parameter_gradient.wgsl), and the sum of
// squares of every tensor's gradient, one number a workgroup, for the norms.
//
// A workgroup owns one chunk of one tensor: x runs over the chunks of all tensors, z over replicas. A tensor has a chunk for
// every CHUNK_ELEMENTS, but at most CHUNKS, of neighbouring elements; an invocation owns every WORKGROUP_SIZE-th of them.
// Chunks that a tensor does not have are neither written nor read (lib/gradient_chunks.wgsl).
//!include lib/parameter_gradient.wgsl

@compute @workgroup_size(WORKGROUP_SIZE)
fn gradient_finish(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let chunk = chunk_of(group.x);
  var sum_of_squares = 0.0;
  for (var element = chunk.start + local; element < chunk.end; element += WORKGROUP_SIZE) {
    let g = finish_parameter(group.z, chunk.tensor, element);
    sum_of_squares = fma(g, g, sum_of_squares);
  }
  let total = workgroup_sum(local, sum_of_squares);
  if (local == 0u) { squares[(group.z * TENSORS + chunk.tensor) * CHUNKS + chunk.number] = total; }
}
