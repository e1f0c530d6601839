import { describe, expect, test } from "vitest";
import type { LossInput } from "../../src/loss/losses.ts";
import { hasParameter } from "../../src/network/cells.ts";
import { parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { gradients } from "../../src/train/gradients.ts";
import { referenceOf, relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";
import { expectSameInSegments, maskedError } from "../support/segments-run.ts";

const gpu = testDevice();
const noise = { pre: 0.1, post: 0.05 };

describe("trials in segments give the states, the losses and the gradients of trials in one", () => {
  for (const family of ["persistent", "stepwise"] as const) {
    for (const form of ["state", "rate"] as const) {
      test(`a ctrnn in ${form} form with noise, ${family}`, () =>
        expectSameInSegments(gpu.device, {
          model: { form, noise },
          segments: [2, 5, 22],
          options: { family },
        }));
    }
    for (const cell of ["lstm", "gru"] as const) {
      test(`${cell}, ${family}`, () =>
        expectSameInSegments(gpu.device, {
          model: { cell, noise },
          segments: [2, 8],
          options: { family },
          replicas: 2,
        }));
    }
  }

  test("layers and short-term plasticity", async () => {
    const layers = [
      { name: "input", from: 0, to: 3 },
      { name: "output", from: 3, to: 7 },
    ];
    const shortTermPlasticity = { release: 0.3, recoveryMs: 200, facilitationMs: 900 };
    for (const family of ["persistent", "stepwise"] as const) {
      await expectSameInSegments(gpu.device, {
        model: { noise, layers, dtMs: 50 },
        segments: [2, 5],
        options: { family },
      });
      await expectSameInSegments(gpu.device, {
        model: { noise, layers, shortTermPlasticity, dtMs: 50, activation: "sigmoid" },
        segments: [2, 5],
        options: { family },
      });
    }
  });

  test("replicas, penalties on the weights, given states, wide and long", async () => {
    const penalties: LossInput[] = [
      maskedError,
      { type: "weightL1", weight: 0.1, matrix: "weightHH" },
      { type: "weightL2", weight: 0.1, matrix: "weightHO" },
      { type: "spectralNorm", weight: 0.1 },
    ];
    await expectSameInSegments(gpu.device, { losses: penalties, replicas: 3, segments: [2, 4], model: { noise } });
    await expectSameInSegments(gpu.device, { trials: { withV0: true }, segments: [3] });
    await expectSameInSegments(gpu.device, {
      model: { hidden: 33, inputs: 5, outputs: 9 },
      trials: { batch: 17 },
      time: 70,
      segments: [2, 8],
    });
  });

  test("trials of two steps, and of one", async () => {
    await expectSameInSegments(gpu.device, { time: 2, segments: [1, 2, 3] });
    await expectSameInSegments(gpu.device, { time: 1, segments: [1, 2] });
  });

  for (const rule of [
    { type: "eprop" },
    { type: "eprop", feedback: "random" },
    { type: "rflo" },
    { type: "rflo", feedback: "symmetric" },
  ] as const) {
    for (const form of ["state", "rate"] as const) {
      test(`${JSON.stringify(rule)} in ${form} form`, () =>
        expectSameInSegments(gpu.device, {
          model: { noise, form },
          losses: [maskedError, { type: "rateL2" }],
          segments: [2, 5],
          options: { rule },
        }));
    }
  }
});

test("of long trials, sums in segments are as near to float64 as sums in one", async () => {
  const model = { inputs: 3, hidden: 9, outputs: 2, activation: "tanh", seed: 4 } as const;
  const one = { model, time: 200, batch: 16, denominator: "mask", rateWeight: 0.1, givenV0: false } as const;
  const { model: made, trials, losses, expected } = referenceOf({ ...one, family: "persistent" });
  const network = new Network(gpu.device, [made]);
  const { time: steps, batch, inputs, targets, mask } = trials;
  const worst = async (segments: number): Promise<Record<string, number>> => {
    const data = { steps, trials: batch, inputs, targets, mask };
    const { parameters } = await gradients(network, data, losses, { segments });
    const names = parameterNames.filter((name) => hasParameter("ctrnn", name));
    return Object.fromEntries(names.map((name) => [name, relative(parameters[name], expected.parameters[name], 1e-9)]));
  };
  const [whole, split] = [await worst(1), await worst(25)];
  network.dispose();
  for (const [name, value] of Object.entries(whole)) expect(split[name], name).toBeLessThan(2 * value + 5e-7);
});
