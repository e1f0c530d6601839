// One time step of the continuous-time RNN for 8 trials by 4 units, shared by the persistent and the stepwise kernel.
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
//!include lib/tile8x4.wgsl
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

// The cell of one trial and four units, once the drive is known; only the lanes of `units` are written.
fn forward_cell(replica: u32, slot: u32, units: vec2u, trial: u32, column: u32, drive: vec4f) {
  let row = (replica * (shape.steps + 1u) + slot) * shape.batch + trial;
  let at = row * shape.hidden4 + column;
  let before = at - shape.batch * shape.hidden4;
  let alpha = packed[replica * shape.packed4 + packed_alpha(shape) + column];
  var leaking: vec4f;
  if (RATE_FORM) { leaking = rates[before]; } else { leaking = states[before]; }
  // Every sum of products is an explicit fma, so that no compiler can round one family differently from the other.
  var v = fma(alpha, drive, (1.0 - alpha) * leaking);
  var slope = drive - leaking;
  var post = vec4f(0.0);
  let sigma_pre = settings[replica].noise_pre;
  let sigma_post = settings[replica].noise_post;
  if (sigma_pre > 0.0 || sigma_post > 0.0) {
    // The counter does not depend on the replica, so that a replica equals a single run with its seed.
    let key = vec2u(settings[replica].seed, settings[replica].noise_stream);
    let time = settings[replica].first_step + slot - 1u;
    let index = (time * shape.batch + trial) * shape.hidden + 4u * column;
    var xi = vec4f(0.0);
    for (var i = 0u; i < 4u; i += 1u) {
      let pair = normal_pair(threefry2x32(key, vec2u(settings[replica].step, index + i)));
      xi[i] = sigma_pre * pair.x;
      post[i] = sigma_post * pair.y;
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
  states[at] = merge(units, column, states[at], v);
  rates[at] = merge(units, column, rates[at], r);
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

fn forward_tile(replica: u32, slot: u32, layer: u32, trial: u32, column: u32) {
  let last = min(7u, shape.batch - 1u - trial);
  let weights = replica * shape.packed4;
  var t = Tile();

  let u = tile_rows(
    ((replica * shape.steps + slot - 1u) * shape.batch + trial) * shape.input4, shape.input4, last);
  var w = weights + column;
  for (var k = 0u; k < shape.input4; k += 1u) {
    let b0 = packed[w];
    let b1 = packed[w + shape.hidden4];
    let b2 = packed[w + 2u * shape.hidden4];
    let b3 = packed[w + 3u * shape.hidden4];
    w += 4u * shape.hidden4;
    t.r0 = madd4(t.r0, inputs[u.i0 + k], b0, b1, b2, b3);
    t.r1 = madd4(t.r1, inputs[u.i1 + k], b0, b1, b2, b3);
    t.r2 = madd4(t.r2, inputs[u.i2 + k], b0, b1, b2, b3);
    t.r3 = madd4(t.r3, inputs[u.i3 + k], b0, b1, b2, b3);
    t.r4 = madd4(t.r4, inputs[u.i4 + k], b0, b1, b2, b3);
    t.r5 = madd4(t.r5, inputs[u.i5 + k], b0, b1, b2, b3);
    t.r6 = madd4(t.r6, inputs[u.i6 + k], b0, b1, b2, b3);
    t.r7 = madd4(t.r7, inputs[u.i7 + k], b0, b1, b2, b3);
  }

  for (var part = 0u; part < 1u + u32(LAYERS > 1u); part += 1u) {
    let units = sources_of(replica, layer, part);
    let columns = columns_of(units);
    let r = tile_rows(seen_start(replica, slot - 1u + part, trial), seen_stride(), last);
    w = weights + packed_hidden_forward(shape) + 4u * columns.x * shape.hidden4 + column;
    for (var k = columns.x; k < columns.y; k += 1u) {
      let b0 = packed[w];
      let b1 = packed[w + shape.hidden4];
      let b2 = packed[w + 2u * shape.hidden4];
      let b3 = packed[w + 3u * shape.hidden4];
      w += 4u * shape.hidden4;
      t.r0 = madd4(t.r0, only(units, k, seen(r.i0 + k)), b0, b1, b2, b3);
      t.r1 = madd4(t.r1, only(units, k, seen(r.i1 + k)), b0, b1, b2, b3);
      t.r2 = madd4(t.r2, only(units, k, seen(r.i2 + k)), b0, b1, b2, b3);
      t.r3 = madd4(t.r3, only(units, k, seen(r.i3 + k)), b0, b1, b2, b3);
      t.r4 = madd4(t.r4, only(units, k, seen(r.i4 + k)), b0, b1, b2, b3);
      t.r5 = madd4(t.r5, only(units, k, seen(r.i5 + k)), b0, b1, b2, b3);
      t.r6 = madd4(t.r6, only(units, k, seen(r.i6 + k)), b0, b1, b2, b3);
      t.r7 = madd4(t.r7, only(units, k, seen(r.i7 + k)), b0, b1, b2, b3);
    }
  }

  // The sums are in registers up to here; the cell, once per trial, may as well loop.
  var drives = array<vec4f, 8>(t.r0, t.r1, t.r2, t.r3, t.r4, t.r5, t.r6, t.r7);
  let units = layer_units(replica, layer);
  for (var i = 0u; i <= last; i += 1u) { forward_cell(replica, slot, units, trial + i, column, drives[i]); }
}
