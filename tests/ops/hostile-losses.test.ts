import { describe, expect, it, test } from "vitest";
import { losses } from "../../src/index.ts";
import { checkLosses, type LossInput, lossNames, lossScale } from "../../src/loss/losses.ts";
import { lossContext } from "../../src/loss/term.ts";

const sizes = { replicas: 1, steps: 2, batch: 1, inputs: 1, hidden: 3, outputs: 2 };

describe("a mere number is no options", () => {
  const makers = Object.entries(losses).filter(([name]) => !["rateL1", "rateL2", "rateSmoothness"].includes(name));
  it.each(makers)("%s", (name, make) => {
    for (const given of [1e-3, null, "1"])
      expect(() => (make as (options: unknown) => unknown)(given)).toThrow(`${name}: expected options such as`);
  });

  it("but of the terms that say so", () => {
    expect(losses.rateL2(1e-3).weight).toBe(1e-3);
  });
});

test("every term may have a name of its own, under which it is reported", () => {
  const areas = [losses.rateL2({ name: "v1", units: [0, 1] }), losses.rateL2({ name: "pfc", units: [1, 3] })];
  expect(lossNames(checkLosses([...areas, losses.rateL2(), { type: "weightL1", name: "v1" }]))).toEqual([
    "v1",
    "pfc",
    "rateL2",
    "v12",
  ]);
  for (const type of ["omega", "hebbian", "meanRate", "populationKL", "targetRates", "spectralNorm", "cosine"] as const)
    expect(lossNames(checkLosses([{ type, name: "mine" }]))).toEqual(["mine"]);
  expect(() => losses.rateL2({ name: "my term" })).toThrow("rateL2: name: must be a letter");
});

test("a weight fits into float32", () => {
  expect(() => losses.meanSquaredError({ weight: 1e39 })).toThrow("meanSquaredError: weight: must be <= 3.4");
});

describe("targets of a cross-entropy are probabilities", () => {
  const scale = (loss: LossInput, targets: number[], mask?: number[]): number => {
    const trials = { steps: 2, trials: 1, targets: Float32Array.from(targets) };
    const own = mask === undefined ? trials : { ...trials, mask: Float32Array.from(mask) };
    return checkLosses([loss]).reduce((_, term) => lossScale(term, lossContext(sizes, own)), 0);
  };

  it.each(["crossEntropy", "binaryCrossEntropy"] as const)("%s", (type) => {
    expect(scale({ type }, [0, 1, 0.5, 0.5])).toBeGreaterThan(0);
    expect(() => scale({ type }, [0, 1, -0.5, 0.5])).toThrow(
      `${type}: targets are probabilities in [0, 1], but value 2 (of output 0) is -0.5`,
    );
    expect(() => scale({ type }, [0, 2, 0, 0])).toThrow("value 1 (of output 1) is 2");
    expect(scale({ type }, [0, 1, -0.5, 2], [1, 1, 0, 0])).toBeGreaterThan(0);
  });

  it("under the mask of the row's first output, where rows count", () => {
    expect(() => scale({ type: "crossEntropy" }, [0, 1, 0, 2], [1, 1, 1, 0])).toThrow("value 3");
    expect(scale({ type: "binaryCrossEntropy" }, [0, 1, 0, 2], [1, 1, 1, 0])).toBeGreaterThan(0);
  });

  it("those of other terms may be anything", () => {
    expect(scale({ type: "meanSquaredError" }, [0, 2, -3, 0])).toBeGreaterThan(0);
  });
});
