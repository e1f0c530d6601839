import { ValueError } from "../errors.ts";

/** Says how many steps of a simulation a frame owes, so that simulated time keeps up with the clock on the wall. */
export class StepClock {
  readonly #stepMs: number;
  readonly #mostSteps: number;
  #owedMs = 0;

  /**
   * @param mostSteps of a frame: a device that is too slow falls behind the clock, and the page stays alive.
   * @throws ValueError
   */
  constructor(stepMs: number, mostSteps: number) {
    if (!(stepMs > 0 && Number.isFinite(stepMs)) || !Number.isInteger(mostSteps) || mostSteps < 1)
      throw new ValueError(`step clock: expected a positive time and count, got ${stepMs} ms and ${mostSteps}.`);
    this.#stepMs = stepMs;
    this.#mostSteps = mostSteps;
  }

  /** Steps to take now. @param elapsedMs since the last call. */
  take(elapsedMs: number): number {
    this.#owedMs += elapsedMs;
    const steps = Math.min(this.#mostSteps, Math.floor(this.#owedMs / this.#stepMs));
    // What is more than a frame's most is forgotten.
    this.#owedMs = Math.min(this.#owedMs - steps * this.#stepMs, this.#stepMs);
    return steps;
  }
}
