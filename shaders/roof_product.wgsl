// The adapter's rate of a matrix product by register tiles, the inner loop that the recurrent kernels share: C = A B.
//
//   a [SIZE, SIZE / 4] vec4f; b [SIZE, SIZE / 4] vec4f; c [SIZE, SIZE / 4] vec4f
//
// An invocation owns 8 rows by 4 columns: x runs over the columns of four, y over groups of eight rows.
//!include lib/tile8x4.wgsl
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;

override WORKGROUP_SIZE: u32;
override SIZE: u32;  // a multiple of 8

@compute @workgroup_size(1, WORKGROUP_SIZE)
fn roof_product(@builtin(global_invocation_id) id: vec3u) {
  let width = SIZE / 4u;
  let row = 8u * id.y;
  let column = id.x;
  if (column >= width || row >= SIZE) { return; }
  let r = tile_rows(row * width, width, 7u);
  var t = Tile();
  var w = column;
  for (var k = 0u; k < width; k += 1u) {
    let b0 = b[w];
    let b1 = b[w + width];
    let b2 = b[w + 2u * width];
    let b3 = b[w + 3u * width];
    w += 4u * width;
    t.r0 = madd4(t.r0, a[r.i0 + k], b0, b1, b2, b3);
    t.r1 = madd4(t.r1, a[r.i1 + k], b0, b1, b2, b3);
    t.r2 = madd4(t.r2, a[r.i2 + k], b0, b1, b2, b3);
    t.r3 = madd4(t.r3, a[r.i3 + k], b0, b1, b2, b3);
    t.r4 = madd4(t.r4, a[r.i4 + k], b0, b1, b2, b3);
    t.r5 = madd4(t.r5, a[r.i5 + k], b0, b1, b2, b3);
    t.r6 = madd4(t.r6, a[r.i6 + k], b0, b1, b2, b3);
    t.r7 = madd4(t.r7, a[r.i7 + k], b0, b1, b2, b3);
  }
  let at = row * width + column;
  c[at] = t.r0;
  c[at + width] = t.r1;
  c[at + 2u * width] = t.r2;
  c[at + 3u * width] = t.r3;
  c[at + 4u * width] = t.r4;
  c[at + 5u * width] = t.r5;
  c[at + 6u * width] = t.r6;
  c[at + 7u * width] = t.r7;
}
