import type { Random } from "../random.ts";

/**
 * A Gaussian random walk that is drawn back to 0 (Ornstein & Uhlenbeck): mean 0, standard deviation `sd` at any time,
 * and autocorrelation exp(-t / τ), whatever the time step: x ← ρ x + √(1 - ρ²) sd N(0, 1), ρ = exp(-dt / τ).
 */
export class Drift {
  readonly #keep: number;
  readonly #fresh: number;
  readonly #random: Random;
  #value: number;

  constructor(sd: number, correlationMs: number, dtMs: number, random: Random) {
    this.#keep = Math.exp(-dtMs / correlationMs);
    this.#fresh = sd * Math.sqrt(1 - this.#keep ** 2);
    this.#random = random;
    this.#value = random.normal(0, sd);
  }

  next(): number {
    this.#value = this.#keep * this.#value + this.#random.normal(0, this.#fresh);
    return this.#value;
  }
}
