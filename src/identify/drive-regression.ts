import { choleskyFactor, choleskySolve, triangleRow } from "../analysis/cholesky.ts";

/**
 * The rows of the regression h_i(t) = Σ_c z_c(t) Σ_j B_cij x_j(t), with z = (1, v_1 … v_D) and x the active units and,
 * last, a constant: what each unit's drive is made of.
 */
export interface DriveRows {
  readonly rows: number;
  /** Units that are regressed on, with the constant if there is one. */
  readonly sources: number;
  /** 1 + D */
  readonly components: number;
  /** Row t has the entries starts[t] … starts[t + 1] - 1 of `places` and `values`: sources that are not 0. */
  readonly starts: Uint32Array;
  readonly places: Uint16Array;
  readonly values: Float64Array;
  /** [rows, components] z */
  readonly factors: Float64Array;
}

/** Sums of a regression of one drive or of several: the Gram matrix is Σ z_c z_d x xᵀ, kept for c ≥ d and x_j x_k, j ≥ k. */
export class DriveSums {
  readonly #rows: DriveRows;
  readonly #gram: Float64Array;
  readonly #pairs: number;
  /** [targets, components, sources] */
  readonly cross: Float64Array;

  constructor(rows: DriveRows, targets = 1) {
    this.#rows = rows;
    this.#pairs = triangleRow(rows.sources);
    this.#gram = new Float64Array(triangleRow(rows.components) * this.#pairs);
    this.cross = new Float64Array(targets * rows.components * rows.sources);
  }

  /** Adds row `row` to the Gram matrix, `sign` times. */
  addRow(row: number, sign = 1): void {
    const { starts, places, values, factors, components } = this.#rows;
    const [from, to] = [starts[row] as number, starts[row + 1] as number];
    for (let c = 0, block = 0; c < components; c += 1)
      for (let d = 0; d <= c; d += 1, block += 1) {
        const factor = sign * (factors[row * components + c] as number) * (factors[row * components + d] as number);
        const base = block * this.#pairs;
        for (let first = from; first < to; first += 1) {
          const scaled = factor * (values[first] as number);
          const rowAt = base + triangleRow(places[first] as number);
          for (let second = from; second <= first; second += 1) {
            const index = rowAt + (places[second] as number);
            this.#gram[index] = (this.#gram[index] as number) + scaled * (values[second] as number);
          }
        }
      }
  }

  /** Adds target value × row to the cross sums of one target. */
  addTarget(row: number, value: number, target = 0): void {
    const { starts, places, values, factors, components, sources } = this.#rows;
    for (let c = 0; c < components; c += 1) {
      const scaled = value * (factors[row * components + c] as number);
      const base = (target * components + c) * sources;
      for (let entry = starts[row] as number; entry < (starts[row + 1] as number); entry += 1) {
        const index = base + (places[entry] as number);
        this.cross[index] = (this.cross[index] as number) + scaled * (values[entry] as number);
      }
    }
  }

  /** Mean of the diagonal over sources; the natural unit of λ. */
  meanSquare(penalised: number): number {
    const { components } = this.#rows;
    let sum = 0;
    for (let c = 0; c < components; c += 1)
      for (let k = 0; k < penalised; k += 1)
        sum += this.#gram[(triangleRow(c) + c) * this.#pairs + triangleRow(k) + k] as number;
    return sum / (components * Math.max(1, penalised));
  }

  /**
   * B [targets, components, sources] of least Σ (h - B z x)² + λ Σ B², the sources from `penalised` on with a λ that only
   * keeps the matrix regular.
   * @throws ValueError where the matrix is singular, as at λ = 0.
   */
  solve(lambda: number, penalised: number): Float64Array {
    const { components, sources } = this.#rows;
    const size = components * sources;
    const factor = new Float64Array(triangleRow(size));
    for (let row = 0; row < size; row += 1) {
      const [c, j] = [Math.floor(row / sources), row % sources];
      for (let column = 0; column <= row; column += 1) {
        const [d, k] = [Math.floor(column / sources), column % sources];
        const pair = j >= k ? triangleRow(j) + k : triangleRow(k) + j;
        factor[triangleRow(row) + column] = this.#gram[(triangleRow(c) + d) * this.#pairs + pair] as number;
      }
      const diagonal = triangleRow(row) + row;
      factor[diagonal] = (factor[diagonal] as number) + (j < penalised ? lambda : lambda * 1e-6);
    }
    choleskyFactor(factor, size);
    const solved = this.cross.slice();
    for (let base = 0; base < solved.length; base += size)
      choleskySolve(factor, size, solved.subarray(base, base + size));
    return solved;
  }
}

/** Σ_c z_c Σ_j B_cij x_j of row `row`, for one target's B [components, sources]. */
export function driveOf(
  { starts, places, values, factors, components, sources }: DriveRows,
  row: number,
  weights: Float64Array,
): number {
  let drive = 0;
  for (let c = 0; c < components; c += 1) {
    let sum = 0;
    for (let entry = starts[row] as number; entry < (starts[row + 1] as number); entry += 1)
      sum += (values[entry] as number) * (weights[c * sources + (places[entry] as number)] as number);
    drive += sum * (factors[row * components + c] as number);
  }
  return drive;
}
