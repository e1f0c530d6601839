// A weight gradient as one matrix product over all rows (time x trial):  C[n, m] = sum over rows A[row, n] B[row, m].
// A holds gradients at the postsynaptic side, B activity at the presynaptic side; a column of ones in B gives a bias.
//
//   a, b      rows of vec4f, strides and starts in `product`
//   partials  [R, splits, P]: the flat parameter vector, one copy per slice of the rows; summed by `gradient_finish`;
//             with ACCUMULATE added to
//
// An invocation owns 8 by 8 elements of C for one slice: x runs over blocks of B's columns, y over blocks of A's
// columns, z over replica x slice. Sums run over rows in order, so they come out the same every time.
//!include lib/shape.wgsl
struct Product {
  rows: u32,
  a_start: u32, a_row: u32, a_replica: u32, a_columns: u32,   // in vec4f; a_columns in floats
  b_start: u32, b_row: u32, b_replica: u32, b_columns: u32,
  a_first: u32,       // first wanted column of A within its first vec4f
  b_first: u32,       // the same of B
  out_start: u32,     // where C starts in the flat parameter vector
  out_width: u32,     // floats from one row of C to the next
  bias_column: u32,   // this column of C is a bias, written to bias_start + n; none if >= b_columns
  bias_start: u32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<uniform> product: Product;
@group(0) @binding(2) var<storage, read> a: array<vec4f>;
@group(0) @binding(3) var<storage, read> b: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> partials: array<f32>;

override WORKGROUP_X: u32;
override WORKGROUP_Y: u32;
override ACCUMULATE: bool;

fn store(slice: u32, n: u32, m: u32, value: f32) {
  if (n < product.a_first || n - product.a_first >= product.a_columns) { return; }
  if (m < product.b_first || m - product.b_first >= product.b_columns) { return; }
  let row = n - product.a_first;
  let column = m - product.b_first;
  var at = product.out_start + row * product.out_width + column;
  if (column == product.bias_column) { at = product.bias_start + row; }
  at += slice * shape.parameters;
  if (ACCUMULATE) { partials[at] += value; } else { partials[at] = value; }
}

fn store4(slice: u32, n: u32, m: u32, value: vec4f) {
  store(slice, n, m, value.x);
  store(slice, n, m + 1u, value.y);
  store(slice, n, m + 2u, value.z);
  store(slice, n, m + 3u, value.w);
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn weight_gradient(@builtin(global_invocation_id) id: vec3u) {
  let n = 8u * id.y;
  let m = 8u * id.x;
  if (n >= product.a_first + product.a_columns || m >= product.b_first + product.b_columns) { return; }
  let replica = id.z / shape.splits;
  let slice = id.z % shape.splits;
  let chunk = (product.rows + shape.splits - 1u) / shape.splits;
  let first = min(slice * chunk, product.rows);
  let end = min(first + chunk, product.rows);
  // The second vec4f of a block may lie past the row: read the first again, its results are not stored.
  let a_next = select(0u, 1u, n + 4u < product.a_first + product.a_columns);
  let b_next = select(0u, 1u, m + 4u < product.b_first + product.b_columns);
  var i = product.a_start + replica * product.a_replica + first * product.a_row + 2u * id.y;
  var j = product.b_start + replica * product.b_replica + first * product.b_row + 2u * id.x;
  var c00 = vec4f(0.0); var c01 = vec4f(0.0); var c10 = vec4f(0.0); var c11 = vec4f(0.0);
  var c20 = vec4f(0.0); var c21 = vec4f(0.0); var c30 = vec4f(0.0); var c31 = vec4f(0.0);
  var c40 = vec4f(0.0); var c41 = vec4f(0.0); var c50 = vec4f(0.0); var c51 = vec4f(0.0);
  var c60 = vec4f(0.0); var c61 = vec4f(0.0); var c70 = vec4f(0.0); var c71 = vec4f(0.0);
  for (var row = first; row < end; row += 1u) {
    let a0 = a[i];
    let a1 = a[i + a_next];
    let b0 = b[j];
    let b1 = b[j + b_next];
    i += product.a_row;
    j += product.b_row;
    c00 = fma(vec4f(a0.x), b0, c00); c01 = fma(vec4f(a0.x), b1, c01);
    c10 = fma(vec4f(a0.y), b0, c10); c11 = fma(vec4f(a0.y), b1, c11);
    c20 = fma(vec4f(a0.z), b0, c20); c21 = fma(vec4f(a0.z), b1, c21);
    c30 = fma(vec4f(a0.w), b0, c30); c31 = fma(vec4f(a0.w), b1, c31);
    c40 = fma(vec4f(a1.x), b0, c40); c41 = fma(vec4f(a1.x), b1, c41);
    c50 = fma(vec4f(a1.y), b0, c50); c51 = fma(vec4f(a1.y), b1, c51);
    c60 = fma(vec4f(a1.z), b0, c60); c61 = fma(vec4f(a1.z), b1, c61);
    c70 = fma(vec4f(a1.w), b0, c70); c71 = fma(vec4f(a1.w), b1, c71);
  }
  let at = replica * shape.splits + slice;
  store4(at, n, m, c00); store4(at, n, m + 4u, c01);
  store4(at, n + 1u, m, c10); store4(at, n + 1u, m + 4u, c11);
  store4(at, n + 2u, m, c20); store4(at, n + 2u, m + 4u, c21);
  store4(at, n + 3u, m, c30); store4(at, n + 3u, m + 4u, c31);
  store4(at, n + 4u, m, c40); store4(at, n + 4u, m + 4u, c41);
  store4(at, n + 5u, m, c50); store4(at, n + 5u, m + 4u, c51);
  store4(at, n + 6u, m, c60); store4(at, n + 6u, m + 4u, c61);
  store4(at, n + 7u, m, c70); store4(at, n + 7u, m + 4u, c71);
}
