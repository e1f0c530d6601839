import { describe, expect, test } from "vitest";
import { type ParameterName, parameterNames, weightNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { validateModel } from "../../src/network/validate.ts";
import { adam, sgd } from "../../src/train/optimizer.ts";
import { fixedTrials } from "../../src/train/source.ts";
import { train } from "../../src/train/train.ts";
import { gatedBackward, gatedForward } from "../reference/gated.ts";
import { type GeneratedModelOptions, generateModel } from "../reference/generate.ts";
import { meanSquaredError } from "../reference/loss.ts";
import { euclideanNorm, largestDifference, type Numbers } from "../reference/numbers.ts";
import { type Clip, createOptimizerState, optimizerStep } from "../reference/optimizer.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const sizes = { inputs: 3, hidden: 7, outputs: 2 };
const steps = 4;

interface Case {
  readonly name: string;
  readonly model: Omit<GeneratedModelOptions, "seed" | "inputs" | "hidden" | "outputs">;
  readonly clip: Clip;
  readonly isAdam: boolean;
}

const limited = { density: 0.7, signed: true, plastic: true } as const;
const cases: readonly Case[] = [
  {
    name: "an LSTM by SGD, each tensor's norm clipped",
    model: { cell: "lstm", ...limited, constraint: "project" },
    clip: { type: "tensor", limit: 0.02 },
    isAdam: false,
  },
  {
    name: "a GRU by SGD, each tensor's norm clipped",
    model: { cell: "gru", ...limited, constraint: "abs" },
    clip: { type: "tensor", limit: 0.02 },
    isAdam: false,
  },
  {
    name: "a GRU by Adam, the norm of all clipped",
    model: { cell: "gru", ...limited, constraint: "project" },
    clip: { type: "global", limit: 0.1 },
    isAdam: true,
  },
];

describe("updates agree with the float64 reference", () => {
  for (const { name, model: options, clip, isAdam } of cases) {
    test(name, async () => {
      const model = validateModel(generateModel({ ...sizes, ...options, seed: 5 }));
      const trials = randomTrials({ ...sizes, time: 6, batch: 4, seed: 9 });
      const sequence = { time: trials.steps, batch: trials.trials, inputs: trials.inputs };
      const lr = isAdam ? 0.02 : 0.5;
      const network = new Network(gpu.device, [model]);
      const reports = train(network, fixedTrials(trials), {
        ...{ steps, reportEvery: 1, optimizer: isAdam ? adam({ lr }) : sgd({ lr }) },
        clip: clip.type === "tensor" ? { mode: "tensorNorm", limit: clip.limit } : clip.limit,
      });
      let values: Readonly<Record<ParameterName, Numbers>> = model.parameters;
      const state = createOptimizerState(model);
      for await (const report of reports) {
        const current = { ...model, parameters: values };
        const trajectory = gatedForward(current, sequence);
        const { value, gradient } = meanSquaredError(trajectory.outputs, trials.targets, trials.mask);
        const { parameters } = gatedBackward(current, sequence, {}, trajectory, { outputs: gradient });
        const optimizer = { type: isAdam ? "adam" : "sgd" } as const;
        const next = optimizerStep(current, parameters, state, { optimizer, lr, clip, alphaMin: 0.01 });
        values = next;
        expect(report.loss / value).toBeCloseTo(1, 4);
        const learned = parameterNames.filter((each) => model.spec.learn[each]).map((each) => parameters[each]);
        expect(report.gradientNorm / euclideanNorm(...learned)).toBeCloseTo(1, 4);
        if (clip.type === "tensor") for (const each of learned) expect(euclideanNorm(each)).toBeGreaterThan(0);
        const now = await network.read();
        for (const each of parameterNames) {
          const difference = largestDifference(now.parameters[each], next[each]);
          expect(difference, `${each} after step ${report.step}`).toBeLessThan(1e-5);
        }
        for (const each of weightNames)
          for (const [index, weight] of now.parameters[each].entries()) {
            if (model.masks[each]?.[index] === 0) expect(Object.is(weight, 0), `${each}[${index}]`).toBe(true);
            if (model.spec.constraint !== "project") continue;
            expect(weight * (model.signs[each]?.[index] ?? 0), `${each}[${index}]`).toBeGreaterThanOrEqual(0);
          }
      }
      const end = await network.read();
      for (const each of ["r0", options.cell === "gru" ? "biasN" : "v0"] as const)
        expect(bitsOf(end.parameters[each])).not.toEqual(bitsOf(model.parameters[each]));
      network.dispose();
    });
  }
});
