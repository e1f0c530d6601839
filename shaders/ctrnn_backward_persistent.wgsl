// Back-propagation over all time steps in one dispatch (equations and shapes: lib/ctrnn_backward_cell.wgsl).
//
// A workgroup owns 8 trials of one replica, from the last slot down to slot 0; its invocations share out the columns of
// four units. What it reads of dL/dv was written by this workgroup; the storageBarrier after each phase makes it visible.
// Phases are those of ctrnn_forward_persistent.wgsl, from the end: the last layer goes first. Of a segment of time only the
// slots LOWEST ... T - SHARED are done (src/ops/segment.ts).
//!include lib/ctrnn_backward.wgsl
override SHARED: u32;
override LOWEST: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn ctrnn_backward_persistent(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  //!place quad_parameter
) {
  //!place quad_lane
  let own = TILE_COLUMNS4 * local;
  let width = TILE_COLUMNS4 * WORKGROUP_SIZE;
  let trial = TILE_ROWS * group.x;
  if (LAYERS == 1u) {
    for (var done = SHARED; done + LOWEST <= shape.steps; done += 1u) {
      for (var first = 0u; first < shape.hidden4; first += width) {
        backward_tile(group.z, shape.steps - done, 0u, trial, first + own, shape.hidden4);
      }
      storageBarrier();
    }
    return;
  }
  let phases = (shape.steps - LOWEST) * LAYER_STRIDE + LAYERS;
  for (var phase = SHARED * LAYER_STRIDE; phase < phases; phase += 1u) {
    for (var behind = 0u; behind < LAYERS; behind += 1u) {
      if (phase < behind || (phase - behind) % LAYER_STRIDE != 0u) { continue; }
      let done = (phase - behind) / LAYER_STRIDE;
      if (done < SHARED || done + LOWEST > shape.steps) { continue; }
      let layer = LAYERS - 1u - behind;
      let columns = columns_of(layer_units(group.z, layer));
      for (var first = columns.x; first < columns.y; first += width) {
        backward_tile(group.z, shape.steps - done, layer, trial, first + own, columns.y);
      }
    }
    storageBarrier();
  }
}
