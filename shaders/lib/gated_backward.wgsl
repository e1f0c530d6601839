// One time step of back-propagation through time of an LSTM or a GRU, for 8 trials and a range of columns of four units,
// shared by both families. With da_k = dL/d(preactivation of gate k), dm = dL/d(W_hn h + b_hn):
//
//   LSTM  dh[t] = W_ho^T dL/dy[t] + (direct terms) + sum over gates of W_hk^T da_k[t+1]
//         dc[t] = o phi'(c[t]) dh[t] + f[t+1] dc[t+1]
//         da_i = dc g i (1 - i);  da_f = dc c[t-1] f (1 - f);  da_g = dc i (1 - g^2);  da_o = dh phi(c) o (1 - o)
//   GRU   dh[t] = W_ho^T dL/dy[t] + (direct terms) + W_hr^T da_r[t+1] + W_hz^T da_z[t+1] + W_hn^T dm[t+1] + z[t+1] dh[t+1]
//         da_n = dh (1 - z) (1 - n^2);  dm = r da_n;  da_r = da_n m r (1 - r);  da_z = dh (h[t-1] - n) z (1 - z)
// Slot 0 gives dL/dc and dL/dh of the initial state of every trial: there the readout and the direct terms are absent.
//
//   packed [R, packed4] vec4f; states [R, T + 1, B, hidden4] vec4f: c (LSTM) or h (GRU); gates [R, T, B, 4, hidden4] vec4f;
//   output_gradients [R, T, B, output4] vec4f; direct_gradients [R, T, B, hidden4] vec4f (only with DIRECT);
//   gate_gradients [R, T + 1, B, 4, hidden4] vec4f: da_i, da_f, da_g, da_o, or da_r, da_z, da_n, dm; slot 0 is scratch;
//   state_gradients [R, T + 1, B, hidden4] vec4f: dL/dc (LSTM), dL/dh (GRU); rate_gradients, same shape: dL/dh (only with
//   STORE_RATES).
//
// A workgroup first shares out gates x columns (an invocation owns a tile, PARTS gates at once) for the products of each gate, which
// wait in the slot's own place of gate_gradients; the barrier makes them visible; then it shares out trials x columns (an
// invocation owns four units of one trial), adds them up and goes back through the cell.
//!include lib/shape.wgsl
//!include lib/activation.wgsl
//!include lib/gated.wgsl
//!include lib/tile.wgsl
//!quads unproved
//!rows output_rows() = output_gradients[at]
//!rows gate_rows_after() = gate_gradients[at]
//!block weight_block = packed[at]
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> packed: array<vec4f>;
@group(0) @binding(2) var<storage, read> states: array<vec4f>;
@group(0) @binding(3) var<storage, read> gates: array<vec4f>;
@group(0) @binding(4) var<storage, read> output_gradients: array<vec4f>;
@group(0) @binding(5) var<storage, read> direct_gradients: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> gate_gradients: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> state_gradients: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> rate_gradients: array<vec4f>;

override DIRECT: bool;
override STORE_RATES: bool;

// What one gate of the step after sends back to the rates of this slot; with the first gate, what the readout does.
fn product_tile(replica: u32, slot: u32, gate: u32, trial: u32, column: u32, end: u32) {
  let last = min(TILE_ROWS - 1u, shape.batch - 1u - trial);
  let own = min(column, shape.hidden4 - 1u);
  let room = shape.hidden4 - 1u - own;
  let weights = replica * shape.packed4;
  let slots = replica * (shape.steps + 1u) + slot;
  let stride = 4u * shape.hidden4;
  var t = Tile();

  if (gate == 0u && slot > 0u) {
    let y = tile_rows(
      ((replica * shape.steps + slot - 1u) * shape.batch + trial) * shape.output4, shape.output4, last);
    var w = weights + packed_output_backward(shape) + own;
    for (var k = 0u; k < shape.output4; k += 1u) {
      tile_add(&t, output_rows(y, k), weight_block(w, shape.hidden4, room));
      w += 4u * shape.hidden4;
    }
  }

  if (slot < shape.steps) {
    let a = tile_rows(
      ((slots + 1u) * shape.batch + trial) * stride + recurrent_block(gate) * shape.hidden4, stride, last);
    var w = weights + packed_hidden_backward(shape) + gate * stride * shape.hidden4 + own;
    for (var k = 0u; k < shape.hidden4; k += 1u) {
      tile_add(&t, gate_rows_after(a, k), weight_block(w, shape.hidden4, room));
      w += 4u * shape.hidden4;
    }
  }

  let at = (slots * shape.batch + trial) * stride + gate * shape.hidden4 + column;
  var sums = tile_sums(t);
  for (var c = 0u; c < TILE_COLUMNS4 && column + c < end; c += 1u) {
    for (var i = 0u; i <= last; i += 1u) { gate_gradients[at + c + i * stride] = sums[i * TILE_COLUMNS4 + c]; }
  }
}

