import type { Random } from "../random.ts";
import { type Arena, freePlace } from "./arena.ts";

/** Place cells with round fields of one width. */
export interface PlaceCells {
  /** [cells, 2], metres. */
  readonly centres: Float64Array;
  /** σ of the fields, in metres. */
  readonly width: number;
}

/** Place cells whose centres lie evenly at random where an agent can be. @throws {@link ValueError} where that is nowhere. */
export function placeCellsIn(arena: Arena, cells: number, width: number, random: Random): PlaceCells {
  const centres = new Float64Array(2 * cells);
  for (let cell = 0; cell < cells; cell += 1) centres.set(freePlace(arena, random), 2 * cell);
  return { centres, width };
}

/** The activity [cells] at a place: softmax of -d² / (2 σ²), which sums to 1 (Banino et al. 2018). */
export function placeActivity({ centres, width }: PlaceCells, x: number, y: number): Float64Array {
  const activity = new Float64Array(centres.length / 2);
  let largest = Number.NEGATIVE_INFINITY;
  for (let cell = 0; cell < activity.length; cell += 1) {
    const [dx, dy] = [x - (centres[2 * cell] as number), y - (centres[2 * cell + 1] as number)];
    const logit = -(dx * dx + dy * dy) / (2 * width * width);
    activity[cell] = logit;
    largest = Math.max(largest, logit);
  }
  let sum = 0;
  for (let cell = 0; cell < activity.length; cell += 1) {
    const power = Math.exp((activity[cell] as number) - largest);
    activity[cell] = power;
    sum += power;
  }
  for (let cell = 0; cell < activity.length; cell += 1) activity[cell] = (activity[cell] as number) / sum;
  return activity;
}

/** The place of an activity [cells]: the mean of the centres of the three most active cells (Sorscher et al. 2019). */
export function decodePlace({ centres }: PlaceCells, activity: ArrayLike<number>): readonly [x: number, y: number] {
  const order = Array.from(activity, (_, cell) => cell).sort(
    (one, other) => (activity[other] as number) - (activity[one] as number),
  );
  const best = order.slice(0, 3);
  const mean = (axis: 0 | 1): number =>
    best.reduce((sum, cell) => sum + (centres[2 * cell + axis] as number), 0) / best.length;
  return [mean(0), mean(1)];
}
