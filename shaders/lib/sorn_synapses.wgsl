// All synaptic rules of one time step, in this order, at the synapses onto one excitatory unit i:
//   STDP   w_ij += eta (x_i(t+1) x_j(t) - x_i(t) x_j(t+1)), then w <= prune -> 0 (removed), w > maximum -> maximum
//   SP     a new synapse of weight `sp_weight` where lib/sorn.wgsl's choice, or this unit's own draw, says so
//   iSTDP  w_ik += y_k(t) (x_i(t+1) eta / target - (1 - x_i(t+1)) eta), then w <= 0 -> floor, w > maximum -> maximum
//   SS     w_ij /= sum_j w_ij, and the same of w_ik; a unit without synapses keeps its zeros
// STDP and iSTDP act on synapses that exist (w > 0). With SP_AFTER_SCALING, SP comes last.
//
//   rates [R]; sources [R, ...]; weights [R, ...]; spikes [R, slots, words]; choices [R, slots, 2]: shaders/sorn_units.wgsl
//   rows [R, E, 2]: of EE and of EI, exact sum of weights (2) and number of synapses
//   refused [R]: new synapses that found no free slot
//
// A unit that is silent at t and at t + 1 and gets no new synapse has nothing to do at EE, but for SP_AFTER_SCALING. Sums are
// exact (lib/exact_sum.wgsl), so that they can be kept up to date by differences, and no order of slots matters. Who owns
// what is said by the shaders that include this: SHARE invocations share a unit's slots, `local` has every SHARE-th vec4f (of
// a dense row in STDP every SHARE-th word of 32), since WGSL may write a whole vec4f where one of it is set; whole_tally adds
// their parts and lets all see what each wrote.
//!include lib/sorn.wgsl
//!include lib/exact_sum.wgsl
//!include lib/random.wgsl
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> rates: array<Rates>;
@group(0) @binding(2) var<storage, read> spikes: array<u32>;
@group(0) @binding(3) var<storage, read> choices: array<u32>;
@group(0) @binding(4) var<storage, read_write> sources: array<u32>;
@group(0) @binding(5) var<storage, read_write> weights: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> rows: array<vec4u>;
@group(0) @binding(7) var<storage, read_write> refused: array<atomic<u32>>;

struct Time { slot: u32, first: u32, count: u32 }
@group(1) @binding(0) var<uniform> time: Time;

override SHARE: u32;

// Index of a unit's own draws among those of a step.
const OWN_DRAWS = 0x10000000u;

// Tallies are a sum (2), a number of synapses and the lowest free slot.
fn empty_tally() -> vec4u { return vec4u(0u, 0u, 0u, NONE); }

// What a changed weight adds to a sum and a number, modulo 2^32.
fn difference(old: f32, new_weight: f32) -> vec4u {
  return vec4u(exact(new_weight) - exact(old), u32(new_weight > 0.0) - u32(old > 0.0), 0u);
}

fn weight_at(at: u32) -> f32 { return weights[at / 4u][at % 4u]; }

fn set_weight(at: u32, w: f32) { weights[at / 4u][at % 4u] = w; }

// What a row is multiplied by; 1 where all that it has is too little for an exact sum, and so too little to be scaled.
fn scaling_of(sum: f32) -> f32 { return select(1.0 / sum, 1.0, sum == 0.0); }

// Multiplies a row, four slots at a time, and tallies it.
fn scale_row(row: u32, width: u32, factor: f32, local: u32) -> vec4u {
  var tally = empty_tally();
  let end = (row + padded(width)) / 4u;
  for (var k = row / 4u + local; k < end; k += SHARE) {
    let old = weights[k];
    if (any(old > vec4f(0.0))) {
      let w = old * factor;
      weights[k] = w;
      let parts = vec4u(w * 0x1p31f);
      let upper = parts >> vec4u(16u);
      let lower = parts & vec4u(0xffffu);
      let there = select(vec4u(0u), vec4u(1u), old > vec4f(0.0));
      tally += vec4u(sum_of(upper), sum_of(lower), sum_of(there), 0u);
    }
  }
  return tally;
}

fn sum_of(v: vec4u) -> u32 { return v.x + v.y + v.z + v.w; }

