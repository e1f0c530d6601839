import { ShapeError } from "../../errors.ts";
import { type ArrayData, formatShape } from "../../io/array.ts";

/**
 * The gates of PyTorch's cells in the order in which their rows are stacked. With σ the logistic function and ∘ entry by
 * entry (PyTorch's documentation of nn.LSTM and nn.GRU):
 * lstm: i, f, o = σ(W_i u + W_h h + b), g = tanh(W_i u + W_h h + b); c ← f∘c + i∘g, h = o∘tanh c;
 * gru: r, z = σ(W_i u + W_h h + b), n = tanh(W_i u + b + r∘(W_h h + b_hn)); h ← (1-z)∘n + z∘h.
 */
export const gateOrder = { lstm: ["i", "f", "g", "o"], gru: ["r", "z", "n"] } as const;
export type GatedCell = keyof typeof gateOrder;
export type GateName<Cell extends GatedCell> = (typeof gateOrder)[Cell][number];

/** One gate of H units with I inputs. */
export interface Gate {
  /** [H, I] */
  readonly weightIH: Float32Array;
  /** [H, H] */
  readonly weightHH: Float32Array;
  /** [H]: b_i + b_h, but b_i alone in GRU's n. */
  readonly bias: Float32Array;
  /** [H]: GRU's b_hn, which r multiplies; absent in every other gate. */
  readonly biasHH?: Float32Array;
}

/** The tensors of one layer as PyTorch stacks them: [G H, I], [G H, H], [G H], [G H]; absent biases are 0. */
export interface StackedGates {
  readonly weightIH: ArrayData;
  readonly weightHH: ArrayData;
  readonly biasIH?: ArrayData | undefined;
  readonly biasHH?: ArrayData | undefined;
}

function checkShape(label: string, { shape, data }: ArrayData, expected: readonly number[]): void {
  const fits = shape.length === expected.length && expected.every((length, axis) => shape[axis] === length);
  if (fits && data.length === expected.reduce((product, length) => product * length, 1)) return;
  throw new ShapeError(`${label}: expected ${formatShape(expected)}, got ${formatShape(shape)}.`);
}

/** The gates of one layer of nn.LSTM or nn.GRU. @throws ShapeError naming the tensor. */
export function splitGates<Cell extends GatedCell>(
  cell: Cell,
  { weightIH, weightHH, biasIH, biasHH }: StackedGates,
): Record<GateName<Cell>, Gate> {
  const order: readonly string[] = gateOrder[cell];
  const [, inputs = 0] = weightIH.shape;
  const [, hidden = 0] = weightHH.shape;
  const rows = order.length * hidden;
  checkShape("weight_ih", weightIH, [rows, inputs]);
  checkShape("weight_hh", weightHH, [rows, hidden]);
  if (biasIH !== undefined) checkShape("bias_ih", biasIH, [rows]);
  if (biasHH !== undefined) checkShape("bias_hh", biasHH, [rows]);
  const gates = order.map((name, place): [string, Gate] => {
    const part = (data: Float32Array, width: number): Float32Array =>
      data.slice(place * hidden * width, (place + 1) * hidden * width);
    const bias = biasIH === undefined ? new Float32Array(hidden) : part(biasIH.data, 1);
    const recurrent = biasHH === undefined ? new Float32Array(hidden) : part(biasHH.data, 1);
    const apart = cell === "gru" && name === "n";
    const gate = {
      weightIH: part(weightIH.data, inputs),
      weightHH: part(weightHH.data, hidden),
      bias: apart ? bias : bias.map((value, unit) => value + (recurrent[unit] ?? 0)),
    };
    return [name, apart ? { ...gate, biasHH: recurrent } : gate];
  });
  return Object.fromEntries(gates) as Record<GateName<Cell>, Gate>;
}

/** The inverse of {@link splitGates}, up to how a sum of biases is parted: b_h is 0, but for GRU's b_hn. */
export function joinGates<Cell extends GatedCell>(
  cell: Cell,
  gates: Readonly<Record<GateName<Cell>, Gate>>,
): Record<keyof StackedGates, ArrayData> {
  const list = (gateOrder[cell] as readonly GateName<Cell>[]).map((name): Gate => gates[name]);
  const hidden = list[0]?.bias.length ?? 0;
  const inputs = (list[0]?.weightIH.length ?? 0) / hidden;
  const rows = list.length * hidden;
  const stack = (shape: readonly number[], of: (gate: Gate) => Float32Array): ArrayData => ({
    shape,
    data: Float32Array.from(list.flatMap((gate) => Array.from(of(gate)))),
  });
  return {
    weightIH: stack([rows, inputs], ({ weightIH }) => weightIH),
    weightHH: stack([rows, hidden], ({ weightHH }) => weightHH),
    biasIH: stack([rows], ({ bias }) => bias),
    biasHH: stack([rows], ({ biasHH }) => biasHH ?? new Float32Array(hidden)),
  };
}
