// lib/sorn_synapses.wgsl for hardware: a workgroup owns one unit's lists, an invocation every SHARE-th vec4f of them.
// The barriers of a tally make every invocation's part visible, the first lets earlier readers finish; the storage barrier
// shows what the others wrote to the unit's slots.
//!include lib/sorn_synapses.wgsl
var<workgroup> shared_tallies: array<vec4u, SHARE>;

fn whole_tally(local: u32, value: vec4u) -> vec4u {
  storageBarrier();
  workgroupBarrier();
  shared_tallies[local] = value;
  workgroupBarrier();
  for (var width = SHARE / 2u; width > 0u; width /= 2u) {
    if (local < width) {
      let a = shared_tallies[local];
      let b = shared_tallies[local + width];
      shared_tallies[local] = vec4u(a.xyz + b.xyz, min(a.w, b.w));
    }
    workgroupBarrier();
  }
  return shared_tallies[0];
}

@compute @workgroup_size(SHARE)
fn sorn_synapses(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let unit = group.y * groups.x + group.x;
  if (unit >= sizes.excitatory) { return; }
  learn(group.z, unit, local);
}
