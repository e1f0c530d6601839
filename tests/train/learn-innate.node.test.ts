import { expect, test } from "vitest";
import { createModel } from "../../src/network/create.ts";
import { Network } from "../../src/network/network.ts";
import { simulate } from "../../src/network/simulate.ts";
import { Random } from "../../src/random.ts";
import { sparse } from "../../src/structure/sparse.ts";
import { innate } from "../../src/train/force/innate.ts";
import { at } from "../reference/numbers.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

test("a chaotic trajectory becomes one to which the network comes back (Laje & Buonomano 2013)", async () => {
  const [hidden, units, steps, repeats] = [120, 72, 250, 10];
  const random = new Random(4, 1);
  const v0 = Float32Array.from({ length: hidden }, () => random.normal());
  const model = createModel({
    structure: sparse({ inputs: 1, hidden, outputs: 1, weightHH: { density: 0.3 }, seed: 4 }),
    ...{ dtMs: 1, tauMs: 10, activation: "tanh", gain: 2.5, seed: 4, noise: { pre: 0.02 } },
    initial: { v0 },
  });
  const once = { steps, trials: 1, inputs: new Float32Array(steps) };
  const network = new Network(gpu.device, [model]);
  const { rates } = await network.run(once, { noise: false });
  const learns = Array.from({ length: units }, (_, unit) => unit);
  const rateTargets = Float32Array.from({ length: steps * repeats * units }, (_, index) => {
    const step = Math.floor(index / (repeats * units));
    return rates[step * hidden + (index % units)] ?? Number.NaN;
  });
  const trials = { steps, trials: repeats, inputs: new Float32Array(steps * repeats), rateTargets };
  const { models } = await innate(network, trials, { units: learns, every: 2 });
  const trained = new Network(gpu.device, models);
  /** How far the units are from the trajectory long after a kick, as a share of their size: the mean of 16 kicked trials. */
  const distance = async (of: Network): Promise<number> => {
    const count = 16;
    const draw = new Random(6, 1);
    const v = Float32Array.from({ length: count * hidden }, () => draw.normal(0, 0.3));
    const stimuli = { steps, trials: count, inputs: new Float32Array(steps * count) };
    const { rates: kicked } = await simulate(of, stimuli, [{ type: "kick", at: 40, v }], { seed: 77 });
    let [squares, size] = [0, 0];
    for (let step = 150; step < steps; step += 1)
      for (let trial = 0; trial < count; trial += 1)
        for (const unit of learns) {
          const right = at(rates, step * hidden + unit);
          squares += (at(kicked, (step * count + trial) * hidden + unit) - right) ** 2;
          size += right ** 2;
        }
    return Math.sqrt(squares / size);
  };
  const [before, after] = [await distance(network), await distance(trained)];
  network.dispose();
  trained.dispose();
  // 1.0 before and 0.18 after; 1.06 and 0.35, 0.46 and 0.14 for seeds 2 and 3 of everything.
  expect(before).toBeGreaterThan(0.4);
  expect(after).toBeLessThan(0.5 * before);
});
