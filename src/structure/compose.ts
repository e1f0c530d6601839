import { ConstraintError, ShapeError } from "../errors.ts";
import type { Area } from "../io/model-schema.ts";
import { areaRanges, checkAreas, checkDale, checkReadoutSigns, checkSigns, columnSigns, unitLabel } from "./check.ts";
import { type MaskedWeight, type NoiseBase, type Structure, weightShape } from "./structure.ts";

const matrices = ["weightIH", "weightHH", "weightHO"] as const;
type Matrices = Readonly<Partial<Record<MaskedWeight, Float32Array>>>;

/** Calls `combine` for each matrix that at least one of the two has. */
function combineEach(
  a: Matrices,
  b: Matrices,
  combine: (name: MaskedWeight, a: Float32Array | undefined, b: Float32Array | undefined) => Float32Array | undefined,
): Partial<Record<MaskedWeight, Float32Array>> {
  const combined: Partial<Record<MaskedWeight, Float32Array>> = {};
  for (const name of matrices) {
    const [left, right] = [a[name], b[name]];
    const result = left === undefined && right === undefined ? undefined : combine(name, left, right);
    if (result !== undefined) combined[name] = result;
  }
  return combined;
}

function combineSigns(label: string, a: Structure, b: Structure): Partial<Record<MaskedWeight, Float32Array>> {
  return combineEach(a.signs, b.signs, (name, left, right) => {
    if (left === undefined || right === undefined) return (left ?? right)?.slice();
    const columns = weightShape(a, name)[1];
    return left.map((sign, index) => {
      const other = right[index] as number;
      if (sign * other < 0)
        throw new ConstraintError(
          `${label}: ${name}[${Math.floor(index / columns)}, ${index % columns}] (postsynaptic, presynaptic) has sign ${sign} in the first structure and ${other} in the second. Give them one sign, or take the second's away with withSigns().`,
        );
      return sign === 0 ? other : sign;
    });
  });
}

/** The sign of each unit as the structure says it, or as the columns of its recurrent signs do. */
function unitSignsOf({ unitSigns, signs, hidden }: Structure): Float32Array | undefined {
  return unitSigns ?? (signs.weightHH && columnSigns(signs.weightHH, hidden));
}

function combineUnitSigns(label: string, a: Structure, b: Structure, areas: readonly Area[]): Float32Array | undefined {
  const [left, right] = [unitSignsOf(a), unitSignsOf(b)];
  if (left === undefined || right === undefined) return (left ?? right)?.slice();
  return left.map((sign, unit) => {
    const other = right[unit] as number;
    if (sign * other < 0)
      throw new ConstraintError(
        `${label}: ${unitLabel(unit, areas)} has sign ${sign} in the first structure and ${other} in the second: under Dale's law it has one.`,
      );
    return sign === 0 ? other : sign;
  });
}

function combineAreas(label: string, a: Structure, b: Structure): Area[] {
  const isSame = (left: Area, right: Area): boolean =>
    left.name === right.name && left.from === right.from && left.to === right.to;
  const areas = [...a.areas, ...b.areas.filter((area) => !a.areas.some((other) => isSame(area, other)))];
  checkAreas(label, areas, a.hidden);
  return areas.sort((left, right) => left.from - right.from);
}

/** Layers of either; both must mean the same order of updates. A structure without layers says nothing of it. */
function combineLayers(label: string, { layers: a }: Structure, { layers: b }: Structure): readonly Area[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.length === b.length && a.every((layer, index) => layer.to === b[index]?.to)) return a;
  throw new ConstraintError(
    `${label}: the first structure is updated in the layers ${areaRanges(a)}, the second in ${areaRanges(b)}: give both the same layers, or one of them none.`,
  );
}

/** The base of noise factors: of the structure that brings the factors. */
function combineNoise(a: Structure, b: Structure): NoiseBase | undefined {
  const pre = (a.units?.noisePre ? a : b).noise?.pre;
  const post = (a.units?.noisePost ? a : b).noise?.post;
  if (pre === undefined && post === undefined) return undefined;
  return { ...(pre !== undefined && { pre }), ...(post !== undefined && { post }) };
}

/** Fields that only describe: of the first structure that has them. */
function describing(a: Structure, b: Structure): Partial<Structure> {
  const units = { ...b.units, ...a.units };
  const noise = combineNoise(a, b);
  const gapsHH = a.gapsHH ?? b.gapsHH;
  const distances = a.distances ?? b.distances;
  const inputGroups = a.inputGroups ?? b.inputGroups;
  const outputGroups = a.outputGroups ?? b.outputGroups;
  return {
    ...(Object.keys(units).length > 0 && { units }),
    ...(noise && { noise }),
    ...(gapsHH && { gapsHH }),
    ...(distances && { distances }),
    ...(inputGroups && { inputGroups }),
    ...(outputGroups && { outputGroups }),
  };
}

