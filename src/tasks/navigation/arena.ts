import type { Random } from "../../random.ts";
import { Drift } from "./drift.ts";

/** How an agent moves in a square arena, whose middle is (0, 0). */
export interface Motion {
  /** Of the square, in metres. */
  readonly side: number;
  /** Scale of the Rayleigh distribution of the speed, in metres per second; its mean is 1.25 times this. */
  readonly speed: number;
  /** Time constant of the autocorrelation of the speed's two Gaussian parts. */
  readonly speedMs: number;
  /** Random turning: the standard deviation of the heading after one second, in radians. */
  readonly turning: number;
  /** So near to a wall that it faces, in metres, the agent slows down and turns along it. */
  readonly border: number;
}

/** A walk of some steps, each row [x, y]. */
export interface Walk {
  /** [steps, 2], metres per second, in the step. */
  readonly velocities: Float64Array;
  /** [steps, 2], metres, after the step. */
  readonly positions: Float64Array;
}

/** The angle of a heading to that of a wall's outward normal, in [-π, π). */
function toNormal(heading: number, normal: number): number {
  const turn = 2 * Math.PI;
  return ((((heading - normal + Math.PI) % turn) + turn) % turn) - Math.PI;
}

/** The outward normal of the nearest wall, and the distance to it. */
function nearestWall(x: number, y: number, half: number): { readonly normal: number; readonly distance: number } {
  const distances = [half - x, half - y, half + x, half + y];
  const distance = Math.min(...distances);
  return { normal: (distances.indexOf(distance) * Math.PI) / 2, distance };
}

/**
 * A random walk in a square arena (Erdem & Hasselmo 2012; Banino et al. 2018; Sorscher et al. 2019): the speed is
 * Rayleigh distributed; the heading turns at random; near a wall that it faces the agent goes at a quarter of its speed
 * and turns along the wall. It never leaves the arena: a step that would end outside ends at the wall, and its velocity
 * is what the step was, so that positions are always the sum of the velocities.
 *
 * Where theirs differ: speed and turning are drawn anew at every step of 20 ms, so that how far an agent gets depends
 * on the time step, and a fast step can end outside. Here both have a scale in time.
 */
export function walkInArena(
  motion: Motion,
  start: { readonly x: number; readonly y: number; readonly heading: number },
  steps: number,
  dtMs: number,
  random: Random,
): Walk {
  const half = motion.side / 2;
  const seconds = dtMs / 1000;
  const velocities = new Float64Array(2 * steps);
  const positions = new Float64Array(2 * steps);
  const [across, along] = [0, 1].map(() => new Drift(motion.speed, motion.speedMs, dtMs, random)) as [Drift, Drift];
  const inside = (value: number): number => Math.min(half, Math.max(-half, value));
  let { x, y, heading } = start;
  for (let step = 0; step < steps; step += 1) {
    const { normal, distance } = nearestWall(x, y, half);
    const facing = toNormal(heading, normal);
    const atWall = distance < motion.border && Math.abs(facing) < Math.PI / 2;
    // The length of a vector of two independent Gaussian numbers is Rayleigh distributed.
    const speed = (atWall ? 0.25 : 1) * Math.hypot(across.next(), along.next());
    const nextX = inside(x + speed * seconds * Math.cos(heading));
    const nextY = inside(y + speed * seconds * Math.sin(heading));
    velocities[2 * step] = (nextX - x) / seconds;
    velocities[2 * step + 1] = (nextY - y) / seconds;
    x = nextX;
    y = nextY;
    positions[2 * step] = x;
    positions[2 * step + 1] = y;
    if (atWall) heading += (facing < 0 ? -1 : 1) * (Math.PI / 2 - Math.abs(facing));
    heading += motion.turning * Math.sqrt(seconds) * random.normal();
  }
  return { velocities, positions };
}

/** Place cells with round fields of one width. */
export interface PlaceCells {
  /** [cells, 2], metres. */
  readonly centres: Float64Array;
  /** σ of the fields, in metres. */
  readonly width: number;
}

/** Place cells whose centres lie evenly at random in the arena. */
export function placeCellsIn(side: number, cells: number, width: number, random: Random): PlaceCells {
  const centres = Float64Array.from({ length: 2 * cells }, () => random.uniform(-side / 2, side / 2));
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
