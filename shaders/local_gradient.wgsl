// What stands in for dL/dv[t] under a local learning rule. It takes the place of back-propagation through time: the path
// through other units, W_hh^T, is missing, and the errors of the outputs may come back through fixed weights B.
//
//   L[t]  = B dL/dy[t] + (direct terms on the rates)          the learning signal; B = W_ho^T with SYMMETRIC
//   trace 0, e-prop, state form   g[t] = f'(v[t]) L[t] + (1 - alpha) g[t+1]
//   trace 1, e-prop, rate form    g[t] = f'(v[t]) (L[t] + (1 - alpha) g[t+1])
//   trace 2, RFLO                 g[t] = f'(v[t]) m[t],   m[t] = L[t] + (1 - alpha) m[t+1]
//
// The papers keep a trace per synapse, forward in time, s the presynaptic rate that acts at t:
//   e-prop  dL/dW = sum L[t] f'(v[t]) e[t],   e[t] = (1 - alpha) e[t-1] + alpha s[t]       (Bellec et al. 2020)
//           in rate form  e[t] = (1 - alpha) f'(v[t-1]) e[t-1] + alpha s[t]
//   RFLO    dL/dW = sum L[t] p[t],            p[t] = (1 - alpha) p[t-1] + alpha f'(v[t]) s[t]     (Murray 2019)
// Each is a linear filter of s that only the postsynaptic unit determines, so the same sum over time is
//   dL/dW = sum alpha g[t] s[t]
// with the filter run over L from the end: T x B x H values in place of T x B x H x H, and the products over time of the
// weight gradients (weight_gradient.wgsl, alpha_gradient.wgsl) as they are. Slot 0 gives the gradient by v0.
//
//   packed [R, packed4] vec4f; states [R, T + 1, B, hidden4] vec4f; output_gradients [R, T, B, output4] vec4f;
//   direct_gradients [R, T, B, hidden4] vec4f (only with DIRECT);
//   feedback [R, output4 * 4, hidden4] vec4f: B transposed (only without SYMMETRIC);
//   state_gradients [R, T + 1, B, hidden4] vec4f: g;
//   rate_gradients, same shape: what f' is applied to (only with STORE_RATES)
//
// An invocation owns four units of one trial, from the last slot down to slot 0. Of a segment of time only the slots
// LOWEST ... T - SHARED are done, and the slot after them was brought from the next segment (src/ops/segment.ts); with trace 2
// that takes STORE_RATES.
//!include lib/shape.wgsl
//!include lib/unit.wgsl
//!include lib/madd4.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> packed: array<vec4f>;
@group(0) @binding(2) var<storage, read> states: array<vec4f>;
@group(0) @binding(3) var<storage, read> output_gradients: array<vec4f>;
@group(0) @binding(4) var<storage, read> direct_gradients: array<vec4f>;
@group(0) @binding(5) var<storage, read> feedback: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> state_gradients: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> rate_gradients: array<vec4f>;

override WORKGROUP_SIZE: u32;
override TRACE: u32;
override SYMMETRIC: bool;
override DIRECT: bool;
override STORE_RATES: bool;
override SHARED: u32;
override LOWEST: u32;

fn feedback_weight(index: u32) -> vec4f {
  if (SYMMETRIC) { return packed[index]; }
  return feedback[index];
}

fn learning_signal(replica: u32, row: u32, column: u32) -> vec4f {
  var w = column;
  if (SYMMETRIC) {
    w += replica * shape.packed4 + packed_output_backward(shape);
  } else {
    w += replica * 4u * shape.output4 * shape.hidden4;
  }
  let errors = row * shape.output4;
  var sum = vec4f(0.0);
  for (var k = 0u; k < shape.output4; k += 1u) {
    let b0 = feedback_weight(w);
    let b1 = feedback_weight(w + shape.hidden4);
    let b2 = feedback_weight(w + 2u * shape.hidden4);
    let b3 = feedback_weight(w + 3u * shape.hidden4);
    w += 4u * shape.hidden4;
    sum = madd4(sum, output_gradients[errors + k], b0, b1, b2, b3);
  }
  if (DIRECT) { sum += direct_gradients[row * shape.hidden4 + column]; }
  return sum;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn local_gradient(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  if (item >= shape.batch * shape.hidden4) { return; }
  let replica = id.z;
  let trial = item / shape.hidden4;
  let column = item % shape.hidden4;
  let kept = 1.0 - packed[replica * shape.packed4 + packed_alpha(shape) + column];
  let exists = 4u * column + vec4u(0u, 1u, 2u, 3u) < vec4u(shape.hidden);
  var later = vec4f(0.0);  // g[t+1], or m[t+1]
  if (SHARED > 0u) {
    let next = replica * (shape.steps + 1u) + shape.steps + 1u - SHARED;
    let at = (next * shape.batch + trial) * shape.hidden4 + column;
    if (TRACE == 2u) { later = rate_gradients[at]; } else { later = state_gradients[at]; }
  }
  for (var done = SHARED; done + LOWEST <= shape.steps; done += 1u) {
    let slot = shape.steps - done;
    let at = ((replica * (shape.steps + 1u) + slot) * shape.batch + trial) * shape.hidden4 + column;
    var to_rate = vec4f(0.0);
    if (slot > 0u) {
      to_rate = learning_signal(replica, (replica * shape.steps + slot - 1u) * shape.batch + trial, column);
    }
    let leak = kept * later;
    if (TRACE != 0u) { to_rate += leak; }
    // An explicit fma, as in ctrnn_backward.wgsl.
    let to_state = fma(unit_slope(replica, column, states[at]), to_rate, select(vec4f(0.0), leak, TRACE == 0u));
    state_gradients[at] = select(vec4f(0.0), to_state, exists);
    if (STORE_RATES) { rate_gradients[at] = select(vec4f(0.0), to_rate, exists); }
    later = to_state;
    if (TRACE == 2u) { later = to_rate; }
  }
}
