// Back-propagation through the cell: one time step of one trial and four units, shared by all backward kernels.
//
//   dL/dr[t] = W_ho^T dL/dy[t] + (direct terms on the rates) + W_hh^T (alpha dL/dv[t+1])  [+ (1 - alpha) dL/dv[t+1]]
//   dL/dv[t] = f'(v[t]) dL/dr[t]  [+ (1 - alpha) dL/dv[t+1]]
// With layers the last term of dL/dr[t] holds dL/dv[t] of later layers (lib/layer.wgsl); with short-term plasticity it is
// dL/d(u x r) and goes on to r, x and u (lib/synapse.wgsl).
// The leak's term, in brackets, belongs to the second line in state form and to the first in rate form.
// Slot 0 gives dL/dv0 of every trial: there the readout and the direct terms are absent. alpha is folded into the packed
// backward weights.
//
//   packed [R, packed4] vec4f; states [R, T + 1, B, hidden4] vec4f; output_gradients [R, T, B, output4] vec4f;
//   direct_gradients [R, T, B, hidden4] vec4f, dL/dr of loss terms on the rates (only with DIRECT);
//   state_gradients [R, T + 1, B, hidden4] vec4f: dL/dv; rate_gradients, same shape: dL/dr (only with STORE_RATES);
//   synapses [R, T + 1, B, 4, hidden4] vec4f; synapse_gradients [R, B, 2, hidden4] vec4f: dL/dx, dL/du of the slot done
//   last (both only with SYNAPSES).
//!include lib/shape.wgsl
//!include lib/unit.wgsl
//!include lib/layer.wgsl
//!include lib/synapse.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> packed: array<vec4f>;
@group(0) @binding(2) var<storage, read> states: array<vec4f>;
@group(0) @binding(3) var<storage, read> output_gradients: array<vec4f>;
@group(0) @binding(4) var<storage, read> direct_gradients: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> state_gradients: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> rate_gradients: array<vec4f>;
@group(0) @binding(7) var<storage, read> synapses: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> synapse_gradients: array<vec4f>;

override WORKGROUP_SIZE: u32;
override RATE_FORM: bool;
override DIRECT: bool;
override STORE_RATES: bool;

// From dL/d(u x r) of a slot to dL/dr of it, and to dL/dx and dL/du of the slot before. The slope of a value that is held
// at 0 or 1 is 0.
fn synapse_backward(
  replica: u32, slot: u32, units: vec2u, trial: u32, column: u32, to_seen: vec4f,
) -> vec4f {
  let c = synapse_constants(replica, column);
  let here = synapse_row(replica, slot, trial) + column;
  let carry = (replica * shape.batch + trial) * 2u * shape.hidden4 + column;
  var before = synapse_at_rest(c);
  if (slot > 0u) {
    let earlier = synapse_row(replica, slot - 1u, trial) + column;
    before = Synapse(synapses[earlier], synapses[earlier + shape.hidden4]);
  }
  let x = synapses[here];
  let u = synapses[here + shape.hidden4];
  let r = synapses[here + 3u * shape.hidden4];
  let open = synapse_open(c, before, r);
  var to_x = to_seen * u * r;
  var to_u = to_seen * x * r;
  if (slot < shape.steps) {
    to_x += synapse_gradients[carry];
    to_u += synapse_gradients[carry + shape.hidden4];
  }
  to_x = select(vec4f(0.0), to_x, (open.x > vec4f(0.0)) & (open.x < vec4f(1.0)));
  to_u = select(vec4f(0.0), to_u, (open.u > vec4f(0.0)) & (open.u < vec4f(1.0)));
  let x_before = to_x * (1.0 - c.recovery - c.seconds * before.u * r);
  let u_before = to_u * (1.0 - c.facilitation - c.seconds * c.release * r) - to_x * c.seconds * before.x * r;
  synapse_gradients[carry] = merge(units, column, synapse_gradients[carry], x_before);
  synapse_gradients[carry + shape.hidden4] =
    merge(units, column, synapse_gradients[carry + shape.hidden4], u_before);
  return to_seen * u * x - to_x * c.seconds * before.u * before.x + to_u * c.seconds * c.release * (1.0 - before.u);
}

// `readout` is the gradient from the outputs, `recurrent` from other hidden units (in `readout` too without synapses).
fn backward_cell(
  replica: u32, slot: u32, units: vec2u, trial: u32, column: u32, alpha: vec4f, readout: vec4f, recurrent: vec4f,
) {
  let row = (replica * (shape.steps + 1u) + slot) * shape.batch + trial;
  let at = row * shape.hidden4 + column;
  var leak = vec4f(0.0);
  if (slot < shape.steps) { leak = (1.0 - alpha) * state_gradients[at + shape.batch * shape.hidden4]; }
  var to_rate = readout;
  if (SYNAPSES) { to_rate += synapse_backward(replica, slot, units, trial, column, recurrent); }
  if (DIRECT && slot > 0u) { to_rate += direct_gradients[at - (replica + 1u) * shape.batch * shape.hidden4]; }
  if (RATE_FORM) { to_rate += leak; }
  // An explicit fma, so that no compiler can round one family differently from the other.
  let to_state = fma(unit_slope(replica, column, states[at]), to_rate, select(leak, vec4f(0.0), RATE_FORM));
  var old = vec4f(0.0);
  if (LAYERS > 1u) { old = state_gradients[at]; }
  state_gradients[at] = merge(units, column, old, to_state);
  if (STORE_RATES) { rate_gradients[at] = merge(units, column, rate_gradients[at], to_rate); }
}
