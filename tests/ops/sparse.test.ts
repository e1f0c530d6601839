import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { activations, constraints, dynamicsForms } from "../../src/io/model-schema.ts";
import { Network } from "../../src/network/network.ts";
import { Random } from "../../src/random.ts";
import { gradients } from "../../src/train/gradients.ts";
import { generateModel } from "../reference/generate.ts";
import { type ComparisonCase, expectAgreement, onGpu, referenceOf } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";
import { randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const families = ["persistent", "stepwise"] as const;
/** Of the cases Chrome runs the first few, Node all: it is compiling the shaders that takes the time. */
const caseCount = (inNode: number, inChrome: number): number => ("document" in globalThis ? inChrome : inNode);
const common = { denominator: "elements", products: "sparse" } as const;

/** Case number `index` of an endless list: every density, and constraints and families in turn. */
function sparseCase(index: number): ComparisonCase {
  const random = new Random(2026, 79, index);
  return {
    ...common,
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
    rateWeight: index % 3 === 0 ? 0.3 : 0,
    givenV0: index % 4 === 0,
    family: families[Math.floor(index / 5) % 2] ?? "persistent",
  };
}

/** Layers, synapses that change, or both. @param sizes units of the layers. */
function layeredCase(
  sizes: readonly number[],
  family: ComparisonCase["family"],
  changing: boolean,
  feedForward: boolean,
): ComparisonCase {
  const hidden = sizes.reduce((sum, size) => sum + size, 0);
  const layers = sizes.map((size, index) => {
    const from = sizes.slice(0, index).reduce((sum, before) => sum + before, 0);
    return { name: `layer${index + 1}`, from, to: from + size };
  });
  const random = new Random(2026, 80, hidden);
  const each = (values: readonly number[]): number[] => Array.from({ length: hidden }, () => random.choice(values));
  const synapses = { release: each([0.2, 0.6]), recoveryMs: each([120, 1500]), facilitationMs: each([150, 1500]) };
  return {
    ...common,
    model: {
      ...{ seed: hidden, inputs: 3, hidden, outputs: 2, activation: "softplus", density: 0.2, feedForward },
      ...(sizes.length > 1 && { layers }),
      ...(changing && { dtMs: 100, shortTermPlasticity: synapses }),
      noise: { pre: 0.1 },
    },
    ...{ time: 5, batch: 9, rateWeight: 0.3, givenV0: false, family },
  };
}

function words({ family, time, batch, model }: ComparisonCase): string {
  const { density, hidden, constraint = "project", layers = [], shortTermPlasticity } = model;
  const more = `${layers.length > 0 ? `, ${layers.length} layers` : ""}${shortTermPlasticity ? ", changing" : ""}`;
  return `${family}, density ${density}, T ${time} B ${batch} N ${hidden}, ${constraint}${more}`;
}

describe("products over the synapses of a mask agree with the float64 reference, and with dense ones bit for bit:", () => {
  const cases = [
    ...Array.from({ length: caseCount(10, 3) }, (_, index) => sparseCase(index)),
    ...[
      layeredCase([3, 9, 6], "persistent", false, false),
      layeredCase([8, 4, 12], "persistent", false, true),
      layeredCase([7, 1, 1, 14], "stepwise", true, false),
      layeredCase([26], "persistent", true, false),
    ].slice(-caseCount(4, 2)),
  ];
  for (const one of cases) {
    test(words(one), async () => {
      await expectAgreement(gpu.device, one);
      const { model, trials, losses } = referenceOf(one);
      const sparse = await onGpu(gpu.device, model, trials, losses, one);
      expect(await onGpu(gpu.device, model, trials, losses, { ...one, products: "dense" })).toEqual(sparse);
    });
  }
});

test("every replica has the synapses of its own mask", async () => {
  const sizes = { inputs: 2, hidden: 21, outputs: 2, time: 6, batch: 5 };
  const models = [0.05, 0, 0.4].map((density, seed) => generateModel({ ...sizes, seed, density, activation: "tanh" }));
  const together = new Network(gpu.device, models);
  const trials = randomTrials({ ...sizes, seed: 3 });
  for (const [replica, model] of models.entries()) {
    const alone = new Network(gpu.device, [model]);
    const loss = [{ type: "meanSquaredError" }] as const;
    const own = await gradients(together, trials, loss, { replica, products: "sparse", family: "persistent" });
    expect(own).toEqual(await gradients(alone, trials, loss, { products: "dense", family: "persistent" }));
    alone.dispose();
  }
  together.dispose();
});

test("sparse products of gated cells are refused", async () => {
  const sizes = { inputs: 1, hidden: 2, outputs: 1, time: 2, batch: 1, seed: 1 };
  const network = new Network(gpu.device, [generateModel({ ...sizes, cell: "gru" })]);
  const asked = gradients(network, randomTrials(sizes), [{ type: "meanSquaredError" }], { products: "sparse" });
  await expect(asked).rejects.toThrow(new ConfigError("products: a gru has dense products only; leave it out."));
  const mistyped = { products: "spares" as "sparse" };
  const other = gradients(network, randomTrials(sizes), [{ type: "meanSquaredError" }], mistyped);
  await expect(other).rejects.toThrow(new ConfigError('products: expected dense or sparse, got "spares".'));
  network.dispose();
});
