// One step of back-propagation for a tile of trials by units: the sums of products, then the cell (equations and shapes
// there).
//!include lib/ctrnn_backward_cell.wgsl
//!include lib/tile.wgsl
//!rows output_rows() = output_gradients[at]
//!rows state_rows(units: vec2u) = only(units, k, state_gradients[at])
//!block weight_block = packed[at]

// Of `column` and those behind it, the ones before `end` are written; the invocation may lie wholly past it.
fn backward_tile(replica: u32, slot: u32, layer: u32, trial: u32, column: u32, end: u32) {
  let last = min(TILE_ROWS - 1u, shape.batch - 1u - trial);
  let weights = replica * shape.packed4 + min(column, shape.hidden4 - 1u);
  let room = shape.hidden4 - 1u - min(column, shape.hidden4 - 1u);
  var t = Tile();

  if (slot > 0u) {
    let y = tile_rows(
      ((replica * shape.steps + slot - 1u) * shape.batch + trial) * shape.output4, shape.output4, last);
    var w = weights + packed_output_backward(shape);
    for (var k = 0u; k < shape.output4; k += 1u) {
      tile_add(&t, output_rows(y, k), weight_block(w, shape.hidden4, room));
      w += 4u * shape.hidden4;
    }
  }

  // Without short-term plasticity both sums are one.
  var readout = Tile();
  if (SYNAPSES) {
    readout = t;
    t = Tile();
  }

  for (var part = 0u; part < 1u + u32(LAYERS > 1u); part += 1u) {
    // Part 0 comes from the slot after, part 1 from this one; slot 0 is a state in which no synapse acts within the step.
    if (select(slot == 0u, slot == shape.steps, part == 0u)) { continue; }
    let units = targets_of(replica, layer, part);
    let columns = columns_of(units);
    let g = tile_rows(
      ((replica * (shape.steps + 1u) + slot + 1u - part) * shape.batch + trial) * shape.hidden4, shape.hidden4, last);
    var w = weights + packed_hidden_backward(shape) + 4u * columns.x * shape.hidden4;
    for (var k = columns.x; k < columns.y; k += 1u) {
      tile_add(&t, state_rows(g, k, units), weight_block(w, shape.hidden4, room));
      w += 4u * shape.hidden4;
    }
  }

  // The sums are in registers up to here; the cell, once per trial and column, may as well loop.
  let units = layer_units(replica, layer);
  var sums = tile_sums(t);
  if (SYNAPSES) {
    var others = tile_sums(readout);
    for (var c = 0u; c < TILE_COLUMNS4 && column + c < end; c += 1u) {
      let alpha = packed[replica * shape.packed4 + packed_alpha(shape) + column + c];
      for (var i = 0u; i <= last; i += 1u) {
        let place = i * TILE_COLUMNS4 + c;
        backward_cell(replica, slot, units, trial + i, column + c, alpha, others[place], sums[place]);
      }
    }
    return;
  }
  for (var c = 0u; c < TILE_COLUMNS4 && column + c < end; c += 1u) {
    let alpha = packed[replica * shape.packed4 + packed_alpha(shape) + column + c];
    for (var i = 0u; i <= last; i += 1u) {
      backward_cell(replica, slot, units, trial + i, column + c, alpha, sums[i * TILE_COLUMNS4 + c], vec4f(0.0));
    }
  }
}
