import { bumpPhase } from "../analysis/attractor-phase.ts";
import { ShapeError, ValueError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { Random, streams } from "../random.ts";
import { checkArray } from "./bilinear-network.ts";
import { checkLandmarks, type Landmark, landmarkCurrents } from "./landmarks.ts";
import type { RingAttractor } from "./ring.ts";
import { type BilinearRun, runBilinear } from "./run-bilinear.ts";

/**
 * Where a simulation starts: nsi's, u ~ N(0, 1/√n), the same in all trials so that their bumps form at one place, or drawn for
 * each; a bump at a heading (one, or one for each trial); or a state u, [N] or [B, N].
 */
export type RingStart =
  | "nsi"
  | "ownPerTrial"
  | { readonly heading: number | ArrayLike<number> }
  | { readonly state: Float32Array };

export interface RingSimulation {
  /** B. */
  readonly trials: number;
  /** [T, B], rad/s; or with `steps` [B], the same at every step. */
  readonly velocities: ArrayLike<number>;
  /** T; needed where the velocities are constant. */
  readonly steps?: number | undefined;
  /** Of the initial state and the noise; default 0. */
  readonly seed?: number | undefined;
  readonly initial?: RingStart | undefined;
  /** Steps without velocity and landmarks before the recording; default 500. */
  readonly settleSteps?: number | undefined;
  /** Length of a step's noise on the state, nsi's 0.1; default 0. */
  readonly noise?: number | undefined;
  /** Vectors in the directions of the noise, [settleSteps + T, B, N], in place of drawn ones. */
  readonly givenNoise?: Float32Array | undefined;
  readonly landmarks?: readonly Landmark[] | undefined;
  /** True heading before the first step, rad, one or [B]; default that of the start, else where the settled bump is. */
  readonly heading?: number | ArrayLike<number> | undefined;
  /** Of every so many steps the last is recorded; default 1. */
  readonly stride?: number | undefined;
  /** Steps taken in an earlier call whose `state` is given: the noise goes on after them. Settling counts. Default 0. */
  readonly firstStep?: number | undefined;
}

/** What a simulation of a ring gives: a recording, and what it takes to go on. */
export interface RingRecording {
  /** Frames T: floor(steps / stride). */
  readonly steps: number;
  readonly trials: number;
  readonly units: number;
  /** Time between frames. */
  readonly dtMs: number;
  /** [T, B, N]. */
  readonly rates: Float32Array;
  /** [T, B, 1], rad/s: that with which the rates of a frame were computed. */
  readonly velocities: Float32Array;
  /** [T, B], rad, not wrapped: the true heading after the step of a frame. */
  readonly headings: Float32Array;
  /** u after the last step, [B, N]: give it as the start of another call, with `settleSteps: 0` and {@link nextStep}, to go on. */
  readonly state: Float32Array;
  /** Steps taken in all, as `firstStep` of the next call. */
  readonly nextStep: number;
}

/**
 * Runs a ring attractor for a batch of trials: it settles, then is turned by the velocities.
 * @throws ShapeError, ValueError before any GPU work; LimitError where it does not fit.
 */
export async function simulateRing(
  device: Device,
  ring: RingAttractor,
  simulation: RingSimulation,
): Promise<RingRecording> {
  const label = "simulateRing";
  const { trials, seed = 0, settleSteps = 500, stride = 1, noise = 0, landmarks = [], firstStep = 0 } = simulation;
  const { givenNoise, initial = "nsi" } = simulation;
  const { units, dtMs } = ring;
  for (const [name, value] of Object.entries({ trials, stride, seed, settleSteps, firstStep })) {
    const low = name === "trials" || name === "stride" ? 1 : 0;
    if (!Number.isInteger(value) || value < low || value > 0xffffffff)
      throw new ValueError(`${label}: ${name}: expected an integer of at least ${low}, got ${value}.`);
  }
  const { steps, velocities } = velocitiesOf(simulation);
  checkLandmarks(label, landmarks, { trials });
  if (givenNoise !== undefined)
    checkArray(`${label}: givenNoise`, givenNoise, [settleSteps + steps, trials, units], "step, trial, unit");
  const startHeadings = headingsOf(simulation);

  const common = { trials, noise: { scale: noise, seed, firstStep } };
  const given = (first: number, count: number) =>
    givenNoise && { given: givenNoise.subarray(first * trials * units, (first + count) * trials * units) };
  const settle: BilinearRun = {
    ...{ ...common, steps: settleSteps, stride: 0, state: startState(ring, initial, trials, seed) },
    noise: { ...common.noise, ...given(0, settleSteps) },
  };
  const { state } = await runBilinear(device, ring, settle, label);
  const headings = new Float32Array(steps * trials);
  for (let trial = 0; trial < trials; trial += 1) {
    let heading =
      startHeadings?.[trial] ?? bumpPhase(state.subarray(trial * units, (trial + 1) * units), ring.preferred);
    for (let row = trial; row < headings.length; row += trials) {
      heading += ((velocities[row] as number) * dtMs) / 1000;
      headings[row] = heading;
    }
  }
  const result = await runBilinear(
    device,
    ring,
    {
      ...{ ...common, steps, stride, state, inputs: velocities },
      noise: { ...common.noise, firstStep: firstStep + settleSteps, ...given(settleSteps, steps) },
      ...(landmarks.length > 0 && { currents: landmarkCurrents(ring, landmarks, headings, trials) }),
    },
    label,
  );
  const frames = Math.floor(steps / stride);
  const everyFrame = (values: Float32Array): Float32Array =>
    stride === 1
      ? values
      : Float32Array.from({ length: frames * trials }, (_, at) => {
          const step = (Math.floor(at / trials) + 1) * stride - 1;
          return values[step * trials + (at % trials)] as number;
        });
  return {
    ...{ steps: frames, trials, units, dtMs: dtMs * stride, rates: result.rates, state: result.state },
    ...{ velocities: everyFrame(velocities), headings: everyFrame(headings) },
    nextStep: firstStep + settleSteps + steps,
  };
}

function velocitiesOf({ velocities, steps, trials }: RingSimulation): {
  readonly steps: number;
  readonly velocities: Float32Array;
} {
  if (steps !== undefined && (!Number.isInteger(steps) || steps < 1))
    throw new ValueError(`simulateRing: steps: expected a positive integer, got ${steps}.`);
  const constant = steps !== undefined && velocities.length === trials;
  const length = steps ?? velocities.length / trials;
  if (!Number.isInteger(length) || length < 1 || (!constant && velocities.length !== length * trials))
    throw new ShapeError(
      `simulateRing: velocities: expected [${steps ?? "T"}, ${trials}] (step, trial)${steps === undefined ? "" : `, or [${trials}] for a constant one in each trial`}, got ${velocities.length} values.`,
    );
  checkArray("simulateRing: velocities", velocities, [velocities.length], "step, trial");
  return {
    steps: length,
    velocities: Float32Array.from({ length: length * trials }, (_, row) =>
      Number(velocities[constant ? row % trials : row]),
    ),
  };
}

/** Headings before the first step, where they are told. */
function headingsOf({ heading, initial, trials }: RingSimulation): readonly number[] | undefined {
  const told = heading ?? (typeof initial === "object" && "heading" in initial ? initial.heading : undefined);
  return told === undefined ? undefined : perTrial("simulateRing: heading", told, trials);
}

function perTrial(label: string, values: number | ArrayLike<number>, trials: number): readonly number[] {
  const list = typeof values === "number" ? new Array<number>(trials).fill(values) : Array.from(values);
  checkArray(label, list, [trials], "trial");
  return list;
}

/** u before the first step, [B, N]. */
function startState(ring: RingAttractor, initial: RingStart, trials: number, seed: number): Float32Array {
  const { units, preferred } = ring;
  const state = new Float32Array(trials * units);
  if (initial === "ownPerTrial" || initial === "nsi") {
    const random = new Random(seed, streams.task);
    const own = initial === "nsi" ? units : state.length;
    for (let at = 0; at < own; at += 1) state[at] = random.normal(0, 1 / Math.sqrt(units));
    for (let at = own; at < state.length; at += 1) state[at] = state[at - own] as number;
    return state;
  }
  if (typeof initial !== "object" || initial === null)
    throw new ValueError(
      `simulateRing: initial: expected "nsi", "ownPerTrial", { heading } or { state }, got ${JSON.stringify(initial)}.`,
    );
  if ("heading" in initial) {
    const headings = perTrial("simulateRing: initial heading", initial.heading, trials);
    return state.map((_, at) =>
      Math.max(0, Math.cos((preferred[at % units] as number) - (headings[Math.floor(at / units)] as number))),
    );
  }
  const single = initial.state.length === units && trials > 1;
  checkArray("simulateRing: initial state", initial.state, single ? [units] : [trials, units], "trial, unit");
  return state.map((_, at) => initial.state[single ? at % units : at] as number);
}
