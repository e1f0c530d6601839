import { expect, test } from "vitest";
import { losses as lossTerms } from "../../src/index.ts";
import type { LossInput } from "../../src/loss/losses.ts";
import { ctrnn } from "../../src/network/ctrnn.ts";
import type { Trials } from "../../src/network/trials.ts";
import { Random } from "../../src/random.ts";
import { dense } from "../../src/structure/structure.ts";
import { gradients } from "../../src/train/gradients.ts";
import type { TrialSource } from "../../src/train/source.ts";
import { train } from "../../src/train/train.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const [steps, hidden, replicas] = [40, 16, 4];
/** Counts only at the end. */
const error: LossInput = lossTerms.meanSquaredError({ denominator: "mask" });

/** A cue of either sign in the first two steps, to be told in the last one: 38 steps of nothing between. */
const recall: TrialSource = {
  inputs: 1,
  outputs: 1,
  batch({ trials, seed, index = 0 }): Trials {
    const random = new Random(seed, 3, index);
    const cues = Array.from({ length: trials }, () => random.choice([-1, 1]));
    const each = (value: (step: number, cue: number) => number): Float32Array =>
      Float32Array.from({ length: steps * trials }, (_, row) =>
        value(Math.floor(row / trials), cues[row % trials] ?? 0),
      );
    return {
      steps,
      trials,
      inputs: each((step, cue) => (step < 2 ? cue : 0)),
      targets: each((_, cue) => cue),
      mask: each((step) => (step === steps - 1 ? 1 : 0)),
    };
  },
};

/**
 * |log10| of the ratio of |dE/dv| before the first step to that of the last, of every replica on fresh trials, after 100
 * updates: 0 where gradients neither fade nor grow.
 */
async function fading(losses: readonly LossInput[]): Promise<number[]> {
  const structure = dense({ inputs: 1, hidden, outputs: 1 });
  const options = { alpha: 0.2, activation: "tanh", spectralRadius: 0.5, seed: 1, replicas } as const;
  const network = ctrnn(gpu.device, { structure, ...options });
  const optimizer = { type: "adam", lr: 3e-3 } as const;
  const settings = { steps: 100, batch: 16, reportEvery: 100, loss: [...losses], optimizer, clip: 1 };
  for await (const { terms } of train(network, recall, settings)) expect(terms["meanSquaredError"]).toBeLessThan(0.01);
  const trials = recall.batch({ trials: 16, seed: 99 });
  const result: number[] = [];
  for (let replica = 0; replica < replicas; replica += 1) {
    const { states, initialState } = await gradients(network, trials, [error], { replica });
    const last = states.subarray(states.length - initialState.length);
    result.push(Math.abs(Math.log10(Math.hypot(...initialState) / Math.hypot(...last))));
  }
  network.dispose();
  return result;
}

test("training with Ω keeps gradients from vanishing over a long delay", async () => {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const without = await fading([error]);
  const withOmega = await fading([error, lossTerms.omega()]);
  for (const [replica, value] of withOmega.entries()) expect(value).toBeLessThan(without[replica] ?? 0);
  expect(mean(without)).toBeGreaterThan(1);
  expect(mean(withOmega)).toBeLessThan(0.6);
});
