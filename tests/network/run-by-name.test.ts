import { describe, expect, test } from "vitest";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { createModel } from "../../src/network/create.ts";
import { Network } from "../../src/network/network.ts";
import { type RunInput, stimuliOf } from "../../src/network/run-input.ts";
import { outputsByName } from "../../src/structure/channels-by-name.ts";
import { multiIO } from "../../src/structure/multi-io.ts";
import { dense } from "../../src/structure/structure.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf } from "../support/trials.ts";

const gpu = testDevice();
const structure = multiIO({
  hidden: 4,
  inputs: [
    { name: "vision", channels: 2, units: [0, 1] },
    { name: "cue", channels: 1, units: [3] },
  ],
  outputs: [
    { name: "eye", channels: 1 },
    { name: "hand", channels: 2 },
  ],
});
const vision = { shape: [2, 1, 2], data: Float32Array.of(1, 2, 3, 4) };
const cue = { shape: [2, 1, 1], data: Float32Array.of(8, 9) };
const joined = { steps: 2, trials: 1, inputs: Float32Array.of(1, 2, 8, 3, 4, 9) };

describe("stimuliOf", () => {
  test("takes arrays by name, with their shapes or flat, and one array of all", () => {
    expect(stimuliOf(joined, structure)).toEqual(joined);
    const forms: RunInput[] = [
      { vision, cue },
      { cue, vision },
      { steps: 2, trials: 1, inputs: { vision, cue } },
      { steps: 2, trials: 1, inputs: { vision: vision.data, cue } },
    ];
    for (const form of forms) expect(stimuliOf(form, structure)).toEqual(joined);
    const v0 = new Float32Array(4);
    expect(stimuliOf({ steps: 2, trials: 1, inputs: { cue }, v0 }, structure).v0).toBe(v0);
    expect(stimuliOf({ cue }, structure).inputs).toEqual(Float32Array.of(0, 0, 8, 0, 0, 9));
    expect(stimuliOf({ steps: 1, trials: 2, inputs: {} }, structure).inputs).toEqual(new Float32Array(6));
  });

  test("without names, all inputs are `inputs`", () => {
    const plain = dense({ inputs: 2, hidden: 3, outputs: 1 });
    expect(stimuliOf({ inputs: vision }, plain).inputs).toEqual(vision.data);
    expect(() => stimuliOf({ inputs: cue }, plain)).toThrow(/expected \[2, 1, 2\]/);
  });

  test("names what is wrong, and the nearest group", () => {
    const read = (given: unknown) => () => stimuliOf(given as RunInput, structure);
    expect(read({ visoin: vision })).toThrow(ConfigError);
    expect(read({ visoin: vision })).toThrow(/run: inputs: there is no "visoin"; did you mean "vision"/);
    expect(read({ steps: 2, trials: 1, inputs: { cues: cue } })).toThrow(/did you mean "cue"/);
    expect(read({ vision, cue: { shape: [3, 1, 1], data: new Float32Array(3) } })).toThrow(
      /cue has 3 steps and 1 trials, but vision has 2 and 1/,
    );
    expect(read({ vision: { shape: [2, 1, 3], data: new Float32Array(6) } })).toThrow(
      /vision: expected \[2, 1, 2\] \(time, batch, channels\), got \[2, 1, 3\]/,
    );
    expect(read({ vision: { shape: [2, 1, 2], data: new Float32Array(3) } })).toThrow(ShapeError);
    expect(read({ vision: vision.data })).toThrow(/got no shape\. Flat arrays go with \{ steps, trials/);
    expect(read({ vision: { shape: [4], data: vision.data } })).toThrow(ShapeError);
    expect(read({ vision: { shape: [0, 1, 2], data: new Float32Array(0) } })).toThrow(ValueError);
    expect(read({})).toThrow(/inputs by name \(vision, cue\), of which at least one/);
    expect(read(undefined)).toThrow(ConfigError);
    expect(read({ steps: 2, trials: 1 })).toThrow(/inputs: expected a Float32Array/);
    expect(read({ steps: 2, trials: 1, inputs: { vision: new Float32Array(3) } })).toThrow(/got 3 values/);
    expect(read({ steps: -2, trials: 1, inputs: { vision } })).toThrow(ValueError);
  });
});

test("run takes inputs by name, and outputs come back by name", async () => {
  const network = new Network(
    gpu.device,
    [0, 1].map((seed) => createModel({ structure, seed })),
  );
  const all = await network.run(joined);
  const named = await network.run({ vision, cue });
  expect(bitsOf(named.outputs)).toEqual(bitsOf(all.outputs));
  expect(bitsOf(named.rates)).toEqual(bitsOf(all.rates));
  const silent = await network.run({ steps: 2, trials: 1, inputs: { vision: vision.data } });
  const zero = await network.run({ ...joined, inputs: Float32Array.of(1, 2, 0, 3, 4, 0) });
  expect(bitsOf(silent.outputs)).toEqual(bitsOf(zero.outputs));
  expect(all.outputs).not.toEqual(zero.outputs);
  const { eye, hand } = outputsByName(network.spec, all);
  expect(eye?.shape).toEqual([2, 2, 1, 1]);
  expect(hand?.shape).toEqual([2, 2, 1, 2]);
  expect([...(eye?.data ?? [])]).toEqual([...all.outputs].filter((_, index) => index % 3 === 0));
  expect([...(hand?.data ?? [])]).toEqual([...all.outputs].filter((_, index) => index % 3 !== 0));
  await expect(network.run({ visoin: vision })).rejects.toThrow(/did you mean "vision"/);
  await expect(network.run({ vision: { ...vision, data: Float32Array.of(1, 2, Number.NaN, 0) } })).rejects.toThrow(
    ValueError,
  );
  network.dispose();
});

test("outputsByName, of one network and without names", () => {
  const outputs = Float32Array.of(1, 2, 3, 4, 5, 6);
  const one = { steps: 1, trials: 2, outputs };
  expect(outputsByName(structure, one)["hand"]).toEqual({ shape: [1, 2, 2], data: Float32Array.of(2, 3, 5, 6) });
  const plain = dense({ inputs: 1, hidden: 1, outputs: 3 });
  expect(outputsByName(plain, one)).toEqual({ outputs: { shape: [1, 2, 3], data: outputs } });
  expect(() => outputsByName(structure, { ...one, trials: 4 })).toThrow(ShapeError);
});
