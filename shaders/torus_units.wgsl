// One time step of the units of a two-dimensional attractor sheet (Burak & Fiete 2009), after shaders/torus_spectrum.wgsl:
//   s += rate (f((1 - share + share / sum s) I + A B + xi) - s)
//   B = input (1 + gain e_theta . v) where units have a direction theta, else input; A is the envelope, xi the noise
// and the transform along x of the new s, from which the next step starts. START: only this transform.
// share 1 is a drive by rates that sum to 1 (Guanella et al. 2007), share 0 what all others have.
//
//   twiddles [SIDE]: lib/fft.wgsl
//   field [images, n, SIDE]: the drive I, transformed along x, in; s transformed along x, out
//   state [trials, n, n]: s
//   units [n, n]: A, and e_theta in y and z (a vec4; w is not used)
//   velocities [slots, trials]; steps [slots]: the number of the step in each slot, which counts its random numbers
//   sums [images]: of the s that I comes from
//
// A workgroup owns LINES rows of an image (z), and an invocation the units at its places, whose barriers hand them over.
//!include lib/torus.wgsl
@group(0) @binding(0) var<uniform> sheet: Sheet;
@group(0) @binding(1) var<storage, read> twiddles: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> field: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> state: array<f32>;
@group(0) @binding(4) var<storage, read> units: array<vec4f>;
@group(0) @binding(5) var<storage, read> velocities: array<vec2f>;
@group(0) @binding(6) var<storage, read> steps: array<u32>;
@group(0) @binding(7) var<storage, read> sums: array<vec2f>;

struct Time { slot: u32 }
@group(1) @binding(0) var<uniform> time: Time;

//!include lib/fft.wgsl
//!include lib/random.wgsl
//!include lib/activation.wgsl
override MODE: u32;
override START: bool;

fn packed() -> u32 { return select(1u, 2u, MODE == 0u); }

// The states of the trials of an image at a unit.
fn state_at(image: u32, unit: u32) -> vec2f {
  let area = sheet.side * sheet.side;
  let at = image * packed() * area + unit;
  if (MODE != 0u) { return vec2f(state[at], 0.0); }
  return vec2f(state[at], state[at + area]);
}

fn drive_of(image: u32, unit: u32, recurrent: vec2f) -> vec2f {
  let own = units[unit];
  var drive = vec2f(own.x * sheet.input);
  if (MODE == 0u) {
    let row = time.slot * sheet.trials + 2u * image;
    drive *= 1.0 + sheet.gain * vec2f(dot(own.yz, velocities[row]), dot(own.yz, velocities[row + 1u]));
  }
  if (sheet.share == 0.0) {
    drive += recurrent;
  } else {
    let sum = sums[image];
    // Without any rate there is no drive, either.
    drive += recurrent * (1.0 - sheet.share + select(vec2f(0.0), sheet.share / sum, sum > vec2f(0.0)));
  }
  if (sheet.noise > 0.0) {
    let counter = vec2u(steps[time.slot], image * sheet.side * sheet.side + unit);
    drive += sheet.noise * normal_pair(threefry2x32(vec2u(sheet.seed, sheet.stream), counter));
  }
  return drive;
}

// The new states of the trials of an image at a unit.
fn stepped(image: u32, unit: u32, recurrent: vec2f) -> vec2f {
  let before = state_at(image, unit);
  let aim = activation(ACTIVATION, vec4f(drive_of(image, unit, recurrent), 0.0, 0.0)).xy;
  let after = before + sheet.rate * (aim - before);
  let area = sheet.side * sheet.side;
  let at = image * packed() * area + unit;
  state[at] = after.x;
  if (MODE != 0u) { return vec2f(after.x, 0.0); }
  state[at + area] = after.y;
  return after;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn torus_units(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let all = side() * LINES;
  let row = group.x * LINES;
  let start = (group.z * sheet.side + row) * SIDE;
  if (!START) {
    for (var item = local; item < all; item += WORKGROUP_SIZE) {
      let line = item / SIDE;
      if (row + line < sheet.side) { points[item % SIDE * LINES + line] = field[start + item]; }
    }
    workgroupBarrier();
    inverse_lines(local);
  }
  for (var item = local; item < all; item += WORKGROUP_SIZE) {
    let x = item % SIDE;
    let line = item / SIDE;
    var value = vec2f(0.0);
    if (x < sheet.side && row + line < sheet.side) {
      let unit = (row + line) * sheet.side + x;
      if (START) {
        value = state_at(group.z, unit);
      } else {
        value = stepped(group.z, unit, points[x * LINES + line]);
      }
    }
    points[x * LINES + line] = value;
  }
  workgroupBarrier();
  forward_lines(local, select(2u, 4u, MODE == 0u));
  for (var item = local; item < all; item += WORKGROUP_SIZE) {
    let line = item / SIDE;
    if (row + line < sheet.side) { field[start + item] = points[item % SIDE * LINES + line]; }
  }
}
