import { ConfigError } from "../errors.ts";
import type { Trials } from "../network/trials.ts";
import { Random, streams } from "../random.ts";

/** Where trials come from: every task is one, and so are trials from a file ({@link fixedTrials}). */
export interface TrialSource {
  readonly inputs: number;
  readonly outputs: number;
  /** The same (seed, stream, index) gives the same trials. */
  batch(options: {
    readonly trials: number;
    readonly seed: number;
    readonly index?: number;
    readonly stream?: number;
    readonly dtMs?: number;
  }): Trials;
  /** Fraction of trials solved by outputs [T, B, O], where that means something. */
  accuracy?(outputs: Float32Array, batch: Trials): number;
  /** Trials in all, where there is a fixed number. */
  readonly size?: number;
}

/** Picks trials out of a batch, in the given order. */
function select(data: Trials, outputs: number, inputs: number, chosen: Uint32Array): Trials {
  const pick = (values: Float32Array, width: number, times: number): Float32Array => {
    const picked = new Float32Array(times * chosen.length * width);
    for (let time = 0; time < times; time += 1) {
      for (const [to, from] of chosen.entries()) {
        const start = (time * data.trials + from) * width;
        picked.set(values.subarray(start, start + width), (time * chosen.length + to) * width);
      }
    }
    return picked;
  };
  const { steps, mask, v0 } = data;
  return {
    steps,
    trials: chosen.length,
    inputs: pick(data.inputs, inputs, steps),
    targets: pick(data.targets, outputs, steps),
    ...(mask && { mask: pick(mask, outputs, steps) }),
    ...(v0 && { v0: pick(v0, v0.length / data.trials, 1) }),
  };
}

/**
 * Given trials as a source. A batch as large as they are is the trials themselves; a smaller one is drawn without
 * replacement, a new order each time all have been seen.
 */
export function fixedTrials(data: Trials): TrialSource {
  const inputs = data.inputs.length / (data.steps * data.trials);
  const outputs = data.targets.length / (data.steps * data.trials);
  return {
    inputs,
    outputs,
    size: data.trials,
    batch({ trials, seed, index = 0 }) {
      if (trials === data.trials) return data;
      if (trials > data.trials) {
        throw new ConfigError(`batch: expected at most the ${data.trials} trials there are, got ${trials}.`);
      }
      const perEpoch = Math.floor(data.trials / trials);
      const order = new Random(seed, streams.shuffle, Math.floor(index / perEpoch)).permutation(data.trials);
      const first = (index % perEpoch) * trials;
      return select(data, outputs, inputs, order.subarray(first, first + trials));
    },
  };
}
