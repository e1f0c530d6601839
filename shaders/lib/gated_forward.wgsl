// One time step of an LSTM or a GRU for 8 trials and a range of columns of four units, shared by both families.
//
//   LSTM  a_k = W_ik u[t] + W_hk h[t-1] + b_k;  i, f, o = sigmoid(a_i, a_f, a_o);  g = tanh(a_g)
//         c[t] = f c[t-1] + i g + sigma_pre xi;  h[t] = o phi(c[t]) + sigma_post eta;  phi = tanh or sigmoid (ACTIVATION 1, 2)
//   GRU   r, z = sigmoid(W_ik u[t] + W_hk h[t-1] + b_k);  m = W_hn h[t-1] + b_hn
//         n = tanh(W_in u[t] + b_n + r m + sigma_pre xi);  h[t] = (1 - z) n + z h[t-1] + sigma_post eta
//   Equations and order of the gates are PyTorch's (torch.nn.LSTM, torch.nn.GRU); phi = sigmoid is PsychRNN's.
//
//   settings [R]; packed [R, packed4] vec4f; inputs [R, T, B, input4] vec4f, column `inputs` = 1;
//   states, rates [R, T + 1, B, hidden4] vec4f, slot t + 1 holds time t: c and h (LSTM), h and h (GRU);
//   gates [R, T, B, 4, hidden4] vec4f, the blocks of lib/gated.wgsl; with KEEP_GATES false one step's, [R, 1, B, 4, hidden4].
//
// A workgroup first shares out blocks x columns (an invocation owns a tile of one block, lib/tile.wgsl; PARTS says how many
// blocks at once) and writes preactivations; the barrier makes them visible; then it shares out trials x columns (an
// invocation owns four units of one trial) for the cell.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/random.wgsl
//!include lib/activation.wgsl
//!include lib/gated.wgsl
//!include lib/tile.wgsl
//!quads unproved
//!rows input_rows() = inputs[at]
//!rows rate_rows() = rates[at]
//!block weight_block = packed[at]
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> packed: array<vec4f>;
@group(0) @binding(3) var<storage, read> inputs: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> states: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> rates: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> gates: array<vec4f>;

override KEEP_GATES: bool;

// Where the four blocks of the first trial start.
fn gate_rows(replica: u32, slot: u32) -> u32 {
  let step = select(replica, replica * shape.steps + slot - 1u, KEEP_GATES);
  return 4u * shape.hidden4 * step * shape.batch;
}

// Preactivations of one block for a tile of trials by units; of its columns, those before `end` are written.
fn gate_tile(replica: u32, slot: u32, part: u32, trial: u32, column: u32, end: u32) {
  let last = min(TILE_ROWS - 1u, shape.batch - 1u - trial);
  let own = min(column, shape.hidden4 - 1u);
  let room = shape.hidden4 - 1u - own;
  let weights = replica * shape.packed4;
  let width = shape.gates * shape.hidden4;
  var t = Tile();

  if (part < shape.gates) {
    let u = tile_rows(
      ((replica * shape.steps + slot - 1u) * shape.batch + trial) * shape.input4, shape.input4, last);
    var w = weights + part * shape.hidden4 + own;
    for (var k = 0u; k < shape.input4; k += 1u) {
      tile_add(&t, input_rows(u, k), weight_block(w, width, room));
      w += 4u * width;
    }
  }

  let gate = recurrent_gate(part);
  if (gate < shape.gates) {
    let h = tile_rows(
      ((replica * (shape.steps + 1u) + slot - 1u) * shape.batch + trial) * shape.hidden4, shape.hidden4, last);
    var w = weights + packed_hidden_forward(shape) + gate * shape.hidden4 + own;
    for (var k = 0u; k < shape.hidden4; k += 1u) {
      tile_add(&t, rate_rows(h, k), weight_block(w, width, room));
      w += 4u * width;
    }
  }

  let at = gate_rows(replica, slot) + (4u * trial + part) * shape.hidden4 + column;
  var sums = tile_sums(t);
  for (var c = 0u; c < TILE_COLUMNS4 && column + c < end; c += 1u) {
    var bias = vec4f(0.0);  // the other blocks have theirs from the column of ones
    if (part >= shape.gates) { bias = packed[weights + packed_bias_n(shape) + column + c]; }
    for (var i = 0u; i <= last; i += 1u) {
      gates[at + c + 4u * i * shape.hidden4] = sums[i * TILE_COLUMNS4 + c] + bias;
    }
  }
}

