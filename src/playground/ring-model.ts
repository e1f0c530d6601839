import { signedAngle } from "../analysis/angles.ts";
import { bumpShape } from "../analysis/attractor-bump.ts";
import { bumpPhase } from "../analysis/attractor-phase.ts";
import { type RingAttractor, ringAttractor } from "../attractors/ring.ts";
import { simulateRing } from "../attractors/simulate-ring.ts";
import type { Device } from "../gpu/device.ts";
import { Random, streams } from "../random.ts";
import {
  type AgentState,
  circleEnvironment,
  driftAgent,
  type Intention,
  intentions,
  keyboardAgent,
  keyboardIntention,
  startState,
  stepAgent,
} from "../world/world.ts";
import { turnGain } from "./compass.ts";
import { TimeStrip } from "./time-strip.ts";

/** What somebody at the page chooses. */
export interface RingControls {
  /** Length of the noise of a step on the state of the ring. */
  readonly noise: number;
  /** What the velocity is multiplied with before the ring gets it: 1 is what the ring is made for. */
  readonly velocityGain: number;
  /** Whether the true heading is seen. */
  readonly landmark: boolean;
  /** Whether the head turns by itself while no key is held. */
  readonly wander: boolean;
}

export const ringStepMs = 16;
const stripSeconds = 10;
/** Rows of the strip: rates, then the true heading, then the decoded one. */
const extra = 2;
/** Current of the landmark at its heading; the bump is right again after about a second. */
const landmarkStrength = 0.2;
const environment = circleEnvironment();
const keyboard = keyboardAgent({ motion: "line", speed: 2 });

/** A head that turns, and a ring attractor that follows it by its velocity. */
export class RingModel {
  readonly ring: RingAttractor;
  /** The last seconds: [rates, true heading, decoded heading], a row a step. */
  readonly strip: TimeStrip;
  readonly #device: Device;
  readonly #wander: () => Intention;
  readonly #seed: number;
  #head: AgentState;
  #state: Float32Array;
  #nextStep: number;
  #rates: Float32Array;

  private constructor(
    device: Device,
    ring: RingAttractor,
    seed: number,
    head: AgentState,
    settled: { readonly state: Float32Array; readonly rates: Float32Array; readonly nextStep: number },
  ) {
    this.#device = device;
    this.ring = ring;
    this.#seed = seed;
    this.#head = head;
    this.#state = settled.state;
    this.#rates = settled.rates;
    this.#nextStep = settled.nextStep;
    this.strip = new TimeStrip(Math.round((1000 * stripSeconds) / ringStepMs), ring.units + extra);
    const random = new Random(seed, streams.world, 1);
    this.#wander = intentions(driftAgent({ sd: 1.5, correlationMs: 700 }), {
      ...{ dimensions: 1, dtMs: ringStepMs, steps: 1, trials: 1, trial: 0, random },
    });
  }

  /** A ring whose bump has formed at the heading of the head. @param seed of noise and of the wandering head. */
  static async start(device: Device, seed: number): Promise<RingModel> {
    const kernel = { type: "cosine", waveNumber: "ring", derivative: "exact" } as const;
    const ring = ringAttractor({ kernel, dtMs: ringStepMs });
    const head = startState(environment, new Random(seed, streams.world));
    const initial = { heading: head.place };
    const settled = await simulateRing(device, ring, {
      ...{ trials: 1, velocities: [0], steps: 1, seed, initial, settleSteps: 100 },
    });
    return new RingModel(device, ring, seed, head, settled);
  }

  /** Where the head looks, rad in [0, 2π). */
  get heading(): number {
    return this.#head.place[0] as number;
  }

  /** What the bump says of it. */
  get decoded(): number {
    return bumpPhase(this.#rates, this.ring.preferred);
  }

  get error(): number {
    return signedAngle(this.decoded - this.heading);
  }

  get rates(): Float32Array {
    return this.#rates;
  }

  get height(): number {
    return bumpShape(this.#rates).height;
  }

  /** Turn of the bump for a turn of the head over the seconds of the strip; `undefined` where the head was still. */
  get gain(): number | undefined {
    const { strip, ring } = this;
    return turnGain(
      strip.length,
      (row) => strip.at(row, ring.units),
      (row) => strip.at(row, ring.units + 1),
    );
  }

  /** Turns the head for some steps as the held keys say, and lets the ring follow. */
  async advance(steps: number, keys: ReadonlySet<string>, controls: RingControls): Promise<void> {
    const { noise, velocityGain, landmark, wander } = controls;
    const velocities: number[] = [];
    const headings: number[] = [];
    for (let step = 0; step < steps; step += 1) {
      const intention = wander && keys.size === 0 ? this.#wander() : keyboardIntention(keyboard, keys, ringStepMs);
      const stepped = stepAgent(environment, this.#head, intention, ringStepMs);
      this.#head = stepped.state;
      velocities.push(velocityGain * (stepped.velocity[0] as number));
      headings.push(this.heading);
    }
    // The ring need not know where the head looks unless it sees the landmark.
    const landmarks = landmark
      ? headings.map((heading, step) => ({ strength: landmarkStrength, heading, from: step, to: step + 1 }))
      : [];
    const { units } = this.ring;
    const { rates, state, nextStep } = await simulateRing(this.#device, this.ring, {
      ...{ trials: 1, velocities, noise, landmarks, seed: this.#seed },
      ...{ initial: { state: this.#state }, settleSteps: 0, firstStep: this.#nextStep },
    });
    [this.#state, this.#nextStep] = [state, nextStep];
    for (const [step, heading] of headings.entries()) {
      this.#rates = rates.slice(step * units, (step + 1) * units);
      this.strip.push([...this.#rates, heading, this.decoded]);
    }
  }
}
