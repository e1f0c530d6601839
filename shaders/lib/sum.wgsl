// The sum of one float per invocation of a workgroup, always in the same order. Every invocation gets it. The caller's
// control flow must be uniform. The first barrier lets earlier readers of `shared` finish.
override WORKGROUP_SIZE: u32;
var<workgroup> shared_sums: array<f32, WORKGROUP_SIZE>;

fn workgroup_sum(local: u32, value: f32) -> f32 {
  workgroupBarrier();
  shared_sums[local] = value;
  workgroupBarrier();
  for (var width = WORKGROUP_SIZE / 2u; width > 0u; width /= 2u) {
    if (local < width) { shared_sums[local] += shared_sums[local + width]; }
    workgroupBarrier();
  }
  return shared_sums[0];
}