struct Noise { pre: vec4f, post: vec4f }

// The same counters as in a CTRNN, which do not depend on the replica, so that a replica equals a single run with its seed.
fn cell_noise(replica: u32, slot: u32, trial: u32, column: u32) -> Noise {
  let s = settings[replica];
  var pre = vec4f(0.0);
  var post = vec4f(0.0);
  if (s.noise_pre == 0.0 && s.noise_post == 0.0) { return Noise(pre, post); }
  let key = vec2u(s.seed, s.noise_stream);
  let time = s.first_step + slot - 1u;
  let index = (time * shape.batch + trial) * shape.hidden + 4u * column;
  for (var i = 0u; i < 4u; i += 1u) {
    let pair = normal_pair(threefry2x32(key, vec2u(s.step, index + i)));
    pre[i] = pair.x;
    post[i] = pair.y;
  }
  let factors = replica * shape.packed4 + packed_units(shape) + column;
  pre *= s.noise_pre * packed[factors + 2u * shape.hidden4];
  post *= s.noise_post * packed[factors + 3u * shape.hidden4];
  return Noise(pre, post);
}

// The cell of one trial and four units, from its preactivations. Every sum of products is an explicit fma, so that no
// compiler can round one family differently from the other.
fn forward_cell(replica: u32, slot: u32, trial: u32, column: u32) {
  let at = ((replica * (shape.steps + 1u) + slot) * shape.batch + trial) * shape.hidden4 + column;
  let before = at - shape.batch * shape.hidden4;
  let block0 = gate_rows(replica, slot) + 4u * trial * shape.hidden4 + column;
  let block1 = block0 + shape.hidden4;
  let block2 = block1 + shape.hidden4;
  let block3 = block2 + shape.hidden4;
  let noise = cell_noise(replica, slot, trial, column);
  let first = sigmoid(gates[block0]);
  let second = sigmoid(gates[block1]);
  let fourth = gates[block3];
  if (GRU) {
    let n = safe_tanh(fma(first, fourth, gates[block2]) + noise.pre);
    let h = only_units(column, fma(second, rates[before] - n, n) + noise.post);
    states[at] = h;
    rates[at] = h;
    if (KEEP_GATES) { gates[block2] = n; }
  } else {
    let g = safe_tanh(gates[block2]);
    let o = sigmoid(fourth);
    let c = fma(first, g, second * states[before]) + noise.pre;
    states[at] = only_units(column, c);
    rates[at] = only_units(column, fma(o, activation(ACTIVATION, c), noise.post));
    if (KEEP_GATES) {
      gates[block2] = g;
      gates[block3] = o;
    }
  }
  if (KEEP_GATES) {
    gates[block0] = first;
    gates[block1] = second;
  }
}

// One step of a workgroup that owns `columns` columns from `first` on, for 8 trials.
fn forward_slot(replica: u32, slot: u32, trial: u32, first: u32, columns: u32, local: u32) {
  let spans = (columns + TILE_COLUMNS4 - 1u) / TILE_COLUMNS4;
  for (var part = 0u; part < 4u; part += PARTS) {
    for (var base = 0u; base < PARTS * spans; base += WORKGROUP_SIZE) {
      let item = base + local;
      if (PARTS == 1u) {
        gate_tile(replica, slot, part, trial, first + TILE_COLUMNS4 * item, first + columns);
      } else if (item < PARTS * spans) {
        let column = first + TILE_COLUMNS4 * (item % spans);
        gate_tile(replica, slot, part + item / spans, trial, column, first + columns);
      }
    }
  }
  storageBarrier();
  let trials = min(TILE_ROWS, shape.batch - trial);
  for (var item = local; item < trials * columns; item += WORKGROUP_SIZE) {
    forward_cell(replica, slot, trial + item / columns, first + item % columns);
  }
}
