// The cell of the continuous-time RNN: one time step of one trial and four units, shared by all forward kernels.
//
//   drive = W_ih u[t] + b_h + W_hh r[t-1]
//   state form  v[t] = (1 - alpha) v[t-1] + alpha drive + noise,   r[t] = f(v[t]) + post-noise
//   rate form   v[t] = (1 - alpha) r[t-1] + alpha drive + noise,   r[t] = f(v[t]) + post-noise
//   noise = alpha sigma xi | sigma xi | sqrt(2 alpha) sigma xi  (NOISE_SCALE 0, 1, 2)
//   slopes = dv[t]/dalpha, the noise included (only with STORE_SLOPES)
// With layers, W_hh acts on r[t] of earlier layers (lib/layer.wgsl); with short-term plasticity on u x r (lib/synapse.wgsl).
//
//   settings [R]; packed [R, packed4] vec4f; inputs [R, T, B, input4] vec4f, column `inputs` = 1;
//   states, rates [R, T + 1, B, hidden4] vec4f, slot t + 1 holds time t; slopes [R, T, B, hidden4] vec4f.
//   synapses [R, T + 1, B, 4, hidden4] vec4f (only with SYNAPSES).
//
// Layers that share a vec4f of units write it one after the other, each its own lanes and the others' as they were.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/random.wgsl
//!include lib/unit.wgsl
//!include lib/layer.wgsl
//!include lib/synapse.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> packed: array<vec4f>;
@group(0) @binding(3) var<storage, read> inputs: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> states: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> rates: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> slopes: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> synapses: array<vec4f>;

override WORKGROUP_SIZE: u32;
override RATE_FORM: bool;
override NOISE_SCALE: u32;
override STORE_SLOPES: bool;

// The rates as the postsynaptic side sees them: where a row starts, and its length.
fn seen_start(replica: u32, slot: u32, trial: u32) -> u32 {
  if (SYNAPSES) { return synapse_row(replica, slot, trial) + 2u * shape.hidden4; }
  return ((replica * (shape.steps + 1u) + slot) * shape.batch + trial) * shape.hidden4;
}

fn seen_stride() -> u32 {
  if (SYNAPSES) { return 4u * shape.hidden4; }
  return shape.hidden4;
}

fn seen(index: u32) -> vec4f {
  if (SYNAPSES) { return synapses[index]; }
  return rates[index];
}

// What the noise of a replica is: read once, not in every cell.
struct CellNoise { pre: f32, post: f32, seed: u32, stream: u32, step: u32, first_step: u32 }

fn cell_noise(replica: u32) -> CellNoise {
  return CellNoise(
    settings[replica].noise_pre, settings[replica].noise_post, settings[replica].seed, settings[replica].noise_stream,
    settings[replica].step, settings[replica].first_step);
}

// The cell of one trial and four units, once the drive is known; only the lanes of `units` are written.
fn forward_cell(
  replica: u32, slot: u32, units: vec2u, trial: u32, column: u32, alpha: vec4f, noise: CellNoise, drive: vec4f,
) {
  let row = (replica * (shape.steps + 1u) + slot) * shape.batch + trial;
  let at = row * shape.hidden4 + column;
  let before = at - shape.batch * shape.hidden4;
  var leaking: vec4f;
  if (RATE_FORM) { leaking = rates[before]; } else { leaking = states[before]; }
  // Every sum of products is an explicit fma, so that no compiler can round one family differently from the other.
  var v = fma(alpha, drive, (1.0 - alpha) * leaking);
  var slope = drive - leaking;
  var post = vec4f(0.0);
  if (noise.pre > 0.0 || noise.post > 0.0) {
    // The counter does not depend on the replica, so that a replica equals a single run with its seed.
    let key = vec2u(noise.seed, noise.stream);
    let time = noise.first_step + slot - 1u;
    let index = (time * shape.batch + trial) * shape.hidden + 4u * column;
    var xi = vec4f(0.0);
    for (var i = 0u; i < 4u; i += 1u) {
      let pair = normal_pair(threefry2x32(key, vec2u(noise.step, index + i)));
      xi[i] = noise.pre * pair.x;
      post[i] = noise.post * pair.y;
    }
    xi *= unit_property(replica, 2u, column);
    post *= unit_property(replica, 3u, column);
    if (NOISE_SCALE == 0u) {
      v = fma(alpha, xi, v);
      slope += xi;
    } else if (NOISE_SCALE == 1u) {
      v += xi;
    } else {
      let scale = sqrt(2.0 * alpha);
      v = fma(scale, xi, v);
      slope += select(vec4f(0.0), xi / scale, alpha > vec4f(0.0));
    }
  }
  let r = unit_rate(replica, column, v) + post;
  var old_v = vec4f(0.0);
  var old_r = vec4f(0.0);
  if (LAYERS > 1u) {
    old_v = states[at];
    old_r = rates[at];
  }
  states[at] = merge(units, column, old_v, v);
  rates[at] = merge(units, column, old_r, r);
  if (STORE_SLOPES) {
    let here = at - (replica + 1u) * shape.batch * shape.hidden4;
    slopes[here] = merge(units, column, slopes[here], slope);
  }
  if (SYNAPSES) {
    let here = synapse_row(replica, slot, trial) + column;
    let earlier = synapse_row(replica, slot - 1u, trial) + column;
    let before = Synapse(synapses[earlier], synapses[earlier + shape.hidden4]);
    let next = synapse_next(synapse_constants(replica, column), before, r);
    let values = array<vec4f, 4>(next.x, next.u, next.u * next.x * r, r);
    for (var i = 0u; i < 4u; i += 1u) {
      let place = here + i * shape.hidden4;
      synapses[place] = merge(units, column, synapses[place], values[i]);
    }
  }
}
