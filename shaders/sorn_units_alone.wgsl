// lib/sorn_units.wgsl for software adapters, where a barrier costs more than the work: an invocation owns one word of
// spikes, and computes its 32 units one after the other; LANES is 1. The invocation behind those of the last word owns the choice.
//!include lib/sorn_units.wgsl
override WORKGROUP_SIZE: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn sorn_units_alone(@builtin(global_invocation_id) id: vec3u) {
  let replica = id.z;
  let word = time.first + id.x;
  let words = sizes.words_e + sizes.words_i;
  if (id.x >= time.count) { return; }
  if (word == words) {
    choose(replica, step_of(replica));
    return;
  }
  let is_e = is_excitatory(word);
  let first = first_unit_of(word);
  let count = min(32u, units_of(word) - first);
  var bits = vec2u(0u);
  for (var i = 0u; i < count; i += 1u) {
    let fired = decide(replica, first + i, is_e, parts_of(replica, first + i, is_e, 0u));
    bits |= vec2u(fired & 1u, fired >> 1u) << vec2u(i);
  }
  write_word(replica, word, bits);
}
