// The recurrence over all time steps in one dispatch (equations and shapes: lib/ctrnn_forward_cell.wgsl).
//
// A workgroup owns 8 trials of one replica for all time; its invocations share out the columns of four units. The rates
// it reads are those its own invocations wrote: one storageBarrier after each phase makes them visible. Nothing is
// exchanged between workgroups. In phase p layer l is at step (p - l) / LAYER_STRIDE, if that is a whole number: without
// feedback between layers all of them work at once, each one step behind the layer before.
//!include lib/ctrnn_forward.wgsl

@compute @workgroup_size(WORKGROUP_SIZE)
fn ctrnn_forward_persistent(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  //!place quad_parameter
) {
  //!place quad_lane
  let own = TILE_COLUMNS4 * local;
  let width = TILE_COLUMNS4 * WORKGROUP_SIZE;
  let trial = TILE_ROWS * group.x;
  if (LAYERS == 1u) {
    for (var slot = 1u; slot <= shape.steps; slot += 1u) {
      for (var first = 0u; first < shape.hidden4; first += width) {
        forward_tile(group.z, slot, 0u, trial, first + own, shape.hidden4);
      }
      storageBarrier();
    }
    return;
  }
  let phases = (shape.steps - 1u) * LAYER_STRIDE + LAYERS;
  for (var phase = 0u; phase < phases; phase += 1u) {
    for (var layer = 0u; layer < LAYERS; layer += 1u) {
      if (phase < layer || (phase - layer) % LAYER_STRIDE != 0u) { continue; }
      let step = (phase - layer) / LAYER_STRIDE;
      if (step >= shape.steps) { continue; }
      let columns = columns_of(layer_units(group.z, layer));
      for (var first = columns.x; first < columns.y; first += width) {
        forward_tile(group.z, step + 1u, layer, trial, first + own, columns.y);
      }
    }
    storageBarrier();
  }
}
