// The sum of one float per invocation of a workgroup, always in the same order: SUM_PARTS sums of every SUM_PARTS-th float,
// then their sum. Three barriers whatever the size, because on some adapters a barrier costs more than all the additions.
// Every invocation gets the sum. The caller's control flow must be uniform. The first barrier lets earlier readers of
// `shared_sums` finish.
override WORKGROUP_SIZE: u32;
var<workgroup> shared_sums: array<f32, WORKGROUP_SIZE>;
const SUM_PARTS = 8u;

fn workgroup_sum(local: u32, value: f32) -> f32 {
  workgroupBarrier();
  shared_sums[local] = value;
  workgroupBarrier();
  if (local < SUM_PARTS) {
    var part = shared_sums[local];
    for (var i = local + SUM_PARTS; i < WORKGROUP_SIZE; i += SUM_PARTS) { part += shared_sums[i]; }
    shared_sums[local] = part;
  }
  workgroupBarrier();
  var sum = shared_sums[0];
  for (var i = 1u; i < min(SUM_PARTS, WORKGROUP_SIZE); i += 1u) { sum += shared_sums[i]; }
  return sum;
}
