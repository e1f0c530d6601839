import type { BilinearNetwork } from "../../src/attractors/bilinear-network.ts";
import type { Activation } from "../../src/io/model-schema.ts";
import { Random } from "../../src/random.ts";
import type { BilinearReference } from "../reference/bilinear.ts";

export interface BilinearCase {
  readonly units: number;
  readonly dimensions: number;
  readonly steps: number;
  readonly trials: number;
  readonly activation: Activation;
  readonly seed: number;
  readonly inhibition?: number;
}

/** Numbers N(0, scale²). */
export function normals(seed: number, stream: number, length: number, scale: number): Float32Array {
  const random = new Random(seed, 1000 + stream);
  return Float32Array.from({ length }, () => random.normal(0, scale));
}

/** A network with multiplicative input and what drives it, small enough not to blow up. */
export function bilinearCase({ units, dimensions, steps, trials, activation, seed, inhibition = 0 }: BilinearCase) {
  const scale = 0.8 / Math.sqrt(units);
  const random = new Random(seed, 1010);
  const network = {
    ...{ units, activation, inhibition },
    weights: normals(seed, 0, units ** 2, scale),
    velocityWeights: normals(seed, 1, dimensions * units ** 2, scale / 2),
    bias: normals(seed, 2, units, 0.3),
    alpha: Float32Array.from({ length: units }, () => random.uniform(0.1, 1)),
  } satisfies BilinearNetwork & BilinearReference;
  return {
    network,
    ...{ steps, trials },
    state: normals(seed, 3, trials * units, 0.5),
    inputs: normals(seed, 4, steps * trials * dimensions, 1),
    currents: normals(seed, 5, steps * trials * units, 0.2),
    directions: normals(seed, 6, steps * trials * units, 1),
    target: normals(seed, 7, steps * trials * units, 0.5),
  };
}

/** Rows [.., N] of the given directions, each `scale` long. */
export function directed(directions: ArrayLike<number>, units: number, scale: number): Float64Array {
  const noise = Float64Array.from(directions);
  for (let row = 0; row < noise.length; row += units) {
    const length = Math.hypot(...noise.subarray(row, row + units));
    for (let unit = row; unit < row + units; unit += 1) noise[unit] = (scale * (noise[unit] ?? 0)) / length;
  }
  return noise;
}
