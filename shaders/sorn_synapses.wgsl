// All synaptic rules of one time step, in this order, at the synapses onto one excitatory unit i:
//   STDP   w_ij += eta (x_i(t+1) x_j(t) - x_i(t) x_j(t+1)), then w <= prune -> 0 (removed), w > maximum -> maximum
//   SP     a new synapse of weight `sp_weight` where lib/sorn.wgsl's choice, or this unit's own draw, says so
//   iSTDP  w_ik += y_k(t) (x_i(t+1) eta / target - (1 - x_i(t+1)) eta), then w <= 0 -> floor, w > maximum -> maximum
//   SS     w_ij /= sum_j w_ij, and the same of w_ik; a unit without synapses keeps its zeros
// STDP and iSTDP act on synapses that exist (w > 0). With SP_AFTER_SCALING, SP comes last.
//
//   rates [R]; sources [R, ...]; weights [R, ...]; spikes [R, slots, words]; choices [R, slots, 2]: shaders/sorn_units.wgsl
//   rows [R, E, 4]: number and sum of weights of EE, number and sum of EI (sums as bits of f32)
//   refused [R]: new synapses that found no free slot
//
// A workgroup owns one unit's lists, an invocation every WORKGROUP_SIZE-th slot of them. A unit that is silent at t and at
// t + 1 and gets no new synapse has nothing to do at EE, but for SP_AFTER_SCALING. The barriers of a tally make every invocation's part visible; its
// sums are exact, so that neither the order of slots nor their number matters.
//!include lib/sorn.wgsl
//!include lib/exact_sum.wgsl
//!include lib/random.wgsl
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> rates: array<Rates>;
@group(0) @binding(2) var<storage, read> spikes: array<u32>;
@group(0) @binding(3) var<storage, read> choices: array<u32>;
@group(0) @binding(4) var<storage, read_write> sources: array<u32>;
@group(0) @binding(5) var<storage, read_write> weights: array<f32>;
@group(0) @binding(6) var<storage, read_write> rows: array<vec4u>;
@group(0) @binding(7) var<storage, read_write> refused: array<atomic<u32>>;

struct Time { slot: u32, first: u32 }
@group(1) @binding(0) var<uniform> time: Time;

override WORKGROUP_SIZE: u32;
// Index of a unit's own draws among those of a step.
const OWN_DRAWS = 0x10000000u;
// A tally: exact sum (2), number of synapses (lower 24 bits) and which candidates are sources already, lowest free slot.
const CANDIDATE = 0x1000000u;
var<workgroup> shared_tallies: array<vec4u, WORKGROUP_SIZE>;

fn workgroup_tally(local: u32, value: vec4u) -> vec4u {
  workgroupBarrier();
  shared_tallies[local] = value;
  workgroupBarrier();
  for (var width = WORKGROUP_SIZE / 2u; width > 0u; width /= 2u) {
    if (local < width) {
      let a = shared_tallies[local];
      let b = shared_tallies[local + width];
      shared_tallies[local] = vec4u(a.xyz + b.xyz, min(a.w, b.w));
    }
    workgroupBarrier();
  }
  return shared_tallies[0];
}