fn stdp_at(replica: u32, at: u32, change: i32) -> vec4u {
  let old = weight_at(at);
  if (old == 0.0) { return vec4u(0u); }
  var w = min(old + f32(change) * rates[replica].stdp, rates[replica].stdp_maximum);
  if (w <= rates[replica].stdp_prune) { w = 0.0; }
  set_weight(at, w);
  return difference(old, w);
}

fn istdp_at(replica: u32, at: u32, change: f32) -> vec4u {
  let old = weight_at(at);
  if (old == 0.0) { return vec4u(0u); }
  var w = min(old + change, rates[replica].istdp_maximum);
  if (w <= 0.0) { w = rates[replica].istdp_floor; }
  set_weight(at, w);
  return difference(old, w);
}

// STDP of a unit whose spikes are fired_before and fired_now; those of its sources begin at `before` and `now`.
fn stdp_row(replica: u32, row: u32, list: u32, before: u32, now: u32, fired: vec2u, local: u32) -> vec4u {
  var tally = empty_tally();
  if (sizes.ee_lists == 1u) {
    for (var first = 4u * local; first < sizes.ee_width; first += 4u * SHARE) {
      for (var k = first; k < min(first + 4u, sizes.ee_width); k += 1u) {
        let source = sources[list + k];
        let word = source / 32u;
        let change = i32(fired.y * bit_of(spikes[before + word], source))
          - i32(fired.x * bit_of(spikes[now + word], source));
        if (change != 0) { tally += stdp_at(replica, row + k, change); }
      }
    }
    return tally;
  }
  for (var word = local; word < sizes.words_e; word += SHARE) {
    let stronger = fired.y * spikes[before + word];
    let weaker = fired.x * spikes[now + word];
    var bits = stronger ^ weaker;
    while (bits != 0u) {
      let bit = firstTrailingBit(bits);
      bits &= bits - 1u;
      tally += stdp_at(replica, row + 32u * word + bit, select(-1, 1, ((stronger >> bit) & 1u) == 1u));
    }
  }
  return tally;
}

// iSTDP of a unit; the spikes of its sources begin at `before`.
fn istdp_row(replica: u32, row: u32, list: u32, before: u32, change: f32, local: u32) -> vec4u {
  var tally = empty_tally();
  if (sizes.ei_lists == 1u) {
    for (var first = 4u * local; first < sizes.ei_width; first += 4u * SHARE) {
      for (var k = first; k < min(first + 4u, sizes.ei_width); k += 1u) {
        let source = sources[list + k];
        if (bit_of(spikes[before + source / 32u], source) == 1u) { tally += istdp_at(replica, row + k, change); }
      }
    }
    return tally;
  }
  for (var word = local; word < sizes.words_i; word += SHARE) {
    var bits = spikes[before + word];
    while (bits != 0u) {
      tally += istdp_at(replica, row + 32u * word + firstTrailingBit(bits), change);
      bits &= bits - 1u;
    }
  }
  return tally;
}

// Candidates for a new source of a unit; the first that is no source yet is taken. NONE where none is wanted.
fn candidates_of(replica: u32, unit: u32, step: u32) -> vec4u {
  let rules = rates[replica].rules;
  if ((rules & SP) == 0u) { return vec4u(NONE); }
  if ((rules & SP_PER_UNIT) == 0u) {
    let choice = 2u * (replica * sizes.slots + time.slot);
    return vec4u(select(NONE, choices[choice + 1u], choices[choice] == unit), NONE, NONE, NONE);
  }
  let key = vec2u(rates[replica].seed, PLASTICITY_STREAM);
  let event = threefry2x32(key, vec2u(step, OWN_DRAWS + unit)).x;
  if (f32(event >> 8u) * 0x1p-24f >= rates[replica].sp) { return vec4u(NONE); }
  return vec4u(
    threefry2x32(key, vec2u(step, 2u * OWN_DRAWS + unit)),
    threefry2x32(key, vec2u(step, 3u * OWN_DRAWS + unit))) % vec4u(sizes.excitatory);
}

