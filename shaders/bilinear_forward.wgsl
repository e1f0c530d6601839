// A network with multiplicative input (second order; Zhang 1996) over many time steps in one dispatch:
//   s[t] = u[t] + noise[t]                                           (only with NOISE)
//   drive[t] = W_0 s[t] + sum_d x_d[t] W_d s[t] + bias + current[t]  (current only with CURRENT)
//   r[t] = f(drive[t]); with DIVISIVE  r[t] = f(drive[t]) / (1 + inhibition sum_j f(drive_j[t]))
//   u[t + 1] = (1 - alpha) s[t] + alpha r[t]
//
//   packed [R, packed4] vec4f; inputs [R, T, B, D]
//   currents, noise [R, most_steps, B, units4] vec4f
//   states [R, slots, B, units4] vec4f: before, u[first]; after, u[first + count], and with as many slots s of each step before
//   rates [R, frames, B, units4] vec4f; drives [R, T, B, units4] vec4f (only with KEEP)
//
// A workgroup owns TILE_ROWS trials of one replica for all steps; its invocations share out the columns of four units. The
// states it reads are those its own invocations wrote: one storageBarrier after each step makes them visible, and as there
// are at least two slots, no state is written that is still read. With DIVISIVE the sums of the invocations pass through
// workgroup memory: one barrier makes them visible, and one more before the next are written keeps them until all have read.
//!include lib/bilinear.wgsl
//!include lib/stretch.wgsl
//!include lib/activation.wgsl
//!include lib/tile.wgsl
//!rows state_rows() = states[at]
//!block weight_block = packed[at]
@group(0) @binding(0) var<uniform> bilinear: Bilinear;
@group(0) @binding(1) var<storage, read> packed: array<vec4f>;
@group(0) @binding(2) var<storage, read> inputs: array<f32>;
@group(0) @binding(3) var<storage, read> currents: array<vec4f>;
@group(0) @binding(4) var<storage, read> noise: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> states: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> rates: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> drives: array<vec4f>;

override WORKGROUP_SIZE: u32;
override INPUTS: u32;  // D, or 0 where all inputs are 0
override NOISE: bool;
override CURRENT: bool;
override KEEP: bool;
override DIVISIVE: bool;
override SHARED_SUMS: u32;  // rows of the tile x WORKGROUP_SIZE with DIVISIVE, else 1

var<workgroup> shared_sums: array<f32, SHARED_SUMS>;

fn state_at(replica: u32, t: u32, trial: u32) -> u32 {
  return ((replica * bilinear.slots + t % bilinear.slots) * bilinear.batch + trial) * bilinear.units4;
}

// Where a row of currents or of noise starts.
fn stretch_row(replica: u32, t: u32, trial: u32) -> u32 {
  return ((replica * bilinear.most_steps + t - stretch.first) * bilinear.batch + trial) * bilinear.units4;
}

fn input_of(replica: u32, t: u32, trial: u32, d: u32) -> f32 {
  return inputs[((replica * bilinear.steps + t) * bilinear.batch + trial) * bilinear.inputs + d];
}

// What comes of the rates of one step, for one trial and four units.
fn finish(replica: u32, t: u32, trial: u32, column: u32, rate: vec4f) {
  let alpha = packed[replica * bilinear.packed4 + packed_alpha(bilinear) + column];
  var next = fma(alpha, rate, (1.0 - alpha) * states[state_at(replica, t, trial) + column]);
  if (NOISE && t + 1u < stretch.first + stretch.count) { next += noise[stretch_row(replica, t + 1u, trial) + column]; }
  states[state_at(replica, t + 1u, trial) + column] = next;
  if ((t + 1u) % bilinear.stride == 0u) {
    let frame = (t + 1u) / bilinear.stride - 1u - stretch.first / bilinear.stride;
    rates[((replica * bilinear.frames + frame) * bilinear.batch + trial) * bilinear.units4 + column] = rate;
  }
}

