import { ConstraintError, ShapeError, ValueError } from "../errors.ts";
import type { Area } from "../io/model-schema.ts";

/** `unit 5`, or `unit 5 (area "pfc")` where an area holds it. */
export function unitLabel(unit: number, areas: readonly Area[]): string {
  const area = areas.find(({ from, to }) => unit >= from && unit < to);
  return area === undefined ? `unit ${unit}` : `unit ${unit} (area "${area.name}")`;
}

/** `v1 [0, 64), pfc [64, 128)`. */
export function areaRanges(areas: readonly Area[]): string {
  return areas.map(({ name, from, to }) => `${name} [${from}, ${to})`).join(", ");
}

function entryLabel(label: string, index: number, columns: number): string {
  return `${label}[${Math.floor(index / columns)}, ${index % columns}] (postsynaptic, presynaptic)`;
}

/** @throws {@link ValueError} for the first entry that is neither 0 nor 1. */
export function checkMask(label: string, mask: Float32Array, columns: number): void {
  const wrong = mask.findIndex((value) => value !== 0 && value !== 1);
  if (wrong < 0) return;
  throw new ValueError(
    `${entryLabel(label, wrong, columns)} is ${mask[wrong]}: a mask entry is 1 (the synapse may exist) or 0 (it never does). For a scale of the update use plasticity; for a signed mask, splitSignedMask().`,
  );
}

/** @throws {@link ValueError} for the first entry that is not -1, 0 or +1. */
export function checkSigns(label: string, signs: Float32Array, columns: number): void {
  const wrong = signs.findIndex((value) => value !== 0 && value !== 1 && value !== -1);
  if (wrong < 0) return;
  throw new ValueError(
    `${entryLabel(label, wrong, columns)} is ${signs[wrong]}: a sign is +1 (excitatory), -1 (inhibitory) or 0 (free).`,
  );
}

/** @throws {@link ValueError} for the first entry that is not finite, or not in [least, most]. */
export function checkRange(label: string, values: Float32Array, least: number, most: number): void {
  const wrong = values.findIndex((value) => !(Number.isFinite(value) && value >= least && value <= most));
  if (wrong < 0) return;
  const range = most < Number.POSITIVE_INFINITY ? ` in [${least}, ${most}]` : least === 0 ? " of 0 or more" : "";
  throw new ValueError(`${label}[${wrong}] is ${values[wrong]}: expected a finite number${range}.`);
}

/** @throws {@link ConstraintError} for the first entry of a matrix [size, size] that its mirror image differs from. */
export function checkSymmetric(label: string, values: Float32Array, size: number, reason: string): void {
  const mirrored = (index: number): number => (index % size) * size + Math.floor(index / size);
  const wrong = values.findIndex((value, index) => value !== values[mirrored(index)]);
  if (wrong < 0) return;
  const [row, column] = [Math.floor(wrong / size), wrong % size];
  throw new ConstraintError(
    `${label}[${row}, ${column}] is ${values[wrong]}, but [${column}, ${row}] is ${values[mirrored(wrong)]}: ${reason}.`,
  );
}

/**
 * Dale's law: all synapses that leave a hidden unit have one sign (a 0 agrees with either). The mask is not asked: two
 * signs in one column contradict each other even where one of the two synapses is absent.
 * @param signs sign_hh [H, H], or [G·H, H] of a network with G gates.
 * @throws {@link ConstraintError} naming the presynaptic unit, its area and two rows that disagree.
 */
export function checkDale(label: string, signs: Float32Array, hidden: number, areas: readonly Area[]): void {
  for (let presynaptic = 0; presynaptic < hidden; presynaptic += 1) {
    let excites = -1;
    let inhibits = -1;
    for (let row = 0; row < signs.length / hidden; row += 1) {
      const sign = signs[row * hidden + presynaptic] as number;
      if (sign > 0 && excites < 0) excites = row;
      if (sign < 0 && inhibits < 0) inhibits = row;
    }
    if (excites < 0 || inhibits < 0) continue;
    throw new ConstraintError(
      `${label}: presynaptic ${unitLabel(presynaptic, areas)} breaks Dale's law: its sign is +1 onto unit ${excites % hidden} and -1 onto unit ${inhibits % hidden}. Give every entry of column ${presynaptic} the same sign, or 0 for free.`,
    );
  }
}

/**
 * Dale's law onto the readout: a readout sign is that of its hidden unit, or 0.
 * @param signs sign_ho [O, H]. @param unitSigns [H].
 * @throws {@link ConstraintError} naming the hidden unit, its area and the output.
 */
