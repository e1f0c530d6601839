// A weight gradient as one matrix product over all rows (time x trial):  C[n, m] = sum over rows A[row, n] B[row, m].
// One of A and B holds gradients at the postsynaptic side, the other activity at the presynaptic side; a column of ones in
// the latter gives a bias. The wider of the two is B, over whose columns the invocations of a workgroup are spread.
//
//   a, b      rows of vec4f, strides and starts in `product`
//   partials  [R, splits, P]: the flat parameter vector, one copy per slice of the rows; summed by `gradient_finish`;
//             with ACCUMULATE added to
//
// An invocation owns a tile of C for one slice (lib/tile.wgsl): x runs over blocks of B's columns, y over blocks of A's
// columns, z over replica x slice. Sums run over rows in order, so they come out the same every time.
//!include lib/shape.wgsl
//!include lib/tile.wgsl
//!outer a_outer = a[at]
//!block b_block(left) = b[at]
struct Product {
  rows: u32,
  a_start: u32, a_row: u32, a_replica: u32, a_columns: u32,   // in vec4f; a_columns in floats
  b_start: u32, b_row: u32, b_replica: u32, b_columns: u32,
  a_first: u32,       // first wanted column of A within its first vec4f
  b_first: u32,       // the same of B
  post_is_b: u32,     // 1 where B holds the postsynaptic side
  out_start: u32,     // where the weights [post, pre] start in the flat parameter vector
  out_width: u32,     // floats from one postsynaptic unit to the next
  bias_column: u32,   // this presynaptic column is a bias, written to bias_start + post; none if there is no such column
  bias_start: u32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<uniform> product: Product;
@group(0) @binding(2) var<storage, read> a: array<vec4f>;
@group(0) @binding(3) var<storage, read> b: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> partials: array<f32>;

override WORKGROUP_SIZE: u32;
override ACCUMULATE: bool;

fn store(slice: u32, n: u32, m: u32, value: f32) {
  if (n < product.a_first || n - product.a_first >= product.a_columns) { return; }
  if (m < product.b_first || m - product.b_first >= product.b_columns) { return; }
  var post = n - product.a_first;
  var pre = m - product.b_first;
  if (product.post_is_b != 0u) {
    let other = post;
    post = pre;
    pre = other;
  }
  var at = product.out_start + post * product.out_width + pre;
  if (pre == product.bias_column) { at = product.bias_start + post; }
  at += slice * shape.parameters;
  if (ACCUMULATE) { partials[at] += value; } else { partials[at] = value; }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn weight_gradient(
  @builtin(workgroup_id) group: vec3u,
  @builtin(global_invocation_id) id: vec3u,
  //!place quad_parameter
) {
  //!place quad_lane
  let n4 = TILE_ROWS / 4u * group.y;
  let m4 = TILE_COLUMNS4 * id.x;
  let replica = group.z / shape.splits;
  let slice = group.z % shape.splits;
  let chunk = (product.rows + shape.splits - 1u) / shape.splits;
  let first = min(slice * chunk, product.rows);
  let end = min(first + chunk, product.rows);
  // What lies past the last column reads the last one again, and its results are not stored.
  let a_last = (product.a_first + product.a_columns - 1u) / 4u;
  let b_last = (product.b_first + product.b_columns - 1u) / 4u;
  let b_own = min(m4, b_last);
  var i = product.a_start + replica * product.a_replica + first * product.a_row + n4;
  var j = product.b_start + replica * product.b_replica + first * product.b_row + b_own;
  var t = Tile();
  for (var row = first; row < end; row += 4u) {
    let left = end - row;
    tile_outer(&t, a_outer(i, product.a_row, a_last - n4, left), b_block(j, product.b_row, b_last - b_own, left));
    i += 4u * product.a_row;
    j += 4u * product.b_row;
  }
  let at = replica * shape.splits + slice;
  var sums = tile_sums(t);
  for (var r = 0u; r < TILE_ROWS; r += 1u) {
    for (var c = 0u; c < TILE_COLUMNS4; c += 1u) {
      let sum = sums[r * TILE_COLUMNS4 + c];
      let n = 4u * n4 + r;
      let m = 4u * (m4 + c);
      store(at, n, m, sum.x);
      store(at, n, m + 1u, sum.y);
      store(at, n, m + 2u, sum.z);
      store(at, n, m + 3u, sum.w);
    }
  }
}
