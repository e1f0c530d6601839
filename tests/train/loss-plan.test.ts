import { describe, expect, test } from "vitest";
import { submit } from "../../src/gpu/recorder.ts";
import { Tensor } from "../../src/gpu/tensor.ts";
import { checkLosses, type LossInput } from "../../src/loss/losses.ts";
import { Network } from "../../src/network/network.ts";
import { quietSettings } from "../../src/ops/settings.ts";
import { recordFloats, StepPlan, verdictFloats } from "../../src/train/step-plan.ts";
import { type GeneratedTrialsOptions, generateModel } from "../reference/generate.ts";
import { testDevice } from "../support/device.ts";
import { randomTrials } from "../support/trials.ts";

const gpu = testDevice();

/** A plan over random trials, with gradients by all that the network learns, or with the loss alone. */
async function planOf(
  network: Network,
  sizes: GeneratedTrialsOptions,
  losses: readonly LossInput[],
  withGradients: boolean,
) {
  const verdicts = new Tensor(gpu.device, "verdicts", [1, verdictFloats]);
  const { parameters, rules, layers } = network;
  const owned = { parameters, rules, layers, verdicts };
  const plan = await StepPlan.compile(gpu.device, network.spec, owned, {
    ...{ replicas: 1, steps: sizes.time, batch: sizes.batch, initial: "parameter", historySlots: 1 },
    losses: checkLosses(losses),
    ...(withGradients && { gradients: { alpha: false, v0: false } }),
  });
  plan.upload([randomTrials(sizes)]);
  plan.sequence.settings.set(0, { ...quietSettings, loss_scale: plan.lossScales(0) });
  plan.sequence.settings.upload();
  return {
    labels: plan.dispatches.map(({ label }) => label),
    async run(): Promise<{ terms: Float32Array; gradients: Float32Array }> {
      submit(gpu.device, "plan", plan.dispatches);
      const { history, gradients: flat } = plan.tensors;
      const read = await network.readback.read([{ tensor: history, count: recordFloats }, { tensor: flat }]);
      const [record, values] = read as [Float32Array, Float32Array];
      return { terms: record.subarray(0, losses.length), gradients: values };
    },
    dispose(): void {
      plan.dispose();
      verdicts.dispose();
    },
  };
}

describe("a plan that only measures the loss", () => {
  const sizes = { inputs: 2, hidden: 7, outputs: 2, time: 6, batch: 3, seed: 5 };
  const backwardKernel = "ctrnn_backward_persistent";

  test("gives every term the value it has in training, Ω too", async () => {
    const network = new Network(gpu.device, [generateModel({ ...sizes, activation: "tanh" })]);
    const losses: LossInput[] = [
      ...[{ type: "omega" } as const, { type: "hebbian" } as const],
      ...[{ type: "drivePenalty" } as const, { type: "meanSquaredError" } as const],
    ];
    const training = await planOf(network, sizes, losses, true);
    const measuring = await planOf(network, sizes, losses, false);
    const { terms } = await measuring.run();
    expect(terms).toEqual((await training.run()).terms);
    expect(terms.every((value) => value > 0)).toBe(true);
    expect(measuring.labels).toContain(backwardKernel);
    for (const plan of [training, measuring]) plan.dispose();
    network.dispose();
  });

  test("runs no backward pass without Ω, and never a kernel for the gradient of weights", async () => {
    const network = new Network(gpu.device, [generateModel({ ...sizes, activation: "tanh" })]);
    const losses: LossInput[] = [{ type: "hebbian" }, { type: "drivePenalty" }, { type: "meanSquaredError" }];
    const ofWeights = ["hebbian_weight_gradient", "weight_gradient", "direct_weight_gradient"];
    for (const withOmega of [false, true]) {
      const list: LossInput[] = withOmega ? [...losses, { type: "omega" }] : losses;
      const training = await planOf(network, sizes, list, true);
      expect(training.labels).toEqual(expect.arrayContaining([...ofWeights, "hebbian_rate_gradient"]));
      const measuring = await planOf(network, sizes, list, false);
      expect(measuring.labels.filter((label) => ofWeights.includes(label))).toEqual([]);
      expect(measuring.labels.includes("hebbian_rate_gradient")).toBe(withOmega);
      expect(measuring.labels.includes(backwardKernel)).toBe(withOmega);
      for (const plan of [training, measuring]) plan.dispose();
    }
    network.dispose();
  });
});

test("a plan gives the same gradients each time, wherever Ω stands in the list: nothing is added to what was there", async () => {
  const sizes = { inputs: 2, hidden: 5, outputs: 1, time: 4, batch: 3, seed: 6 };
  const network = new Network(gpu.device, [generateModel({ ...sizes, activation: "tanh" })]);
  const terms: LossInput[] = [{ type: "omega" }, { type: "drivePenalty" }, { type: "hebbian" }, { type: "weightL1" }];
  for (let turn = 0; turn < terms.length; turn += 1) {
    const plan = await planOf(network, sizes, [...terms.slice(turn), ...terms.slice(0, turn)], true);
    const first = await plan.run();
    expect(await plan.run()).toEqual(first);
    plan.dispose();
  }
  network.dispose();
});

test("frozen weights have no gradient, of neither term", async () => {
  const sizes = { inputs: 2, hidden: 6, outputs: 1, time: 5, batch: 4, seed: 2 };
  const network = new Network(gpu.device, [generateModel({ ...sizes, activation: "tanh" })]);
  const plan = await planOf(network, sizes, [{ type: "rateL2" }, { type: "drivePenalty" }, { type: "omega" }], true);
  network.freeze(
    "weightHH",
    Array.from({ length: 36 }, (_, index) => index % 2),
  );
  const values = (await plan.run()).gradients.slice(12, 48);
  expect(values.every((value, index) => (index % 2 === 1 ? value === 0 : value !== 0))).toBe(true);
  plan.dispose();
  network.dispose();
});
