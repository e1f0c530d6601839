// The product of every row (time x trial) with the effective recurrent weights W [post, pre]:
//   otherwise  p = W x              what rates x drive in each unit
//   BACKWARD   p = W^T (alpha x)    what derivatives x by the preactivations send back to each rate
//
//   packed [R, packed4] vec4f
//   x [R, T, B, hidden4] vec4f; with SLOTS [R, T + 1, B, hidden4], of which slots 1 ... T count; padding 0
//   products [R, T, B, hidden4] vec4f: written, or with ADD added to
//
// An invocation owns a tile of rows by units (lib/tile.wgsl): x runs over the columns of four units, y over groups of rows.
//!include lib/shape.wgsl
//!include lib/tile.wgsl
//!rows x_rows() = x[at]
//!block weight_block = packed[at]
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> packed: array<vec4f>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> products: array<vec4f>;

override WORKGROUP_SIZE: u32;
override BACKWARD: bool;
override SLOTS: bool;
override ADD: bool;

@compute @workgroup_size(WORKGROUP_SIZE)
fn recurrent_product(
  @builtin(workgroup_id) group: vec3u,
  @builtin(global_invocation_id) id: vec3u,
  //!place quad_parameter
) {
  //!place quad_lane
  let rows = shape.steps * shape.batch;
  let row = TILE_ROWS * group.y;
  let column = TILE_COLUMNS4 * id.x;
  let own = min(column, shape.hidden4 - 1u);
  let last = min(TILE_ROWS - 1u, rows - 1u - row);
  let ahead = select(0u, (group.z + 1u) * shape.batch, SLOTS);
  let a = tile_rows((group.z * rows + ahead + row) * shape.hidden4, shape.hidden4, last);
  var t = Tile();
  var w = group.z * shape.packed4 + select(packed_hidden_forward(shape), packed_hidden_backward(shape), BACKWARD) + own;
  for (var k = 0u; k < shape.hidden4; k += 1u) {
    tile_add(&t, x_rows(a, k), weight_block(w, shape.hidden4, shape.hidden4 - 1u - own));
    w += 4u * shape.hidden4;
  }
  let at = (group.z * rows + row) * shape.hidden4 + column;
  var sums = tile_sums(t);
  for (var c = 0u; c < TILE_COLUMNS4 && column + c < shape.hidden4; c += 1u) {
    for (var i = 0u; i <= last; i += 1u) {
      var sum = sums[i * TILE_COLUMNS4 + c];
      if (ADD) { sum += products[at + i * shape.hidden4 + c]; }
      products[at + i * shape.hidden4 + c] = sum;
    }
  }
}
