// One step of back-propagation for 8 trials by 4 units: the sums of products, then the cell (equations and shapes there).
//!include lib/ctrnn_backward_cell.wgsl
//!include lib/tile8x4.wgsl
fn backward_tile(replica: u32, slot: u32, layer: u32, trial: u32, column: u32) {
  let last = min(7u, shape.batch - 1u - trial);
  let weights = replica * shape.packed4;
  var t = Tile();

  if (slot > 0u) {
    let y = tile_rows(
      ((replica * shape.steps + slot - 1u) * shape.batch + trial) * shape.output4, shape.output4, last);
    var w = weights + packed_output_backward(shape) + column;
    for (var k = 0u; k < shape.output4; k += 1u) {
      let b0 = packed[w];
      let b1 = packed[w + shape.hidden4];
      let b2 = packed[w + 2u * shape.hidden4];
      let b3 = packed[w + 3u * shape.hidden4];
      w += 4u * shape.hidden4;
      t.r0 = madd4(t.r0, output_gradients[y.i0 + k], b0, b1, b2, b3);
      t.r1 = madd4(t.r1, output_gradients[y.i1 + k], b0, b1, b2, b3);
      t.r2 = madd4(t.r2, output_gradients[y.i2 + k], b0, b1, b2, b3);
      t.r3 = madd4(t.r3, output_gradients[y.i3 + k], b0, b1, b2, b3);
      t.r4 = madd4(t.r4, output_gradients[y.i4 + k], b0, b1, b2, b3);
      t.r5 = madd4(t.r5, output_gradients[y.i5 + k], b0, b1, b2, b3);
      t.r6 = madd4(t.r6, output_gradients[y.i6 + k], b0, b1, b2, b3);
      t.r7 = madd4(t.r7, output_gradients[y.i7 + k], b0, b1, b2, b3);
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
    var w = weights + packed_hidden_backward(shape) + 4u * columns.x * shape.hidden4 + column;
    for (var k = columns.x; k < columns.y; k += 1u) {
      let b0 = packed[w];
      let b1 = packed[w + shape.hidden4];
      let b2 = packed[w + 2u * shape.hidden4];
      let b3 = packed[w + 3u * shape.hidden4];
      w += 4u * shape.hidden4;
      t.r0 = madd4(t.r0, only(units, k, state_gradients[g.i0 + k]), b0, b1, b2, b3);
      t.r1 = madd4(t.r1, only(units, k, state_gradients[g.i1 + k]), b0, b1, b2, b3);
      t.r2 = madd4(t.r2, only(units, k, state_gradients[g.i2 + k]), b0, b1, b2, b3);
      t.r3 = madd4(t.r3, only(units, k, state_gradients[g.i3 + k]), b0, b1, b2, b3);
      t.r4 = madd4(t.r4, only(units, k, state_gradients[g.i4 + k]), b0, b1, b2, b3);
      t.r5 = madd4(t.r5, only(units, k, state_gradients[g.i5 + k]), b0, b1, b2, b3);
      t.r6 = madd4(t.r6, only(units, k, state_gradients[g.i6 + k]), b0, b1, b2, b3);
      t.r7 = madd4(t.r7, only(units, k, state_gradients[g.i7 + k]), b0, b1, b2, b3);
    }
  }

  // The sums are in registers up to here; the cell, once per trial, may as well loop.
  var sums = array<vec4f, 8>(t.r0, t.r1, t.r2, t.r3, t.r4, t.r5, t.r6, t.r7);
  let units = layer_units(replica, layer);
  if (SYNAPSES) {
    var others = array<vec4f, 8>(
      readout.r0, readout.r1, readout.r2, readout.r3, readout.r4, readout.r5, readout.r6, readout.r7);
    for (var i = 0u; i <= last; i += 1u) {
      backward_cell(replica, slot, units, trial + i, column, others[i], sums[i]);
    }
    return;
  }
  for (var i = 0u; i <= last; i += 1u) {
    backward_cell(replica, slot, units, trial + i, column, sums[i], vec4f(0.0));
  }
}
