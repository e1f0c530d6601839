import { describe, test } from "vitest";
import type { LossInput } from "../../src/loss/losses.ts";
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
          segments: [1, 2, 3, 4, 7, 22],
          options: { family },
        }));
    }
    for (const cell of ["lstm", "gru"] as const) {
      test(`${cell}, ${family}`, () =>
        expectSameInSegments(gpu.device, {
          model: { cell, noise },
          segments: [2, 3, 8],
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
