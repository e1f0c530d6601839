import type { Trials } from "../../src/network/trials.ts";
import { Random, streams } from "../../src/random.ts";
import type { TrialSource } from "../../src/train/source.ts";
import { type GeneratedTrialsOptions, generateTrials } from "../reference/generate.ts";

/** What a source was asked for. */
export type BatchRequest = Parameters<TrialSource["batch"]>[0];

export interface TrialOptions extends GeneratedTrialsOptions {
  /** Give every trial its own start; default false. */
  readonly withV0?: boolean;
  /** Default true. */
  readonly withMask?: boolean;
}

/** The generator's random trials as a network takes them. */
export function randomTrials({ withV0 = false, withMask = true, ...options }: TrialOptions): Trials {
  const { time, batch, inputs, targets, mask, v0 } = generateTrials(options);
  return { steps: time, trials: batch, inputs, targets, ...(withMask && { mask }), ...(withV0 && { v0 }) };
}

/**
 * A tiny task: random inputs, the first of which is to be held in every output. Trial b of (seed, stream, index) is the
 * same in a batch of any size. `requests` keeps what was asked for.
 */
export function holdTask(sizes: {
  readonly inputs: number;
  readonly outputs: number;
  readonly steps: number;
}): TrialSource & {
  readonly requests: BatchRequest[];
} {
  const { inputs: inputCount, outputs: outputCount, steps } = sizes;
  const requests: BatchRequest[] = [];
  return {
    inputs: inputCount,
    outputs: outputCount,
    requests,
    batch(request) {
      requests.push(request);
      const { trials, seed, index = 0, stream = streams.task } = request;
      const inputs = new Float32Array(steps * trials * inputCount);
      const targets = new Float32Array(steps * trials * outputCount);
      for (let b = 0; b < trials; b += 1) {
        const random = new Random(seed, stream, index * 4096 + b);
        const held = random.choice([-1, 1]);
        for (let t = 0; t < steps; t += 1) {
          for (let i = 0; i < inputCount; i += 1) {
            inputs[(t * trials + b) * inputCount + i] = (i === 0 ? held : 0) + random.normal(0, 0.3);
          }
          for (let o = 0; o < outputCount; o += 1) targets[(t * trials + b) * outputCount + o] = held;
        }
      }
      return { steps, trials, inputs, targets };
    },
    accuracy(outputs, batch) {
      const last = (batch.steps - 1) * batch.trials * outputCount;
      let right = 0;
      for (let b = 0; b < batch.trials; b += 1) {
        const at = last + b * outputCount;
        if ((outputs[at] ?? Number.NaN) * (batch.targets[at] ?? Number.NaN) > 0) right += 1;
      }
      return right / batch.trials;
    },
  };
}

/** The bits of floats, so that -0 and +0 differ and a NaN equals itself. */
export function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.slice().buffer);
}
