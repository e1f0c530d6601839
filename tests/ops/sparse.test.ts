import { describe, expect, test } from "vitest";
import { activations, constraints, dynamicsForms } from "../../src/io/model-schema.ts";
import { Random } from "../../src/random.ts";
import { type ComparisonCase, expectAgreement, onGpu, referenceOf } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const families = ["persistent", "stepwise"] as const;
const caseCount = (inNode: number, inChrome: number): number => ("document" in globalThis ? inChrome : inNode);

/** Case number `index` of an endless list: density, sizes and options. */
function sparseCase(index: number): ComparisonCase {
  const random = new Random(2026, 79, index);
  return {
    model: {
      seed: index,
      inputs: random.choice([1, 4, 6]),
      hidden: random.choice([1, 5, 30, 67]),
      outputs: random.choice([1, 3]),
      activation: random.choice(activations.filter((name) => name !== "power")),
      form: random.choice(dynamicsForms),
      constraint: constraints[index % constraints.length] ?? "project",
      noise: index % 2 === 0 ? { pre: 0.1, post: 0.05 } : {},
      density: [0, 0.01, 0.1, 0.5, 1][index % 5] ?? 1,
      signed: random.uniform() < 0.5,
    },
    time: random.choice([1, 3, 12]),
    batch: random.choice([1, 4, 7, 9, 18, 64]),
    denominator: "elements",
    rateWeight: index % 3 === 0 ? 0.3 : 0,
    givenV0: index % 4 === 0,
    family: families[Math.floor(index / 5) % 2] ?? "persistent",
    products: "sparse",
  };
}

function words({ family, time, batch, model }: ComparisonCase): string {
  return `${family}, density ${model.density}, T ${time} B ${batch} N ${model.hidden}, ${model.constraint}`;
}

describe("products over the synapses of a mask", () => {
  for (let index = 0; index < caseCount(10, 4); index += 1) {
    const one = sparseCase(index);
    test(`agree with the float64 reference: ${words(one)}`, () => expectAgreement(gpu.device, one));
    test(`are those of the dense kernels, bit for bit: ${words(one)}`, async () => {
      const { model, trials, losses } = referenceOf(one);
      const sparse = await onGpu(gpu.device, model, trials, losses, one);
      const dense = await onGpu(gpu.device, model, trials, losses, { ...one, products: "dense" });
      expect(sparse).toEqual(dense);
    });
  }
});
