import { ConfigError, ConstraintError } from "../errors.ts";
import type { ArrayData } from "../io/array.ts";
import type { ModelFile } from "../io/model-file.ts";
import type { Cell, ModelJson } from "../io/model-schema.ts";
import { checkModelTensors } from "../io/model-tensors.ts";
import { hasParameter, isGated, refuse } from "./cells.ts";
import {
  type Model,
  type ModelSpec,
  type ParameterName,
  parameterNames,
  parameterShape,
  type WeightName,
  weightNames,
} from "./model.ts";
import { alphaOf, timeOf } from "./time.ts";
import { effectiveWeights, validateModel } from "./validate.ts";

/** Names in model files and other NumPy-style files. */
export const fileNames: Readonly<Record<ParameterName, string>> = {
  weightIH: "weight_ih",
  weightHH: "weight_hh",
  biasH: "bias_h",
  weightHO: "weight_ho",
  biasO: "bias_o",
  alpha: "alpha",
  v0: "v0",
  biasN: "bias_n",
  r0: "r0",
};

const distanceName = "distance_hh";
const sides = { masks: "mask", signs: "sign", plasticity: "plasticity" } as const;

function sideFileName(side: keyof typeof sides, name: WeightName): string {
  return fileNames[name].replace("weight", sides[side]);
}

/**
 * A model as it lies in a file. Under `abs` and `rectify`, `weight_*` are the effective weights, for any reader, and
 * `raw_weight_*` the trained values behind them. Time is written as dtMs and tauMs where the time step is known (tauMs =
 * dtMs / alpha, exact enough that the same alpha follows), else as alpha; a learned alpha is written as a tensor too. An LSTM
 * and a GRU have no alpha; a tensor that the cell does not have is not written.
 * All arrays are copies.
 */
export function modelToFile(model: Model): ModelFile {
  const { spec, parameters } = model;
  const tensors = new Map<string, ArrayData>();
  for (const name of parameterNames) {
    if ((name === "alpha" && !spec.learn.alpha) || !hasParameter(spec.cell, name)) continue;
    const isWeight = (weightNames as readonly string[]).includes(name);
    const data = isWeight ? effectiveWeights(model, name as WeightName) : parameters[name].slice();
    tensors.set(fileNames[name], { shape: parameterShape(spec, name), data });
  }
  for (const name of weightNames) {
    const shape = parameterShape(spec, name);
    if (spec.constraint !== "project") tensors.set(`raw_${fileNames[name]}`, { shape, data: parameters[name].slice() });
    for (const side of ["masks", "signs", "plasticity"] as const) {
      const values = model[side][name];
      if (values !== undefined) tensors.set(sideFileName(side, name), { shape, data: values.slice() });
    }
  }
  if (model.distances !== undefined)
    tensors.set(distanceName, { shape: parameterShape(spec, "weightHH"), data: model.distances.slice() });
  const json: ModelJson = {
    ...structuredClone(spec),
    ...(!isGated(spec.cell) && timeOf(model)),
    format: "cortrain/model@1",
  };
  return { json, tensors };
}

/** @throws {@link ConfigError} where a model.json gives times to a cell that has no leak. */
export function checkTimeless(cell: Cell, { tauMs, alpha }: Pick<ModelJson, "tauMs" | "alpha">): void {
  if (tauMs !== undefined) refuse("tauMs", cell);
  if (alpha !== undefined) refuse("alpha", cell);
}

function readAlpha(json: ModelJson, spec: ModelSpec, tensors: ReadonlyMap<string, ArrayData>): Float32Array {
  if (isGated(spec.cell)) {
    checkTimeless(spec.cell, json);
    return new Float32Array(0);
  }
  const tensor = tensors.get("alpha");
  if (tensor !== undefined) return tensor.data.slice();
  if (json.alpha === undefined && (json.dtMs === undefined || json.tauMs === undefined))
    throw new ConfigError(`model: time is not given: expected dtMs and tauMs, or alpha.`);
  return alphaOf({ dtMs: json.dtMs, tauMs: json.tauMs, alpha: json.alpha }, spec);
}

/** @throws {@link ConstraintError} where `weight_*` is not what follows from `raw_weight_*`, to 1e-6. */
function checkRaw(model: Model, name: WeightName, stored: Float32Array): void {
  const effective = effectiveWeights(model, name);
  const wrong = stored.findIndex((value, index) => {
    const expected = effective[index] as number;
    return !(Math.abs(value - expected) <= 1e-6 * Math.max(1, Math.abs(expected)));
  });
  if (wrong < 0) return;
  throw new ConstraintError(
    `${fileNames[name]}: value ${wrong} is ${stored[wrong]}, but ${effective[wrong]} follows from raw_${fileNames[name]} under the constraint "${model.spec.constraint}". Change both, or leave out the raw one.`,
  );
}

/**
 * A checked model from the content of a file; its arrays are copies. `raw_weight_*`, where present, are the raw values,
 * else `weight_*` are. A tensor `alpha` goes before the times in the JSON. Absent biases, v0 and r0 are zero, an absent mask
 * is all 1, absent signs all 0, absent plasticity all 1; distances that are absent stay so. Under `project`, raw weights
 * are not read: the effective ones count.
 * @param options.project projects weights that break their mask or sign, instead of refusing them.
 * @throws {@link FileFormatError} for an unknown tensor or a missing weight, {@link ShapeError}, {@link ValueError},
 * {@link ConstraintError} as `validateModel`, and where raw and effective weights disagree, {@link ConfigError} where
 * time is not given, or given twice.
 */
export function modelFromFile(file: ModelFile, options: { readonly project?: boolean } = {}): Model {
  const { json, tensors } = file;
  checkModelTensors(json, tensors, "model");
  const { format: _format, tauMs: _tauMs, alpha: _alpha, ...rest } = json;
  const spec: ModelSpec = structuredClone(rest);
  const read = (name: ParameterName): Float32Array => {
    const raw = spec.constraint === "project" ? undefined : tensors.get(`raw_${fileNames[name]}`);
    const length = parameterShape(spec, name).reduce((product, size) => product * size, 1);
    return (raw ?? tensors.get(fileNames[name]))?.data.slice() ?? new Float32Array(length);
  };
  const side = (kind: keyof typeof sides): Partial<Record<WeightName, Float32Array>> => {
    const found: Partial<Record<WeightName, Float32Array>> = {};
    for (const name of weightNames) {
      const values = tensors.get(sideFileName(kind, name))?.data.slice();
      if (values !== undefined) found[name] = values;
    }
    return found;
  };
  const parameters = Object.fromEntries(
    parameterNames.filter((name) => name !== "alpha").map((name) => [name, read(name)]),
  );
  const distances = tensors.get(distanceName)?.data.slice();
  const model: Model = {
    spec,
    parameters: { ...(parameters as Record<ParameterName, Float32Array>), alpha: readAlpha(json, spec, tensors) },
    masks: side("masks"),
    signs: side("signs"),
    plasticity: side("plasticity"),
    ...(distances && { distances }),
  };
  const checked = validateModel(model, options);
  for (const name of weightNames) {
    const stored = tensors.get(fileNames[name]);
    if (spec.constraint !== "project" && tensors.has(`raw_${fileNames[name]}`) && stored !== undefined)
      checkRaw(checked, name, stored.data);
  }
  return checked;
}
