// lib/sorn_units.wgsl for hardware: a workgroup owns one word of spikes, so 32 units of one population. LANES invocations
// sum for one unit, the first of them owns its threshold, the first of all writes the word. The workgroup behind those of
// the last word owns the choice. The first barriers make the parts of sums visible to the lane that adds them, the last
// the spikes to the one that writes them.
//!include lib/sorn_units.wgsl
override WORKGROUP_SIZE: u32;

var<workgroup> shared_parts: array<vec4u, WORKGROUP_SIZE>;
var<workgroup> shared_fires: array<u32, 32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn sorn_units(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let replica = group.z;
  let word = time.first + group.x;
  if (word == sizes.words_e + sizes.words_i) {
    if (local == 0u) { choose(replica, step_of(replica)); }
    return;
  }
  let is_e = is_excitatory(word);
  let member = local / LANES;
  let lane = local % LANES;
  let unit = first_unit_of(word) + member;
  let inside = unit < units_of(word);

  var parts = vec4u(0u);
  if (inside) { parts = parts_of(replica, unit, is_e, lane); }
  shared_parts[local] = parts;
  workgroupBarrier();
  for (var width = LANES / 2u; width > 0u; width /= 2u) {
    if (lane < width) { shared_parts[local] += shared_parts[local + width]; }
    workgroupBarrier();
  }
  if (lane == 0u) {
    var fired = 0u;
    if (inside) { fired = decide(replica, unit, is_e, shared_parts[local]); }
    shared_fires[member] = fired;
  }
  workgroupBarrier();
  if (local == 0u) {
    var bits = vec2u(0u);
    for (var i = 0u; i < 32u; i += 1u) {
      bits |= vec2u(shared_fires[i] & 1u, shared_fires[i] >> 1u) << vec2u(i);
    }
    write_word(replica, word, bits);
  }
}
