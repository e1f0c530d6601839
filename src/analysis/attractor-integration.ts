import { ShapeError, ValueError } from "../errors.ts";

/** How well the phase of a bump follows a true angle. */
export interface PathIntegration {
  /** Slope of the phase's change on the true change, through the origin. */
  readonly gain: number;
  /** Root of the mean square error of the phase, rad: over all steps, and at the last one. */
  readonly rms: number;
  readonly finalRms: number;
  /** The same once the phase's change is divided by the gain. */
  readonly correctedRms: number;
  readonly correctedFinalRms: number;
  /** Error at each step, [T], rad. */
  readonly rmsOverTime: Float64Array;
}

/**
 * Compares the path of a bump with the true one, both from their first step on.
 * @param phases [T, B], unwrapped; @param headings [T, B], not wrapped.
 * @throws ShapeError; ValueError where nothing ever turns.
 */
export function pathIntegration(
  phases: ArrayLike<number>,
  headings: ArrayLike<number>,
  { trials }: { readonly trials: number },
): PathIntegration {
  const steps = phases.length / trials;
  if (!Number.isInteger(steps) || steps < 2 || headings.length !== phases.length)
    throw new ShapeError(
      `pathIntegration: expected phases and headings [T, ${trials}] with T of at least 2, got ${phases.length} and ${headings.length} values.`,
    );
  const change = (values: ArrayLike<number>, row: number): number =>
    (values[row] as number) - (values[row % trials] as number);
  let [products, squares] = [0, 0];
  for (let row = trials; row < phases.length; row += 1) {
    products += change(phases, row) * change(headings, row);
    squares += change(headings, row) ** 2;
  }
  if (!(squares > 0)) throw new ValueError("pathIntegration: the true angle never changes, so there is no gain.");
  const gain = products / squares;
  const errors = (factor: number): Float64Array =>
    Float64Array.from({ length: steps }, (_, step) => {
      let sum = 0;
      for (let row = step * trials; row < (step + 1) * trials; row += 1)
        sum += (change(phases, row) / factor - change(headings, row)) ** 2;
      return Math.sqrt(sum / trials);
    });
  const total = (values: Float64Array): number =>
    Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / (steps - 1));
  const rmsOverTime = errors(1);
  const corrected = errors(gain);
  return {
    gain,
    ...{ rms: total(rmsOverTime), finalRms: rmsOverTime[steps - 1] ?? 0, rmsOverTime },
    ...{ correctedRms: total(corrected), correctedFinalRms: corrected[steps - 1] ?? 0 },
  };
}
