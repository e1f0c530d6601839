import { ConstraintError, ShapeError } from "../errors.ts";
import type { Random } from "../random.ts";
import { checkMask, checkSigns } from "../structure/check.ts";
import { checkCount } from "../structure/options.ts";
import { checkInitialiser, type Initialiser } from "./initialiser.ts";

/** What the values of one weight matrix [rows, columns] (postsynaptic, presynaptic) are drawn under. */
export interface DrawOptions {
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns]: 1 where a synapse may exist, 0 where it never does; absent = all 1. */
  readonly mask?: Float32Array | undefined;
  /** [rows, columns]: +1 excitatory, -1 inhibitory, 0 free; absent = all 0. */
  readonly signs?: Float32Array | undefined;
  /** Where the numbers come from; each draw moves it on. */
  readonly random: Random;
  /** What the matrix is called in messages; `weights` unless given. */
  readonly label?: string;
}

/** The value of one entry before mask and sign; asked for every entry, row by row, absent ones too. */
type Draw = (row: number, column: number) => number;

/** How many synapses may exist in each row, or in each column. */
function fan(options: DrawOptions, side: "in" | "out"): Float64Array {
  const { rows, columns, mask } = options;
  const counts = new Float64Array(side === "in" ? rows : columns);
  for (let index = 0; index < rows * columns; index += 1) {
    const place = side === "in" ? Math.floor(index / columns) : index % columns;
    counts[place] = (counts[place] as number) + (mask?.[index] ?? 1);
  }
  return counts;
}

/** Exponential with mean 1. */
const exponential = (random: Random): number => -Math.log(1 - random.uniform());

/** Up to this shape a gamma number of whole shape is a sum of exponentials. */
const sumLimit = 8;

/** Gamma with scale 1: a sum of exponentials, or Marsaglia & Tsang (2000, "A simple method for generating gamma variables"). */
function drawGamma(random: Random, shape: number): number {
  if (Number.isInteger(shape) && shape <= sumLimit) {
    let sum = exponential(random);
    for (let term = 1; term < shape; term += 1) sum += exponential(random);
    return sum;
  }
  if (shape < 1) return drawGamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/**
 * [rows, columns] with orthonormal rows, or columns where there are fewer of them: Gram–Schmidt, twice for rounding, on
 * normal vectors. That is the QR decomposition whose R has a positive diagonal, so Q is uniform over such matrices.
 */
function orthogonalMatrix(random: Random, rows: number, columns: number): Draw {
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const vectors: Float64Array[] = [];
  for (let index = 0; index < count; index += 1) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (let pass = 0; pass < 2; pass += 1) {
      for (const other of vectors) {
        let dot = 0;
        for (let i = 0; i < length; i += 1) dot += (vector[i] as number) * (other[i] as number);
        for (let i = 0; i < length; i += 1) vector[i] = (vector[i] as number) - dot * (other[i] as number);
      }
      const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
      for (let i = 0; i < length; i += 1) vector[i] = (vector[i] as number) / norm;
    }
    vectors.push(vector);
  }
  return rows <= columns
    ? (row, column) => vectors[row]?.[column] as number
    : (row, column) => vectors[column]?.[row] as number;
}

