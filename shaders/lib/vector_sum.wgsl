// The sum of one vec4f per invocation of a workgroup, always in the same order: lib/sum.wgsl for four numbers at once.
// Every invocation gets it. The caller's control flow must be uniform. The first barrier lets earlier readers finish.
override WORKGROUP_SIZE: u32;
var<workgroup> shared_vectors: array<vec4f, WORKGROUP_SIZE>;
const VECTOR_PARTS = 8u;

fn workgroup_vector_sum(local: u32, value: vec4f) -> vec4f {
  workgroupBarrier();
  shared_vectors[local] = value;
  workgroupBarrier();
  if (local < VECTOR_PARTS) {
    var part = shared_vectors[local];
    for (var i = local + VECTOR_PARTS; i < WORKGROUP_SIZE; i += VECTOR_PARTS) { part += shared_vectors[i]; }
    shared_vectors[local] = part;
  }
  workgroupBarrier();
  var sum = shared_vectors[0];
  for (var i = 1u; i < min(VECTOR_PARTS, WORKGROUP_SIZE); i += 1u) { sum += shared_vectors[i]; }
  return sum;
}
