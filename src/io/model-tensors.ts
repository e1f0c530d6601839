import { FileFormatError, ShapeError } from "../errors.ts";
import { type ArrayData, checkArrayData, formatShape } from "./array.ts";
import type { ModelJson } from "./model-schema.ts";
import { suggestName } from "./nearest.ts";

type Sizes = Pick<ModelJson, "inputs" | "hidden" | "outputs">;
type Axis = keyof Sizes;

const weightAxes = {
  ih: ["hidden", "inputs"],
  hh: ["hidden", "hidden"],
  ho: ["outputs", "hidden"],
} as const satisfies Record<string, readonly Axis[]>;
const weightKinds = ["weight", "mask", "sign", "plasticity", "raw_weight"] as const;

type WeightKind = (typeof weightKinds)[number];

/**
 * The name of a tensor in a model file. `raw_weight_*` are the free values behind a weight whose constraint is `abs` or
 * `rectify`; `weight_*` are always the effective ones.
 */
export type ModelTensorName =
  | `${WeightKind}_${keyof typeof weightAxes}`
  | "distance_hh"
  | "bias_h"
  | "bias_o"
  | "alpha"
  | "v0";

/** The tensors that every model file has; an absent one of the others means its default. */
export const requiredModelTensors = ["weight_ih", "weight_hh", "weight_ho"] as const satisfies ModelTensorName[];

/** Every tensor a model file may hold, with its axes: weights are [postsynaptic, presynaptic]. */
export const modelTensorAxes: ReadonlyMap<string, readonly Axis[]> = new Map<ModelTensorName, readonly Axis[]>([
  ...weightKinds.flatMap((kind): [ModelTensorName, readonly Axis[]][] => [
    [`${kind}_ih`, weightAxes.ih],
    [`${kind}_hh`, weightAxes.hh],
    [`${kind}_ho`, weightAxes.ho],
  ]),
  ["distance_hh", weightAxes.hh],
  ["bias_h", ["hidden"]],
  ["bias_o", ["outputs"]],
  ["alpha", ["hidden"]],
  ["v0", ["hidden"]],
]);

/**
 * Checks names and shapes of a model's tensors against its sizes. Values of masks and signs are not looked at here.
 * @param label the file's name, for messages.
 * @throws {FileFormatError} for a tensor that no model has (naming the nearest that one may have), or a missing weight.
 * @throws {ShapeError} for a wrong shape.
 */
export function checkModelTensors(sizes: Sizes, tensors: ReadonlyMap<string, ArrayData>, label: string): void {
  for (const [name, array] of tensors) {
    const axes = modelTensorAxes.get(name);
    if (axes === undefined) {
      const suggestion = suggestName(name, [...modelTensorAxes.keys()]);
      throw new FileFormatError(`${label}: unknown tensor ${JSON.stringify(name)}; ${suggestion}`);
    }
    const expected = axes.map((axis) => sizes[axis]);
    if (array.shape.length !== expected.length || !expected.every((length, i) => array.shape[i] === length)) {
      const shapes = `expected ${formatShape(expected)} (${axes.join(", ")}), got ${formatShape(array.shape)}`;
      throw new ShapeError(`${label}: ${name}: ${shapes}`);
    }
    checkArrayData(array, `${label}: ${name}`);
  }
  for (const name of requiredModelTensors) {
    if (!tensors.has(name)) {
      const axes = modelTensorAxes.get(name) ?? [];
      const expected = `${formatShape(axes.map((axis) => sizes[axis]))} (${axes.join(", ")})`;
      throw new FileFormatError(`${label}: ${name} is missing; expected ${expected}`);
    }
  }
}
