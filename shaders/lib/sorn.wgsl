// What the kernels of a self-organising recurrent network share. Names: E excitatory, I inhibitory, U input; a projection
// is named post, pre, so that EI is onto E from I. All projections of a replica lie behind one another in `weights`, each a
// row of `width` slots per postsynaptic unit. A projection kept as lists has the source of each slot in `sources`; of a
// dense one, slot j is source j. A slot whose weight is 0 is free. Rows of
// weights are padded with zeros to whole vec4f.
struct Sizes {
  excitatory: u32,
  inhibitory: u32,
  inputs: u32,
  words_e: u32,         // words of 32 spikes of E
  words_i: u32,
  slots: u32,           // time steps in the ring of spikes
  weights: u32,         // floats of one replica
  sources: u32,
  signals: u32,        // floats of one time step in `signals`
  signal_replica: u32,// floats from one replica to the next in `signals`; 0 all have the same
  given: u32,           // 1: noise follows the inputs in `signals`
  // Of each projection: slots of one unit, 1 kept as lists or 0 dense, its first weight and first source in a replica.
  ee_width: u32, ee_lists: u32, ee_weights: u32, ee_sources: u32,
  ei_width: u32, ei_lists: u32, ei_weights: u32, ei_sources: u32,
  ie_width: u32, ie_lists: u32, ie_weights: u32, ie_sources: u32,
  eu_width: u32, eu_lists: u32, eu_weights: u32, eu_sources: u32,
}

// Each replica's own numbers.
struct Rates {
  seed: u32,
  first_step: u32,      // the time step that first_slot holds
  first_slot: u32,
  rules: u32,           // bits below
  noise_e: f32,         // standard deviations
  noise_i: f32,
  stdp: f32,
  stdp_maximum: f32,
  stdp_prune: f32,      // a weight at or below it is removed
  istdp_gain: f32,      // where the postsynaptic unit fires
  istdp_loss: f32,      // where it is silent
  istdp_floor: f32,
  istdp_maximum: f32,
  ip: f32,
  ip_low: f32,
  ip_high: f32,
  sp: f32,              // probability: of one new synapse a step, or of one a unit and step with SP_PER_UNIT
  sp_weight: f32,
}

const STDP = 1u;
const IP = 2u;
const SP = 4u;
const ISTDP = 8u;
const SCALE_EE = 16u;
const SCALE_EI = 32u;
const AT_LEAST = 64u;        // fires at a drive of 0
const NOISY = 128u;
const SP_PER_UNIT = 256u;
const SP_AFTER_SCALING = 512u;
const SP_GIVEN = 1024u;      // the choices are the host's
const SCALE_ALL = 2048u;     // in the first step, silent units too

const NONE = 0xffffffffu;
const NOISE_STREAM = 6u;
const PLASTICITY_STREAM = 9u;

// The slot of the spikes before those of `slot`.
fn slot_before(slot: u32, slots: u32) -> u32 { return select(slot, slots, slot == 0u) - 1u; }

// Where the spikes of a slot begin: those of E, then of I, then what E would have done without input.
fn spikes_at(sizes: Sizes, replica: u32, slot: u32) -> u32 {
  return (replica * sizes.slots + slot) * (2u * sizes.words_e + sizes.words_i);
}

// Floats of a row of `width` slots.
fn padded(width: u32) -> u32 { return (width + 3u) & ~3u; }

fn bit_of(word: u32, unit: u32) -> u32 { return (word >> (unit & 31u)) & 1u; }
