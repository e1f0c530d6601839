// Sizes of a network with multiplicative input (Zhang 1996), and where each block starts in its packed weights. Rows of units
// are padded to a multiple of four. W_0 is the recurrent matrix, W_1 ... W_D those that the input x_1 ... x_D multiplies.
struct Bilinear {
  replicas: u32,
  steps: u32,       // time steps T
  batch: u32,       // trials B
  units: u32,
  units4: u32,      // ceil(units / 4)
  inputs: u32,      // D, at most 2
  parameters: u32,  // floats in one replica's parameters: W_0 ... W_D [N, N] each, bias [N], alpha [N]
  packed4: u32,     // vec4f in one replica's packed weights
  slots: u32,       // states kept: that of time t is in slot t % slots
  stride: u32,      // of every `stride` steps the rates of the last are stored
  frames: u32,      // of which one dispatch stores at most as many
  most_steps: u32,  // of one dispatch
  inhibition: f32,  // divisive
}

// packed: of each matrix [4 units4 pre][units4 post], of each matrix [4 units4 post][units4 pre], bias, alpha [units4].
fn packed_backward(s: Bilinear) -> u32 { return (1u + s.inputs) * 4u * s.units4 * s.units4; }
fn packed_bias(s: Bilinear) -> u32 { return 2u * packed_backward(s); }
fn packed_alpha(s: Bilinear) -> u32 { return packed_bias(s) + s.units4; }
