// Back-propagation through time in a network with multiplicative input (bilinear_forward.wgsl), without divisive inhibition:
//   delta[t] = f'(drive[t]) (dL/dr[t] + alpha lambda[t + 1]),   lambda[T] = 0
//   lambda[t] = (1 - alpha) lambda[t + 1] + W_0^T delta[t] + sum_d x_d[t] W_d^T delta[t]
//   lambda[t] = dL/du[t] = dL/ds[t];  deltas = delta, then x_d delta, for the products that make the weights' gradients
//
//   packed [R, packed4] vec4f; inputs [R, T, B, D]; drives [R, T, B, units4] vec4f
//   rate_gradients [R, T, B, units4] vec4f: dL/dr of the loss alone
//   deltas [R, 1 + D, T, B, units4] vec4f; state_gradients [R, T, B, units4] vec4f: lambda of every step
//
// A workgroup owns TILE_ROWS trials of one replica for all steps, from the last to the first; its invocations share out the
// columns of four units. Of each step first all deltas are made, then the products with them: the storageBarrier between
// makes them visible. What an invocation reads of lambda it wrote itself.
//!include lib/bilinear.wgsl
//!include lib/activation.wgsl
//!include lib/tile.wgsl
//!rows delta_rows() = deltas[at]
//!block weight_block = packed[at]
@group(0) @binding(0) var<uniform> bilinear: Bilinear;
@group(0) @binding(1) var<storage, read> packed: array<vec4f>;
@group(0) @binding(2) var<storage, read> inputs: array<f32>;
@group(0) @binding(3) var<storage, read> drives: array<vec4f>;
@group(0) @binding(4) var<storage, read> rate_gradients: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> deltas: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> state_gradients: array<vec4f>;

override WORKGROUP_SIZE: u32;
override INPUTS: u32;  // D

fn delta_at(replica: u32, d: u32, t: u32, trial: u32) -> u32 {
  return (((replica * (1u + INPUTS) + d) * bilinear.steps + t) * bilinear.batch + trial) * bilinear.units4;
}

fn lambda_at(replica: u32, t: u32, trial: u32) -> u32 {
  return ((replica * bilinear.steps + t) * bilinear.batch + trial) * bilinear.units4;
}

// delta of one trial and four units.
fn write_delta(replica: u32, t: u32, trial: u32, column: u32) {
  let here = ((replica * bilinear.steps + t) * bilinear.batch + trial) * bilinear.units4 + column;
  let alpha = packed[replica * bilinear.packed4 + packed_alpha(bilinear) + column];
  var upstream = rate_gradients[here];
  if (t + 1u < bilinear.steps) { upstream = fma(alpha, state_gradients[lambda_at(replica, t + 1u, trial) + column], upstream); }
  // A slope that is not finite in the padding would spoil the sums.
  let inside = 4u * column + vec4u(0u, 1u, 2u, 3u) < vec4u(bilinear.units);
  let delta = select(vec4f(0.0), activation_slope(ACTIVATION, drives[here]) * upstream, inside);
  deltas[delta_at(replica, 0u, t, trial) + column] = delta;
  for (var d = 0u; d < INPUTS; d += 1u) {
    let x = inputs[((replica * bilinear.steps + t) * bilinear.batch + trial) * INPUTS + d];
    deltas[delta_at(replica, d + 1u, t, trial) + column] = x * delta;
  }
}

fn backward_tile(replica: u32, t: u32, trial: u32, column: u32) {
  let n4 = bilinear.units4;
  let own = min(column, n4 - 1u);
  let last = min(TILE_ROWS - 1u, bilinear.batch - 1u - trial);
  var w = replica * bilinear.packed4 + packed_backward(bilinear) + own;
  var sums = Tile();
  for (var d = 0u; d <= INPUTS; d += 1u) {
    let rows = tile_rows(delta_at(replica, d, t, trial), n4, last);
    for (var k = 0u; k < n4; k += 1u) {
      tile_add(&sums, delta_rows(rows, k), weight_block(w, n4, n4 - 1u - own));
      w += 4u * n4;
    }
  }
  var products = tile_sums(sums);
  for (var c = 0u; c < TILE_COLUMNS4 && column + c < n4; c += 1u) {
    let alpha = packed[replica * bilinear.packed4 + packed_alpha(bilinear) + column + c];
    for (var i = 0u; i <= last; i += 1u) {
      var lambda = products[i * TILE_COLUMNS4 + c];
      if (t + 1u < bilinear.steps) {
        lambda = fma(1.0 - alpha, state_gradients[lambda_at(replica, t + 1u, trial + i) + column + c], lambda);
      }
      state_gradients[lambda_at(replica, t, trial + i) + column + c] = lambda;
    }
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn bilinear_backward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  //!place quad_parameter
) {
  //!place quad_lane
  let n4 = bilinear.units4;
  let own = TILE_COLUMNS4 * local;
  let width = TILE_COLUMNS4 * WORKGROUP_SIZE;
  let trial = TILE_ROWS * group.x;
  let rows = min(TILE_ROWS, bilinear.batch - trial);
  for (var done = 0u; done < bilinear.steps; done += 1u) {
    let t = bilinear.steps - 1u - done;
    for (var first = 0u; first < n4; first += width) {
      for (var column = first + own; column < min(first + own + TILE_COLUMNS4, n4); column += 1u) {
        for (var i = 0u; i < rows; i += 1u) { write_delta(group.z, t, trial + i, column); }
      }
    }
    storageBarrier();
    for (var first = 0u; first < n4; first += width) { backward_tile(group.z, t, trial, first + own); }
  }
}
