// One time step of 8 trials by 4 units: the sums of products, then the cell (equations and shapes there).
//!include lib/ctrnn_forward_cell.wgsl
//!include lib/tile8x4.wgsl
fn forward_tile(replica: u32, slot: u32, layer: u32, trial: u32, column: u32) {
  let last = min(7u, shape.batch - 1u - trial);
  let weights = replica * shape.packed4;
  var t = Tile();

  let u = tile_rows(
    ((replica * shape.steps + slot - 1u) * shape.batch + trial) * shape.input4, shape.input4, last);
  var w = weights + column;
  for (var k = 0u; k < shape.input4; k += 1u) {
    let b0 = packed[w];
    let b1 = packed[w + shape.hidden4];
    let b2 = packed[w + 2u * shape.hidden4];
    let b3 = packed[w + 3u * shape.hidden4];
    w += 4u * shape.hidden4;
    t.r0 = madd4(t.r0, inputs[u.i0 + k], b0, b1, b2, b3);
    t.r1 = madd4(t.r1, inputs[u.i1 + k], b0, b1, b2, b3);
    t.r2 = madd4(t.r2, inputs[u.i2 + k], b0, b1, b2, b3);
    t.r3 = madd4(t.r3, inputs[u.i3 + k], b0, b1, b2, b3);
    t.r4 = madd4(t.r4, inputs[u.i4 + k], b0, b1, b2, b3);
    t.r5 = madd4(t.r5, inputs[u.i5 + k], b0, b1, b2, b3);
    t.r6 = madd4(t.r6, inputs[u.i6 + k], b0, b1, b2, b3);
    t.r7 = madd4(t.r7, inputs[u.i7 + k], b0, b1, b2, b3);
  }

  for (var part = 0u; part < 1u + u32(LAYERS > 1u); part += 1u) {
    let units = sources_of(replica, layer, part);
    let columns = columns_of(units);
    let r = tile_rows(seen_start(replica, slot - 1u + part, trial), seen_stride(), last);
    w = weights + packed_hidden_forward(shape) + 4u * columns.x * shape.hidden4 + column;
    for (var k = columns.x; k < columns.y; k += 1u) {
      let b0 = packed[w];
      let b1 = packed[w + shape.hidden4];
      let b2 = packed[w + 2u * shape.hidden4];
      let b3 = packed[w + 3u * shape.hidden4];
      w += 4u * shape.hidden4;
      t.r0 = madd4(t.r0, only(units, k, seen(r.i0 + k)), b0, b1, b2, b3);
      t.r1 = madd4(t.r1, only(units, k, seen(r.i1 + k)), b0, b1, b2, b3);
      t.r2 = madd4(t.r2, only(units, k, seen(r.i2 + k)), b0, b1, b2, b3);
      t.r3 = madd4(t.r3, only(units, k, seen(r.i3 + k)), b0, b1, b2, b3);
      t.r4 = madd4(t.r4, only(units, k, seen(r.i4 + k)), b0, b1, b2, b3);
      t.r5 = madd4(t.r5, only(units, k, seen(r.i5 + k)), b0, b1, b2, b3);
      t.r6 = madd4(t.r6, only(units, k, seen(r.i6 + k)), b0, b1, b2, b3);
      t.r7 = madd4(t.r7, only(units, k, seen(r.i7 + k)), b0, b1, b2, b3);
    }
  }

  // The sums are in registers up to here; the cell, once per trial, may as well loop.
  var drives = array<vec4f, 8>(t.r0, t.r1, t.r2, t.r3, t.r4, t.r5, t.r6, t.r7);
  let units = layer_units(replica, layer);
  for (var i = 0u; i <= last; i += 1u) { forward_cell(replica, slot, units, trial + i, column, drives[i]); }
}