// Back through the cell of one trial and four units. Explicit fma, so that both families round alike.
fn backward_cell(replica: u32, slot: u32, trial: u32, column: u32) {
  let row = (replica * (shape.steps + 1u) + slot) * shape.batch + trial;
  let at = row * shape.hidden4 + column;
  let after = at + shape.batch * shape.hidden4;
  let block0 = 4u * row * shape.hidden4 + column;
  let block1 = block0 + shape.hidden4;
  let block2 = block1 + shape.hidden4;
  let block3 = block2 + shape.hidden4;
  // Rows of `gates` count from time 0, which is slot 1; those of direct_gradients too.
  let step_at = block0 - 4u * (replica + 1u) * shape.batch * shape.hidden4;
  let step_after = block0 - 4u * replica * shape.batch * shape.hidden4;

  var dh = gate_gradients[block0] + gate_gradients[block1] + gate_gradients[block2];
  if (!GRU) { dh += gate_gradients[block3]; }
  if (DIRECT && slot > 0u) { dh += direct_gradients[at - (replica + 1u) * shape.batch * shape.hidden4]; }
  dh = only_units(column, dh);
  // What came through the memory itself: z dh or f dc of the step after.
  var carried = vec4f(0.0);
  if (slot < shape.steps) { carried = gates[step_after + shape.hidden4] * state_gradients[after]; }
  if (GRU) { dh += carried; }
  if (STORE_RATES) { rate_gradients[at] = dh; }
  if (slot == 0u) {
    state_gradients[at] = select(carried, dh, GRU);
    return;
  }

  let first = gates[step_at];
  let second = gates[step_at + shape.hidden4];
  let third = gates[step_at + 2u * shape.hidden4];
  let fourth = gates[step_at + 3u * shape.hidden4];
  let before = states[at - shape.batch * shape.hidden4];
  if (GRU) {
    let to_candidate = dh * (1.0 - second) * fma(-third, third, vec4f(1.0));
    gate_gradients[block0] = to_candidate * fourth * first * (1.0 - first);
    gate_gradients[block1] = dh * (before - third) * second * (1.0 - second);
    gate_gradients[block2] = to_candidate;
    gate_gradients[block3] = to_candidate * first;
    state_gradients[at] = dh;
  } else {
    let c = states[at];
    let dc = fma(fourth * activation_slope(ACTIVATION, c), dh, carried);
    gate_gradients[block0] = dc * third * first * (1.0 - first);
    gate_gradients[block1] = dc * before * second * (1.0 - second);
    gate_gradients[block2] = dc * first * fma(-third, third, vec4f(1.0));
    gate_gradients[block3] = dh * activation(ACTIVATION, c) * fourth * (1.0 - fourth);
    state_gradients[at] = dc;
  }
}

// One slot of a workgroup that owns `columns` columns from `first` on, for 8 trials.
fn backward_slot(replica: u32, slot: u32, trial: u32, first: u32, columns: u32, local: u32) {
  let spans = (columns + TILE_COLUMNS4 - 1u) / TILE_COLUMNS4;
  for (var gate = 0u; gate < shape.gates; gate += PARTS) {
    let gates_at_once = min(PARTS, shape.gates - gate);
    for (var base = 0u; base < gates_at_once * spans; base += WORKGROUP_SIZE) {
      let item = base + local;
      if (PARTS == 1u) {
        product_tile(replica, slot, gate, trial, first + TILE_COLUMNS4 * item, first + columns);
      } else if (item < gates_at_once * spans) {
        let column = first + TILE_COLUMNS4 * (item % spans);
        product_tile(replica, slot, gate + item / spans, trial, column, first + columns);
      }
    }
  }
  storageBarrier();
  let trials = min(TILE_ROWS, shape.batch - trial);
  for (var item = local; item < trials * columns; item += WORKGROUP_SIZE) {
    backward_cell(replica, slot, trial + item / columns, first + item % columns);
  }
}
