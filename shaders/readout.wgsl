// y[t] = W_ho r[t] + b_o for all time steps and trials at once.
//
//   packed [R, packed4] vec4f; rates [R, T + 1, B, hidden4] vec4f (slots 1 ... T); outputs [R, T, B, output4] vec4f
//
// An invocation owns 8 rows (time x trial) by 4 outputs: x runs over the columns of four outputs, y over groups of rows.
//!include lib/shape.wgsl
//!include lib/tile.wgsl
//!rows rate_rows() = rates[at]
//!block weight_block = packed[at]
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> packed: array<vec4f>;
@group(0) @binding(2) var<storage, read> rates: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> outputs: array<vec4f>;

override WORKGROUP_SIZE: u32;

@compute @workgroup_size(1, WORKGROUP_SIZE)
fn readout(@builtin(global_invocation_id) id: vec3u) {
  let rows = shape.steps * shape.batch;
  let row = TILE_ROWS * id.y;
  let column = id.x;
  if (column >= shape.output4 || row >= rows) { return; }
  let last = min(TILE_ROWS - 1u, rows - 1u - row);
  let weights = id.z * shape.packed4;
  let r = tile_rows(
    ((id.z * (shape.steps + 1u) + 1u) * shape.batch + row) * shape.hidden4, shape.hidden4, last);
  var t = Tile();
  var w = weights + packed_output_forward(shape) + column;
  for (var k = 0u; k < shape.hidden4; k += 1u) {
    tile_add(&t, rate_rows(r, k), weight_block(w, shape.output4, 0u));
    w += 4u * shape.output4;
  }
  let bias = packed[weights + packed_bias_o(shape) + column];
  let at = (id.z * rows + row) * shape.output4 + column;
  var sums = tile_sums(t);
  for (var i = 0u; i <= last; i += 1u) { outputs[at + i * shape.output4] = sums[i] + bias; }
}
