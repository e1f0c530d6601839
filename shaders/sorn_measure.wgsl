// What is reported of a network at one time step, before its synapses learn from it.
//
//   spikes [R, slots, words]; rows [R, E, 2]: shaders/sorn_synapses.wgsl; units [R, E + I]: shaders/sorn_units.wgsl
//   refused [R]
//   series [R, slots, 12]: active units of E, I, and E without input; synapses of EE and EI (u32); refused synapses (u32);
//   then as bits of f32: sum of weights of EE, of EI, of thresholds of E; and nothing
//
// One workgroup owns a replica, an invocation every WORKGROUP_SIZE-th word and unit. Sums of floats have the same order
// always: each invocation's from the first to the last, then a tree. Barriers make the parts visible.
//!include lib/sorn.wgsl
//!include lib/exact_sum.wgsl
//!include lib/vector_sum.wgsl
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> spikes: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<vec4u>;
@group(0) @binding(3) var<storage, read> units: array<vec2f>;
@group(0) @binding(4) var<storage, read> refused: array<u32>;
@group(0) @binding(5) var<storage, read_write> series: array<u32>;

struct Time { slot: u32, first: u32, count: u32 }
@group(1) @binding(0) var<uniform> time: Time;

const WIDTH = 12u;
var<workgroup> shared_counts: array<vec4u, WORKGROUP_SIZE>;

fn workgroup_counts(local: u32, value: vec4u) -> vec4u {
  workgroupBarrier();
  shared_counts[local] = value;
  workgroupBarrier();
  for (var width = WORKGROUP_SIZE / 2u; width > 0u; width /= 2u) {
    if (local < width) { shared_counts[local] += shared_counts[local + width]; }
    workgroupBarrier();
  }
  return shared_counts[0];
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn sorn_measure(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let replica = group.z;
  let now = spikes_at(sizes, replica, time.slot);
  let i_end = sizes.words_e + sizes.words_i;
  var fired = vec4u(0u);
  for (var word = local; word < i_end + sizes.words_e; word += WORKGROUP_SIZE) {
    let bits = countOneBits(spikes[now + word]);
    if (word < sizes.words_e) {
      fired.x += bits;
    } else if (word < i_end) {
      fired.y += bits;
    } else {
      fired.z += bits;
    }
  }
  var synapses = vec4u(0u);
  var sums = vec4f(0.0);
  for (var unit = local; unit < sizes.excitatory; unit += WORKGROUP_SIZE) {
    let own = 2u * (replica * sizes.excitatory + unit);
    synapses += vec4u(rows[own].z, rows[own + 1u].z, 0u, 0u);
    let threshold = units[replica * (sizes.excitatory + sizes.inhibitory) + unit].x;
    sums += vec4f(exact_value(rows[own].xy), exact_value(rows[own + 1u].xy), threshold, 0.0);
  }
  fired = workgroup_counts(local, fired);
  synapses = workgroup_counts(local, synapses);
  sums = workgroup_vector_sum(local, sums);
  if (local == 0u) {
    let at = (replica * sizes.slots + time.slot) * WIDTH;
    series[at] = fired.x;
    series[at + 1u] = fired.y;
    series[at + 2u] = fired.z;
    series[at + 3u] = synapses.x;
    series[at + 4u] = synapses.y;
    series[at + 5u] = refused[replica];
    series[at + 6u] = bitcast<u32>(sums.x);
    series[at + 7u] = bitcast<u32>(sums.y);
    series[at + 8u] = bitcast<u32>(sums.z);
  }
}
