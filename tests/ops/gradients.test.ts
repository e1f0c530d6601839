import { describe, expect, test } from "vitest";
import { activations, constraints, dynamicsForms, noiseScales } from "../../src/io/model-schema.ts";
import { plainTile, type Tile, tilesOf } from "../../src/ops/tiles.ts";
import { Random } from "../../src/random.ts";
import { type ComparisonCase, expectAgreement, onGpu, referenceOf } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const sizes = [1, 2, 3, 7, 17, 33, 64];
/** Of many random cases Chrome runs the first few, Node all: it is compiling the shaders that takes the time. */
const caseCount = (inNode: number, inChrome: number): number => ("document" in globalThis ? inChrome : inNode);

/** Units that differ in everything a unit can differ in. */
function randomUnits(random: Random, hidden: number): NonNullable<ComparisonCase["model"]["units"]> {
  const each = <Value>(draw: () => Value): Value[] => Array.from({ length: hidden }, draw);
  return {
    activation: each(() => random.choice(activations)),
    gain: each(() => random.uniform(0.5, 1.5)),
    threshold: each(() => random.uniform(-0.3, 0.3)),
    noisePre: each(() => random.uniform(0, 2)),
    noisePost: each(() => random.uniform(0, 2)),
  };
}

/** Case number `index` of an endless list of random shapes and options. */
function randomCase(index: number, family: ComparisonCase["family"]): ComparisonCase {
  const random = new Random(2026, 77, index);
  const size = (): number => random.choice(sizes);
  const noisy = random.uniform() < 0.5;
  const hidden = size();
  const activation = random.choice(activations);
  const units = random.uniform() < 0.3 ? randomUnits(random, hidden) : undefined;
  const grows = activation === "power" || units?.activation?.includes("power");
  return {
    model: {
      seed: index,
      inputs: size(),
      hidden,
      outputs: size(),
      activation,
      form: random.choice(dynamicsForms),
      constraint: random.choice(constraints),
      noise: noisy ? { pre: 0.1, post: 0.05, scale: random.choice(noiseScales) } : {},
      ...(random.uniform() < 0.5 ? { density: 0.6 } : {}),
      signed: random.uniform() < 0.5,
      ...(units && { units }),
    },
    // Squared rates explode within a few steps, in float32 sooner than in float64.
    time: grows ? random.choice([1, 2, 3]) : size(),
    batch: size(),
    denominator: random.choice(["elements", "mask"] as const),
    rateWeight: random.choice([0, 0.3]),
    givenV0: random.uniform() < 0.3,
    family,
  };
}

/** The tiles in turn: where the device has no subgroups, those without quads. */
function tileNumber(index: number): Tile {
  const tiles = tilesOf(gpu.device);
  return tiles[index % tiles.length] ?? plainTile;
}

function describeCase({ model, time, batch }: ComparisonCase): string {
  const { inputs, hidden, outputs, activation, form, constraint } = model;
  const kind = model.units === undefined ? activation : "units of their own";
  return `T ${time} B ${batch} N ${hidden} I ${inputs} O ${outputs}, ${kind}, ${form} form, ${constraint}`;
}

describe("BPTT on the GPU agrees with the float64 reference", () => {
  for (let index = 0; index < caseCount(40, 10); index += 1) {
    const family = index % 2 === 0 ? "persistent" : "stepwise";
    const one = randomCase(index, family);
    test(`${family}, tile ${index % 8}: ${describeCase(one)}`, () =>
      expectAgreement(gpu.device, { ...one, tile: tileNumber(index) }));
  }
});

/** Layers of these sizes. */
function layersOf(...sizes: readonly number[]): NonNullable<ComparisonCase["model"]["layers"]> {
  let to = 0;
  return sizes.map((size, index) => {
    to += size;
    return { name: `layer${index + 1}`, from: to - size, to };
  });
}

/** Some units facilitate, some depress, some do not change, and a few are driven to the bounds. */
function randomSynapses(random: Random, hidden: number) {
  const each = <Value>(draw: () => Value): Value[] => Array.from({ length: hidden }, draw);
  return {
    dtMs: 100,
    shortTermPlasticity: {
      release: each(() => random.uniform(0.1, 0.9)),
      recoveryMs: each(() => random.choice([120, 200, 1500])),
      facilitationMs: each(() => random.choice([150, 200, 1500])),
      fixed: each(() => random.uniform() < 0.2),
    },
  };
}

const plain = { batch: 9, denominator: "elements", rateWeight: 0.3, givenV0: false } as const;

describe("layers and short-term plasticity agree with the float64 reference", () => {
  const layers: readonly (readonly number[])[] = [[5], [3, 4], [1, 6, 2], [8, 4, 12], [7, 1, 1, 14], [33, 31]];
  for (const family of ["persistent", "stepwise"] as const) {
    for (const [index, sizes] of layers.slice(-caseCount(6, 2)).entries()) {
      // Of the four combinations two each, the other two in the other family: pipelines are slow to compile here.
      for (const feedForward of [true, false]) {
        const changing = feedForward === (family === "stepwise");
        const random = new Random(2026, 78, index);
        const hidden = sizes.reduce((sum, size) => sum + size, 0);
        const synapses = changing ? randomSynapses(random, hidden) : {};
        const model = {
          ...{ seed: index, inputs: 3, hidden, outputs: 2, feedForward, layers: layersOf(...sizes), ...synapses },
          activation: "softplus" as const,
          form: dynamicsForms[index % 2] ?? "state",
          noise: { pre: 0.1, post: 0.05 },
          ...{ signed: index % 2 === 1, density: index % 3 === 0 ? 0.6 : 1 },
        };
        const time = [1, 2, 7][index % 3] ?? 1;
        const words = [family, `layers ${sizes.join(", ")}`, feedForward ? "" : "feedback", changing ? "changing" : ""];
        test(words.filter((word) => word !== "").join(", "), () =>
          expectAgreement(gpu.device, { ...plain, model, time, family, givenV0: index === 3 }),
        );
      }
    }
  }
});

describe("all families and tiles do the same arithmetic", () => {
  for (let index = 100; index < 100 + caseCount(6, 2); index += 1) {
    const one = randomCase(index, "persistent");
    test(describeCase(one), async () => {
      const { model, trials, losses } = referenceOf(one);
      const first = await onGpu(gpu.device, model, trials, losses, { ...one, tile: plainTile });
      const stepwise = { ...one, family: "stepwise", tile: tileNumber(index) } as const;
      expect(await onGpu(gpu.device, model, trials, losses, stepwise)).toEqual(first);
      const persistent = { ...one, tile: tileNumber(index + 1) };
      expect(await onGpu(gpu.device, model, trials, losses, persistent)).toEqual(first);
    });
  }
});
