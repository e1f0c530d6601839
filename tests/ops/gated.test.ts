import { describe, expect, test } from "vitest";
import { plainTile, tilesOf } from "../../src/ops/tiles.ts";
import { type ComparisonCase, expectAgreement, onGpu, referenceOf } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

const kinds = {
  lstm: { cell: "lstm" },
  "lstm, sigmoid": { cell: "lstm", lstmOutput: "sigmoid" },
  gru: { cell: "gru" },
} as const;

/**
 * One of everything, off the tile of 8 by 4, on it (where the products of all gates are one), more than one workgroup to a
 * step, and more than one slice of rows.
 */
const shapes = {
  single: { time: 1, batch: 1, model: { inputs: 1, hidden: 1, outputs: 1 } },
  odd: { time: 6, batch: 9, model: { inputs: 3, hidden: 7, outputs: 2 } },
  whole: { time: 3, batch: 16, model: { inputs: 4, hidden: 16, outputs: 4 } },
  wide: { time: 3, batch: 3, model: { inputs: 2, hidden: 70, outputs: 5 } },
  long: { time: 40, batch: 17, model: { inputs: 2, hidden: 5, outputs: 1 } },
} as const;

/** What is tried beside the shape; every kind meets every option. */
const options = [
  { constraint: "abs", density: 0.7, signed: true },
  { constraint: "project", noise: { pre: 0.2, post: 0.1 } },
  { constraint: "rectify", signed: true, noise: { pre: 0.1 } },
  { constraint: "project", density: 0.5, signed: true, noise: { post: 0.1 } },
] as const;

function caseOf(
  kind: keyof typeof kinds,
  shape: keyof typeof shapes,
  family: ComparisonCase["family"],
): ComparisonCase {
  const place = Object.keys(kinds).indexOf(kind) + Object.keys(shapes).indexOf(shape);
  const { time, batch, model } = shapes[shape];
  const option = options[place % options.length];
  const units = { noisePre: Array.from({ length: model.hidden }, (_, unit) => 1 + (unit % 2)) };
  return {
    model: { ...model, ...option, ...kinds[kind], seed: place, ...(shape === "odd" && { units }) },
    ...{ time, batch, family, denominator: shape === "odd" ? "mask" : "elements" },
    ...{ rateWeight: shape === "wide" ? 0 : 0.3, givenV0: shape === "whole" },
  };
}

describe("back-propagation through gates on the GPU agrees with the float64 reference", () => {
  for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
    for (const shape of Object.keys(shapes) as (keyof typeof shapes)[])
      test(`persistent: ${kind}, ${shape}`, () => expectAgreement(gpu.device, caseOf(kind, shape, "persistent")));
    test(`stepwise: ${kind}, odd`, () => expectAgreement(gpu.device, caseOf(kind, "odd", "stepwise")));
  }
});

describe("all families and tiles do the same arithmetic", () => {
  const cases = [["lstm", "wide"] as const, ["gru", "wide"] as const, ["gru", "odd"] as const];
  for (const [index, [kind, shape]] of cases.entries()) {
    test(`${kind}, ${shape}`, async () => {
      const one = caseOf(kind, shape, "persistent");
      const { model, trials, losses } = referenceOf(one);
      const tiles = tilesOf(gpu.device);
      const first = await onGpu(gpu.device, model, trials, losses, { ...one, tile: plainTile });
      const stepwise = { ...one, family: "stepwise", tile: tiles.at(-1 - index) } as const;
      expect(await onGpu(gpu.device, model, trials, losses, stepwise)).toEqual(first);
      const persistent = { ...one, tile: tiles.at(-2 - index) };
      expect(await onGpu(gpu.device, model, trials, losses, persistent)).toEqual(first);
    });
  }
});
