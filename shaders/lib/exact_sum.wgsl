// Sums of numbers in [0, 2) that are the same bits in any order, and so for any storage, workgroup or lane: each number
// becomes an integer multiple of 2^-31 (exact from 2^-7 on, else cut off by less than 5e-10), upper and lower 16 bits are
// summed apart. Holds for up to 65535 terms.
fn exact(value: f32) -> vec2u {
  let parts = u32(value * 0x1p31f);
  return vec2u(parts >> 16u, parts & 0xffffu);
}

fn exact_value(sum: vec2u) -> f32 {
  return f32(sum.x + (sum.y >> 16u)) * 0x1p-15f + f32(sum.y & 0xffffu) * 0x1p-31f;
}