export function checkReadoutSigns(
  label: string,
  signs: Float32Array,
  unitSigns: Float32Array,
  areas: readonly Area[],
): void {
  const wrong = signs.findIndex((sign, index) => sign * (unitSigns[index % unitSigns.length] as number) < 0);
  if (wrong < 0) return;
  const unit = wrong % unitSigns.length;
  throw new ConstraintError(
    `${label}: presynaptic ${unitLabel(unit, areas)} breaks Dale's law: its sign is ${signs[wrong]} onto output ${Math.floor(wrong / unitSigns.length)} and ${unitSigns[unit]} onto hidden units. Give it one sign, or 0 for free.`,
  );
}

/**
 * Dale's law within the recurrent weights: a sign of a unit's column is that of the unit, or 0.
 * @param unitSigns [H]. @param signs sign_hh [H, H].
 * @throws {@link ConstraintError} naming the unit and its area.
 */
export function checkUnitSigns(
  label: string,
  unitSigns: Float32Array,
  signs: Float32Array,
  areas: readonly Area[],
): void {
  const columns = columnSigns(signs, unitSigns.length);
  const unit = columns.findIndex((sign, index) => sign * (unitSigns[index] as number) < 0);
  if (unit < 0) return;
  throw new ConstraintError(
    `${label}: ${unitLabel(unit, areas)} has sign ${unitSigns[unit]}, but ${columns[unit]} onto hidden units: under Dale's law it has one.`,
  );
}

/** The sign that all entries of a column of sign_hh share (0 entries agree with either); 0 where all are 0. */
export function columnSigns(signs: Float32Array, hidden: number): Float32Array {
  const unitSigns = new Float32Array(hidden);
  signs.forEach((sign, index) => {
    if (sign !== 0) unitSigns[index % hidden] = sign;
  });
  return unitSigns;
}

/**
 * Areas are non-empty ranges inside [0, hidden) that share no unit and no name; they need not cover every unit.
 * @throws {@link ValueError} naming the area.
 */
export function checkAreas(label: string, areas: readonly Area[], hidden: number): void {
  for (const { name, from, to } of areas) {
    if (typeof name !== "string" || name === "")
      throw new ValueError(`${label}: an area's name is ${JSON.stringify(name)}: expected a word.`);
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to > hidden || from >= to)
      throw new ValueError(
        `${label}: area "${name}" is [${from}, ${to}): expected integers 0 <= from < to <= ${hidden}.`,
      );
  }
  const sorted = [...areas].sort((left, right) => left.from - right.from);
  sorted.forEach((area, index) => {
    const next = sorted[index + 1];
    if (next !== undefined && next.from < area.to)
      throw new ValueError(
        `${label}: areas "${area.name}" [${area.from}, ${area.to}) and "${next.name}" [${next.from}, ${next.to}) overlap: a unit belongs to one area at most.`,
      );
  });
  const names = new Set<string>();
  for (const { name } of areas) {
    if (names.has(name)) throw new ValueError(`${label}: two areas are named "${name}".`);
    names.add(name);
  }
}

/**
 * Layers are areas that follow each other from the first unit to the last.
 * @throws {@link ValueError} naming the layer.
 */
export function checkLayers(label: string, layers: readonly Area[], hidden: number): void {
  checkAreas(label, layers, hidden);
  let next = 0;
  for (const { name, from, to } of layers) {
    if (from !== next)
      throw new ValueError(
        `${label}: layer "${name}" starts at unit ${from}, expected ${next}: layers follow each other in order.`,
      );
    next = to;
  }
  if (next !== hidden)
    throw new ValueError(`${label}: the last layer ends at unit ${next}, but there are ${hidden} hidden units.`);
}

/** A matrix as a person may write it: flat and row-major, or a list of rows. */
export type MatrixInput = Float32Array | readonly (readonly number[])[];

/**
 * A new flat, row-major copy of a matrix.
 * @throws {@link ShapeError} when it has not `rows` × `columns` entries.
 */
export function flatten(label: string, matrix: MatrixInput, rows: number, columns: number): Float32Array {
  const expected = `${label}: expected [${rows}, ${columns}] (postsynaptic, presynaptic)`;
  if (matrix instanceof Float32Array) {
    if (matrix.length !== rows * columns) throw new ShapeError(`${expected}, got ${matrix.length} values.`);
    return matrix.slice();
  }
  if (!Array.isArray(matrix)) throw new ShapeError(`${expected}: a Float32Array or a list of rows.`);
  const list = matrix as readonly (readonly number[])[];
  if (list.length !== rows) {
    const transposed = list.length === columns && list[0]?.length === rows;
    throw new ShapeError(
      `${expected}, got ${list.length} rows.${transposed ? " It is the transpose: rows are postsynaptic." : ""}`,
    );
  }
  const flat = new Float32Array(rows * columns);
  list.forEach((row, index) => {
    if (!Array.isArray(row) || row.length !== columns)
      throw new ShapeError(`${expected}, but row ${index} has ${Array.isArray(row) ? row.length : "no"} values.`);
    flat.set(row, index * columns);
  });
  return flat;
}
