import { ConfigError } from "../../errors.ts";
import { wrap } from "../periodic.ts";
import type { Trajectories } from "../run.ts";
import { axisNames, type Channels, fillChannels, headingsOf } from "./source.ts";

const turn = 2 * Math.PI;

/** The cosines and then the sines of 2π x / period. */
export function encodeCosineSine(
  walk: Trajectories,
  { of, period }: { readonly of: "heading" | "position"; readonly period?: number | undefined },
): Channels {
  const label = "cosineSine";
  const { environment } = walk;
  if (period === undefined && of === "position" && environment.type === "arena")
    throw new ConfigError(`${label}: period: expected a number, as the position is one in an arena.`);
  const length = of === "heading" || environment.type === "arena" ? turn : environment.length;
  const scale = turn / (period ?? length);
  const source = of === "heading" ? headingsOf(walk, label) : walk.positions;
  const width = of === "heading" ? 1 : walk.dimensions;
  const words = axisNames(of, width);
  const names = ["Cos", "Sin"].flatMap((part) => words.map((word) => `${word}${part}`));
  return fillChannels(walk, names, (values, row) => {
    for (let axis = 0; axis < width; axis += 1) {
      const angle = scale * (source[row * width + axis] as number);
      values[axis] = Math.cos(angle);
      values[width + axis] = Math.sin(angle);
    }
  });
}

/** The velocity of each dimension, or speed with heading or turning. */
export function encodeVelocity(
  walk: Trajectories,
  { form }: { readonly form: "vector" | "speedHeading" | "speedTurn" },
): Channels {
  const { velocities, dimensions, trials, dtMs } = walk;
  if (form === "vector")
    return fillChannels(walk, axisNames("velocity", dimensions), (values, row) =>
      values.set(velocities.subarray(row * dimensions, (row + 1) * dimensions)),
    );
  if (dimensions !== 2)
    throw new ConfigError(`velocityCode: form "${form}": expected two dimensions, got ${dimensions}.`);
  const headings = headingsOf(walk, "velocityCode");
  const speedAt = (row: number): number => Math.hypot(velocities[2 * row] as number, velocities[2 * row + 1] as number);
  if (form === "speedHeading")
    return fillChannels(walk, ["speed", "heading"], (values, row) => {
      values[0] = speedAt(row);
      values[1] = headings[row] as number;
    });
  return fillChannels(walk, ["speed", "turnCos", "turnSin"], (values, row) => {
    // The turn of the first step is not known: where an agent looked before is not a part of its trajectory.
    const before = row < trials ? (headings[row] as number) : (headings[row - trials] as number);
    const turned = wrap((headings[row] as number) - before + Math.PI, turn) - Math.PI;
    const angularVelocity = (1000 * turned) / dtMs;
    values[0] = speedAt(row);
    values[1] = Math.cos(angularVelocity);
    values[2] = Math.sin(angularVelocity);
  });
}