function drawer(initialiser: Initialiser, options: DrawOptions): Draw {
  const { rows, columns, mask, random } = options;
  const fanIn = fan(options, "in");
  /** Mean square 1 becomes 1/fan-in. */
  const perFanIn = (row: number, value: number): number => value / Math.sqrt(fanIn[row] || 1);
  const eitherSign = (): number => (random.uniform() < 0.5 ? -1 : 1);
  switch (initialiser.type) {
    case "uniform": {
      const { low, high } = initialiser;
      if (low !== undefined && high !== undefined) return () => random.uniform(low, high);
      return (row) => perFanIn(row, random.uniform(-1, 1));
    }
    case "normal": {
      const { sd } = initialiser;
      return (row) => (sd === undefined ? perFanIn(row, random.normal()) : random.normal(0, sd));
    }
    case "glorotUniform":
    case "glorotNormal": {
      const { gain = 1 } = initialiser;
      const fanOut = fan(options, "out");
      const unit =
        initialiser.type === "glorotNormal" ? () => random.normal() : () => Math.sqrt(3) * random.uniform(-1, 1);
      return (row, column) => {
        const both = (fanIn[row] as number) + (fanOut[column] as number);
        return gain * unit() * Math.sqrt(2 / (both || 1));
      };
    }
    case "orthogonal": {
      const { gain = 1 } = initialiser;
      const matrix = orthogonalMatrix(random, rows, columns);
      return (row, column) => gain * matrix(row, column);
    }
    case "identity": {
      const { a = 1 } = initialiser;
      const diagonal = Array.from({ length: Math.min(rows, columns) }, (_, unit) => mask?.[unit * columns + unit] ?? 1);
      if (diagonal.every((exists) => exists === 0))
        throw new ConstraintError(
          `${options.label ?? "weights"}: an identity needs synapses on the diagonal, but its mask has none there. Allow self-connections, or take another initialiser.`,
        );
      return (row, column) => (row === column ? a : 0);
    }
    case "gamma": {
      const { shape = 2, scale } = initialiser;
      const rootMeanSquare = Math.sqrt(shape * (shape + 1));
      return (row) => {
        const value = drawGamma(random, shape);
        return (scale === undefined ? perFanIn(row, value / rootMeanSquare) : value * scale) * eitherSign();
      };
    }
    case "logNormal": {
      // Of the logarithm: variance ln(1 + v/m²), mean ln m less half of that. The mean square is m² + v.
      const { mean, variance } = initialiser;
      return (row) => {
        const m = mean ?? perFanIn(row, 1 / Math.sqrt(1.4));
        const logVariance = Math.log1p((variance ?? 0.4 * m * m) / (m * m));
        return m * Math.exp(Math.sqrt(logVariance) * random.normal() - logVariance / 2) * eitherSign();
      };
    }
    case "constant": {
      const { value } = initialiser;
      return () => value;
    }
  }
}

/** {@link drawWeights} for arguments that have been checked. */
export function drawChecked(initialiser: Initialiser, options: DrawOptions): Float32Array {
  const { rows, columns, mask, signs } = options;
  const draw = drawer(initialiser, options);
  return Float32Array.from({ length: rows * columns }, (_, index) => {
    const value = draw(Math.floor(index / columns), index % columns);
    if (mask !== undefined && mask[index] === 0) return 0;
    const sign = signs?.[index] ?? 0;
    return (sign === 0 ? value : Math.abs(value) * sign) + 0; // never -0
  });
}

/**
 * Draws the effective weights of one matrix: |draw|·sign where the sign is prescribed, so that no weight is thrown away
 * (nn4n clips, and loses half of them), the draw itself where it is free, +0 where the synapse is absent. The draws do not
 * depend on the signs, and on the mask only by its fan-in and fan-out.
 * @returns [rows, columns], row-major.
 * @throws {@link ConfigError} and {@link ValueError} as `checkInitialiser`; {@link ShapeError} for a mask or signs of
 * another size; {@link ConstraintError} for an identity whose diagonal is masked.
 */
export function drawWeights(initialiser: Initialiser, options: DrawOptions): Float32Array {
  const { rows, columns, mask, signs, label = "weights" } = options;
  checkInitialiser(label, initialiser);
  checkCount(`${label}: rows`, rows);
  checkCount(`${label}: columns`, columns);
  for (const [name, values] of Object.entries({ mask, signs }))
    if (values !== undefined && values.length !== rows * columns)
      throw new ShapeError(
        `${label}: ${name}: expected [${rows}, ${columns}] (postsynaptic, presynaptic), got ${values.length} values.`,
      );
  if (mask !== undefined) checkMask(`${label}: mask`, mask, columns);
  if (signs !== undefined) checkSigns(`${label}: signs`, signs, columns);
  return drawChecked(initialiser, options);
}
