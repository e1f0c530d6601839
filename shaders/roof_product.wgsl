// The adapter's rate of a matrix product by register tiles, the inner loop that the recurrent kernels share: C = A B.
//
//   a [SIZE, SIZE / 4] vec4f; b [SIZE, SIZE / 4] vec4f; c [SIZE, SIZE / 4] vec4f
//
// An invocation owns a tile (lib/tile.wgsl): x runs over the columns, y over groups of rows.
//!include lib/tile.wgsl
//!rows a_rows() = a[at]
//!block b_block = b[at]
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;

override WORKGROUP_SIZE: u32;
override SIZE: u32;  // a multiple of the tile's rows and columns

@compute @workgroup_size(WORKGROUP_SIZE)
fn roof_product(
  @builtin(workgroup_id) group: vec3u,
  @builtin(global_invocation_id) id: vec3u,
  //!place quad_parameter
) {
  //!place quad_lane
  let width = SIZE / 4u;
  let row = TILE_ROWS * group.y;
  let column = TILE_COLUMNS4 * id.x;
  let start = min(column, width - 1u);
  let rows = tile_rows(row * width, width, TILE_ROWS - 1u);
  var t = Tile();
  for (var k = 0u; k < width; k += 1u) {
    tile_add(&t, a_rows(rows, k), b_block(start + 4u * k * width, width, width - 1u - start));
  }
  var sums = tile_sums(t);
  for (var i = 0u; i < TILE_ROWS; i += 1u) {
    for (var j = 0u; j < TILE_COLUMNS4 && column + j < width; j += 1u) {
      c[(row + i) * width + column + j] = sums[i * TILE_COLUMNS4 + j];
    }
  }
}
