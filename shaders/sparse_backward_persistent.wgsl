// Back-propagation over all time steps in one dispatch, over the synapses that may exist (lib/sparse_backward.wgsl). Who owns what,
// phases and barriers are those of ctrnn_backward_persistent.wgsl.
//!include lib/sparse_backward.wgsl

@compute @workgroup_size(WORKGROUP_SIZE)
fn sparse_backward_persistent(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  if (LAYERS == 1u) {
    for (var done = 0u; done <= shape.steps; done += 1u) {
      for (var column = local; column < shape.hidden4; column += WORKGROUP_SIZE) {
        backward_tile(group.z, shape.steps - done, 0u, 8u * group.x, column);
      }
      storageBarrier();
    }
    return;
  }
  let phases = shape.steps * LAYER_STRIDE + LAYERS;
  for (var phase = 0u; phase < phases; phase += 1u) {
    for (var behind = 0u; behind < LAYERS; behind += 1u) {
      if (phase < behind || (phase - behind) % LAYER_STRIDE != 0u) { continue; }
      let done = (phase - behind) / LAYER_STRIDE;
      if (done > shape.steps) { continue; }
      let layer = LAYERS - 1u - behind;
      let columns = columns_of(layer_units(group.z, layer));
      for (var column = columns.x + local; column < columns.y; column += WORKGROUP_SIZE) {
        backward_tile(group.z, shape.steps - done, layer, 8u * group.x, column);
      }
    }
    storageBarrier();
  }
}