fn scale_row(row: u32, width: u32, factor: f32, local: u32) {
  for (var k = local; k < width; k += WORKGROUP_SIZE) {
    let w = weights[row + k];
    if (w > 0.0) { weights[row + k] = w * factor; }
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn sorn_synapses(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let unit = group.y * groups.x + group.x;
  if (unit >= sizes.excitatory) { return; }
  let replica = group.z;
  let rates_at = rates[replica];
  let step = rates_at.first_step + (time.slot + sizes.slots - rates_at.first_slot) % sizes.slots;
  let all = (rates_at.rules & SCALE_ALL) != 0u && step == rates_at.first_step;
  let before = spikes_at(sizes, replica, slot_before(time.slot, sizes.slots));
  let now = spikes_at(sizes, replica, time.slot);
  let fired_before = bit_of(spikes[before + unit / 32u], unit);
  let fired_now = bit_of(spikes[now + unit / 32u], unit);
  let own = replica * sizes.excitatory + unit;

  // Structural plasticity: candidates, of which the first that is no source yet is taken.
  var candidates = vec4u(NONE);
  if ((rates_at.rules & SP) != 0u) {
    if ((rates_at.rules & SP_PER_UNIT) != 0u) {
      let key = vec2u(rates_at.seed, PLASTICITY_STREAM);
      let event = threefry2x32(key, vec2u(step, OWN_DRAWS + unit)).x;
      if (f32(event >> 8u) * 0x1p-24f < rates_at.sp) {
        candidates = vec4u(
          threefry2x32(key, vec2u(step, 2u * OWN_DRAWS + unit)),
          threefry2x32(key, vec2u(step, 3u * OWN_DRAWS + unit))) % vec4u(sizes.excitatory);
      }
    } else {
      let choice = 2u * (replica * sizes.slots + time.slot);
      if (choices[choice] == unit) { candidates.x = choices[choice + 1u]; }
    }
  }
  let grows = candidates.x != NONE;
  let learns = (rates_at.rules & STDP) != 0u && (fired_before | fired_now) == 1u;

  // A synapse that came after the scaling is scaled in the next step, whether its unit fires or not.
  let late = (rates_at.rules & SP_AFTER_SCALING) != 0u;
  if (learns || grows || ((all || late) && (rates_at.rules & SCALE_EE) != 0u)) {
    let row = replica * sizes.weights + sizes.ee_weights + unit * sizes.ee_width;
    let list = replica * sizes.sources + sizes.ee_sources + unit * sizes.ee_width;
    var tally = vec4u(0u, 0u, 0u, NONE);
    for (var k = local; k < sizes.ee_width; k += WORKGROUP_SIZE) {
      var w = weights[row + k];
      if (w > 0.0) {
        var source = k;
        if (sizes.ee_lists == 1u) { source = sources[list + k]; }
        if (learns) {
          let change = i32(fired_now * bit_of(spikes[before + source / 32u], source))
            - i32(fired_before * bit_of(spikes[now + source / 32u], source));
          if (change != 0) {
            w = min(w + f32(change) * rates_at.stdp, rates_at.stdp_maximum);
            if (w <= rates_at.stdp_prune) { w = 0.0; }
            weights[row + k] = w;
          }
        }
        if (w > 0.0 && grows) {
          let found = select(vec4u(0u), vec4u(1u, 2u, 4u, 8u), candidates == vec4u(source));
          tally.z += CANDIDATE * (found.x | found.y | found.z | found.w);
        }
      }
      if (w > 0.0) {
        tally += vec4u(exact(w), 1u, 0u);
      } else {
        tally.w = min(tally.w, k);
      }
    }
    tally = workgroup_tally(local, tally);
    var count = tally.z & (CANDIDATE - 1u);
    var sum = tally.xy;

    var wanted = NONE;
    for (var i = 0u; i < 4u; i += 1u) {
      let is_source = ((tally.z / CANDIDATE) >> i) & 1u;
      if (wanted == NONE && is_source == 0u && candidates[i] != unit) { wanted = candidates[i]; }
    }
    var slot = wanted;
    if (sizes.ee_lists == 1u && wanted != NONE) {
      slot = tally.w;
      if (slot == NONE && local == 0u) { atomicAdd(&refused[replica], 1u); }
    }
    let grown = wanted != NONE && slot != NONE;
    let owner = grown && slot % WORKGROUP_SIZE == local;
    if (grown) {
      count += 1u;
      if (!late) { sum += exact(rates_at.sp_weight); }
    }
    if (owner) {
      if (sizes.ee_lists == 1u) { sources[list + slot] = wanted; }
      if (!late) { weights[row + slot] = rates_at.sp_weight; }
    }
    var total = exact_value(sum);
    if ((rates_at.rules & SCALE_EE) != 0u && total > 0.0) {
      scale_row(row, sizes.ee_width, 1.0 / total, local);
      total = 1.0;
    }
    if (owner && late) { weights[row + slot] = rates_at.sp_weight; }
    if (grown && late) { total += rates_at.sp_weight; }
    if (local == 0u) {
      rows[own].x = count;
      rows[own].y = bitcast<u32>(total);
    }
  }

  let scales = (rates_at.rules & SCALE_EI) != 0u;
  let inhibits = (rates_at.rules & ISTDP) != 0u;
  if (inhibits || (all && scales)) {
    let row = replica * sizes.weights + sizes.ei_weights + unit * sizes.ei_width;
    let list = replica * sizes.sources + sizes.ei_sources + unit * sizes.ei_width;
    let change = select(-rates_at.istdp_loss, rates_at.istdp_gain, fired_now == 1u);
    var tally = vec4u(0u, 0u, 0u, NONE);
    for (var k = local; k < sizes.ei_width; k += WORKGROUP_SIZE) {
      var w = weights[row + k];
      if (w > 0.0) {
        var source = k;
        if (sizes.ei_lists == 1u) { source = sources[list + k]; }
        if (inhibits && bit_of(spikes[before + sizes.words_e + source / 32u], source) == 1u) {
          w = min(w + change, rates_at.istdp_maximum);
          if (w <= 0.0) { w = rates_at.istdp_floor; }
          weights[row + k] = w;
        }
      }
      if (w > 0.0) { tally += vec4u(exact(w), 1u, 0u); }
    }
    tally = workgroup_tally(local, tally);
    var total = exact_value(tally.xy);
    if (scales && total > 0.0) {
      scale_row(row, sizes.ei_width, 1.0 / total, local);
      total = 1.0;
    }
    if (local == 0u) {
      rows[own].z = tally.z;
      rows[own].w = bitcast<u32>(total);
    }
  }
}