fn learn(replica: u32, unit: u32, local: u32) {
  let rules = rates[replica].rules;
  let first_step = rates[replica].first_step;
  let step = first_step + (time.slot + sizes.slots - rates[replica].first_slot) % sizes.slots;
  let all = (rules & SCALE_ALL) != 0u && step == first_step;
  let before = spikes_at(sizes, replica, slot_before(time.slot, sizes.slots));
  let now = spikes_at(sizes, replica, time.slot);
  let fired = vec2u(bit_of(spikes[before + unit / 32u], unit), bit_of(spikes[now + unit / 32u], unit));
  let own = 2u * (replica * sizes.excitatory + unit);

  let candidates = candidates_of(replica, unit, step);
  let grows = candidates.x != NONE;
  let learns = (rules & STDP) != 0u && (fired.x | fired.y) == 1u;
  // A synapse that came after the scaling is scaled in the next step, whether its unit fires or not.
  let late = (rules & SP_AFTER_SCALING) != 0u;
  let scales_ee = (rules & SCALE_EE) != 0u;
  if (learns || grows || ((all || late) && scales_ee)) {
    let row = replica * sizes.weights + sizes.ee_weights + unit * padded(sizes.ee_width);
    let list = replica * sizes.sources + sizes.ee_sources + unit * sizes.ee_width;
    var total = vec4u(rows[own].xyz, NONE);
    if (learns) { total += whole_tally(local, stdp_row(replica, row, list, before, now, fired, local)) * vec4u(1u, 1u, 1u, 0u); }

    var slot = NONE;
    var wanted = NONE;
    if (grows) {
      // Bit i of the number: candidate i is a source already.
      var found = empty_tally();
      for (var k = local; k < sizes.ee_width; k += SHARE) {
        if (weight_at(row + k) > 0.0) {
          var source = k;
          if (sizes.ee_lists == 1u) { source = sources[list + k]; }
          let same = select(vec4u(0u), vec4u(1u, 2u, 4u, 8u), candidates == vec4u(source));
          found.z += same.x | same.y | same.z | same.w;
        } else {
          found.w = min(found.w, k);
        }
      }
      found = whole_tally(local, found);
      for (var i = 0u; i < 4u; i += 1u) {
        let is_source = (found.z >> i) & 1u;
        if (wanted == NONE && is_source == 0u && candidates[i] != unit) { wanted = candidates[i]; }
      }
      if (wanted != NONE) {
        slot = select(wanted, found.w, sizes.ee_lists == 1u);
        if (slot == NONE && local == 0u) { atomicAdd(&refused[replica], 1u); }
      }
    }
    let owner = slot != NONE && slot / 4u % SHARE == local;
    if (owner && sizes.ee_lists == 1u) { sources[list + slot] = wanted; }
    if (slot != NONE && !late) {
      if (owner) { set_weight(row + slot, rates[replica].sp_weight); }
      total += difference(0.0, rates[replica].sp_weight);
    }
    if (scales_ee) {
      total = whole_tally(local, scale_row(row, sizes.ee_width, scaling_of(exact_value(total.xy)), local));
    }
    if (slot != NONE && late) {
      if (owner) { set_weight(row + slot, rates[replica].sp_weight); }
      total += difference(0.0, rates[replica].sp_weight);
    }
    if (local == 0u) { rows[own] = vec4u(total.xyz, 0u); }
  }

  let scales_ei = (rules & SCALE_EI) != 0u;
  let inhibits = (rules & ISTDP) != 0u;
  if (inhibits || (all && scales_ei)) {
    let row = replica * sizes.weights + sizes.ei_weights + unit * padded(sizes.ei_width);
    let list = replica * sizes.sources + sizes.ei_sources + unit * sizes.ei_width;
    var total = vec4u(rows[own + 1u].xyz, NONE);
    if (inhibits) {
      let change = select(-rates[replica].istdp_loss, rates[replica].istdp_gain, fired.y == 1u);
      total += whole_tally(local, istdp_row(replica, row, list, before + sizes.words_e, change, local)) * vec4u(1u, 1u, 1u, 0u);
    }
    if (scales_ei) {
      total = whole_tally(local, scale_row(row, sizes.ei_width, scaling_of(exact_value(total.xy)), local));
    }
    if (local == 0u) { rows[own + 1u] = vec4u(total.xyz, 0u); }
  }
}
