import { ValueError } from "../../errors.ts";
import { autocorrelogram } from "./autocorrelogram.ts";
import { readMap, type SpatialMap } from "./map.ts";
import { rotateSpline, splineCoefficients2d } from "./rotate.ts";

/** A ring of the autocorrelogram: from (not with) `inner` to (with) `outer`, as fractions of the bins of a map's side. */
export interface RingMask {
  readonly inner: number;
  readonly outer: number;
}

export interface GridScoreOptions {
  /** Rings that are tried; 0.2 to each of 0.4, 0.5 … 1.2 unless given. */
  readonly masks?: readonly RingMask[];
  /**
   * `"mean"` (default): (c60 + c120)/2 - (c30 + c90 + c150)/3; `"minMax"`: min(c60, c120) - max(c30, c90, c150) (Sargolini
   * et al. 2006; Langston et al. 2010).
   */
  readonly variant?: "mean" | "minMax";
  /** `"nsi"`: unvisited bins count as 0, as in DeepMind's scorer. */
  readonly compat?: "nsi";
}

/** How much a map repeats itself under turns. */
export interface GridScore {
  /** Hexagonal symmetry: the best over the masks. */
  readonly score60: number;
  /** Square symmetry, c90 - (c45 + c135)/2, in the ring of `score60`, and the best over the masks. */
  readonly score90: number;
  readonly score90Best: number;
  /** The rings of `score60` and of `score90Best`. */
  readonly mask: RingMask;
  readonly mask90: RingMask;
  /** Of every mask, in their order. */
  readonly scores: readonly { readonly mask: RingMask; readonly score60: number; readonly score90: number }[];
}

export const defaultMasks: readonly RingMask[] = [4, 5, 6, 7, 8, 9, 10, 11, 12].map((tenths) => ({
  inner: 0.2,
  outer: tenths / 10,
}));

const angles = [30, 45, 60, 90, 120, 135, 150] as const;
type Angle = (typeof angles)[number];

/** DeepMind's scorer adds this to the variance in a ring, so that a flat map has a score of 0. */
const leastVariance = 1e-5;

/**
 * The grid score of a rate map: its {@link autocorrelogram} is turned, by cubic splines, and correlated with itself inside
 * of rings around the middle; the best ring counts (Banino et al. 2018, whose scorer nsi has; Sargolini et al. 2006).
 * @param map of a unit, [rows, columns] of bins that are squares; NaN where nobody was.
 * @throws ShapeError, ValueError
 */
export function gridScore(map: SpatialMap, options: GridScoreOptions = {}): GridScore {
  const label = "gridScore";
  const [rows, columns] = readMap(map, label);
  const { masks = defaultMasks, variant = "mean", compat } = options;
  if (rows < 3 || columns < 3)
    throw new ValueError(`${label}: expected at least 3 by 3 bins, got ${rows} by ${columns}.`);
  const found = autocorrelogram(map, compat === undefined ? {} : { compat });
  const image = found.values.map((value) => (Number.isNaN(value) ? 0 : value));
  const [height, width] = [2 * rows - 1, 2 * columns - 1];
  const coefficients = splineCoefficients2d(image, height, width);
  const turned = angles.map((angle) => rotateSpline(coefficients, height, width, angle));
  const scores = masks.map((mask) => {
    const bins = ringBins(mask, rows, columns, label);
    const correlations = new Map(
      angles.map((angle, index) => [angle, inRing(image, turned[index] as Float64Array, bins)]),
    );
    const at = (angle: Angle): number => correlations.get(angle) as number;
    return { mask, ...scoreOf(at, variant) };
  });
  const first = scores[0];
  if (first === undefined) throw new ValueError(`${label}: masks: expected at least one, got none.`);
  const best = scores.reduce((most, score) => (score.score60 > most.score60 ? score : most), first);
  const square = scores.reduce((most, score) => (score.score90 > most.score90 ? score : most), first);
  return {
    score60: best.score60,
    score90: best.score90,
    score90Best: square.score90,
    mask: best.mask,
    mask90: square.mask,
    scores,
  };
}

function scoreOf(
  at: (angle: Angle) => number,
  variant: "mean" | "minMax",
): { readonly score60: number; readonly score90: number } {
  const score90 = at(90) - (at(45) + at(135)) / 2;
  if (variant === "minMax") return { score60: Math.min(at(60), at(120)) - Math.max(at(30), at(90), at(150)), score90 };
  return { score60: (at(60) + at(120)) / 2 - (at(30) + at(90) + at(150)) / 3, score90 };
}

/** The bins of the autocorrelogram within a ring. */
function ringBins({ inner, outer }: RingMask, rows: number, columns: number, label: string): readonly number[] {
  const side = Math.min(rows, columns);
  const bins: number[] = [];
  for (let row = 1 - rows; row < rows; row += 1)
    for (let column = 1 - columns; column < columns; column += 1) {
      const distance = Math.hypot(row, column);
      if (distance > inner * side && distance <= outer * side)
        bins.push((row + rows - 1) * (2 * columns - 1) + column + columns - 1);
    }
  if (bins.length > 0) return bins;
  throw new ValueError(`${label}: mask: no bin lies in the ring from ${inner} to ${outer} of ${side} bins.`);
}

/** The covariance of image and turned image in a ring, both less the image's mean there, over the image's variance. */
function inRing(image: Float64Array, turned: Float64Array, bins: readonly number[]): number {
  let mean = 0;
  for (const bin of bins) mean += image[bin] as number;
  mean /= bins.length;
  let [product, square] = [0, 0];
  for (const bin of bins) {
    const own = (image[bin] as number) - mean;
    product += own * ((turned[bin] as number) - mean);
    square += own * own;
  }
  return product / bins.length / (square / bins.length + leastVariance);
}
