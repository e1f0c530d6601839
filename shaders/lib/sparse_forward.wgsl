// One time step of 8 trials by 4 units as in lib/ctrnn_forward.wgsl, the recurrent sum over the synapses that may exist
// (lib/sparse_lists.wgsl): the same arithmetic in the same order.
//
//   unit_rates [R, T + 1, 4 hidden4, batch4] vec4f: the rates as the postsynaptic side sees them, by unit; 0 past the batch
//!include lib/ctrnn_forward_cell.wgsl
//!include lib/sparse_lists.wgsl
@group(0) @binding(8) var<storage, read_write> unit_rates: array<vec4f>;

fn row_value(index: u32) -> vec4f { return inputs[index]; }

fn by_unit(index: u32) -> vec4f { return unit_rates[index]; }

fn seen_or_nothing(replica: u32, slot: u32, trial: u32, column: u32) -> vec4f {
  if (trial >= shape.batch) { return vec4f(0.0); }
  return seen(seen_start(replica, slot, trial) + column);
}

// Copies what 4 units of 4 trials show to unit_rates.
fn show_by_unit(replica: u32, slot: u32, units: vec2u, trial: u32, column: u32) {
  let rates = transpose(mat4x4f(
    seen_or_nothing(replica, slot, trial, column), seen_or_nothing(replica, slot, trial + 1u, column),
    seen_or_nothing(replica, slot, trial + 2u, column), seen_or_nothing(replica, slot, trial + 3u, column)));
  let width = batch4();
  let unit = 4u * column;
  let at = 4u * ((replica * (shape.steps + 1u) + slot) * shape.hidden4 + column) * width + trial / 4u;
  if (unit >= units.x && unit < units.y) { unit_rates[at] = rates[0]; }
  if (unit + 1u >= units.x && unit + 1u < units.y) { unit_rates[at + width] = rates[1]; }
  if (unit + 2u >= units.x && unit + 2u < units.y) { unit_rates[at + 2u * width] = rates[2]; }
  if (unit + 3u >= units.x && unit + 3u < units.y) { unit_rates[at + 3u * width] = rates[3]; }
}

fn forward_tile(replica: u32, slot: u32, layer: u32, trial: u32, column: u32) {
  let last = min(7u, shape.batch - 1u - trial);
  let row = (replica * shape.steps + slot - 1u) * shape.batch + trial;
  let weights = replica * shape.packed4 + column;
  let units = layer_units(replica, layer);
  var sums = by_units(product_rows(weights, row * shape.input4, shape.input4, last));
  for (var part = 0u; part < 1u + u32(LAYERS > 1u); part += 1u) {
    sums = add_lists(replica, incoming, part, units, column, slot - 1u + part, trial, sums);
  }
  let t = by_trials(sums);
  var drives = array<vec4f, 8>(t.r0, t.r1, t.r2, t.r3, t.r4, t.r5, t.r6, t.r7);
  let noise = cell_noise(replica);
  let alpha = packed[replica * shape.packed4 + packed_alpha(shape) + column];
  for (var i = 0u; i <= last; i += 1u) {
    forward_cell(replica, slot, units, trial + i, column, alpha, noise, drives[i]);
  }
  show_by_unit(replica, slot, units, trial, column);
  if (last > 3u) { show_by_unit(replica, slot, units, trial + 4u, column); }
}
