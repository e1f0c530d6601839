import { describe, test } from "vitest";
import type { LossInput } from "../../src/loss/losses.ts";
import type { Trials } from "../../src/network/trials.ts";
import { Random } from "../../src/random.ts";
import { testDevice } from "../support/device.ts";
import { expectSameInSegments, maskedError, sizes } from "../support/segments-run.ts";

const gpu = testDevice();

const random = new Random(3, 1);
const onOutputs: LossInput[] = [
  { type: "crossEntropy" },
  { type: "binaryCrossEntropy" },
  { type: "cosine" },
  { type: "custom", name: "absolute", on: "outputs", value: "abs(y - target)", slope: "sign(y - target)" },
];
const onRates: LossInput[] = [
  ...([{ type: "rateL1" }, { type: "rateL2", units: [1, 6] }, { type: "rateEntropy" }] satisfies LossInput[]),
  ...([{ type: "rateSmoothness" }, { type: "statePrediction", tau: 3 }] satisfies LossInput[]),
  ...([{ type: "statePrediction", tau: 5, units: [2, 4] }, { type: "drivePenalty" }] satisfies LossInput[]),
  ...([{ type: "hebbian" }, { type: "hebbian", over: "step" }, { type: "meanRate" }] satisfies LossInput[]),
  ...(["sd", "cv", "meanDeviation", "maxDeviation"] as const).map(
    (metric) => ({ type: "rateSpread", metric }) as const,
  ),
  { type: "rateSpread", of: "absoluteRate", per: "trialUnit", squared: true },
  { type: "custom", name: "fourth", on: "rates", value: "r * r * r * r", slope: "4.0 * r * r * r" },
  { type: "targetRates", units: [6, 0, 3] },
];

describe("every term", () => {
  const probabilities = (trials: Trials): Trials => {
    const { outputs } = sizes;
    return { ...trials, targets: trials.targets.map((_, index) => (index % outputs === 0 ? 0.25 : 0.75)) };
  };
  const recordings = (trials: Trials): Trials => {
    const rateTargets = Float32Array.from({ length: trials.steps * trials.trials * 3 }, () => random.uniform(-1, 1));
    return { ...trials, rateTargets };
  };

  for (const loss of onOutputs) {
    test(`${loss.type} on outputs`, () =>
      expectSameInSegments(gpu.device, { losses: [loss], segments: [2, 4], change: probabilities }));
  }
  for (const loss of onRates) {
    const { type, ...options } = loss;
    test(`${type} ${JSON.stringify(options)}`, () =>
      expectSameInSegments(gpu.device, { losses: [maskedError, loss], segments: [2, 4], change: recordings }));
  }
  test("populationKL", () =>
    expectSameInSegments(gpu.device, {
      losses: [maskedError, { type: "populationKL" }, { type: "populationKL", symmetric: false }],
      trials: { batch: 8 },
      segments: [2, 4],
      rounds: true,
    }));
  test("omega, alone and among others on the same matrix", async () => {
    for (const slopeAt of ["before", "after"] as const) {
      await expectSameInSegments(gpu.device, {
        losses: [maskedError, { type: "omega", slopeAt }],
        segments: [2, 4],
        replicas: 2,
      });
    }
    const matrix = "weightHH" as const;
    await expectSameInSegments(gpu.device, {
      losses: [
        { type: "omega" },
        { type: "hebbian" },
        maskedError,
        { type: "weightL2", matrix },
        { type: "drivePenalty" },
      ],
      segments: [2, 6],
      replicas: 2,
    });
  });
  test("all at once, over several replicas", () =>
    expectSameInSegments(gpu.device, {
      losses: [
        maskedError,
        { type: "weightL1" },
        ...onRates.slice(0, 9),
        { type: "rateSpread" },
        { type: "targetRates", units: [6, 0, 3] },
      ],
      segments: [2, 3],
      replicas: 2,
      change: recordings,
    }));
});
