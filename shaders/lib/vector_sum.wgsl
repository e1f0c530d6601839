// The sum of one vec4f per invocation of a workgroup, always in the same order: lib/sum.wgsl for four numbers at once.
// Every invocation gets it. The caller's control flow must be uniform. The first barrier lets earlier readers finish.
override WORKGROUP_SIZE: u32;
var<workgroup> shared_vectors: array<vec4f, WORKGROUP_SIZE>;

fn workgroup_vector_sum(local: u32, value: vec4f) -> vec4f {
  workgroupBarrier();
  shared_vectors[local] = value;
  workgroupBarrier();
  for (var width = WORKGROUP_SIZE / 2u; width > 0u; width /= 2u) {
    if (local < width) { shared_vectors[local] += shared_vectors[local + width]; }
    workgroupBarrier();
  }
  return shared_vectors[0];
}
