import { ConfigError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import { type ModelJsonInput, modelSchema } from "../io/model-schema.ts";
import { checkKeys } from "../structure/options.ts";
import type { Structure } from "../structure/structure.ts";
import { type ActivationOptions, namedActivations } from "./activation-options.ts";
import { type InitialWeightOptions, initialWeights } from "./initialise.ts";
import { type Model, type ModelSpec, type ParameterName, parameterNames, type WeightName } from "./model.ts";
import { alphaOf, defaultTime, type TimeOptions } from "./time.ts";
import { validateModel } from "./validate.ts";

export { modelFromFile, modelToFile } from "./convert.ts";

export interface ModelOptions
  extends TimeOptions,
    ActivationOptions,
    Pick<ModelJsonInput, "form" | "noise" | "constraint" | "learn" | "seed" | "shortTermPlasticity">,
    Pick<InitialWeightOptions, "weights" | "spectralRadius" | "gain" | "distribution" | "balance"> {
  /** Sizes, areas, masks and signs; see `dense`, `multiAreaEI`, `fromMasks`. */
  readonly structure: Structure;
  /** The factor on each weight's update, 0…1, shaped like the weight. */
  readonly plasticity?: Partial<Record<WeightName, Float32Array>>;
  /** Distance between each two hidden units [H, H], for a wiring cost; the structure's unless given; copied. */
  readonly distances?: Float32Array;
  /** Raw values to start from, in place of the drawn ones; copied. */
  readonly initial?: Partial<Record<ParameterName, Float32Array>>;
}

const timeKeys = ["dtMs", "tauMs", "alpha"];
const specKeys = [
  "activation",
  "customActivations",
  "form",
  "noise",
  "units",
  "constraint",
  "learn",
  "seed",
  "shortTermPlasticity",
];
const drawKeys = ["weights", "spectralRadius", "gain", "distribution", "balance"] as const;
const weightKeys = [...drawKeys, "plasticity", "distances", "initial"];
/** Every key of {@link ModelOptions}. */
export const modelOptionKeys: readonly string[] = ["structure", ...timeKeys, ...specKeys, ...weightKeys];

function copyAll<Name extends string>(
  arrays: Readonly<Partial<Record<Name, Float32Array>>>,
): Partial<Record<Name, Float32Array>> {
  const copies: Partial<Record<Name, Float32Array>> = {};
  for (const [name, values] of Object.entries(arrays) as [Name, Float32Array | undefined][])
    if (values !== undefined) copies[name] = values.slice();
  return copies;
}

/**
 * alpha of every unit from the times of an option list, or those of the structure's units where it gives none. Units to
 * which the structure gives no time constant (tauMs 0) have alpha 1, unless the options give one per unit.
 */
function alphaFrom({ dtMs, tauMs, alpha, structure }: ModelOptions, spec: ModelSpec): Float32Array {
  const own = structure.units?.tauMs;
  if (own === undefined || Array.isArray(tauMs ?? alpha)) return alphaOf({ dtMs, tauMs, alpha }, spec);
  const step = dtMs ?? defaultTime.dtMs;
  const given = tauMs === undefined && alpha === undefined;
  const times = given ? { tauMs: Array.from(own, (time) => (time === 0 ? step : time)) } : { tauMs, alpha };
  return alphaOf({ dtMs, ...times }, spec).map((value, unit) => (own[unit] === 0 ? 1 : value));
}

/** Properties of units: what the options give, else what the structure knows. */
function unitsOf({ units, structure, activation: usual = "relu" }: ModelOptions): ModelOptions["units"] {
  const { activation, noisePre, noisePost } = structure.units ?? {};
  const known = {
    ...(activation && { activation: activation.map((own) => own ?? usual) }),
    ...(noisePre && { noisePre: Array.from(noisePre) }),
    ...(noisePost && { noisePost: Array.from(noisePost) }),
  };
  return Object.keys(known).length === 0 ? units : { ...known, ...units };
}

/** Noise: what the options give, else what the structure's factors are meant for. */
function noiseOf({ noise, structure }: ModelOptions): unknown {
  if (structure.noise === undefined || noise === null || !["object", "undefined"].includes(typeof noise)) return noise;
  return { ...structure.noise, ...noise };
}

/**
 * A new network as plain data, checked: initial weights drawn from `seed` under the structure's masks and signs.
 * Masks, signs, plasticity, distances and initial values are copied.
 * @throws {@link ConfigError} for an unknown option (naming the nearest known one), {@link ValueError} for dtMs > tauMs,
 * and whatever `validateModel` throws.
 */
export function createModel(options: ModelOptions): Model {
  checkKeys("createModel", options, modelOptionKeys);
  const { structure, initial = {}, plasticity = {}, dtMs, alpha: givenAlpha } = options;
  if (structure === undefined) throw new ConfigError("createModel: structure is missing; see dense, multiAreaEI.");
  const { inputs, hidden, outputs, masks, signs } = structure;
  checkKeys("createModel: initial", initial, parameterNames);
  const settings = Object.fromEntries(
    specKeys.map((key) => [key, options[key as keyof ModelOptions]]).filter(([, value]) => value !== undefined),
  );
  const json = {
    ...settings,
    ...namedActivations({ ...options, units: unitsOf(options) }),
    noise: noiseOf(options),
    format: "cortrain/model@1",
    cell: "ctrnn",
    inputs,
    hidden,
    outputs,
    areas: structure.areas,
    layers: structure.layers,
    inputGroups: structure.inputGroups,
    outputGroups: structure.outputGroups,
  };
  const { format: _format, cell: _cell, ...parsed } = parseWith(modelSchema, json, "createModel");
  const knownDtMs = dtMs ?? ((givenAlpha ?? initial.alpha) === undefined ? defaultTime.dtMs : undefined);
  const spec: ModelSpec = knownDtMs === undefined ? parsed : { ...parsed, dtMs: knownDtMs };
  const drawn = initialWeights(structure, {
    seed: spec.seed,
    constraint: spec.constraint,
    ...Object.fromEntries(drawKeys.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]]))),
  });
  const distances = options.distances ?? structure.distances;
  const alpha = initial.alpha === undefined ? alphaFrom(options, spec) : initial.alpha.slice();
  return validateModel({
    spec,
    parameters: { ...drawn, alpha, ...copyAll(initial) },
    masks: copyAll(masks),
    signs: copyAll(signs),
    plasticity: copyAll(plasticity),
    ...(distances && { distances: distances.slice() }),
  });
}
