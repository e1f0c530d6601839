import { FileFormatError, ShapeError } from "../errors.ts";
import { type ArrayData, checkArrayData, formatShape } from "./array.ts";
import { type Cell, gateCount } from "./cells.ts";
import type { ModelJson } from "./model-schema.ts";
import { suggestName } from "./nearest.ts";

type Sizes = Pick<ModelJson, "inputs" | "hidden" | "outputs"> & { readonly cell?: Cell | undefined };
type Axis = "inputs" | "hidden" | "outputs" | "gates × hidden";

const weightAxes = (rows: Axis) =>
  ({ ih: [rows, "inputs"], hh: [rows, "hidden"], ho: ["outputs", "hidden"] }) as const satisfies Record<
    string,
    readonly Axis[]
  >;
type WeightSide = keyof ReturnType<typeof weightAxes>;
const weightKinds = ["weight", "mask", "sign", "plasticity", "raw_weight"] as const;

type WeightKind = (typeof weightKinds)[number];

/**
 * The name of a tensor in a model file. `raw_weight_*` are the free values behind a weight whose constraint is `abs` or
 * `rectify`; `weight_*` are always the effective ones.
 */
export type ModelTensorName =
  | `${WeightKind}_${WeightSide}`
  | "distance_hh"
  | "bias_h"
  | "bias_o"
  | "alpha"
  | "v0"
  | "bias_n"
  | "r0";

/** The tensors that every model file has; an absent one of the others means its default. */
export const requiredModelTensors = ["weight_ih", "weight_hh", "weight_ho"] as const satisfies ModelTensorName[];

/** Every tensor that a model file of a cell may hold, with its axes: weights are [postsynaptic, presynaptic]. */
export function modelTensorAxes(cell: Cell): ReadonlyMap<string, readonly Axis[]> {
  const rows = gateCount(cell) === 1 ? "hidden" : "gates × hidden";
  const { ih, hh, ho } = weightAxes(rows);
  const own: Readonly<Record<Cell, readonly ModelTensorName[]>> = {
    ctrnn: ["alpha", "v0"],
    lstm: ["v0", "r0"],
    gru: ["bias_n", "r0"],
  };
  return new Map<ModelTensorName, readonly Axis[]>([
    ...weightKinds.flatMap((kind): [ModelTensorName, readonly Axis[]][] => [
      [`${kind}_ih`, ih],
      [`${kind}_hh`, hh],
      [`${kind}_ho`, ho],
    ]),
    ["distance_hh", ["hidden", "hidden"]],
    ["bias_h", [rows]],
    ["bias_o", ["outputs"]],
    ...own[cell].map((name): [ModelTensorName, readonly Axis[]] => [name, ["hidden"]]),
  ]);
}

/**
 * Checks names and shapes of a model's tensors against its sizes. Values of masks and signs are not looked at here.
 * @param label the file's name, for messages.
 * @throws {FileFormatError} for a tensor that no model has (naming the nearest that one may have), or a missing weight.
 * @throws {ShapeError} for a wrong shape.
 */
export function checkModelTensors(sizes: Sizes, tensors: ReadonlyMap<string, ArrayData>, label: string): void {
  const { cell = "ctrnn", hidden } = sizes;
  const known = modelTensorAxes(cell);
  const lengths: Readonly<Record<Axis, number>> = { ...sizes, "gates × hidden": gateCount(cell) * hidden };
  for (const [name, array] of tensors) {
    const axes = known.get(name);
    if (axes === undefined) {
      const suggestion = suggestName(name, [...known.keys()]);
      throw new FileFormatError(`${label}: unknown tensor ${JSON.stringify(name)}; ${suggestion}`);
    }
    const expected = axes.map((axis) => lengths[axis]);
    if (array.shape.length !== expected.length || !expected.every((length, i) => array.shape[i] === length)) {
      const shapes = `expected ${formatShape(expected)} (${axes.join(", ")}), got ${formatShape(array.shape)}`;
      throw new ShapeError(`${label}: ${name}: ${shapes}`);
    }
    checkArrayData(array, `${label}: ${name}`);
  }
  for (const name of requiredModelTensors) {
    if (!tensors.has(name)) {
      const axes = known.get(name) ?? [];
      const expected = `${formatShape(axes.map((axis) => lengths[axis]))} (${axes.join(", ")})`;
      throw new FileFormatError(`${label}: ${name} is missing; expected ${expected}`);
    }
  }
}