function compose(
  label: string,
  a: Structure,
  b: Structure,
  masks: Structure["masks"],
  strengths: NonNullable<Structure["strengths"]>,
): Structure {
  const areas = combineAreas(label, a, b);
  const layers = combineLayers(label, a, b);
  const unitSigns = combineUnitSigns(label, a, b, areas);
  const signs = combineSigns(label, a, b);
  if (signs.weightHH) checkDale(`${label}: weightHH`, signs.weightHH, a.hidden, areas);
  if (signs.weightHO && unitSigns) checkReadoutSigns(`${label}: weightHO`, signs.weightHO, unitSigns, areas);
  const { inputs, hidden, outputs, seed } = a;
  return {
    ...{ inputs, hidden, outputs, areas, masks, signs },
    ...(layers && { layers }),
    ...(unitSigns && { unitSigns }),
    ...(Object.keys(strengths).length > 0 && { strengths }),
    ...describing(a, b),
    seed,
  };
}

function checkSameSizes(label: string, a: Structure, b: Structure): void {
  for (const size of ["inputs", "hidden", "outputs"] as const)
    if (a[size] !== b[size])
      throw new ShapeError(`${label}: the first structure has ${a[size]} ${size}, the second ${b[size]}.`);
}

/**
 * A synapse may exist where it may in both. A sign is that of either; strengths are multiplied; areas are those of both,
 * layers those of either; names, times, activations, noise, positions, distances and groups are the first's, or else the
 * second's; the seed is the first's.
 * @throws {@link ConstraintError} naming the entry or unit whose signs differ, or the layers where those differ,
 * {@link ShapeError} different sizes, {@link ValueError} areas that overlap.
 */
export function and(a: Structure, b: Structure): Structure {
  checkSameSizes("and", a, b);
  const product = (_: MaskedWeight, left: Float32Array | undefined, right: Float32Array | undefined) =>
    left === undefined || right === undefined
      ? (left ?? right)?.slice()
      : left.map((value, index) => value * (right[index] as number));
  const masks = combineEach(a.masks, b.masks, product);
  const strengths = combineEach(a.strengths ?? {}, b.strengths ?? {}, (name, left, right) => {
    const mask = masks[name];
    return product(name, left, right)?.map((value, index) => value * (mask?.[index] ?? 1));
  });
  return compose("and", a, b, masks, strengths);
}

/**
 * A synapse may exist where it may in either. Strengths are the larger of the two, 1 for a synapse whose strength is not
 * known; the rest as {@link and}.
 * @throws as {@link and}.
 */
export function or(a: Structure, b: Structure): Structure {
  checkSameSizes("or", a, b);
  const masks = combineEach(a.masks, b.masks, (_, left, right) =>
    left && right ? left.map((value, index) => Math.max(value, right[index] as number)) : undefined,
  );
  const strengths = combineEach(a.strengths ?? {}, b.strengths ?? {}, (name, left, right) => {
    const [first, second] = [left ?? a.masks[name], right ?? b.masks[name]];
    return (left ?? right)?.map((_, index) => Math.max(first?.[index] ?? 1, second?.[index] ?? 1));
  });
  return compose("or", a, b, masks, strengths);
}

/** The same structure, but no unit has a synapse onto itself. */
export function withoutSelfConnections(structure: Structure): Structure {
  const { hidden, masks, strengths } = structure;
  const clear = (matrix: Float32Array): Float32Array =>
    matrix.map((value, index) => (index % (hidden + 1) === 0 ? 0 : value));
  const weightHH = clear(masks.weightHH ?? new Float32Array(hidden * hidden).fill(1));
  return {
    ...structure,
    masks: { ...masks, weightHH },
    ...(strengths?.weightHH && { strengths: { ...strengths, weightHH: clear(strengths.weightHH) } }),
  };
}

/**
 * The same structure under Dale's law: recurrent and readout signs are those of the presynaptic unit, in place of any
 * they had. Signs of input weights stay.
 * @param unitSigns [H], +1 excitatory, -1 inhibitory, 0 free.
 * @throws {@link ShapeError}, {@link ValueError}.
 */
export function withSigns(structure: Structure, unitSigns: ArrayLike<number>): Structure {
  const { hidden, outputs, signs } = structure;
  if (unitSigns.length !== hidden)
    throw new ShapeError(`withSigns: expected [${hidden}] (hidden units), got ${unitSigns.length} values.`);
  const own = Float32Array.from(unitSigns);
  checkSigns("withSigns: unitSigns", own, hidden);
  const columns = (rows: number): Float32Array =>
    Float32Array.from({ length: rows * hidden }, (_, index) => own[index % hidden] as number);
  return {
    ...structure,
    signs: { ...signs, weightHH: columns(hidden), weightHO: columns(outputs) },
    unitSigns: own,
  };
}
