// One time step of all units of a self-organising recurrent network (Lazar, Pipa & Triesch 2009), and intrinsic plasticity:
//   r = W_EE x(t) - W_EI y(t) + xi_E - T_E        x(t+1) = H(r + W_EU u(t))
//   y(t+1) = H(W_IE x + xi_I - T_I)               x = x(t), or x(t+1) where I is dispatched after E
//   T_E <- clip(T_E + eta_IP (x(t+1) - target))
// H(z) = 1 where z > 0, with AT_LEAST where z >= 0. H(r) is kept, too: what E does without its input.
// And the pair of units that structural plasticity connects: with probability `sp` one pair without a synapse, uniformly.
//
//   rates [R]; sources [R, ...]; weights [R, ...]: lib/sorn.wgsl
//   signals [R or 1, slots, signals]: inputs u, then noise of E and of I where it is given
//   units [R, E + I]: threshold and target rate of each unit
//   spikes [R, slots, words]: the slot before is read, the slot written
//   choices [R, slots, 2]: postsynaptic and presynaptic unit, NONE where there is none
//
// Sums over synapses are exact (lib/exact_sum.wgsl), so that it does not matter who sums what; that over inputs runs in
// order. Who owns what is said by the shaders that include this; LANES invocations sum one row.
//!include lib/sorn.wgsl
//!include lib/exact_sum.wgsl
//!include lib/random.wgsl
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> rates: array<Rates>;
@group(0) @binding(2) var<storage, read> sources: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read> signals: array<f32>;
@group(0) @binding(5) var<storage, read_write> units: array<vec2f>;
@group(0) @binding(6) var<storage, read_write> spikes: array<u32>;
@group(0) @binding(7) var<storage, read_write> choices: array<u32>;

// The slot that is written; the first word of this dispatch, and how many it has, the choice counted as one.
struct Time { slot: u32, first: u32, count: u32 }
@group(1) @binding(0) var<uniform> time: Time;

override LANES: u32;
const TRIES = 64u;

fn weight_at(at: u32) -> f32 { return weights[at / 4u][at % 4u]; }

// What `lane` of LANES sums of a row: the weights whose sources fire, where `words` words of spikes begin at `base`.
fn part_of_row(row: u32, list: u32, width: u32, lists: u32, base: u32, lane: u32) -> vec2u {
  var sum = vec2u(0u);
  if (lists == 1u) {
    for (var k = lane; k < width; k += LANES) {
      let source = sources[list + k];
      if (bit_of(spikes[base + source / 32u], source) == 1u) { sum += exact(weight_at(row + k)); }
    }
    return sum;
  }
  let words = (width + 31u) / 32u;
  for (var word = lane; word < words; word += LANES) {
    var bits = spikes[base + word];
    while (bits != 0u) {
      let source = 32u * word + firstTrailingBit(bits);
      bits &= bits - 1u;
      sum += exact(weight_at(row + source));
    }
  }
  return sum;
}

fn input_of(replica: u32, unit: u32) -> f32 {
  let row = replica * sizes.weights + sizes.eu_weights + unit * padded(sizes.eu_width);
  let list = replica * sizes.sources + sizes.eu_sources + unit * sizes.eu_width;
  let now = replica * sizes.signal_replica + time.slot * sizes.signals;
  var sum = 0.0;
  for (var k = 0u; k < sizes.eu_width; k += 1u) {
    var source = k;
    if (sizes.eu_lists == 1u) { source = sources[list + k]; }
    sum = fma(weight_at(row + k), signals[now + source], sum);
  }
  return sum;
}

// `unit` counts E, then I.
fn noise_of(replica: u32, unit: u32, step: u32, deviation: f32) -> f32 {
  if (sizes.given == 1u) {
    return signals[replica * sizes.signal_replica + time.slot * sizes.signals + sizes.inputs + unit];
  }
  if ((rates[replica].rules & NOISY) == 0u || deviation == 0.0) { return 0.0; }
  let key = vec2u(rates[replica].seed, NOISE_STREAM);
  return deviation * normal_pair(threefry2x32(key, vec2u(step, unit))).x;
}

fn fires(drive: f32, rules: u32) -> u32 {
  return select(u32(drive > 0.0), u32(drive >= 0.0), (rules & AT_LEAST) != 0u);
}

