import { ConfigError, ConstraintError, ShapeError, ValueError } from "../errors.ts";
import { checkActivations } from "../ops/custom-activations.ts";
import { checkAreas, checkDale, checkLayers, checkMask, checkSigns, unitLabel } from "../structure/check.ts";
import { checkCell, checkHasParameter, gateNames, gateOfRow, hasParameter } from "./cells.ts";
import {
  type Model,
  type ModelSpec,
  type ParameterName,
  parameterNames,
  parameterShape,
  type WeightName,
  weightNames,
} from "./model.ts";

/** The names of each tensor's axes, for messages; of gated cells, hidden rows are those of all gates. */
const axes: Readonly<Record<ParameterName, string>> = {
  weightIH: "hidden, inputs",
  weightHH: "hidden, hidden",
  biasH: "hidden",
  weightHO: "outputs, hidden",
  biasO: "outputs",
  alpha: "hidden",
  v0: "hidden",
  biasN: "hidden",
  r0: "hidden",
};

/** `maskHH`, `signIH`, `plasticityHO`: what the mask, sign or plasticity of a weight is called in messages. */
function sideName(side: "mask" | "sign" | "plasticity", weight: WeightName): string {
  return weight.replace("weight", side);
}

/** `gates i, f, g, o × `, or nothing. */
function gateRows({ cell }: ModelSpec): string {
  const names = gateNames[cell].filter((name) => name !== "");
  return names.length === 0 ? "" : `gates ${names.join(", ")} × `;
}

/** @throws {@link ShapeError} saying what was expected, and which tensor has the size that was given. */
function checkShape(spec: ModelSpec, label: string, name: ParameterName, values: Float32Array | undefined): void {
  const shape = parameterShape(spec, name);
  const rows = name === "weightIH" || name === "weightHH" || name === "biasH" ? gateRows(spec) : "";
  const expected = `${label}: expected [${shape.join(", ")}] (${rows}${axes[name]})`;
  if (values?.length !== 0) checkHasParameter(label, spec.cell, name);
  if (!(values instanceof Float32Array)) {
    const given = Array.isArray(values) ? "a list; write Float32Array.from(…)" : String(values);
    throw new ShapeError(`${expected} as a Float32Array, got ${given}.`);
  }
  const size = (of: ParameterName): number => parameterShape(spec, of).reduce((product, length) => product * length, 1);
  if (values.length === size(name)) return;
  const other = weightNames.find((candidate) => candidate !== name && size(candidate) === values.length);
  const purpose = { weightIH: "input", weightHH: "recurrent", weightHO: "readout" };
  const advice =
    other === undefined ? "Give one value for each entry, row by row." : `Were the ${purpose[other]} weights passed?`;
  throw new ShapeError(`${expected}, got ${values.length} values. ${advice}`);
}

/** `weightHH[3, 5]`, or `biasH[3]`. */
function entryName(spec: ModelSpec, name: ParameterName, index: number): string {
  const columns = parameterShape(spec, name)[1];
  if (columns === undefined) return `${name}[${index}]`;
  return `${name}[${Math.floor(index / columns)}, ${index % columns}]`;
}

function checkFinite(spec: ModelSpec, name: ParameterName, values: Float32Array): void {
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return;
  throw new ValueError(`${entryName(spec, name, wrong)} is ${values[wrong]}: every value must be finite.`);
}

function checkAlpha(spec: ModelSpec, alpha: Float32Array): void {
  const unit = alpha.findIndex((value) => !(value > 0 && value <= 1));
  if (unit < 0) return;
  const value = alpha[unit] as number;
  const message = `alpha[${unit}] is ${value}, of ${unitLabel(unit, spec.areas)}: alpha = dtMs / tauMs must lie in (0, 1].`;
  if (!(value > 1)) throw new ValueError(`${message} Give a positive time constant.`);
  if (spec.dtMs === undefined) throw new ValueError(`${message} The time step is longer than the time constant.`);
  const tauMs = Number((spec.dtMs / value).toPrecision(6));
  throw new ValueError(
    `${message} dtMs ${spec.dtMs} > tauMs ${tauMs}: take a time step of ${tauMs} ms or less, or a longer time constant.`,
  );
}

function checkPlasticity(spec: ModelSpec, name: WeightName, values: Float32Array): void {
  const wrong = values.findIndex((value) => !(value >= 0 && value <= 1));
  if (wrong < 0) return;
  const entry = entryName(spec, name, wrong).replace("weight", "plasticity");
  throw new ValueError(`${entry} is ${values[wrong]}: plasticity is a factor on the update, in [0, 1].`);
}

