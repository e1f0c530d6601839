// One step of back-propagation for 8 trials by 4 units as in lib/ctrnn_backward.wgsl, the recurrent sum over the synapses
// that may exist (lib/sparse_lists.wgsl): the same arithmetic in the same order.
//
//   synapse_gradients: behind what it holds with SYNAPSES, dL/dv by unit, [R, T + 1, 4 hidden4, batch4] vec4f, 0 past the
//   batch
//!include lib/ctrnn_backward_cell.wgsl
//!include lib/sparse_lists.wgsl
//!include lib/unit_gradients.wgsl

fn row_value(index: u32) -> vec4f { return output_gradients[index]; }

fn by_unit(index: u32) -> vec4f { return synapse_gradients[unit_gradients_start() + index]; }

fn gradient_or_nothing(replica: u32, slot: u32, trial: u32, column: u32) -> vec4f {
  if (trial >= shape.batch) { return vec4f(0.0); }
  return state_gradients[((replica * (shape.steps + 1u) + slot) * shape.batch + trial) * shape.hidden4 + column];
}

// Copies dL/dv of 4 units of 4 trials to their rows by unit.
fn show_by_unit(replica: u32, slot: u32, units: vec2u, trial: u32, column: u32) {
  let gradients = transpose(mat4x4f(
    gradient_or_nothing(replica, slot, trial, column), gradient_or_nothing(replica, slot, trial + 1u, column),
    gradient_or_nothing(replica, slot, trial + 2u, column), gradient_or_nothing(replica, slot, trial + 3u, column)));
  let width = batch4();
  let unit = 4u * column;
  let start = unit_gradients_start();
  let at = start + 4u * ((replica * (shape.steps + 1u) + slot) * shape.hidden4 + column) * width + trial / 4u;
  if (unit >= units.x && unit < units.y) { synapse_gradients[at] = gradients[0]; }
  if (unit + 1u >= units.x && unit + 1u < units.y) { synapse_gradients[at + width] = gradients[1]; }
  if (unit + 2u >= units.x && unit + 2u < units.y) { synapse_gradients[at + 2u * width] = gradients[2]; }
  if (unit + 3u >= units.x && unit + 3u < units.y) { synapse_gradients[at + 3u * width] = gradients[3]; }
}

fn backward_tile(replica: u32, slot: u32, layer: u32, trial: u32, column: u32) {
  let last = min(7u, shape.batch - 1u - trial);
  var readout = Rows();
  if (slot > 0u) {
    let row = (replica * shape.steps + slot - 1u) * shape.batch + trial;
    let weights = replica * shape.packed4 + packed_output_backward(shape) + column;
    readout = product_rows(weights, row * shape.output4, shape.output4, last);
  }

  let units = layer_units(replica, layer);
  // Without short-term plasticity both sums are one.
  var sums = Sums();
  if (!SYNAPSES) { sums = by_units(readout); }
  for (var part = 0u; part < 1u + u32(LAYERS > 1u); part += 1u) {
    // Part 0 comes from the slot after, part 1 from this one; slot 0 is a state in which no synapse acts within the step.
    if (select(slot == 0u, slot == shape.steps, part == 0u)) { continue; }
    sums = add_lists(replica, outgoing, part, units, column, slot + 1u - part, trial, sums);
  }
  let t = by_trials(sums);
  var drives = array<vec4f, 8>(t.r0, t.r1, t.r2, t.r3, t.r4, t.r5, t.r6, t.r7);
  var others = array<vec4f, 8>(
    readout.r0, readout.r1, readout.r2, readout.r3, readout.r4, readout.r5, readout.r6, readout.r7);
  let alpha = packed[replica * shape.packed4 + packed_alpha(shape) + column];
  for (var i = 0u; i <= last; i += 1u) {
    if (SYNAPSES) {
      backward_cell(replica, slot, units, trial + i, column, alpha, others[i], drives[i]);
    } else {
      backward_cell(replica, slot, units, trial + i, column, alpha, drives[i], vec4f(0.0));
    }
  }
  show_by_unit(replica, slot, units, trial, column);
  if (last > 3u) { show_by_unit(replica, slot, units, trial + 4u, column); }
}
