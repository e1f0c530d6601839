import { type Cell, gateNames } from "../io/cells.ts";

/** The sizes of a training step. */
export interface BenchShape {
  readonly batch: number;
  readonly steps: number;
  readonly hidden: number;
}

/** The shapes that are timed, as of the other packages. */
export const benchShapes = {
  S: { batch: 32, steps: 50, hidden: 64 },
  M: { batch: 64, steps: 100, hidden: 128 },
  L: { batch: 64, steps: 100, hidden: 512 },
  XL: { batch: 256, steps: 200, hidden: 1024 },
} as const satisfies Readonly<Record<string, BenchShape>>;
export type BenchSize = keyof typeof benchShapes;

/** What else has kernels of its own, and the shape in which they are timed. */
export const benchSystems = {
  ring: "an update of a ring attractor's weights: 100 units, 20 trials of 50 steps, one input",
  sheet: "a step of the torus of Burak & Fiete: 64 by 64 units, 8 trials",
  sorn: "a step of a self-organising network: 2,000 excitatory units of in-degree 64, every rule on",
} as const;
export type BenchSystem = keyof typeof benchSystems;

export const benchInputs = 6;
export const benchOutputs = 2;

/** Floating-point operations of the kernels that are matrix products; of all others none are counted. */
export function productOperations({ batch, steps, hidden }: BenchShape, cell: Cell): Readonly<Record<string, number>> {
  const gates = gateNames[cell].length;
  const rows = batch * steps;
  const kind = cell === "ctrnn" ? "ctrnn" : "gated";
  return {
    [`${kind}_forward`]: 2 * rows * gates * hidden * (hidden + benchInputs + 1),
    [`${kind}_backward`]: 2 * rows * hidden * (gates * hidden + benchOutputs),
    readout: 2 * rows * hidden * benchOutputs,
    weight_gradient: 2 * rows * (gates * hidden * (hidden + benchInputs + 1) + benchOutputs * (hidden + 1)),
  };
}