function checkDistances(spec: ModelSpec, distances: Float32Array): void {
  checkShape(spec, "distances", "weightHH", distances);
  const wrong = distances.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
  if (wrong < 0) return;
  const entry = entryName(spec, "weightHH", wrong).replace("weightHH", "distances");
  throw new ValueError(`${entry} is ${distances[wrong]}: a distance must be finite and >= 0.`);
}

/**
 * The nearest weights that keep mask and sign: an absent synapse and one of the wrong sign become +0 (never -0).
 * @param weights any matrix, with its mask and signs of the same length.
 * @returns a new array.
 */
export function projectWeights(weights: Float32Array, mask?: Float32Array, sign?: Float32Array): Float32Array {
  return weights.map((value, index) => {
    if (mask !== undefined && mask[index] === 0) return 0;
    if (sign !== undefined && value * (sign[index] as number) < 0) return 0;
    return value + 0; // -0 + 0 is +0
  });
}

/**
 * The weights that the dynamics see, as a new array without -0.
 * `project`: as they are. `abs`: mask ∘ |W| ∘ sign. `rectify`: mask ∘ max(W, 0) ∘ sign. A sign of 0 leaves mask ∘ W.
 */
export function effectiveWeights(model: Model, name: WeightName): Float32Array {
  const weights = model.parameters[name];
  const { constraint } = model.spec;
  if (constraint === "project") return weights.map((value) => value + 0);
  const mask = model.masks[name];
  const signs = model.signs[name];
  return weights.map((value, index) => {
    if (mask !== undefined && mask[index] === 0) return 0;
    const sign = signs?.[index] ?? 0;
    if (sign === 0) return value + 0;
    return (constraint === "abs" ? Math.abs(value) : Math.max(value, 0)) * sign + 0;
  });
}

/** @throws {@link ConstraintError} naming the first entry where `projected` changes a value that is not zero. */
function checkConstraint(model: Model, name: WeightName, projected: Float32Array): void {
  const { spec } = model;
  const weights = model.parameters[name];
  const wrong = weights.findIndex((value, index) => value !== projected[index]);
  if (wrong < 0) return;
  const columns = parameterShape(spec, name)[1] as number;
  const post = Math.floor(wrong / columns);
  const pre = wrong % columns;
  const from = name === "weightIH" ? `input ${pre}` : unitLabel(pre, spec.areas);
  const unit = `${gateOfRow(spec.cell, post, spec.hidden)}${unitLabel(post % spec.hidden, spec.areas)}`;
  const onto = name === "weightHO" ? `output ${post}` : unit;
  const value = weights[wrong] as number;
  const absent = model.masks[name]?.[wrong] === 0;
  const reason = absent
    ? `the synapse is absent (${sideName("mask", name)} is 0), so the weight must be 0`
    : `${sideName("sign", name)} is ${(model.signs[name]?.[wrong] as number) > 0 ? "+1, so the weight must be >= 0" : "-1, so the weight must be <= 0"}`;
  throw new ConstraintError(
    `${entryName(spec, name, wrong)}, from ${from} onto ${onto}, is ${value}: ${reason}. Correct it, or ask for the weights to be projected (project: true).`,
  );
}

/** Zeros at absent synapses; the same array where nothing changes. */
function keptWeights(model: Model, name: WeightName, project: boolean): Float32Array {
  const weights = model.parameters[name];
  const signs = model.spec.constraint === "project" ? model.signs[name] : undefined;
  const projected = projectWeights(weights, model.masks[name], signs);
  if (model.spec.constraint === "project" && !project) checkConstraint(model, name, projected);
  return weights.every((value, index) => Object.is(value, projected[index])) ? weights : projected;
}

function checkSpec(spec: ModelSpec): void {
  checkCell(spec);
  for (const size of ["inputs", "hidden", "outputs"] as const)
    if (!Number.isSafeInteger(spec[size]) || spec[size] < 1)
      throw new ValueError(`${size}: expected a positive integer, got ${String(spec[size])}.`);
  for (const noise of ["pre", "post"] as const)
    if (!(spec.noise[noise] >= 0 && Number.isFinite(Math.fround(spec.noise[noise]))))
      throw new ValueError(`noise.${noise}: expected a standard deviation >= 0, got ${String(spec.noise[noise])}.`);
  if (spec.dtMs !== undefined && !(spec.dtMs > 0 && spec.dtMs < Number.POSITIVE_INFINITY))
    throw new ValueError(`dtMs: expected a positive number of milliseconds, got ${String(spec.dtMs)}.`);
  checkAreas("areas", spec.areas, spec.hidden);
  if (spec.layers !== undefined) checkLayers("layers", spec.layers, spec.hidden);
  checkAreas("inputGroups", spec.inputGroups ?? [], spec.inputs);
  checkAreas("outputGroups", spec.outputGroups ?? [], spec.outputs);
  checkShortTermPlasticity(spec);
  checkActivations(spec);
  for (const [name, values] of Object.entries(spec.units ?? {})) checkUnits(spec, name, values ?? []);
}

