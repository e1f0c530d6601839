import { ShapeError, ValueError } from "../errors.ts";

/** How the phase of bumps wanders. */
export interface Diffusion {
  /** Lags, steps. */
  readonly lags: readonly number[];
  /** Mean square displacement at each lag, rad², over all trials and starts. */
  readonly squares: readonly number[];
  /** Mean square displacement a step, rad², by least squares through the origin over the lags. */
  readonly perStep: number;
  /** D = ⟨Δφ²⟩ / 2t, rad² a step: half of it. */
  readonly coefficient: number;
}

/**
 * The diffusion of phases, from their displacements over some lags. On a ring of discrete fixed points it becomes slower as the
 * lag grows, because the bump is held where it is; compare only what was measured over the same lags.
 * @param phases [T, B], unwrapped, of resting bumps; @param options.lags default 1 … 10 steps; @param options.drift subtract
 * the mean displacement of a lag, default no.
 * @throws ShapeError; ValueError for lags that are no positive integers below T.
 */
export function phaseDiffusion(
  phases: ArrayLike<number>,
  {
    trials,
    lags = Array.from({ length: 10 }, (_, index) => index + 1),
    drift = false,
  }: { readonly trials: number; readonly lags?: readonly number[]; readonly drift?: boolean },
): Diffusion {
  const steps = phases.length / trials;
  if (!Number.isInteger(steps))
    throw new ShapeError(`phaseDiffusion: phases: expected [T, ${trials}], got ${phases.length} values.`);
  const squares = lags.map((lag) => {
    if (!Number.isInteger(lag) || lag < 1 || lag >= steps)
      throw new ValueError(`phaseDiffusion: lags: expected integers from 1 to ${steps - 1}, got ${lag}.`);
    let [sum, square] = [0, 0];
    const count = (steps - lag) * trials;
    for (let row = 0; row < count; row += 1) {
      const change = (phases[row + lag * trials] as number) - (phases[row] as number);
      sum += change;
      square += change * change;
    }
    return square / count - (drift ? (sum / count) ** 2 : 0);
  });
  const [products, lagSquares] = lags.reduce(
    ([a, b], lag, index) => [a + lag * (squares[index] as number), b + lag * lag] as const,
    [0, 0] as readonly [number, number],
  );
  const perStep = products / lagSquares;
  return { lags, squares, perStep, coefficient: perStep / 2 };
}
