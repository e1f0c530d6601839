// A register tile of 8 rows (trials, or time x trial) by 4 columns (units): one vec4f an output row, written out by name
// because arrays indexed by a loop stay in memory on drivers that do not unroll.
struct Tile {
  r0: vec4f, r1: vec4f, r2: vec4f, r3: vec4f,
  r4: vec4f, r5: vec4f, r6: vec4f, r7: vec4f,
}

// Where the 8 rows start; rows past the last one repeat it, and their results are dropped.
struct Rows { i0: u32, i1: u32, i2: u32, i3: u32, i4: u32, i5: u32, i6: u32, i7: u32 }

fn tile_rows(start: u32, stride: u32, last: u32) -> Rows {
  return Rows(
    start, start + min(1u, last) * stride, start + min(2u, last) * stride, start + min(3u, last) * stride,
    start + min(4u, last) * stride, start + min(5u, last) * stride, start + min(6u, last) * stride,
    start + min(7u, last) * stride);
}

// row + a.x b0 + a.y b1 + a.z b2 + a.w b3: four terms of the sum over k, for four columns.
fn madd4(row: vec4f, a: vec4f, b0: vec4f, b1: vec4f, b2: vec4f, b3: vec4f) -> vec4f {
  return fma(vec4f(a.w), b3, fma(vec4f(a.z), b2, fma(vec4f(a.y), b1, fma(vec4f(a.x), b0, row))));
}