/** @throws {@link ConfigError} where the time step is not known, {@link ShapeError}, {@link ValueError}. */
function checkShortTermPlasticity({ shortTermPlasticity: synapses, hidden, dtMs, areas }: ModelSpec): void {
  if (synapses === undefined) return;
  if (dtMs === undefined)
    throw new ConfigError("shortTermPlasticity: its time constants are in milliseconds; give dtMs as well.");
  for (const [name, values] of Object.entries(synapses)) {
    if (Array.isArray(values) && values.length !== hidden)
      throw new ShapeError(
        `shortTermPlasticity.${name}: expected one value or ${hidden} (one per hidden unit), got ${values.length}.`,
      );
    if (!name.endsWith("Ms")) continue;
    const list = (Array.isArray(values) ? values : [values]) as readonly number[];
    const short = list.findIndex((value) => !(value >= dtMs));
    if (short >= 0)
      throw new ValueError(
        `shortTermPlasticity.${name}${Array.isArray(values) ? `[${short}], of ${unitLabel(short, areas)}` : ""}: ${list[short]} ms is shorter than the time step of ${dtMs} ms.`,
      );
  }
}

/** One property of every unit. */
function checkUnits(spec: ModelSpec, name: string, values: readonly (number | string)[]): void {
  if (values.length !== spec.hidden)
    throw new ShapeError(`units.${name}: expected ${spec.hidden} entries (one per hidden unit), got ${values.length}.`);
  const wrong = values.findIndex(
    (value) =>
      typeof value === "number" && !(Number.isFinite(Math.fround(value)) && (value >= 0 || !name.startsWith("noise"))),
  );
  if (wrong < 0) return;
  const kind = name.startsWith("noise") ? "a finite factor >= 0" : "a finite float32";
  throw new ValueError(
    `units.${name}[${wrong}], of ${unitLabel(wrong, spec.areas)}: expected ${kind}, got ${String(values[wrong])}.`,
  );
}

/**
 * Checks everything about a model that can be wrong, before any GPU work: sizes, finite values, alpha in (0, 1], masks
 * of 0 and 1, signs of -1, 0 and +1, plasticity in [0, 1], distances >= 0, areas, Dale's law, and under the constraint
 * `project` that the weights keep their masks and signs. Under `abs` and `rectify` raw weights may have any sign.
 * @param options.project projects weights that break their mask or sign, instead of refusing them.
 * Dale's law binds all gates of an LSTM or a GRU: a unit has one sign for all its synapses. Their rates may be negative
 * themselves, but for those of an LSTM with `lstmOutput` sigmoid.
 * @returns a model whose absent synapses are +0; arrays that need no change are shared with the one given. Tensors that the
 * cell does not have are empty, also where they were left out.
 * @throws {@link ShapeError}, {@link ValueError}, {@link ConstraintError}, {@link ConfigError}: the first fault, with the
 * offender named.
 */
export function validateModel(model: Model, options: { readonly project?: boolean } = {}): Model {
  const { spec, masks, signs, plasticity, distances } = model;
  checkSpec(spec);
  const empty = parameterNames.filter((name) => !hasParameter(spec.cell, name));
  const nothing = Object.fromEntries(empty.map((name) => [name, new Float32Array(0)]));
  const parameters = { ...nothing, ...model.parameters };
  for (const name of parameterNames) checkShape(spec, name, name, parameters[name]);
  for (const name of weightNames) {
    for (const [side, tensors] of Object.entries({ mask: masks, sign: signs, plasticity })) {
      const values = tensors[name];
      if (values !== undefined) checkShape(spec, sideName(side as "mask", name), name, values);
    }
  }
  for (const name of parameterNames) checkFinite(spec, name, parameters[name]);
  checkAlpha(spec, parameters.alpha);
  for (const name of weightNames) {
    const columns = parameterShape(spec, name)[1] as number;
    const [mask, sign, scale] = [masks[name], signs[name], plasticity[name]];
    if (mask !== undefined) checkMask(sideName("mask", name), mask, columns);
    if (sign !== undefined) checkSigns(sideName("sign", name), sign, columns);
    if (scale !== undefined) checkPlasticity(spec, name, scale);
  }
  if (distances !== undefined) checkDistances(spec, distances);
  if (signs.weightHH !== undefined) checkDale("signHH", signs.weightHH, spec.hidden, spec.areas);
  const kept: Partial<Record<WeightName, Float32Array>> = {};
  for (const name of weightNames) kept[name] = keptWeights(model, name, options.project === true);
  return { ...model, parameters: { ...parameters, ...kept } };
}
