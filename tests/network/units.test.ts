import { describe, expect, test } from "vitest";
import { ShapeError, ValueError } from "../../src/errors.ts";
import { decodeModelFolder, encodeModelFolder } from "../../src/io/model-file.ts";
import { modelFromFile, modelToFile } from "../../src/network/convert.ts";
import { createModel } from "../../src/network/create.ts";
import { Network } from "../../src/network/network.ts";
import { validateModel } from "../../src/network/validate.ts";
import { blocks } from "../../src/structure/blocks.ts";
import { fromConnectome } from "../../src/structure/connectome.ts";
import { dense } from "../../src/structure/structure.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const structure = dense({ inputs: 1, hidden: 3, outputs: 1 });
const units = { activation: ["relu", "tanh", "linear"], gain: [1, 2, 0.5], threshold: [0.1, 0, -1] } as const;

describe("properties of single units", () => {
  test("are those of a unit alone: r = f(gain (v - threshold))", async () => {
    const parameters = { weightIH: Float32Array.of(1, 1, 1), weightHH: new Float32Array(9) };
    const given = {
      ...units,
      activation: [...units.activation],
      gain: [...units.gain],
      threshold: [...units.threshold],
    };
    const model = createModel({ structure, alpha: 1, units: given, initial: parameters });
    const network = new Network(gpu.device, [model]);
    const { rates } = await network.run({ steps: 1, trials: 1, inputs: Float32Array.of(0.5) });
    expect(rates[0]).toBeCloseTo(0.4, 6);
    expect(rates[1]).toBeCloseTo(Math.tanh(1), 6);
    expect(rates[2]).toBeCloseTo(0.75, 6);
    const { json, tensors } = decodeModelFolder(encodeModelFolder(modelToFile(model)), "model");
    expect(modelFromFile({ json, tensors }).spec.units).toEqual(given);
    network.dispose();
  });

  test("noise by unit: a factor of 0 silences one unit and no other", async () => {
    const noise = { pre: 0.3, post: 0.1 };
    const quiet = { noisePre: [1, 0, 1], noisePost: [1, 0, 0] };
    const zero = { weightIH: new Float32Array(3), weightHH: new Float32Array(9) };
    const model = createModel({ structure, alpha: 0.5, activation: "linear", noise, units: quiet, initial: zero });
    const network = new Network(gpu.device, [model]);
    const { rates, states } = await network.run({ steps: 4, trials: 2, inputs: new Float32Array(8) });
    for (let row = 0; row < 8; row += 1) {
      expect(rates[3 * row]).not.toBe(states[3 * row]);
      expect(rates[3 * row + 1]).toBe(0);
      expect(rates[3 * row + 2]).toBe(states[3 * row + 2]);
      expect(states[3 * row + 2]).not.toBe(0);
    }
    network.dispose();
  });

  test("a wrong number of entries, or a wrong one, names the property", () => {
    expect(() => createModel({ structure, units: { gain: [1, 2] } })).toThrow(ShapeError);
    expect(() => createModel({ structure, units: { gain: [1, 2] } })).toThrow(/units\.gain: expected 3/);
    const model = createModel({ structure });
    const spec = { ...model.spec, units: { threshold: [0, Number.NaN, 0] } };
    expect(() => validateModel({ ...model, spec })).toThrow(ValueError);
    expect(() => validateModel({ ...model, spec })).toThrow(/units\.threshold\[1\]/);
  });
});

describe("what a structure says of its units and synapses", () => {
  test("time constants of populations become alpha, unless the network's are given", () => {
    const populations = [
      { name: "fast", size: 2, tauMs: 20 },
      { name: "slow", size: 1, tauMs: 80 },
    ];
    const built = blocks({ populations, projections: [], inputs: 1, outputs: 1 });
    expect(createModel({ structure: built, dtMs: 10 }).parameters.alpha).toEqual(Float32Array.of(0.5, 0.5, 0.125));
    expect(createModel({ structure: built, dtMs: 10, tauMs: 40 }).parameters.alpha[2]).toBe(0.25);
  });

  test("measured strengths are where recurrent weights start from", () => {
    const weights = [
      [0, 4, 1],
      [2, 0, 0],
      [0, 8, 0],
    ];
    const worm = fromConnectome({ weights, signs: [1, 1, -1], inputs: 1, outputs: 1 });
    const { weightHH } = createModel({ structure: worm, balance: false, spectralRadius: null }).parameters;
    expect(weightHH).toEqual(Float32Array.of(0, 0.5, -0.125, 0.25, 0, 0, 0, 1, 0));
  });
});
