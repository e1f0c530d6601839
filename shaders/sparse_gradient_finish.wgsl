// Gradients as gradient_finish.wgsl, bit for bit, without looking at recurrent synapses that a mask never lets exist; their
// gradients stay 0 from creation.
//
//   present [R, ...]: for every invocation of weight_hh where its list starts, and where the last ends, within the replica's
//   part; then the lists: the elements of weight_hh that it owns in gradient_finish.wgsl, ascending
//!include lib/parameter_gradient.wgsl
@group(0) @binding(8) var<storage, read> present: array<u32>;

const weight_hh = 1u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn sparse_gradient_finish(
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
  if (tensor == weight_hh) {
    let lists = replica * (arrayLength(&present) / shape.replicas);
    let own = group.x * WORKGROUP_SIZE + local;
    for (var at = present[lists + own]; at < present[lists + own + 1u]; at += 1u) {
      let g = finish_parameter(replica, tensor, present[lists + at]);
      sum_of_squares = fma(g, g, sum_of_squares);
    }
  } else {
    let end = min((group.x + 1u) * length, size);
    for (var element = group.x * length + local; element < end; element += WORKGROUP_SIZE) {
      let g = finish_parameter(replica, tensor, element);
      sum_of_squares = fma(g, g, sum_of_squares);
    }
  }
  let total = workgroup_sum(local, sum_of_squares);
  if (local == 0u) { squares[place] = total; }
}
