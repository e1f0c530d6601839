// What the forward and the backward kernels of gated cells (LSTM, GRU) share: blocks of gates, and who does what.
//
// A row of `gates` and of `gate_gradients` has four blocks of hidden4: LSTM i, f, g, o; GRU r, z, n, m, where
// m = W_hn h + b_hn is the recurrent part of the candidate. The parameters have G gates in PyTorch's order: LSTM i, f, g, o;
// GRU r, z, n. So the GRU's third gate acts through block 2 by its input weights, and through block 3 by its recurrent ones.
// Needs lib/shape.wgsl and the binding `shape`.
override WORKGROUP_SIZE: u32;
override GRU: bool;
override PARTS: u32;  // blocks that a workgroup works on at once: 4, or with quads 1, so that a quad always has the same

// The gate whose recurrent weights act on a block, G where none do; and the block that they act on.
fn recurrent_gate(part: u32) -> u32 {
  if (!GRU || part < 2u) { return part; }
  return 5u - part;
}

fn recurrent_block(gate: u32) -> u32 { return select(gate, 3u, GRU && gate == 2u); }

// The values of the units that there are; 0 in the padding.
fn only_units(column: u32, values: vec4f) -> vec4f {
  let unit = vec4u(4u * column) + vec4u(0u, 1u, 2u, 3u);
  return select(vec4f(0.0), values, unit < vec4u(shape.hidden));
}
