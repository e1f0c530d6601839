import { type ComplexArray, fourier2d } from "../analysis/fourier.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { fieldSide, type TorusParameters } from "./torus.ts";
import { cartesianWave, latticeVectors, type Vector } from "./torus-kernel.ts";

/** The triangular grid of bumps on a sheet, from three waves that it is the sum of. */
export interface TorusPattern {
  /** Wave vectors, about 60° from one to the next, in cycles per unit; the second is the sum of the others. */
  readonly waves: readonly [Vector, Vector, Vector];
  /** Mean distance of neighbouring bumps, in units. */
  readonly spacing: number;
  /** Direction of a row of bumps, in radians from 0 to π/3. */
  readonly orientation: number;
  /** Longest of the three distances between neighbouring bumps over the shortest: 1 for a regular hexagon. */
  readonly stretch: number;
  /** Share of the power that is not the mean's which the three waves have. */
  readonly share: number;
}

/** Angles between two waves of a hexagon, and ratios of their lengths, which are taken for one. */
const allowed = { least: Math.PI / 4.5, most: (Math.PI * 4) / 9, ratio: 1.45 } as const;

interface Peak {
  /** Wave numbers on the field, and power. */
  readonly wave: readonly [column: number, row: number];
  readonly vector: Vector;
  readonly power: number;
}

const noSum = { second: undefined, power: 0 };

/**
 * The pattern of a sheet's rates, from the peaks of its spectrum.
 * @param rates [side, side].
 * @throws ShapeError for another number of rates; ValueError where there is no pattern of waves in three directions.
 */
export function patternOf(torus: TorusParameters, rates: ArrayLike<number>): TorusPattern {
  const { side, boundary } = torus;
  if (rates.length !== side * side)
    throw new ShapeError(`pattern: expected [${side}, ${side}] rates, got ${rates.length} values.`);
  const field = fieldSide(torus);
  const spectrum = paddedSpectrum(rates, side, field);
  // The outline of a sheet that ends is no wave of its pattern.
  const longest = boundary === "periodic" ? 0 : 1.5 / side;
  const peaks = peaksOf(torus, spectrum, field, longest);
  const [first] = peaks;
  if (first === undefined || !(first.power > 0))
    throw new ValueError("pattern: all rates are the same; run the sheet longer, or from a noisy state.");
  const sums = peaks
    .filter(({ vector }) => isNeighbour(first.vector, vector))
    .map((second) => {
      const third = [second.wave[0] - first.wave[0], second.wave[1] - first.wave[1]] as const;
      return { second, power: first.power + second.power + powerAt(spectrum, field, third) };
    });
  const best = sums.reduce((most, each) => (each.power > most.power ? each : most), sums[0] ?? noSum);
  if (best.second === undefined)
    throw new ValueError("pattern: the rates have waves in one direction only (stripes), not a grid of bumps.");
  const [one, two] = [first.vector, best.second.vector];
  const waves = [one, two, [two[0] - one[0], two[1] - one[1]]] as const;
  // Of a wave and its mirror image both are among the peaks.
  const total = peaks.reduce((sum, { power }) => sum + power, 0);
  return { waves, share: (2 * best.power) / total, ...gridOf(one, two) };
}

function paddedSpectrum(rates: ArrayLike<number>, side: number, field: number): ComplexArray {
  const image = new Float64Array(field * field);
  for (let unit = 0; unit < side * side; unit += 1)
    image[Math.floor(unit / side) * field + (unit % side)] = rates[unit] as number;
  return fourier2d(image, field, field);
}

function powerAt({ real, imaginary }: ComplexArray, field: number, [column, row]: readonly [number, number]): number {
  const at = ((row + field) % field) * field + ((column + field) % field);
  return (real[at] as number) ** 2 + (imaginary[at] as number) ** 2;
}

/** All waves but the mean, both ways, the strongest first. */
function peaksOf(torus: TorusParameters, spectrum: ComplexArray, field: number, longest: number): readonly Peak[] {
  const peaks: Peak[] = [];
  const half = field / 2;
  for (let row = 0; row <= half; row += 1)
    for (let column = row === 0 ? 1 : 1 - half; column <= half; column += 1) {
      const vector = vectorOf(torus, field, [column, row]);
      if (Math.hypot(...vector) <= longest) continue;
      peaks.push({ wave: [column, row], vector, power: powerAt(spectrum, field, [column, row]) });
    }
  return peaks.sort((a, b) => b.power - a.power).flatMap((peak) => (isWeak(peak, peaks) ? [] : bothWays(peak)));
}

function vectorOf(torus: TorusParameters, field: number, [column, row]: readonly [number, number]): Vector {
  return cartesianWave(torus, [column / field, row / field]);
}

/** Far below the strongest: rounding, not a wave. */
function isWeak(peak: Peak, peaks: readonly Peak[]): boolean {
  return peak.power < 1e-6 * (peaks[0]?.power ?? 0);
}

function bothWays(peak: Peak): readonly Peak[] {
  const { wave, vector, power } = peak;
  return [peak, { wave: [-wave[0], -wave[1]], vector: [-vector[0], -vector[1]], power }];
}

function isNeighbour(one: Vector, other: Vector): boolean {
  const [a, b] = [Math.hypot(...one), Math.hypot(...other)];
  const angle = Math.acos(Math.max(-1, Math.min(1, (one[0] * other[0] + one[1] * other[1]) / (a * b))));
  return angle > allowed.least && angle < allowed.most && Math.max(a / b, b / a) < allowed.ratio;
}

