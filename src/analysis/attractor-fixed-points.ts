import { ShapeError, ValueError } from "../errors.ts";
import { fullTurn } from "./angles.ts";

/** Where a bump comes to rest. */
export interface FixedPoints {
  /** Phases towards which, and from which, the drift points, rad in [0, 2π), rising. None where there is no drift. */
  readonly stable: readonly number[];
  readonly unstable: readonly number[];
  /** Largest absolute drift of the map. */
  readonly largestDrift: number;
}

/**
 * The fixed points of a drift map: zeros of the drift, from above (stable) or from below (unstable), by linear interpolation
 * between neighbouring phases. The map must be fine enough to have a point between any two of them.
 * @param phases [K], rad, in any order; @param drifts [K]: change of the phase there in some time.
 * @param options.tolerance drift up to which a bump counts as at rest everywhere, default 0: a continuous attractor.
 * @throws ShapeError, ValueError
 */
export function fixedPoints(
  phases: ArrayLike<number>,
  drifts: ArrayLike<number>,
  { tolerance = 0 }: { readonly tolerance?: number } = {},
): FixedPoints {
  if (phases.length !== drifts.length || phases.length < 3)
    throw new ShapeError(
      `fixedPoints: expected at least 3 phases and as many drifts, got ${phases.length} and ${drifts.length}.`,
    );
  const map = Array.from(phases, (phase, at): readonly [number, number] => [
    phase - fullTurn * Math.floor(phase / fullTurn),
    drifts[at] as number,
  ]).sort(([a], [b]) => a - b);
  const wrong = map.find(([phase, drift]) => !Number.isFinite(phase) || !Number.isFinite(drift));
  if (wrong !== undefined) throw new ValueError(`fixedPoints: expected finite numbers, got ${wrong.join(" and ")}.`);
  const largestDrift = Math.max(...map.map(([, drift]) => Math.abs(drift)));
  const found = { stable: [] as number[], unstable: [] as number[] };
  if (largestDrift > tolerance)
    for (const [index, [from, before]] of map.entries()) {
      const next = map[(index + 1) % map.length] as readonly [number, number];
      const to = index + 1 < map.length ? next[0] : next[0] + fullTurn;
      const after = next[1];
      // Exactly 0 counts with what follows, so that it is found once.
      if (before >= 0 === after >= 0) continue;
      const at = (from + ((to - from) * before) / (before - after)) % fullTurn;
      (before >= 0 ? found.stable : found.unstable).push(at);
    }
  return { stable: found.stable.sort((a, b) => a - b), unstable: found.unstable.sort((a, b) => a - b), largestDrift };
}