fn has_synapse(replica: u32, post: u32, pre: u32) -> bool {
  let row = replica * sizes.weights + sizes.ee_weights + post * padded(sizes.ee_width);
  if (sizes.ee_lists == 0u) { return weight_at(row + pre) > 0.0; }
  let list = replica * sizes.sources + sizes.ee_sources + post * sizes.ee_width;
  for (var k = 0u; k < sizes.ee_width; k += 1u) {
    if (sources[list + k] == pre && weight_at(row + k) > 0.0) { return true; }
  }
  return false;
}

fn choose(replica: u32, step: u32) {
  let rules = rates[replica].rules;
  if ((rules & SP_GIVEN) != 0u) { return; }
  var post = NONE;
  var pre = NONE;
  if ((rules & SP) != 0u && (rules & SP_PER_UNIT) == 0u) {
    let key = vec2u(rates[replica].seed, PLASTICITY_STREAM);
    let event = threefry2x32(key, vec2u(step, 0u)).x;
    var tries = select(0u, TRIES, f32(event >> 8u) * 0x1p-24f < rates[replica].sp);
    while (tries > 0u) {
      let pair = threefry2x32(key, vec2u(step, 1u + TRIES - tries)) % vec2u(sizes.excitatory);
      tries -= 1u;
      if (pair.x != pair.y && !has_synapse(replica, pair.x, pair.y)) {
        post = pair.x;
        pre = pair.y;
        tries = 0u;
      }
    }
  }
  let at = 2u * (replica * sizes.slots + time.slot);
  choices[at] = post;
  choices[at + 1u] = pre;
}

fn step_of(replica: u32) -> u32 {
  return rates[replica].first_step + (time.slot + sizes.slots - rates[replica].first_slot) % sizes.slots;
}

// What `lane` sums for a unit: of E over EE and over EI, of I over IE.
fn parts_of(replica: u32, unit: u32, is_e: bool, lane: u32) -> vec4u {
  let before = spikes_at(sizes, replica, slot_before(time.slot, sizes.slots));
  let row = replica * sizes.weights;
  let list = replica * sizes.sources;
  if (is_e) {
    return vec4u(
      part_of_row(row + sizes.ee_weights + unit * padded(sizes.ee_width), list + sizes.ee_sources + unit * sizes.ee_width,
        sizes.ee_width, sizes.ee_lists, before, lane),
      part_of_row(row + sizes.ei_weights + unit * padded(sizes.ei_width), list + sizes.ei_sources + unit * sizes.ei_width,
        sizes.ei_width, sizes.ei_lists, before + sizes.words_e, lane));
  }
  let base = select(before, spikes_at(sizes, replica, time.slot), time.first > 0u);
  return vec4u(
    part_of_row(row + sizes.ie_weights + unit * padded(sizes.ie_width), list + sizes.ie_sources + unit * sizes.ie_width,
      sizes.ie_width, sizes.ie_lists, base, lane), 0u, 0u);
}

// Bit 0: the unit fires; bit 1: it fires without input. Moves its threshold.
fn decide(replica: u32, unit: u32, is_e: bool, sums: vec4u) -> u32 {
  let rules = rates[replica].rules;
  let own = replica * (sizes.excitatory + sizes.inhibitory) + unit + select(sizes.excitatory, 0u, is_e);
  let state = units[own];
  let step = step_of(replica);
  if (!is_e) {
    let noise = noise_of(replica, sizes.excitatory + unit, step, rates[replica].noise_i);
    return fires(exact_value(sums.xy) + noise - state.x, rules);
  }
  let noise = noise_of(replica, unit, step, rates[replica].noise_e);
  let drive = exact_value(sums.xy) - exact_value(sums.zw) + noise - state.x;
  let x = fires(drive + input_of(replica, unit), rules);
  if ((rules & IP) != 0u) {
    let threshold = state.x + rates[replica].ip * (f32(x) - state.y);
    units[own].x = clamp(threshold, rates[replica].ip_low, rates[replica].ip_high);
  }
  return x | (fires(drive, rules) << 1u);
}

fn is_excitatory(word: u32) -> bool { return word < sizes.words_e; }

fn first_unit_of(word: u32) -> u32 { return 32u * select(word - sizes.words_e, word, is_excitatory(word)); }

fn units_of(word: u32) -> u32 { return select(sizes.inhibitory, sizes.excitatory, is_excitatory(word)); }

// x: the spikes of the 32 units of a word; y: those without input, of E only.
fn write_word(replica: u32, word: u32, bits: vec2u) {
  let now = spikes_at(sizes, replica, time.slot);
  spikes[now + word] = bits.x;
  if (is_excitatory(word)) { spikes[now + sizes.words_e + sizes.words_i + word] = bits.y; }
}
