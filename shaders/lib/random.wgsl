// Threefry-2x32 with 20 rounds (Salmon et al. 2011), bit-equal to src/random.ts: key (seed, stream), counter (step, index).
fn rotate_left(x: u32, bits: u32) -> u32 { return (x << bits) | (x >> (32u - bits)); }

fn threefry_round(x: vec2u, bits: u32) -> vec2u {
  let sum = x.x + x.y;
  return vec2u(sum, rotate_left(x.y, bits) ^ sum);
}

fn threefry_rounds_even(x: vec2u) -> vec2u {
  return threefry_round(threefry_round(threefry_round(threefry_round(x, 13u), 15u), 26u), 6u);
}

fn threefry_rounds_odd(x: vec2u) -> vec2u {
  return threefry_round(threefry_round(threefry_round(threefry_round(x, 17u), 29u), 16u), 24u);
}

fn threefry2x32(key: vec2u, counter: vec2u) -> vec2u {
  let k2 = 0x1bd11bdau ^ key.x ^ key.y;
  var x = counter + key;
  x = threefry_rounds_even(x) + vec2u(key.y, k2 + 1u);
  x = threefry_rounds_odd(x) + vec2u(k2, key.x + 2u);
  x = threefry_rounds_even(x) + vec2u(key.x, key.y + 3u);
  x = threefry_rounds_odd(x) + vec2u(key.y, k2 + 4u);
  x = threefry_rounds_even(x) + vec2u(k2, key.x + 5u);
  return x;
}

// (cos, sin) of a full turn's fraction u in [0, 1), to float32 precision on every driver (the built-in ones may be off
// by 5e-4): exact reduction to an eighth of a turn around the nearest quarter, then Taylor polynomials.
fn turn(u: f32) -> vec2f {
  let quarter = floor(fma(4.0, u, 0.5));
  let x = 6.283185307179586 * fma(-0.25, quarter, u);
  let y = x * x;
  let c = fma(y, fma(y, fma(y, fma(y, 2.480158730e-5, -1.388888889e-3), 4.166666667e-2), -0.5), 1.0);
  let s = x * fma(y, fma(y, fma(y, fma(y, 2.755731922e-6, -1.984126984e-4), 8.333333333e-3), -1.666666667e-1), 1.0);
  switch u32(quarter) & 3u {
    case 0u: { return vec2f(c, s); }
    case 1u: { return vec2f(-s, c); }
    case 2u: { return vec2f(-c, -s); }
    default: { return vec2f(s, -c); }
  }
}

// Two independent standard normal numbers (Box-Muller) from two 32-bit integers.
fn normal_pair(bits: vec2u) -> vec2f {
  let radius = sqrt(-2.0 * log(f32((bits.x >> 8u) + 1u) * 0x1p-24f));
  return radius * turn(f32(bits.y >> 8u) * 0x1p-24f);
}
