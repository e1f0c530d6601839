import { normalPair, streams, threefry2x32 } from "../../src/random.ts";
import type { Numbers } from "./numbers.ts";

/** What the plain sums need to know of a sheet; the fields are those of `torus()`. */
export interface PlainTorus {
  readonly side: number;
  readonly lattice: "square" | "rhombic";
  readonly boundary: "periodic" | "aperiodic";
  readonly envelope: { readonly steepness: number; readonly taper: number };
  readonly dtMs: number;
  readonly tauMs: number;
  readonly kernel:
    | { type: "difference"; strength: number; excitation: number; wavelength: number; ratio: number }
    | { type: "gaussian"; strength: number; width: number; offset: number };
  readonly velocity:
    | { type: "directions"; shift: number; gain: number }
    | { type: "derivative"; gain: number }
    | { type: "shift"; gain: number };
  readonly activation: "relu" | "retanh";
  readonly input: number;
  readonly normalised: number;
  readonly noise: number;
}

/** Weight as a function of place, nearest of the images; the derivative by central differences, so that it is no copy. */
export function plainWeight(torus: PlainTorus, x: number, y: number): number {
  const { side, lattice, kernel, boundary } = torus;
  let nearest = Number.POSITIVE_INFINITY;
  const reach = boundary === "periodic" ? [-2, -1, 0, 1, 2] : [0];
  for (const i of reach)
    for (const j of reach) {
      const [u, v] = lattice === "square" ? [i * side, j * side] : [(i + j / 2) * side, (j * Math.sqrt(3) * side) / 2];
      nearest = Math.min(nearest, (x + u) ** 2 + (y + v) ** 2);
    }
  if (kernel.type === "gaussian") {
    const bell = kernel.strength * Math.exp(-nearest / (kernel.width * side) ** 2);
    return ((bell - kernel.offset) * 90) / side ** 2;
  }
  const beta = 3 / kernel.wavelength ** 2;
  const centre = kernel.excitation * Math.exp(-kernel.ratio * beta * nearest);
  return kernel.strength * (centre - Math.exp(-beta * nearest));
}

function place(torus: PlainTorus, unit: number): [number, number] {
  const [row, column] = [Math.floor(unit / torus.side), unit % torus.side];
  return torus.lattice === "square" ? [column, row] : [column + row / 2, (row * Math.sqrt(3)) / 2];
}

/** West, north, south, east in a square of four units. */
function direction(torus: PlainTorus, unit: number): [number, number] {
  const [row, column] = [Math.floor(unit / torus.side), unit % torus.side];
  if (row % 2 === 0) return column % 2 === 0 ? [-1, 0] : [0, 1];
  return column % 2 === 0 ? [0, -1] : [1, 0];
}

/**
 * One time step of one trial as sums over all pairs of units, in float64.
 * @param noise standard normal numbers of the units.
 */
export function plainStep(
  torus: PlainTorus,
  state: Numbers,
  velocity: readonly [number, number],
  noise?: (unit: number) => number,
): Float64Array {
  const { side, velocity: coupling, normalised } = torus;
  const area = side * side;
  const rate = torus.dtMs / torus.tauMs;
  const small = 1e-5;
  let sum = 0;
  for (let unit = 0; unit < area; unit += 1) sum += state[unit] ?? 0;
  return Float64Array.from({ length: area }, (_, post) => {
    let recurrent = 0;
    const [x, y] = place(torus, post);
    for (let pre = 0; pre < area; pre += 1) {
      const s = state[pre] ?? 0;
      if (s === 0) continue;
      const [a, b] = place(torus, pre);
      const weight = (dx: number, dy: number): number => plainWeight(torus, x - a - dx, y - b - dy);
      if (coupling.type === "directions") {
        const [east, north] = direction(torus, pre);
        recurrent += s * weight(coupling.shift * east, coupling.shift * north);
      } else if (coupling.type === "shift") {
        const far = coupling.gain * side;
        recurrent += s * weight(far * velocity[0], far * velocity[1]);
      } else {
        // W(x - h) - W(x + h) over 2 h is minus the derivative; a kink gives the mean of both sides.
        const along = (weight(small, 0) - weight(-small, 0)) / (2 * small);
        const up = (weight(0, small) - weight(0, -small)) / (2 * small);
        recurrent += s * (weight(0, 0) + coupling.gain * (velocity[0] * along + velocity[1] * up));
      }
    }
    let envelope = 1;
    if (torus.boundary === "aperiodic") {
      const [radius, taper] = [side / 2, (torus.envelope.taper * side) / 2];
      const beyond = Math.hypot(x - side / 2, y - side / 2) - (radius - taper);
      if (beyond > 0) envelope = Math.exp(-torus.envelope.steepness * (beyond / taper) ** 2);
    }
    let drive = torus.input * envelope;
    if (coupling.type === "directions") {
      const [east, north] = direction(torus, post);
      drive *= 1 + coupling.gain * (east * velocity[0] + north * velocity[1]);
    }
    drive += recurrent * (1 - normalised + (normalised > 0 ? normalised / sum : 0));
    if (torus.noise > 0) drive += (torus.noise / Math.sqrt(rate)) * (noise?.(post) ?? 0);
    const aim = torus.activation === "relu" ? Math.max(0, drive) : Math.max(0, Math.tanh(drive));
    const before = state[post] ?? 0;
    return before + rate * (aim - before);
  });
}

/** The standard normal number of a unit at a step: trials that share an image have the two of a pair. */
export function plainNoise(torus: PlainTorus, seed: number, step: number, trial: number, unit: number): number {
  const packed = torus.velocity.type === "directions" ? 2 : 1;
  const image = Math.floor(trial / packed);
  const [bits0, bits1] = threefry2x32(seed, streams.runNoise, step, image * torus.side ** 2 + unit);
  return normalPair(bits0, bits1)[trial % packed] ?? 0;
}
