import { expect, test } from "vitest";
import { CtrnnRunner, trainedNetwork, trainSettings } from "../../src/identify/ctrnn-engine.ts";
import { drawFitted, learnedNetwork, unitPlan } from "../../src/identify/fitted-network.ts";
import { identifySettings } from "../../src/identify/options.ts";
import type { Recording } from "../../src/identify/recording.ts";
import { windowSource } from "../../src/identify/windows.ts";
import type { Model } from "../../src/network/model.ts";
import { gradients } from "../../src/train/gradients.ts";
import { Trainer } from "../../src/train/trainer.ts";
import file from "../fixtures/golden/nsi/ring-and-identification.json" with { type: "json" };
import { relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";

// nsi's ElmanId (liuyuezhang/nsi @7b09931) restated in float64 with automatic differentiation: N = 6 of which 3 are recorded and
// 3 receive the velocity, alpha 0.2, 5 steps of 2 trials.
const golden = file.elman_id;
const gpu = testDevice();
const settings = identifySettings({
  ...{ network: { type: "separated", hidden: 3 }, alpha: golden.alpha, window: 5, windowStart: "common" },
  ...{ weightL2: 0, lr: 1e-4, epsilonHat: true, updates: 1, batch: 2 },
});
const plan = unitPlan(settings, 3, 1);

/** The package's first state is that of step 0 here, and its steps 0 … 4 are 1 … 5. */
const recording: Recording = {
  ...{ steps: 6, trials: 2, units: 3, dtMs: 25 },
  rates: [golden.u0, ...golden.x].flat(2),
  velocities: [0, 0, ...golden.v.flat(2)],
};

type Weights = { readonly W: number[][]; readonly b: number[]; readonly Win: number[]; readonly bin: number[] };

/** The package's weights, [pre, post] there. Input channels: velocity, bias of driven units, bias of all. */
function modelOf({ W, b, Win, bin }: Weights): Model {
  const model = drawFitted(plan, settings, 0);
  const at = (list: readonly number[], index: number): number => list[index] ?? 0;
  const weightHH = Float32Array.from({ length: 36 }, (_, index) => W[index % 6]?.[Math.floor(index / 6)] ?? 0);
  const weightIH = Float32Array.from({ length: 18 }, (_, index) => {
    const [unit, channel] = [Math.floor(index / 3), index % 3];
    if (channel === 2) return at(b, unit);
    return unit < 3 ? 0 : at(channel === 0 ? Win : bin, unit - 3);
  });
  return { ...model, parameters: { ...model.parameters, weightHH, weightIH } };
}

const starts = [0, 1].map((trial) => ({ trial, from: 0 }));
const source = windowSource(recording, plan, settings, { training: [0, 1], heldOut: [], heldOutSteps: 5, batch: 2 });

test("the package's network, loss and gradients", async () => {
  const network = trainedNetwork(gpu.device, [modelOf(golden.params)]);
  try {
    const run = { recording, stretches: starts, steps: 5 };
    const [rates] = await new CtrnnRunner(network, plan, settings).rates(run);
    expect(relative(rates ?? [], golden.r.flat(2))).toBeLessThan(1e-5);
    const trials = source.batch({ trials: 2, seed: 0 });
    const { loss, parameters } = await gradients(network, trials, trainSettings(plan, settings, 2).loss ?? []);
    expect(loss).toBeCloseTo(golden.loss, 6);
    const expected = modelOf(golden.grads).parameters;
    for (const name of ["weightHH", "weightIH"] as const)
      expect(relative(parameters[name], expected[name]), name).toBeLessThan(1e-4);
  } finally {
    network.dispose();
  }
});

test("one of its updates", async () => {
  const network = trainedNetwork(gpu.device, [modelOf(golden.params)]);
  const trainer = await Trainer.create(network, source, trainSettings(plan, settings, 2));
  try {
    for await (const _ of trainer.run());
    const { parameters } = await network.read();
    const expected = modelOf(golden.after_one_adam_step_lr1e4);
    for (const name of ["weightHH", "weightIH"] as const)
      for (const [index, value] of expected.parameters[name].entries())
        expect(Math.abs((parameters[name][index] ?? Number.NaN) - value), `${name} ${index}`).toBeLessThan(1e-6);
    const learned = learnedNetwork(plan, { ...(await network.read()) });
    expect(learned.inputWeights.slice(0, 3)).toEqual(new Float32Array(3));
    expect(learned.bias[4]).toBeCloseTo(
      (golden.after_one_adam_step_lr1e4.b[4] ?? 0) + (golden.after_one_adam_step_lr1e4.bin[1] ?? 0),
      6,
    );
  } finally {
    trainer.dispose();
    network.dispose();
  }
});
