// lib/sorn_synapses.wgsl for software adapters, where a barrier costs more than the work: an invocation owns one
// unit's lists; SHARE is 1.
//!include lib/sorn_synapses.wgsl
override WORKGROUP_SIZE: u32;

fn whole_tally(local: u32, value: vec4u) -> vec4u { return value; }

@compute @workgroup_size(WORKGROUP_SIZE)
fn sorn_synapses_alone(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let unit = id.y * groups.x * WORKGROUP_SIZE + id.x;
  if (unit >= sizes.excitatory) { return; }
  learn(id.z, unit, 0u);
}
