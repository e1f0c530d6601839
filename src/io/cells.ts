/**
 * What the hidden units are: `ctrnn`, units with a leak; `lstm` (Hochreiter & Schmidhuber 1997, with the forget gate of Gers
 * et al. 2000); `gru` (Cho et al. 2014). Equations of the gated two, which are PyTorch's, in network/cells.ts.
 */
export const cells = ["ctrnn", "lstm", "gru"] as const;
export type Cell = (typeof cells)[number];

/** What an LSTM makes of its cell state: h = o tanh(c), as PyTorch, or h = o sigmoid(c), as PsychRNN. */
export const lstmOutputs = ["tanh", "sigmoid"] as const;
export type LstmOutput = (typeof lstmOutputs)[number];

/**
 * The gates of each cell, in the order in which their rows lie in weight_ih [G·H, I], weight_hh [G·H, H] and bias_h [G·H]:
 * PyTorch's. A CTRNN has one block of rows, and no gate.
 */
export const gateNames: Readonly<Record<Cell, readonly string[]>> = {
  ctrnn: [""],
  lstm: ["i", "f", "g", "o"],
  gru: ["r", "z", "n"],
};

/** Blocks of hidden rows, G: 1, 4 or 3. */
export function gateCount(cell: Cell): number {
  return gateNames[cell].length;
}
