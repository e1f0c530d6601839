// Where dL/dv by unit starts in `synapse_gradients`, behind the state of short-term plasticity [R, B, 2, hidden4] vec4f.
// Needs lib/shape.wgsl and lib/synapse.wgsl.
fn unit_gradients_start() -> u32 {
  return select(0u, shape.replicas * shape.batch * 2u * shape.hidden4, SYNAPSES);
}
