// One time step of a tile of trials by units: the sums of products, then the cell (equations and shapes there).
//!include lib/ctrnn_forward_cell.wgsl
//!include lib/tile.wgsl
//!rows input_rows() = inputs[at]
//!rows seen_rows(units: vec2u) = only(units, k, seen(at))
//!block weight_block = packed[at]

// Of `column` and those behind it, the ones before `end` are written; the invocation may lie wholly past it.
fn forward_tile(replica: u32, slot: u32, layer: u32, trial: u32, column: u32, end: u32) {
  let last = min(TILE_ROWS - 1u, shape.batch - 1u - trial);
  let weights = replica * shape.packed4 + min(column, shape.hidden4 - 1u);
  let room = shape.hidden4 - 1u - min(column, shape.hidden4 - 1u);
  var t = Tile();

  let u = tile_rows(
    ((replica * shape.steps + slot - 1u) * shape.batch + trial) * shape.input4, shape.input4, last);
  var w = weights;
  for (var k = 0u; k < shape.input4; k += 1u) {
    tile_add(&t, input_rows(u, k), weight_block(w, shape.hidden4, room));
    w += 4u * shape.hidden4;
  }

  for (var part = 0u; part < 1u + u32(LAYERS > 1u); part += 1u) {
    let units = sources_of(replica, layer, part);
    let columns = columns_of(units);
    let r = tile_rows(seen_start(replica, slot - 1u + part, trial), seen_stride(), last);
    w = weights + packed_hidden_forward(shape) + 4u * columns.x * shape.hidden4;
    for (var k = columns.x; k < columns.y; k += 1u) {
      tile_add(&t, seen_rows(r, k, units), weight_block(w, shape.hidden4, room));
      w += 4u * shape.hidden4;
    }
  }

  // The sums are in registers up to here; the cell, once per trial and column, may as well loop.
  var drives = tile_sums(t);
  let units = layer_units(replica, layer);
  let noise = cell_noise(replica);
  for (var c = 0u; c < TILE_COLUMNS4 && column + c < end; c += 1u) {
    let alpha = packed[replica * shape.packed4 + packed_alpha(shape) + column + c];
    for (var i = 0u; i <= last; i += 1u) {
      forward_cell(replica, slot, units, trial + i, column + c, alpha, noise, drives[i * TILE_COLUMNS4 + c]);
    }
  }
}
