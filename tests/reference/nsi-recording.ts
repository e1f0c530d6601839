import type { Recording } from "../../src/identify/recording.ts";
import { Random } from "../../src/random.ts";
import { add, at } from "./numbers.ts";

/** Weights of nsi's ring, W = c cos(k D) + h and V = -a c k Dx sin(k D), as [post, pre]; the package's own is the transpose. */
export function ringTruth(units: number, { c = 0.1, k = 0.06, h = -0.03, a = 0.02 } = {}) {
  const weights = new Float64Array(units * units);
  const velocityWeights = new Float64Array(units * units);
  for (let post = 0; post < units; post += 1)
    for (let pre = 0; pre < units; pre += 1) {
      // W[m][n] multiplies u[n] of unit m: (u W)_j = Σ_i u_i W_ij for W, (W_v u)_m = Σ_n W_v[m][n] u_n for W_v.
      const apart = Math.abs(post - pre);
      const distance = Math.min(apart, units - apart);
      const signed = ((((post - pre + units / 2) % units) + units) % units) - units / 2;
      weights[post * units + pre] = c * Math.cos(k * distance) + h;
      velocityWeights[post * units + pre] = -a * c * k * signed * Math.sin(k * distance);
    }
  return { weights, velocityWeights };
}

/** nsi's ring, r = relu(tanh(W (u + noise) + v V (u + noise))), u = r, driven by an AR(1) velocity, in plain loops. */
export function ringRecording(options: {
  readonly units?: number;
  readonly steps: number;
  readonly trials: number;
  readonly noise?: number;
  readonly seed?: number;
  readonly settle?: number;
}): Recording {
  const { units = 100, steps, trials, noise = 0, seed = 0, settle = 200 } = options;
  const scale = 100 / units;
  const { weights, velocityWeights } = ringTruth(units, {
    c: 0.1 * scale,
    k: 0.06 * scale,
    h: -0.03 * scale,
    a: 0.02,
  });
  const dtMs = 25;
  const rates = new Float64Array(steps * trials * units);
  const velocities = new Float64Array(steps * trials);
  const headings = new Float64Array(steps * trials);
  for (let trial = 0; trial < trials; trial += 1) {
    const random = new Random(seed, 77, trial);
    let state = Float64Array.from({ length: units }, (_, unit) => Math.max(0, Math.cos((2 * Math.PI * unit) / units)));
    let [velocity, heading] = [0, 0];
    for (let step = -settle; step < steps; step += 1) {
      if (step >= 0) velocity = random.normal(0, 1.2) + 0.8 * velocity;
      const direction = Float64Array.from({ length: units }, () => (noise > 0 && step >= 0 ? random.normal() : 0));
      const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
      const given = state.map((value, unit) => value + (length > 0 ? (noise * at(direction, unit)) / length : 0));
      const active = [...given.keys()].filter((unit) => given[unit] !== 0);
      const next = new Float64Array(units);
      for (let post = 0; post < units; post += 1) {
        for (const pre of active)
          add(
            next,
            post,
            (at(weights, post * units + pre) + velocity * at(velocityWeights, post * units + pre)) * at(given, pre),
          );
        next[post] = Math.max(0, Math.tanh(at(next, post)));
      }
      state = next;
      if (step < 0) continue;
      heading += velocity * (dtMs / 1000);
      rates.set(state, (step * trials + trial) * units);
      velocities[step * trials + trial] = velocity;
      headings[step * trials + trial] = heading;
    }
  }
  return { steps, trials, units, dtMs, rates, velocities, headings };
}
