// Gradients of the raw parameters from the partial sums (equation and shapes: lib/parameter_gradient.wgsl), and the sum of
// squares of every tensor's gradient, one number a workgroup, for the norms.
//
// A workgroup owns one chunk of one tensor: x is the chunk, y the tensor, z the replica; an invocation owns every
// WORKGROUP_SIZE-th parameter of it.
//!include lib/parameter_gradient.wgsl

@compute @workgroup_size(WORKGROUP_SIZE)
fn gradient_finish(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let tensor = group.y;
  let replica = group.z;
  let size = tensor_start(shape, tensor + 1u) - tensor_start(shape, tensor);
  let place = (replica * groups.y + tensor) * CHUNKS + group.x;
  // The chunks of a small tensor are empty from some on.
  let length = chunk_length(size);
  if (group.x * length >= size) {
    if (local == 0u) { squares[place] = 0.0; }
    return;
  }
  var sum_of_squares = 0.0;
  let end = min((group.x + 1u) * length, size);
  for (var element = group.x * length + local; element < end; element += WORKGROUP_SIZE) {
    let g = finish_parameter(replica, tensor, element);
    sum_of_squares = fma(g, g, sum_of_squares);
  }
  let total = workgroup_sum(local, sum_of_squares);
  if (local == 0u) { squares[place] = total; }
}
