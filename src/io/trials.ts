import { FileFormatError, ShapeError, ValueError } from "../errors.ts";
import { type ArrayData, checkArrayData, formatShape, type OnNotice } from "./array.ts";
import { nearestName } from "./nearest.ts";
import { decodeNpz, encodeNpz, type NpzOptions } from "./npz.ts";

/**
 * Trials to train on or to compare with, with T time steps, B trials, I inputs, O outputs, H hidden units and K recorded
 * units.
 */
export interface TrialsFile {
  /** [T, B, I] */
  readonly inputs: ArrayData;
  /** [T, B, O] */
  readonly targets: ArrayData;
  /** [T, B, O]: the weight of each target in the loss; absent = all 1. */
  readonly mask?: ArrayData;
  /** [B, H]: the preactivation each trial starts from; absent = the model's own. */
  readonly v0?: ArrayData;
  /** [B, H]: the rate each trial starts from, beside v0; absent = f(v0). */
  readonly r0?: ArrayData;
  /** [T, B, K], `rate_targets` in the file: rates that units should have; NaN only where `rateMask` is 0. */
  readonly rateTargets?: ArrayData;
  /** [T, B, K], `rate_mask` in the file: 0 where nothing was recorded; absent = all 1. */
  readonly rateMask?: ArrayData;
}

const trialAxes = {
  inputs: ["time", "batch", "inputs"],
  targets: ["time", "batch", "outputs"],
  mask: ["time", "batch", "outputs"],
  v0: ["batch", "hidden"],
  r0: ["batch", "hidden"],
  rate_targets: ["time", "batch", "recorded units"],
  rate_mask: ["time", "batch", "recorded units"],
} as const;
/** The name of an array in a file. */
type TrialName = keyof typeof trialAxes;
const trialNames = Object.keys(trialAxes) as TrialName[];
const trialKeys = {
  ...{ inputs: "inputs", targets: "targets", mask: "mask", v0: "v0", r0: "r0" },
  ...{ rate_targets: "rateTargets", rate_mask: "rateMask" },
} as const satisfies Record<TrialName, keyof TrialsFile>;

/**
 * Reads a trials `.npz`.
 * @param label the file's name, for messages.
 * @param onNotice hears of unknown entries, rounded values and skipped entries.
 * @throws {FileFormatError} where the file is damaged, or `inputs` or `targets` is missing.
 * @throws {ShapeError} where the arrays disagree, or an axis has length zero.
 * @throws {ValueError} for NaN or infinity, naming the array and the index; a target rate may be NaN where its mask is 0.
 */
export function decodeTrials(bytes: Uint8Array, label: string, onNotice?: OnNotice): TrialsFile {
  const arrays = decodeNpz(bytes, label, onNotice);
  for (const name of arrays.keys()) {
    if (Object.hasOwn(trialAxes, name)) continue;
    const nearest = nearestName(name, trialNames);
    onNotice?.(`${label}: ${name} is not used${nearest === undefined ? "" : `; did you mean ${nearest}?`}`);
  }
  const required = (name: TrialName): ArrayData => {
    const array = arrays.get(name);
    if (array !== undefined) return array;
    const found = [...arrays.keys()].join(", ") || "nothing";
    throw new FileFormatError(
      `${label}: ${name} [${trialAxes[name].join(", ")}] is missing; the file holds ${found.slice(0, 200)}`,
    );
  };
  const mask = arrays.get("mask");
  const v0 = arrays.get("v0");
  const r0 = arrays.get("r0");
  const rateTargets = arrays.get("rate_targets");
  const rateMask = arrays.get("rate_mask");
  const trials: TrialsFile = {
    inputs: required("inputs"),
    targets: required("targets"),
    ...(mask && { mask }),
    ...(v0 && { v0 }),
    ...(r0 && { r0 }),
    ...(rateTargets && { rateTargets }),
    ...(rateMask && { rateMask }),
  };
  checkTrials(trials, label);
  return trials;
}

/**
 * Writes trials as an `.npz` that {@link decodeTrials} and `numpy.load` read.
 * @throws {ShapeError | ValueError} as {@link decodeTrials}.
 */
export function encodeTrials(trials: TrialsFile, options?: NpzOptions): Uint8Array<ArrayBuffer> {
  checkTrials(trials, "encodeTrials");
  const arrays = new Map<string, ArrayData>();
  for (const name of trialNames) {
    const array = trials[trialKeys[name]];
    if (array !== undefined) arrays.set(name, array);
  }
  return encodeNpz(arrays, options);
}

/**
 * Checks that trials agree with one another and hold finite numbers.
 * @throws {ShapeError | ValueError} as {@link decodeTrials}.
 */
export function checkTrials(trials: TrialsFile, label: string): void {
  const sizes = new Map<string, { readonly length: number; readonly from: TrialName }>();
  if (trials.rateMask !== undefined && trials.rateTargets === undefined) {
    throw new ShapeError(`${label}: rate_mask: there are no rate_targets that it could be the mask of`);
  }
  for (const name of trialNames) {
    const array = trials[trialKeys[name]];
    if (array === undefined) continue;
    checkArrayData(array, `${label}: ${name}`);
    checkAxes(name, array, sizes, label);
  }
  for (const name of trialNames) {
    const array = trials[trialKeys[name]];
    if (array !== undefined) checkFinite(name, array, label, name === "rate_targets" ? trials.rateMask : undefined);
  }
}

function checkAxes(
  name: TrialName,
  array: ArrayData,
  sizes: Map<string, { readonly length: number; readonly from: TrialName }>,
  label: string,
): void {
  const axes = trialAxes[name];
  const given = formatShape(array.shape);
  if (array.shape.length !== axes.length) {
    throw new ShapeError(`${label}: ${name}: expected [${axes.join(", ")}], got ${given}`);
  }
  axes.forEach((axis, i) => {
    const length = array.shape[i] ?? 0;
    if (length === 0) throw new ShapeError(`${label}: ${name}: ${axis} has length 0 (${given})`);
    const known = sizes.get(axis);
    if (known === undefined) sizes.set(axis, { length, from: name });
    else if (known.length !== length) {
      throw new ShapeError(`${label}: ${name}: ${axis} is ${length} (${given}) but ${known.length} in ${known.from}`);
    }
  });
}

/** @param mask what says where a NaN may stand: where it is 0. */
function checkFinite(name: TrialName, array: ArrayData, label: string, mask: ArrayData | undefined): void {
  const at = array.data.findIndex(
    (value, index) => !Number.isFinite(value) && !(Number.isNaN(value) && mask?.data[index] === 0),
  );
  if (at < 0) return;
  let rest = at;
  const index = [...array.shape]
    .reverse()
    .map((length) => {
      const position = rest % length;
      rest = Math.floor(rest / length);
      return position;
    })
    .reverse();
  const hints: Partial<Record<TrialName, string>> = {
    targets: "; leave a target out by mask 0 and a finite value",
    rate_targets: ", or NaN where rate_mask is 0",
  };
  const hint = hints[name] ?? "";
  throw new ValueError(`${label}: ${name}${formatShape(index)} is ${array.data[at]}; expected a finite number${hint}`);
}
