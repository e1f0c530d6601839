import { ConfigError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import { type Cell, type ModelJsonInput, modelSchema } from "../io/model-schema.ts";
import { checkKeys } from "../structure/options.ts";
import type { Structure } from "../structure/structure.ts";
import { type ActivationOptions, namedActivations } from "./activation-options.ts";
import { gateCount, isGated, refuse, withArticle } from "./cells.ts";
import { type InitialWeightOptions, initialWeights } from "./initialise.ts";
import { type GatedWeightOptions, gatedDrawKeys, gatedWeights } from "./initialise-gated.ts";
import {
  type Model,
  type ModelSpec,
  type ParameterName,
  parameterNames,
  type WeightName,
  weightNames,
} from "./model.ts";
import { alphaOf, defaultTime, type TimeOptions } from "./time.ts";
import { validateModel } from "./validate.ts";

export { modelFromFile, modelToFile } from "./convert.ts";

export interface ModelOptions
  extends TimeOptions,
    ActivationOptions,
    Pick<
      ModelJsonInput,
      "cell" | "lstmOutput" | "form" | "noise" | "constraint" | "learn" | "seed" | "shortTermPlasticity"
    >,
    Pick<InitialWeightOptions, "weights" | "spectralRadius" | "gain" | "distribution" | "balance">,
    Pick<GatedWeightOptions, "initialisation" | "forgetBias"> {
  /**
   * Sizes, areas, masks and signs; see `dense`, `multiAreaEI`, `fromMasks`. Those of weightIH [H, I] and weightHH [H, H] hold
   * for every gate of an LSTM or a GRU.
   */
  readonly structure: Structure;
  /** The factor on each weight's update, 0…1, shaped like the weight, or like its mask: then for every gate. */
  readonly plasticity?: Partial<Record<WeightName, Float32Array>>;
  /** Distance between each two hidden units [H, H], for a wiring cost; the structure's unless given; copied. */
  readonly distances?: Float32Array;
  /** Raw values to start from, in place of the drawn ones; copied. */
  readonly initial?: Partial<Record<ParameterName, Float32Array>>;
}

const timeKeys = ["dtMs", "tauMs", "alpha"];
const commonKeys = ["noise", "units", "constraint", "learn", "seed"];
const leakyKeys = ["activation", "customActivations", "form", "shortTermPlasticity"];
const specKeys = ["cell", "lstmOutput", ...leakyKeys, ...commonKeys];
const leakyDrawKeys = ["spectralRadius", "gain", "distribution", "balance"] as const;
const weightKeys = ["weights", "plasticity", "distances", "initial"];
/** Every key of {@link ModelOptions} that a CTRNN takes, and that an LSTM or a GRU takes, but for `cell`. */
export const leakyOptionKeys: readonly string[] = [
  ...["structure", ...timeKeys, ...leakyKeys, ...commonKeys, ...leakyDrawKeys, ...weightKeys],
];
export const gatedOptionKeys: readonly string[] = ["structure", "dtMs", ...commonKeys, ...gatedDrawKeys, ...weightKeys];
/** Every key of {@link ModelOptions}. */
export const modelOptionKeys: readonly string[] = [
  ...new Set(["cell", "lstmOutput", ...leakyOptionKeys, ...gatedOptionKeys]),
];

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

/** @throws {@link ConfigError} for an option, or a property of the structure, that the cell does not have. */
function checkOptionsOfCell(cell: Cell, options: ModelOptions): void {
  const given = Object.entries(options).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  if (!isGated(cell)) {
    const odd = given.find((key) => (gatedDrawKeys as readonly string[]).includes(key));
    if (odd !== undefined) throw new ConfigError(`${odd}: it is of an lstm or a gru, this is ${withArticle(cell)}.`);
    return;
  }
  const known = [...gatedOptionKeys, "cell", "lstmOutput"];
  for (const key of given) if (!known.includes(key)) refuse(key, cell);
  const { layers, units } = options.structure;
  if ((layers?.length ?? 1) > 1) refuse("structure.layers", cell);
  for (const name of ["tauMs", "activation"] as const)
    if (units?.[name] !== undefined) refuse(`structure.units.${name}`, cell);
}

/** The arrays of one [H, ·] matrix, repeated for every gate; those that have all gates' rows as they are. */
function forEveryGate(
  arrays: Readonly<Partial<Record<WeightName, Float32Array>>>,
  { cell, inputs, hidden }: ModelSpec,
): Partial<Record<WeightName, Float32Array>> {
  const copies = copyAll(arrays);
  if (!isGated(cell)) return copies;
  for (const [name, columns] of [["weightIH", inputs] as const, ["weightHH", hidden] as const]) {
    const values = copies[name];
    if (values === undefined || values.length !== hidden * columns) continue;
    const all = new Float32Array(gateCount(cell) * values.length);
    for (let at = 0; at < all.length; at += values.length) all.set(values, at);
    copies[name] = all;
  }
  return copies;
}

/** The drawn parameters, before `initial` values take their place. */
function drawnParameters(options: ModelOptions, spec: ModelSpec): Record<ParameterName, Float32Array> {
  const given = (keys: readonly (keyof ModelOptions)[]): object =>
    Object.fromEntries(keys.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])));
  const { seed, constraint, cell } = spec;
  const { structure, initial = {} } = options;
  if (isGated(cell))
    return gatedWeights(cell, structure, { seed, constraint, ...given(["weights", ...gatedDrawKeys]) });
  const drawn = initialWeights(structure, { seed, constraint, ...given(["weights", ...leakyDrawKeys]) });
  const alpha = initial.alpha === undefined ? alphaFrom(options, spec) : initial.alpha;
  return { ...drawn, alpha, biasN: new Float32Array(0), r0: new Float32Array(0) };
}

