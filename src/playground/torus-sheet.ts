import { type TorusParameters, torusAttractor } from "../attractors/torus.ts";
import { type TorusGain, torusVelocityGain } from "../attractors/torus-gain.ts";
import { PatternTracker } from "../attractors/torus-pattern.ts";
import { runTorus, type TorusBlock } from "../attractors/torus-simulate.ts";
import type { Device } from "../gpu/device.ts";
import type { Vector } from "../world/world.ts";
import { PageError } from "./page-error.ts";

/** Time of a step of the page, and of the sheet. */
export const sheetStepMs = 16;
const dtMs = 1;
const side = 32;
/** Longer than anybody drives. */
const steps = 2 ** 31 - (2 ** 31 % (sheetStepMs / dtMs));

/** Burak & Fiete's sheet, small enough for any GPU. On the twisted torus its pattern is a regular hexagon. */
export function pageSheet(twisted: boolean, noise = 0): TorusParameters {
  return torusAttractor({ preset: "burak2009", side, dtMs, noise, lattice: twisted ? "rhombic" : "square" });
}

/** Lets a pattern form and measures how far it moves for a metre. */
export function settleSheet(device: Device, twisted: boolean): Promise<TorusGain> {
  return torusVelocityGain(device, pageSheet(twisted), {
    ...{ speeds: [0.5], directions: 2, measureMs: 240, leadMs: 60, settleMs: 800 },
  });
}

/** A sheet that is driven: each step it gets a velocity and gives its rates. */
export class TorusSheet {
  readonly torus: TorusParameters;
  readonly #gain: TorusGain;
  readonly #tracker: PatternTracker;
  /** Read by the run when the steps of its next block are computed. */
  readonly #velocity = new Float32Array(2);
  readonly #blocks: AsyncGenerator<TorusBlock, Float32Array, undefined>;
  #rates: Float32Array;
  #moved: Float64Array;

  /** @param from the sheet before a change of the noise, from whose state and displacement this one goes on. */
  constructor(device: Device, gain: TorusGain, torus: TorusParameters, seed: number, from?: TorusSheet) {
    this.torus = torus;
    this.#gain = gain;
    this.#rates = from === undefined ? gain.state : from.#rates;
    this.#tracker = from === undefined ? new PatternTracker(torus, gain.pattern, 1) : from.#tracker;
    this.#moved = from === undefined ? this.#tracker.next(gain.state) : from.#moved;
    const every = sheetStepMs / dtMs;
    this.#blocks = runTorus(device, torus, {
      ...{ steps, hold: steps, every, stepsAtOnce: every, seed },
      ...{ velocities: this.#velocity, initial: this.#rates },
    });
  }

  /** [side, side] */
  get rates(): Float32Array {
    return this.#rates;
  }

  /** How far the pattern says that the animal is from where it began, metres. */
  get displacement(): Vector {
    const { unitsPerMetre } = this.#gain;
    return [(this.#moved[0] as number) / unitsPerMetre, (this.#moved[1] as number) / unitsPerMetre];
  }

  /** Distance of neighbouring fields of a unit in the box, metres. */
  get period(): number {
    return this.#gain.periodM;
  }

  async advance(velocity: Vector): Promise<void> {
    this.#velocity.set(velocity);
    const { value, done } = await this.#blocks.next();
    if (done === true) throw new PageError("page: the sheet has been driven for 24 days; reset it.");
    this.#rates = value.rates;
    this.#moved = this.#tracker.next(this.#rates);
  }

  /** Frees what it has on the GPU. */
  async dispose(): Promise<void> {
    await this.#blocks.return(this.#rates);
  }
}
