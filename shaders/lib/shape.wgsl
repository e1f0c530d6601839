// The sizes every kernel of one plan shares. Rows of units, inputs and outputs are padded to a multiple of four so that
// they can be read as vec4f: `hidden4` is the number of vec4f in a row of hidden units, and so on. The input row has one
// more column than inputs, always 1: its weights are the hidden biases.
struct Shape {
  replicas: u32,
  steps: u32,       // time steps T; sequences of states have T + 1 slots, slot 0 is the initial state
  batch: u32,       // trials B
  inputs: u32,
  hidden: u32,
  outputs: u32,
  input4: u32,      // ceil((inputs + 1) / 4)
  hidden4: u32,     // ceil(hidden / 4)
  output4: u32,     // ceil(outputs / 4)
  parameters: u32,  // floats in one replica's flat parameter vector
  packed4: u32,     // vec4f in one replica's packed weights
  splits: u32,      // slices of time x batch that the weight gradients are summed over
  gates: u32,       // G, blocks of hidden rows in weight_ih, weight_hh and bias_h: CTRNN 1, GRU 3, LSTM 4
}

// Where each tensor starts in one replica's flat parameter vector, in floats.
// weight_ih [G H, I], weight_hh [G H, H], bias_h [G H], weight_ho [O, H], bias_o [O], alpha [H] (CTRNN), v0 [H] (CTRNN,
// LSTM), bias_n [H] (GRU), r0 [H] (LSTM, GRU). A tensor that the cell does not have is empty.
fn offset_weight_hh(s: Shape) -> u32 { return s.gates * s.hidden * s.inputs; }
fn offset_bias_h(s: Shape) -> u32 { return offset_weight_hh(s) + s.gates * s.hidden * s.hidden; }
fn offset_weight_ho(s: Shape) -> u32 { return offset_bias_h(s) + s.gates * s.hidden; }
fn offset_bias_o(s: Shape) -> u32 { return offset_weight_ho(s) + s.outputs * s.hidden; }
fn offset_alpha(s: Shape) -> u32 { return offset_bias_o(s) + s.outputs; }
fn offset_v0(s: Shape) -> u32 { return offset_alpha(s) + select(0u, s.hidden, s.gates == 1u); }
fn offset_bias_n(s: Shape) -> u32 { return offset_v0(s) + select(s.hidden, 0u, s.gates == 3u); }
fn offset_r0(s: Shape) -> u32 { return offset_bias_n(s) + select(0u, s.hidden, s.gates == 3u); }

// Where each block starts in one replica's packed (effective) weights, in vec4f. All are indexed [summed over][result],
// so that four neighbouring results are one vec4f.
// input_forward [input4 * 4][G hidden4], hidden_forward [hidden4 * 4 pre][G hidden4 post],
// hidden_backward [G hidden4 * 4 post][hidden4 pre] (times alpha of post), output_forward [hidden4 * 4][output4],
// output_backward [output4 * 4][hidden4], bias_o [output4], alpha, v0, bias_n, r0 [hidden4], and the properties of units that
// are not learned, written once: gain, threshold, noise_pre, noise_post, activation, and of its synapses release, recovery,
// facilitation, seconds (lib/synapse.wgsl), each [hidden4]; then the table of layers (lib/layer.wgsl).
// Every gate is padded by itself, to hidden4.
fn packed_hidden_forward(s: Shape) -> u32 { return 4u * s.input4 * s.gates * s.hidden4; }
fn packed_hidden_backward(s: Shape) -> u32 { return packed_hidden_forward(s) + 4u * s.hidden4 * s.gates * s.hidden4; }
fn packed_output_forward(s: Shape) -> u32 { return packed_hidden_backward(s) + 4u * s.gates * s.hidden4 * s.hidden4; }
fn packed_output_backward(s: Shape) -> u32 { return packed_output_forward(s) + 4u * s.hidden4 * s.output4; }
fn packed_bias_o(s: Shape) -> u32 { return packed_output_backward(s) + 4u * s.output4 * s.hidden4; }
fn packed_alpha(s: Shape) -> u32 { return packed_bias_o(s) + s.output4; }
fn packed_v0(s: Shape) -> u32 { return packed_alpha(s) + s.hidden4; }
fn packed_bias_n(s: Shape) -> u32 { return packed_v0(s) + s.hidden4; }
fn packed_r0(s: Shape) -> u32 { return packed_bias_n(s) + s.hidden4; }
fn packed_units(s: Shape) -> u32 { return packed_r0(s) + s.hidden4; }
fn packed_layers(s: Shape) -> u32 { return packed_units(s) + 9u * s.hidden4; }
