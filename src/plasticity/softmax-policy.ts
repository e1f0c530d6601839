import { ShapeError, ValueError } from "../errors.ts";
import type { Random } from "../random.ts";

/** A step of an episode: the units that were active, what was done, and what came of it. */
export interface PolicyStep {
  /** [units] */
  readonly activity: ArrayLike<number>;
  readonly action: number;
  readonly reward: number;
}

/** G_t = Σ_{k ≥ t} γ^(k-t) r_k: what is yet to come at each step of an episode, discounted. */
export function discountedReturns(rewards: readonly number[], discount: number): Float64Array {
  const returns = new Float64Array(rewards.length);
  let sum = 0;
  for (let step = rewards.length - 1; step >= 0; step -= 1) {
    sum = (rewards[step] as number) + discount * sum;
    returns[step] = sum;
  }
  return returns;
}

/**
 * A policy read from a network's activity x: π(a | x) = softmax(W x)_a, learned by the policy gradient of whole episodes,
 * W += η Σ_t (G_t - b) ∇ log π(a_t | x_t) (REINFORCE, Williams 1992). It is what the cart-pole example of the Python package
 * sorn does on excitatory units; that one discounts by γ^reward where γ^(k-t) is meant.
 */
export class SoftmaxPolicy {
  readonly units: number;
  readonly actions: number;
  /** [actions, units] */
  readonly weights: Float64Array;

  /** @param options.random draws weights U(0, 1), as the package does; absent = all 0. */
  constructor(options: { readonly units: number; readonly actions: number; readonly random?: Random }) {
    const { units, actions, random } = options;
    this.units = units;
    this.actions = actions;
    this.weights = Float64Array.from({ length: actions * units }, () => random?.uniform() ?? 0);
  }

  /** π(a | x) of each action. @throws ShapeError */
  probabilities(activity: ArrayLike<number>): Float64Array {
    if (activity.length !== this.units)
      throw new ShapeError(`policy: activity: expected ${this.units} units, got ${activity.length}.`);
    const drives = Float64Array.from({ length: this.actions }, (_, action) => {
      let sum = 0;
      for (let unit = 0; unit < this.units; unit += 1)
        sum += (this.weights[action * this.units + unit] as number) * (activity[unit] as number);
      return sum;
    });
    // The largest exponent is 0, so that none overflows.
    const largest = drives.reduce((most, drive) => Math.max(most, drive), Number.NEGATIVE_INFINITY);
    const parts = drives.map((drive) => Math.exp(drive - largest));
    const total = parts.reduce((sum, part) => sum + part, 0);
    return parts.map((part) => part / total);
  }

  /** Draws an action. @throws ShapeError */
  choose(activity: ArrayLike<number>, random: Random): number {
    let chance = random.uniform();
    const probabilities = this.probabilities(activity);
    const action = probabilities.findIndex((probability) => {
      chance -= probability;
      return chance < 0;
    });
    return action < 0 ? this.actions - 1 : action;
  }

  /**
   * Learns from an episode.
   * @param options.rate η; @param options.discount γ, default 0.99; @param options.baseline b_t, a number or one for each
   * step, default 0.
   * @throws ShapeError, ValueError for an action that there is not; the weights are as they were then.
   */
  learn(
    episode: readonly PolicyStep[],
    options: {
      readonly rate: number;
      readonly discount?: number;
      readonly baseline?: number | ((step: number) => number);
    },
  ): void {
    const { rate, discount = 0.99, baseline = 0 } = options;
    const returns = discountedReturns(
      episode.map(({ reward }) => reward),
      discount,
    );
    const change = new Float64Array(this.weights.length);
    for (const [step, { activity, action }] of episode.entries()) {
      if (!Number.isInteger(action) || action < 0 || action >= this.actions)
        throw new ValueError(`policy: action: expected an integer from 0 to ${this.actions - 1}, got ${action}.`);
      const advantage = (returns[step] as number) - (typeof baseline === "number" ? baseline : baseline(step));
      // ∂ log π(a | x) / ∂ W_kj = (1[k = a] - π(k | x)) x_j
      for (const [k, probability] of this.probabilities(activity).entries()) {
        const factor = rate * advantage * (Number(k === action) - probability);
        for (let unit = 0, at = k * this.units; unit < this.units; unit += 1, at += 1)
          change[at] = (change[at] as number) + factor * (activity[unit] as number);
      }
    }
    for (let at = 0; at < change.length; at += 1)
      this.weights[at] = (this.weights[at] as number) + (change[at] as number);
  }
}