/** The rows of bumps of two waves at about 60°: the bumps' own lattice is the dual one. */
function gridOf(one: Vector, two: Vector): Pick<TorusPattern, "spacing" | "orientation" | "stretch"> {
  const area = one[0] * two[1] - one[1] * two[0];
  const a: Vector = [two[1] / area, -two[0] / area];
  const b: Vector = [-one[1] / area, one[0] / area];
  const rows: readonly Vector[] = [a, b, [a[0] + b[0], a[1] + b[1]]];
  const lengths = rows.map((row) => Math.hypot(...row));
  // Rows of a hexagon are 60° apart: six times their angle is the same.
  const [x, y] = rows.reduce(
    ([c, s], [u, v]) => {
      const angle = 6 * Math.atan2(v, u);
      return [c + Math.cos(angle), s + Math.sin(angle)];
    },
    [0, 0] as [number, number],
  );
  // Rounding must not make a whole sixth of a turn of none.
  const turn = Math.atan2(y, x) / 6 + 1e-12;
  return {
    spacing: lengths.reduce((sum, length) => sum + length / 3, 0),
    orientation: turn < 0 ? turn + Math.PI / 3 : turn,
    stretch: Math.max(...lengths) / Math.min(...lengths),
  };
}

/**
 * Follows how far patterns have moved, from the phases of their three waves: a pattern that moves by d has the phase of a
 * wave k changed by -2π k·d; the three phases give d by least squares. Between two frames no phase may turn by π.
 */
export class PatternTracker {
  readonly trials: number;
  readonly #area: number;
  readonly #waves: TorusPattern["waves"];
  /** Cosines and sines of each wave at each unit: [3, 2, area]. */
  readonly #table: Float64Array;
  /** Phases of the last frame and displacements so far. */
  readonly #phases: Float64Array;
  readonly #moved: Float64Array;
  #started = false;

  /** @throws ValueError for no trials. */
  constructor(torus: TorusParameters, { waves }: Pick<TorusPattern, "waves">, trials: number) {
    if (!Number.isInteger(trials) || trials < 1)
      throw new ValueError(`pattern tracker: trials: expected a positive integer, got ${trials}.`);
    const { side } = torus;
    const [right, up] = latticeVectors(torus);
    this.trials = trials;
    this.#area = side * side;
    this.#waves = waves;
    this.#table = new Float64Array(6 * this.#area);
    for (const [wave, [kx, ky]] of waves.entries())
      for (let unit = 0; unit < this.#area; unit += 1) {
        const [column, row] = [unit % side, Math.floor(unit / side)];
        const [x, y] = [column * right[0] + row * up[0], column * right[1] + row * up[1]];
        const angle = -2 * Math.PI * (kx * x + ky * y);
        this.#table[2 * wave * this.#area + unit] = Math.cos(angle);
        this.#table[(2 * wave + 1) * this.#area + unit] = Math.sin(angle);
      }
    this.#phases = new Float64Array(3 * trials);
    this.#moved = new Float64Array(2 * trials);
  }

  /** The phases of the three waves in the last frame, [trials, 3], radians. */
  get phases(): Float64Array {
    return this.#phases.slice();
  }

  /**
   * Takes the next frame.
   * @param rates [trials, side, side].
   * @returns [trials, 2]: how far the patterns have moved since the first frame, in units.
   * @throws ShapeError for another number of rates.
   */
  next(rates: ArrayLike<number>): Float64Array {
    if (rates.length !== this.trials * this.#area)
      throw new ShapeError(
        `pattern tracker: expected ${this.trials} trials of ${this.#area} rates, got ${rates.length} values.`,
      );
    for (let trial = 0; trial < this.trials; trial += 1) {
      const turns = this.#waves.map((_, wave) => {
        const phase = this.#phaseOf(rates, trial, wave);
        const turn = phase - (this.#phases[3 * trial + wave] as number);
        this.#phases[3 * trial + wave] = phase;
        return turn - 2 * Math.PI * Math.round(turn / (2 * Math.PI));
      });
      if (!this.#started) continue;
      const [dx, dy] = displacementOf(this.#waves, turns);
      this.#moved[2 * trial] = (this.#moved[2 * trial] as number) + dx;
      this.#moved[2 * trial + 1] = (this.#moved[2 * trial + 1] as number) + dy;
    }
    this.#started = true;
    return this.#moved.slice();
  }

  #phaseOf(rates: ArrayLike<number>, trial: number, wave: number): number {
    const area = this.#area;
    const [cosines, sines] = [2 * wave * area, (2 * wave + 1) * area];
    let [x, y] = [0, 0];
    for (let unit = 0; unit < area; unit += 1) {
      const rate = rates[trial * area + unit] as number;
      x += rate * (this.#table[cosines + unit] as number);
      y += rate * (this.#table[sines + unit] as number);
    }
    return Math.atan2(y, x);
  }
}

/** The least-squares displacement of waves whose phases turned: turns = -2π k·d. */
function displacementOf(waves: TorusPattern["waves"], turns: readonly number[]): Vector {
  let [xx, xy, yy, px, py] = [0, 0, 0, 0, 0];
  for (const [wave, [kx, ky]] of waves.entries()) {
    const part = -(turns[wave] as number) / (2 * Math.PI);
    xx += kx * kx;
    xy += kx * ky;
    yy += ky * ky;
    px += kx * part;
    py += ky * part;
  }
  const determinant = xx * yy - xy * xy;
  return [(yy * px - xy * py) / determinant, (xx * py - xy * px) / determinant];
}
