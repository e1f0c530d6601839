import { ShapeError, ValueError } from "../errors.ts";
import { type Raster, readRaster } from "./raster.ts";

/** How many units differ in each step of two runs, [steps]: sorn's hamming_distance. @throws ShapeError, ValueError */
export function hammingDistance(first: Raster, second: Raster): Float64Array {
  const { steps, units } = readRaster(first, "hammingDistance: first");
  readRaster(second, "hammingDistance: second");
  if (second.shape[0] !== steps || second.shape[1] !== units)
    throw new ShapeError(
      `hammingDistance: expected two runs of one shape, got [${steps}, ${units}] and [${second.shape.join(", ")}].`,
    );
  const distance = new Float64Array(steps);
  for (let index = 0; index < first.values.length; index += 1) {
    const step = Math.floor(index / units);
    if (first.values[index] !== second.values[index]) distance[step] = (distance[step] as number) + 1;
  }
  return distance;
}

/** How a small difference grows, over several pairs of runs. */
export interface DamageSpreading {
  /** Mean Hamming distance of each step, [steps]; the first is that of the perturbed states. */
  readonly distance: Float64Array;
  /**
   * ln(⟨d(t+1)⟩ / ⟨d(t)⟩) at t = 0: below 0 differences die out (order), above 0 they grow (chaos), 0 is critical;
   * -Infinity where all died out at once.
   */
  readonly exponent: number;
  /** Share of the pairs whose difference was gone at the last step. */
  readonly healed: number;
}

/**
 * Damage spreading (Bertschinger & Natschläger 2004): pairs of runs from states that differ in one unit, with the same
 * inputs, noise and plasticity.
 * @param pairs two rasters each, [steps, units]; their first step is the state where they were made different.
 * @throws ShapeError; ValueError without a pair, or for a pair that does not differ in its first step.
 */
export function damageSpreading(pairs: readonly (readonly [Raster, Raster])[]): DamageSpreading {
  const distances = pairs.map(([first, second]) => hammingDistance(first, second));
  const [one] = distances;
  if (one === undefined) throw new ValueError("damageSpreading: expected at least one pair of runs, got none.");
  const steps = one.length;
  if (steps < 2) throw new ShapeError("damageSpreading: expected at least two steps, got 1.");
  const mean = new Float64Array(steps);
  let healed = 0;
  for (const [pair, distance] of distances.entries()) {
    if (distance.length !== steps)
      throw new ShapeError(`damageSpreading: pair ${pair} has ${distance.length} steps, the first ${steps}.`);
    if (distance[0] === 0)
      throw new ValueError(
        `damageSpreading: pair ${pair} does not differ in its first step. Put the perturbed state first.`,
      );
    for (let step = 0; step < steps; step += 1)
      mean[step] = (mean[step] as number) + (distance[step] as number) / pairs.length;
    if (distance[steps - 1] === 0) healed += 1;
  }
  return {
    distance: mean,
    exponent: Math.log((mean[1] as number) / (mean[0] as number)),
    healed: healed / pairs.length,
  };
}
