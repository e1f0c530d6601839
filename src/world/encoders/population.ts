import { ConfigError } from "../../errors.ts";
import { wrap } from "../periodic.ts";
import { boundsOf } from "../region.ts";
import type { Trajectories } from "../run.ts";
import { type Channels, fillChannels, headingsOf } from "./source.ts";

interface PopulationCode {
  readonly of: "heading" | "position" | "velocity";
  readonly units: number;
  readonly width: number;
  readonly height: number;
  readonly range?: readonly [number, number] | undefined;
  readonly periodic?: boolean | undefined;
}

/** Gaussian receptive fields on a line, a ring, a grid or a torus. */
export function encodePopulation(walk: Trajectories, code: PopulationCode): Channels {
  const { units, width, height } = code;
  const { source, dimensions } = sourceOf(walk, code.of);
  const periodic =
    code.periodic ?? (code.of === "heading" || (code.of === "position" && walk.environment.type === "circle"));
  const axes = Array.from({ length: dimensions }, (_, axis) => {
    const [low, high] = code.range ?? defaultRange(walk, code.of, axis);
    const gap = (high - low) / (periodic ? units : Math.max(1, units - 1));
    const first = units === 1 && !periodic ? (low + high) / 2 : low;
    return { first, gap, length: high - low };
  });
  // The Gaussian of a distance in several dimensions is the product of those of each.
  const tuning = (value: number, axis: number): Float64Array => {
    const { first, gap, length } = axes[axis] as (typeof axes)[number];
    return Float64Array.from({ length: units }, (_, unit) => {
      const offset = value - first - unit * gap;
      const distance = periodic ? wrap(offset + length / 2, length) - length / 2 : offset;
      return Math.exp(-((distance / width) ** 2) / 2);
    });
  };
  const count = units ** dimensions;
  const names = Array.from({ length: count }, (_, unit) => `${code.of}${unit}`);
  return fillChannels(walk, names, (values, row) => {
    values.fill(height);
    for (let axis = 0; axis < dimensions; axis += 1) {
      const own = tuning(source[row * dimensions + axis] as number, axis);
      const stride = units ** axis;
      for (let unit = 0; unit < count; unit += 1)
        values[unit] = (values[unit] as number) * (own[Math.floor(unit / stride) % units] as number);
    }
  });
}

function sourceOf(
  walk: Trajectories,
  of: PopulationCode["of"],
): { readonly source: Float32Array; readonly dimensions: number } {
  if (of === "heading") return { source: headingsOf(walk, "populationCode"), dimensions: 1 };
  return { source: of === "position" ? walk.positions : walk.velocities, dimensions: walk.dimensions };
}

function defaultRange(
  { environment }: Trajectories,
  of: PopulationCode["of"],
  axis: number,
): readonly [number, number] {
  if (of === "heading") return [0, 2 * Math.PI];
  if (of === "velocity") throw new ConfigError("populationCode: range: expected [low, high] of the velocities.");
  if (environment.type !== "arena") return [0, environment.length];
  const { least, most } = boundsOf(environment.walls);
  return [least[axis] as number, most[axis] as number];
}
