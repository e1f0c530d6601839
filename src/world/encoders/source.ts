import { ConfigError } from "../../errors.ts";
import type { ArenaEnvironment } from "../environments.ts";
import type { Trajectories } from "../run.ts";

/** What an encoder makes of trajectories. */
export interface Channels {
  /** [T, B, K] */
  readonly values: Float32Array;
  /** [K] */
  readonly names: readonly string[];
}

/** Fills the K values of each step and trial; `row` is step · B + trial. */
export function fillChannels(
  { steps, trials }: Trajectories,
  names: readonly string[],
  fill: (values: Float32Array, row: number) => void,
): Channels {
  const width = names.length;
  const values = new Float32Array(steps * trials * width);
  for (let row = 0; row < steps * trials; row += 1) fill(values.subarray(row * width, (row + 1) * width), row);
  return { values, names };
}

/** @throws ConfigError where trajectories have no headings. */
export function headingsOf({ headings, environment, dimensions }: Trajectories, label: string): Float32Array {
  if (headings) return headings;
  throw new ConfigError(
    `${label}: expected a circle or two dimensions, which have a heading, got ${environment.type} of ${dimensions}.`,
  );
}

/** @throws ConfigError where trajectories are not in an arena. */
export function arenaOf({ environment }: Trajectories, label: string): ArenaEnvironment {
  if (environment.type === "arena") return environment;
  throw new ConfigError(`${label}: expected an arena, got ${environment.type}.`);
}

/** x, y, z; a velocity's, a position's. */
export function axisNames(word: string, dimensions: number): readonly string[] {
  return dimensions === 1 ? [word] : ["X", "Y", "Z"].slice(0, dimensions).map((axis) => `${word}${axis}`);
}
