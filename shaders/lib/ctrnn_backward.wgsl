// One time step of back-propagation through time for 8 trials by 4 units, shared by both families.
//
//   dL/dr[t] = W_ho^T dL/dy[t] + (direct terms on the rates) + W_hh^T (alpha dL/dv[t+1])  [+ (1 - alpha) dL/dv[t+1]]
//   dL/dv[t] = f'(v[t]) dL/dr[t]  [+ (1 - alpha) dL/dv[t+1]]
// The leak's term, in brackets, belongs to the second line in state form and to the first in rate form.
// Slot 0 gives dL/dv0 of every trial: there the readout and the direct terms are absent. alpha is folded into the packed
// backward weights.
//
//   packed [R, packed4] vec4f; states [R, T + 1, B, hidden4] vec4f; output_gradients [R, T, B, output4] vec4f;
//   direct_gradients [R, T, B, hidden4] vec4f, dL/dr of loss terms on the rates (only with DIRECT);
//   state_gradients [R, T + 1, B, hidden4] vec4f: dL/dv; rate_gradients, same shape: dL/dr (only with STORE_RATES).
//!include lib/shape.wgsl
//!include lib/unit.wgsl
//!include lib/tile8x4.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> packed: array<vec4f>;
@group(0) @binding(2) var<storage, read> states: array<vec4f>;
@group(0) @binding(3) var<storage, read> output_gradients: array<vec4f>;
@group(0) @binding(4) var<storage, read> direct_gradients: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> state_gradients: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> rate_gradients: array<vec4f>;

override WORKGROUP_SIZE: u32;
override RATE_FORM: bool;
override DIRECT: bool;
override STORE_RATES: bool;

fn backward_cell(replica: u32, slot: u32, trial: u32, column: u32, sum: vec4f) {
  let row = (replica * (shape.steps + 1u) + slot) * shape.batch + trial;
  let at = row * shape.hidden4 + column;
  let alpha = packed[replica * shape.packed4 + packed_alpha(shape) + column];
  let unit = vec4u(4u * column) + vec4u(0u, 1u, 2u, 3u);
  var leak = vec4f(0.0);
  if (slot < shape.steps) { leak = (1.0 - alpha) * state_gradients[at + shape.batch * shape.hidden4]; }
  var to_rate = sum;
  if (DIRECT && slot > 0u) { to_rate += direct_gradients[at - (replica + 1u) * shape.batch * shape.hidden4]; }
  if (RATE_FORM) { to_rate += leak; }
  // An explicit fma, so that no compiler can round one family differently from the other.
  let to_state = fma(unit_slope(replica, column, states[at]), to_rate, select(leak, vec4f(0.0), RATE_FORM));
  let exists = unit < vec4u(shape.hidden);
  state_gradients[at] = select(vec4f(0.0), to_state, exists);
  if (STORE_RATES) { rate_gradients[at] = select(vec4f(0.0), to_rate, exists); }
}

fn backward_tile(replica: u32, slot: u32, trial: u32, column: u32) {
  let last = min(7u, shape.batch - 1u - trial);
  let weights = replica * shape.packed4;
  var t = Tile();

  if (slot > 0u) {
    let y = tile_rows(
      ((replica * shape.steps + slot - 1u) * shape.batch + trial) * shape.output4, shape.output4, last);
    var w = weights + packed_output_backward(shape) + column;
    for (var k = 0u; k < shape.output4; k += 1u) {
      let b0 = packed[w];
      let b1 = packed[w + shape.hidden4];
      let b2 = packed[w + 2u * shape.hidden4];
      let b3 = packed[w + 3u * shape.hidden4];
      w += 4u * shape.hidden4;
      t.r0 = madd4(t.r0, output_gradients[y.i0 + k], b0, b1, b2, b3);
      t.r1 = madd4(t.r1, output_gradients[y.i1 + k], b0, b1, b2, b3);
      t.r2 = madd4(t.r2, output_gradients[y.i2 + k], b0, b1, b2, b3);
      t.r3 = madd4(t.r3, output_gradients[y.i3 + k], b0, b1, b2, b3);
      t.r4 = madd4(t.r4, output_gradients[y.i4 + k], b0, b1, b2, b3);
      t.r5 = madd4(t.r5, output_gradients[y.i5 + k], b0, b1, b2, b3);
      t.r6 = madd4(t.r6, output_gradients[y.i6 + k], b0, b1, b2, b3);
      t.r7 = madd4(t.r7, output_gradients[y.i7 + k], b0, b1, b2, b3);
    }
  }

  if (slot < shape.steps) {
    let g = tile_rows(
      ((replica * (shape.steps + 1u) + slot + 1u) * shape.batch + trial) * shape.hidden4, shape.hidden4, last);
    var w = weights + packed_hidden_backward(shape) + column;
    for (var k = 0u; k < shape.hidden4; k += 1u) {
      let b0 = packed[w];
      let b1 = packed[w + shape.hidden4];
      let b2 = packed[w + 2u * shape.hidden4];
      let b3 = packed[w + 3u * shape.hidden4];
      w += 4u * shape.hidden4;
      t.r0 = madd4(t.r0, state_gradients[g.i0 + k], b0, b1, b2, b3);
      t.r1 = madd4(t.r1, state_gradients[g.i1 + k], b0, b1, b2, b3);
      t.r2 = madd4(t.r2, state_gradients[g.i2 + k], b0, b1, b2, b3);
      t.r3 = madd4(t.r3, state_gradients[g.i3 + k], b0, b1, b2, b3);
      t.r4 = madd4(t.r4, state_gradients[g.i4 + k], b0, b1, b2, b3);
      t.r5 = madd4(t.r5, state_gradients[g.i5 + k], b0, b1, b2, b3);
      t.r6 = madd4(t.r6, state_gradients[g.i6 + k], b0, b1, b2, b3);
      t.r7 = madd4(t.r7, state_gradients[g.i7 + k], b0, b1, b2, b3);
    }
  }

  // The sums are in registers up to here; the cell, once per trial, may as well loop.
  var sums = array<vec4f, 8>(t.r0, t.r1, t.r2, t.r3, t.r4, t.r5, t.r6, t.r7);
  for (var i = 0u; i <= last; i += 1u) { backward_cell(replica, slot, trial + i, column, sums[i]); }
}
