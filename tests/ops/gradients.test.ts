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

/** One activation for all units, or units of their own. */
const kinds = [...activations, "own"] as const;
/** Every kind meets every constraint once, and both families and both forms. */
const caseTotal = kinds.length * constraints.length;

/** Case number `index` of `caseTotal`: a random shape and random options around what is to be met. */
function caseOf(index: number): ComparisonCase {
  const random = new Random(2026, 77, index);
  const size = (): number => random.choice(sizes);
  const pass = Math.floor(index / kinds.length);
  const kind = kinds[index % kinds.length] ?? "own";
  const hidden = size();
  const units = kind === "own" ? randomUnits(random, hidden) : undefined;
  const activation = kind === "own" ? random.choice(activations) : kind;
  const grows = activation === "power" || units?.activation?.includes("power");
  const scale = noiseScales[(index + pass) % (noiseScales.length + 1)];
  return {
    model: {
      seed: index,
      inputs: size(),
      hidden,
      outputs: size(),
      activation,
      form: dynamicsForms[(Math.floor(index / 2) + pass) % 2] ?? "state",
      constraint: constraints[index % constraints.length] ?? "project",
      noise: scale === undefined ? {} : { pre: 0.1, post: 0.05, scale },
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
    family: (index + pass) % 2 === 0 ? "persistent" : "stepwise",
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
  for (let index = 0; index < caseCount(caseTotal, kinds.length); index += 1) {
    const one = caseOf(index);
    // Every tile in both families, and with three kinds.
    const tile = index + 2 * Math.floor(index / kinds.length);
    test(`${one.family}, tile ${tile % 8}: ${describeCase(one)}`, () =>
      expectAgreement(gpu.device, { ...one, tile: tileNumber(tile) }));
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
  for (const [place, family] of (["persistent", "stepwise"] as const).entries()) {
    for (const [index, sizes] of layers.slice(-caseCount(6, 2)).entries()) {
      // One of the four combinations, another one in the other family: pipelines are slow to compile here.
      const combination = (index + 2 * place) % 4;
      const feedForward = combination % 2 === 0;
      const changing = combination === 1 || combination === 2;
      const random = new Random(2026, 78, index);
      const hidden = sizes.reduce((sum, size) => sum + size, 0);
      const synapses = changing ? randomSynapses(random, hidden) : {};
      const model = {
        ...{ seed: index, inputs: 3, hidden, outputs: 2, feedForward, layers: layersOf(...sizes), ...synapses },
        activation: "softplus" as const,
        form: dynamicsForms[Math.floor(index / 2) % 2] ?? "state",
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
});

describe("all families and tiles do the same arithmetic", () => {
  for (let index = 0; index < caseCount(6, 2); index += 1) {
    const one = caseOf(index);
    test(describeCase(one), async () => {
      const { model, trials, losses } = referenceOf(one);
      const first = await onGpu(gpu.device, model, trials, losses, { ...one, family: "persistent", tile: plainTile });
      const stepwise = { ...one, family: "stepwise", tile: tileNumber(index) } as const;
      expect(await onGpu(gpu.device, model, trials, losses, stepwise)).toEqual(first);
      const persistent = { ...one, family: "persistent", tile: tileNumber(index + 1) } as const;
      expect(await onGpu(gpu.device, model, trials, losses, persistent)).toEqual(first);
    });
  }
});
