// The tensors of the flat parameter vector by number: 0 weight_ih, 1 weight_hh, 2 bias_h, 3 weight_ho, 4 bias_o, 5 alpha,
// 6 v0, 7 bias_n, 8 r0. Needs lib/shape.wgsl.
fn tensor_start(s: Shape, tensor: u32) -> u32 {
  switch tensor {
    case 0u: { return 0u; }
    case 1u: { return offset_weight_hh(s); }
    case 2u: { return offset_bias_h(s); }
    case 3u: { return offset_weight_ho(s); }
    case 4u: { return offset_bias_o(s); }
    case 5u: { return offset_alpha(s); }
    case 6u: { return offset_v0(s); }
    case 7u: { return offset_bias_n(s); }
    case 8u: { return offset_r0(s); }
    default: { return s.parameters; }
  }
}
