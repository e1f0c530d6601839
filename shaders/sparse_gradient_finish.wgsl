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
  @builtin(local_invocation_index) local: u32,
) {
  let chunk = chunk_of(group.x);
  var sum_of_squares = 0.0;
  if (chunk.tensor == weight_hh) {
    let lists = group.z * (arrayLength(&present) / shape.replicas);
    let own = lists + chunk.number * WORKGROUP_SIZE + local;
    for (var at = present[own]; at < present[own + 1u]; at += 1u) {
      let g = finish_parameter(group.z, weight_hh, present[lists + at]);
      sum_of_squares = fma(g, g, sum_of_squares);
    }
  } else {
    for (var element = chunk.start + local; element < chunk.end; element += WORKGROUP_SIZE) {
      let g = finish_parameter(group.z, chunk.tensor, element);
      sum_of_squares = fma(g, g, sum_of_squares);
    }
  }
  let total = workgroup_sum(local, sum_of_squares);
  if (local == 0u) { squares[(group.z * TENSORS + chunk.tensor) * CHUNKS + chunk.number] = total; }
}
