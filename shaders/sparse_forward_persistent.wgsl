// The recurrence over all time steps in one dispatch, over the synapses that may exist (lib/sparse_forward.wgsl). Who owns what,
// phases and barriers are those of ctrnn_forward_persistent.wgsl.
//!include lib/sparse_forward.wgsl

@compute @workgroup_size(WORKGROUP_SIZE)
fn sparse_forward_persistent(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  if (LAYERS == 1u) {
    for (var slot = 1u; slot <= shape.steps; slot += 1u) {
      for (var column = local; column < shape.hidden4; column += WORKGROUP_SIZE) {
        forward_tile(group.z, slot, 0u, 8u * group.x, column);
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
      for (var column = columns.x + local; column < columns.y; column += WORKGROUP_SIZE) {
        forward_tile(group.z, step + 1u, layer, 8u * group.x, column);
      }
    }
    storageBarrier();
  }
}