// f(drive) of a tile of trials by units. It stays in the next state's place where it is not the rate yet.
fn forward_tile(replica: u32, t: u32, trial: u32, column: u32, sums: ptr<function, array<f32, TILE_ROWS>>) {
  let n4 = bilinear.units4;
  let own = min(column, n4 - 1u);
  let room = n4 - 1u - own;
  let last = min(TILE_ROWS - 1u, bilinear.batch - 1u - trial);
  let u = tile_rows(state_at(replica, t, trial), n4, last);
  let matrix = 4u * n4 * n4;
  var w = replica * bilinear.packed4 + own;
  var t0 = Tile();
  var t1 = Tile();
  var t2 = Tile();
  for (var k = 0u; k < n4; k += 1u) {
    let values = state_rows(u, k);
    tile_add(&t0, values, weight_block(w, n4, room));
    if (INPUTS > 0u) { tile_add(&t1, values, weight_block(w + matrix, n4, room)); }
    if (INPUTS > 1u) { tile_add(&t2, values, weight_block(w + 2u * matrix, n4, room)); }
    w += 4u * n4;
  }
  var sums0 = tile_sums(t0);
  var sums1 = tile_sums(t1);
  var sums2 = tile_sums(t2);
  for (var c = 0u; c < TILE_COLUMNS4 && column + c < n4; c += 1u) {
    let bias = packed[replica * bilinear.packed4 + packed_bias(bilinear) + column + c];
    for (var i = 0u; i <= last; i += 1u) {
      let place = i * TILE_COLUMNS4 + c;
      var drive = sums0[place];
      if (INPUTS > 0u) { drive = fma(vec4f(input_of(replica, t, trial + i, 0u)), sums1[place], drive); }
      if (INPUTS > 1u) { drive = fma(vec4f(input_of(replica, t, trial + i, 1u)), sums2[place], drive); }
      drive += bias;
      if (CURRENT) { drive += currents[stretch_row(replica, t, trial + i) + column + c]; }
      if (KEEP) { drives[((replica * bilinear.steps + t) * bilinear.batch + trial + i) * n4 + column + c] = drive; }
      let inside = 4u * (column + c) + vec4u(0u, 1u, 2u, 3u) < vec4u(bilinear.units);
      let value = select(vec4f(0.0), activation(ACTIVATION, drive), inside);
      if (DIVISIVE) {
        (*sums)[i] += value.x + value.y + value.z + value.w;
        states[state_at(replica, t + 1u, trial + i) + column + c] = value;
      } else {
        finish(replica, t, trial + i, column + c, value);
      }
    }
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn bilinear_forward(
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
  if (NOISE) {
    for (var first = 0u; first < n4; first += width) {
      for (var column = first + own; column < min(first + own + TILE_COLUMNS4, n4); column += 1u) {
        for (var i = 0u; i < rows; i += 1u) {
          states[state_at(group.z, stretch.first, trial + i) + column] +=
            noise[stretch_row(group.z, stretch.first, trial + i) + column];
        }
      }
    }
    storageBarrier();
  }
  for (var t = stretch.first; t < stretch.first + stretch.count; t += 1u) {
    var sums = array<f32, TILE_ROWS>();
    for (var first = 0u; first < n4; first += width) {
      forward_tile(group.z, t, trial, first + own, &sums);
    }
    if (DIVISIVE) {
      for (var i = 0u; i < TILE_ROWS; i += 1u) { shared_sums[i * WORKGROUP_SIZE + local] = sums[i]; }
      workgroupBarrier();
      for (var i = 0u; i < rows; i += 1u) {
        var total = 0.0;
        for (var each = 0u; each < WORKGROUP_SIZE; each += 1u) { total += shared_sums[i * WORKGROUP_SIZE + each]; }
        for (var first = 0u; first < n4; first += width) {
          for (var column = first + own; column < min(first + own + TILE_COLUMNS4, n4); column += 1u) {
            let value = states[state_at(group.z, t + 1u, trial + i) + column];
            finish(group.z, t, trial + i, column, value / (1.0 + bilinear.inhibition * total));
          }
        }
      }
      workgroupBarrier();
    }
    storageBarrier();
  }
}
