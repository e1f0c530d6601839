// Recursive least squares, second half of a step, for all outputs at once; they share P (rls_gain.wgsl):
//   k = P r,   c = 1 / (1 + r^T k),   e = w r + b - target,   w <- w - e c k,   y = w r + b with the new w
// At steps that are not learned from only y is computed; so it is in slot 0, the initial state. With FEEDBACK y is put into
// the last inputs of the next time step.
//
//   packed [R, packed4] vec4f, which holds b; rates [R, T + 1, 1, hidden4] vec4f; products [R, BLOCKS, hidden4] vec4f
//   lessons [T, output4 * 4 + 4]: targets, then 1 at steps that are learned from
//   pending [R, hidden4] vec4f: q = k sqrt(c); readout [R, outputs, hidden4] vec4f: w; inputs [R, T, 1, input4 * 4]
//   records [R, T, output4 * 4 + 4]: y, then the norm of w's change, and the root mean square of e over the outputs
//
// One workgroup owns one replica; an invocation every WORKGROUP_SIZE-th vec4f of units in each of its loops, so that what it
// reads of `pending` and `readout` it has written itself. The sums that need all units have the barriers of lib/sum.wgsl.
//!include lib/shape.wgsl
//!include lib/sum.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> packed: array<vec4f>;
@group(0) @binding(2) var<storage, read> rates: array<vec4f>;
@group(0) @binding(3) var<storage, read> products: array<vec4f>;
@group(0) @binding(4) var<storage, read> lessons: array<f32>;
@group(0) @binding(5) var<storage, read_write> pending: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> readout: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> inputs: array<f32>;
@group(0) @binding(8) var<storage, read_write> records: array<f32>;

struct Time { slot: u32, layer: u32 }
@group(1) @binding(0) var<uniform> time: Time;

override BLOCKS: u32;
override FEEDBACK: bool;

// k, and the part of r^T k that this invocation's units have.
fn gain(local: u32, replica: u32, now: u32) -> f32 {
  var sum = 0.0;
  for (var column = local; column < shape.hidden4; column += WORKGROUP_SIZE) {
    var k = vec4f(0.0);
    for (var part = 0u; part < BLOCKS; part += 1u) {
      k += products[(replica * BLOCKS + part) * shape.hidden4 + column];
    }
    pending[replica * shape.hidden4 + column] = k;
    sum += dot(rates[now + column], k);
  }
  return sum;
}

// The part of w r that this invocation's units have.
fn output_part(local: u32, weights: u32, now: u32) -> f32 {
  var sum = 0.0;
  for (var column = local; column < shape.hidden4; column += WORKGROUP_SIZE) {
    sum += dot(readout[weights + column], rates[now + column]);
  }
  return sum;
}

// w <- w - step k for this invocation's units; their part of the squared change.
fn learn(local: u32, replica: u32, weights: u32, step: f32) -> f32 {
  var squares = 0.0;
  for (var column = local; column < shape.hidden4; column += WORKGROUP_SIZE) {
    let change = step * pending[replica * shape.hidden4 + column];
    readout[weights + column] -= change;
    squares += dot(change, change);
  }
  return squares;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn rls_update(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let replica = group.z;
  let slot = time.slot;
  let width = 4u * shape.output4 + 4u;
  let lesson = (max(slot, 1u) - 1u) * width;
  let record = replica * shape.steps * width + lesson;
  let now = (replica * (shape.steps + 1u) + slot) * shape.hidden4;
  let learns = slot > 0u && lessons[lesson + 4u * shape.output4] != 0.0;
  var c = 0.0;
  if (learns) { c = 1.0 / (1.0 + workgroup_sum(local, gain(local, replica, now))); }
  var squares = 0.0;
  var errors = 0.0;
  for (var output = 0u; output < shape.outputs; output += 1u) {
    let weights = (replica * shape.outputs + output) * shape.hidden4;
    let bias = packed[replica * shape.packed4 + packed_bias_o(shape) + output / 4u][output % 4u];
    var y = workgroup_sum(local, output_part(local, weights, now)) + bias;
    let e = y - lessons[lesson + output];
    errors = fma(e, e, errors);
    if (learns) {
      squares += learn(local, replica, weights, e * c);
      y = workgroup_sum(local, output_part(local, weights, now)) + bias;
    }
    if (local == 0u && slot > 0u) { records[record + output] = y; }
    if (FEEDBACK && local == 0u && slot < shape.steps) {
      let row = 4u * (replica * shape.steps + slot) * shape.input4;
      inputs[row + shape.inputs - shape.outputs + output] = y;
    }
  }
  if (learns) {
    squares = workgroup_sum(local, squares);
    for (var column = local; column < shape.hidden4; column += WORKGROUP_SIZE) {
      pending[replica * shape.hidden4 + column] *= sqrt(c);
    }
  }
  if (local == 0u && slot > 0u) {
    records[record + 4u * shape.output4] = sqrt(squares);
    records[record + 4u * shape.output4 + 1u] = sqrt(errors / f32(shape.outputs));
  }
}
