import { expect, test } from "vitest";
import { createModel } from "../../src/network/create.ts";
import { Network } from "../../src/network/network.ts";
import { Random } from "../../src/random.ts";
import { dense } from "../../src/structure/structure.ts";
import { force } from "../../src/train/force/force.ts";
import { at } from "../reference/numbers.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

/** Sussillo & Abbott's function of figure 2D: four sines of one period, in units of the time step. */
function fourSines(period: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, t) => {
    const phase = (2 * Math.PI * t) / period;
    return (
      (1.3 / 1.5) * (Math.sin(phase) + Math.sin(2 * phase) / 2 + Math.sin(3 * phase) / 6 + Math.sin(4 * phase) / 3)
    );
  });
}

test("a chaotic network of 200 units learns a sum of four sines and goes on by itself", async () => {
  const [period, learned, tested, hidden] = [300, 3000, 600, 200];
  const random = new Random(5, 1);
  const model = createModel({
    structure: dense({ inputs: 1, hidden, outputs: 1 }),
    ...{ dtMs: 1, tauMs: 10, activation: "tanh", gain: 1.5, seed: 1 },
    initial: { v0: Float32Array.from({ length: hidden }, () => random.normal(0, 0.5)) },
  });
  const targets = fourSines(period, learned + tested);
  const inputs = new Float32Array(learned);
  const trials = { steps: learned, trials: 1, inputs, targets: targets.subarray(0, learned) };
  const untrained = new Network(gpu.device, [model]);
  const result = await force(untrained, trials, { regularisation: 1, every: 2 });
  untrained.dispose();
  const rms = (values: Float32Array): number => Math.sqrt(values.reduce((sum, e) => sum + e * e, 0) / values.length);
  // Errors are small from the first period on; what fades is the change of the weights.
  expect(rms(result.errors.subarray(period, 2 * period))).toBeLessThan(0.1);
  const fading = [result.changes.subarray(0, period), result.changes.subarray(learned - period)].map(rms);
  expect(fading[1]).toBeLessThan(0.5 * (fading[0] ?? 0));
  const network = new Network(gpu.device, result.models);
  const stimuli = { steps: tested, trials: 1, inputs: new Float32Array(tested) };
  const { outputs } = await network.run(stimuli, { state: result.final });
  network.dispose();
  const error = rms(outputs.map((y, t) => y - at(targets, learned + t)));
  // Phase drift is most of it: 0.02 to 0.03 of the size after 2 periods, for seeds 1, 2, 3.
  expect(error).toBeLessThan(0.15 * rms(targets));
});
