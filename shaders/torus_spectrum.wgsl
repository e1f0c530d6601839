// The convolution of one time step of a two-dimensional attractor sheet, along the columns of its spectrum:
//   MODE 0  I^(k) = sum_p K_p(k) S_p(k): units of the four places p = (y mod 2, x mod 2) have kernels of their own, shifted
//           along the direction that they prefer (Burak & Fiete 2009)
//   MODE 1  I^(k) = (K_0(k) + gain v . (K_1(k), K_2(k))) S(k): derivatives of the kernel, times the velocity (Zhang 1996)
//   MODE 2  I^(k) = K_0(k) e^{-2 pi i gain v . (k_x, k_y)} S(k): the kernel, shifted by the velocity (Guanella et al. 2007)
// In MODE 0 the transforms of the four interleaved parts S_p, each of SIDE / 2 points a side, are those of a whole transform
// without its last stage, which K_p takes the place of: four convolutions for the work of one.
//
//   twiddles [SIDE]: lib/fft.wgsl
//   kernels [SIDE, SIDE, 2] vec4: at the place of k (bit-reversed): MODE 0: K_p of the four p; else K_0, K_1, K_2, of MODE 2
//     K_0 and (k_x, k_y)
//   field [images, n, SIDE]: rows of the sheets' transforms along x, in; of those of the drive, out
//   velocities [slots, trials]
//   sums [images]: the sums of all rates
//
// A workgroup owns LINES columns (neighbours, an even number of them), z is the image. An invocation owns a square of four
// points while it applies the kernels; the barriers before and after hand it over.
//!include lib/torus.wgsl
@group(0) @binding(0) var<uniform> sheet: Sheet;
@group(0) @binding(1) var<storage, read> twiddles: array<vec2f>;
@group(0) @binding(2) var<storage, read> kernels: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> field: array<vec2f>;
@group(0) @binding(4) var<storage, read> velocities: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> sums: array<vec2f>;

struct Time { slot: u32 }
@group(1) @binding(0) var<uniform> time: Time;

//!include lib/fft.wgsl
//!include lib/random.wgsl
override MODE: u32;

fn of_velocity(velocity: vec2f, at: u32) -> vec2f {
  let first = kernels[2u * at];
  if (MODE == 1u) {
    let along = sheet.gain * velocity;
    return first.xy + along.x * first.zw + along.y * kernels[2u * at + 1u].xy;
  }
  let part = dot(sheet.gain * velocity, first.zw);
  return times_conjugate(first.xy, turn(part - floor(part)));
}

fn of_parts(at: u32, a: vec2f, b: vec2f, c: vec2f, d: vec2f) -> vec2f {
  let first = kernels[2u * at];
  let second = kernels[2u * at + 1u];
  return times(a, first.xy) + times(b, first.zw) + (times(c, second.xy) + times(d, second.zw));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn torus_spectrum(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let all = side() * LINES;
  let column = group.x * LINES;
  let start = group.z * sheet.side * SIDE + column;
  for (var item = local; item < all; item += WORKGROUP_SIZE) {
    let row = item / LINES;
    var value = vec2f(0.0);
    if (row < sheet.side) { value = field[start + row * SIDE + item % LINES]; }
    points[item] = value;
  }
  workgroupBarrier();
  forward_lines(local, select(2u, 4u, MODE == 0u));

  if (column == 0u && local == 0u) {
    var sum = points[0];
    if (MODE == 0u) { sum += points[1] + points[LINES] + points[LINES + 1u]; }
    sums[group.z] = sum;
  }
  // This one owns the square of the mean, too, so that no barrier is between.
  if (MODE == 0u) {
    for (var item = local; item < all / 4u; item += WORKGROUP_SIZE) {
      let x = 2u * (item % (LINES / 2u));
      let y = 2u * (item / (LINES / 2u));
      let own = y * LINES + x;
      let at = y * SIDE + column + x;
      let a = points[own];
      let b = points[own + 1u];
      let c = points[own + LINES];
      let d = points[own + LINES + 1u];
      points[own] = of_parts(at, a, b, c, d);
      points[own + 1u] = of_parts(at + 1u, a, b, c, d);
      points[own + LINES] = of_parts(at + SIDE, a, b, c, d);
      points[own + LINES + 1u] = of_parts(at + SIDE + 1u, a, b, c, d);
    }
  } else {
    let velocity = velocities[time.slot * sheet.trials + group.z];
    for (var item = local; item < all; item += WORKGROUP_SIZE) {
      let at = item / LINES * SIDE + column + item % LINES;
      points[item] = times(points[item], of_velocity(velocity, at));
    }
  }
  workgroupBarrier();
  inverse_lines(local);
  for (var item = local; item < all; item += WORKGROUP_SIZE) {
    let row = item / LINES;
    if (row < sheet.side) { field[start + row * SIDE + item % LINES] = points[item]; }
  }
}
