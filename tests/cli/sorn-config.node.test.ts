import { expect, test } from "vitest";
import { parseSornConfig } from "../../src/cli/sorn-config.ts";

test("what is for all phases is in each that does not say it itself, and a complete configuration stays as it is", () => {
  const parsed = parseSornConfig(
    {
      network: { preset: "lazar2009" },
      ...{ seed: 3, noise: false, damage: { pairs: 4 }, task: { name: "counting", length: 2 } },
      phases: [
        { name: "a", steps: 10, readout: { ahead: [0, 1] } },
        { name: "b", steps: 5, inputs: { type: "uniform" }, noise: true },
        { name: "c", steps: 5, task: { name: "randomSequence", alphabet: 6 }, record: ["TE"] },
      ],
    },
    "x",
  );
  expect(parsed.phases).toMatchObject([
    { noise: false, damage: { steps: 50, pairs: 4 }, task: { name: "counting", length: 2, first: 0.5 } },
    { noise: true, damage: { pairs: 4 }, inputs: { type: "uniform", low: 0, high: 1 } },
    { noise: false, task: { name: "randomSequence", alphabet: 6, length: false }, record: ["TE"] },
  ]);
  expect(parsed.phases[0]?.readout).toEqual({ train: 5000, test: 5000, ahead: [0, 1], from: "ExcitatoryActivation" });
  expect(parsed.phases[1]).not.toHaveProperty("task");
  expect(parsed.avalanches).toEqual({ threshold: "halfMean", ranges: "published", samples: 100 });
  const written = JSON.parse(JSON.stringify(parsed)) as object;
  expect(JSON.parse(JSON.stringify(parseSornConfig(written, "x")))).toEqual(written);
});

test("steps make a plastic and a frozen phase, or with a readout a plastic one that is read", () => {
  expect(parseSornConfig({ steps: 45 }, "x").phases).toMatchObject([
    { name: "plastic", steps: 45, freeze: [] },
    { name: "frozen", steps: 5, freeze: "all" },
  ]);
  const read = parseSornConfig({ steps: 45, task: { name: "occluder" }, readout: { train: 9 } }, "x");
  expect(read.phases).toMatchObject([{ name: "plastic", steps: 45, readout: { train: 9, test: 5000 } }]);
  expect(read.phases).toHaveLength(1);
  expect(parseSornConfig({ steps: 1, avalanches: false }, "x").avalanches).toBe(false);
});