/** Noise: what the options give, else what the structure's factors are meant for. */
function noiseOf({ noise, structure }: ModelOptions): unknown {
  if (structure.noise === undefined || noise === null || !["object", "undefined"].includes(typeof noise)) return noise;
  return { ...structure.noise, ...noise };
}

/**
 * A new network as plain data, checked: initial weights drawn from `seed` under the structure's masks and signs.
 * Masks, signs, plasticity, distances and initial values are copied.
 * @throws {@link ConfigError} for an unknown option (naming the nearest known one) or one that the cell does not have,
 * {@link ValueError} for dtMs > tauMs, and whatever `validateModel` throws.
 */
export function createModel(options: ModelOptions): Model {
  checkKeys("createModel", options, modelOptionKeys);
  const { structure, initial = {}, plasticity = {}, dtMs, alpha: givenAlpha } = options;
  if (structure === undefined) throw new ConfigError("createModel: structure is missing; see dense, multiAreaEI.");
  if (typeof structure?.masks !== "object" || typeof structure.signs !== "object")
    throw new ConfigError(
      "createModel: structure: expected what dense, multiAreaEI or fromMasks give, with masks and signs.",
    );
  const { inputs, hidden, outputs, masks, signs } = structure;
  checkKeys("createModel: initial", initial, parameterNames);
  checkKeys("createModel: plasticity", plasticity, weightNames);
  const settings = Object.fromEntries(
    specKeys.map((key) => [key, options[key as keyof ModelOptions]]).filter(([, value]) => value !== undefined),
  );
  const json = {
    ...settings,
    ...namedActivations({ ...options, units: unitsOf(options) }),
    noise: noiseOf(options),
    format: "cortrain/model@1",
    inputs,
    hidden,
    outputs,
    areas: structure.areas,
    layers: structure.layers,
    inputGroups: structure.inputGroups,
    outputGroups: structure.outputGroups,
  };
  const { format: _format, ...parsed } = parseWith(modelSchema, json, "createModel");
  checkOptionsOfCell(parsed.cell, options);
  const timeless = isGated(parsed.cell) || (givenAlpha ?? initial.alpha) !== undefined;
  const knownDtMs = dtMs ?? (timeless ? undefined : defaultTime.dtMs);
  const spec: ModelSpec = knownDtMs === undefined ? parsed : { ...parsed, dtMs: knownDtMs };
  const distances = options.distances ?? structure.distances;
  return validateModel({
    spec,
    parameters: { ...drawnParameters(options, spec), ...copyAll(initial) },
    masks: forEveryGate(masks, spec),
    signs: forEveryGate(signs, spec),
    plasticity: forEveryGate(plasticity, spec),
    ...(distances && { distances: distances.slice() }),
  });
}
