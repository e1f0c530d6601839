import { describe, expect, it } from "vitest";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { createModel } from "../../src/network/create.ts";
import { describeStructure } from "../../src/structure/describe.ts";
import { inputUnits, readoutUnits } from "../../src/structure/query.ts";
import { type StackOptions, stack } from "../../src/structure/stack.ts";
import { rowsOf } from "./statistics.ts";

const two = { inputs: 2, outputs: 1, layers: [{ size: 2 }, { size: 3 }] } satisfies StackOptions;
const three = { inputs: 1, outputs: 2, layers: [{ size: 1 }, { size: 2 }, { size: 1 }] } satisfies StackOptions;

describe("stack", () => {
  it("is nn4n's RNNLayer: each layer onto itself and the next, inputs below, readout above", () => {
    const structure = stack(two);
    expect([structure.inputs, structure.hidden, structure.outputs]).toEqual([2, 5, 1]);
    const layers = [
      { name: "layer1", from: 0, to: 2 },
      { name: "layer2", from: 2, to: 5 },
    ];
    expect(structure.layers).toEqual(layers);
    expect(structure.areas).toEqual(layers);
    expect(rowsOf(structure.masks.weightIH, 5, 2)).toEqual([[1, 1], [1, 1], [0, 0], [0, 0], [0, 0]]); // biome-ignore format: rows
    expect(rowsOf(structure.masks.weightHH, 5, 5)).toEqual([
      [1, 1, 0, 0, 0],
      [1, 1, 0, 0, 0],
      [1, 1, 1, 1, 1],
      [1, 1, 1, 1, 1],
      [1, 1, 1, 1, 1],
    ]);
    expect([...(structure.masks.weightHO ?? [])]).toEqual([0, 0, 1, 1, 1]);
    expect(structure.signs).toEqual({});
    expect(structure.units).toBeUndefined();
    expect(structure.inputGroups).toBeUndefined();
  });

  it("adds feedback, skipping projections and readouts where asked", () => {
    const structure = stack({ ...three, feedback: true, skip: true, readout: "all", selfConnections: false });
    expect(rowsOf(structure.masks.weightIH, 4, 1)).toEqual([[1], [1], [1], [1]]);
    expect(rowsOf(structure.masks.weightHH, 4, 4)).toEqual([
      [0, 1, 1, 0],
      [1, 0, 1, 1],
      [1, 1, 0, 1],
      [0, 1, 1, 0],
    ]);
    expect(structure.masks.weightHO).toEqual(new Float32Array(8).fill(1));
    const chosen = stack({
      ...three,
      layers: [
        { name: "V1", size: 1, recurrent: false },
        { name: "V2", size: 2 },
        { name: "IT", size: 1, recurrent: 0 },
      ],
      feedback: [{ from: "IT", to: "V1" }],
      skip: [{ from: 0, to: "IT" }, { from: "inputs", to: 2 }], // biome-ignore format: pair
      readout: ["V1", 2],
    });
    expect(rowsOf(chosen.masks.weightHH, 4, 4)).toEqual([
      [0, 0, 0, 1],
      [1, 1, 1, 0],
      [1, 1, 1, 0],
      [1, 1, 1, 0],
    ]);
    expect([...inputUnits(chosen)]).toEqual([0, 3]);
    expect([...readoutUnits(chosen)]).toEqual([0, 3]);
  });

  it("takes masks of one's own, channels by name, times, activations and noise", () => {
    const structure = stack({
      inputs: [{ name: "vision", channels: 1 }, { name: "cue", channels: 1 }], // biome-ignore format: pair
      outputs: [{ name: "choice", channels: 1 }],
      layers: [
        { size: 2, mask: [[1, 0], [0, 1]], recurrent: false, tauMs: 20, noise: { pre: 0.1 } }, // biome-ignore format: rows
        { size: 1, mask: [[0, 1]], recurrent: false, tauMs: 0, activation: "tanh" },
      ],
    });
    expect(rowsOf(structure.masks.weightIH, 3, 2)).toEqual([[1, 0], [0, 1], [0, 0]]); // biome-ignore format: rows
    expect(rowsOf(structure.masks.weightHH, 3, 3)).toEqual([[0, 0, 0], [0, 0, 0], [0, 1, 0]]); // biome-ignore format: rows
    expect(structure.inputGroups?.map(({ name }) => name)).toEqual(["vision", "cue"]);
    expect(structure.outputGroups).toEqual([{ name: "choice", from: 0, to: 1 }]);
    expect(structure.units).toEqual({
      tauMs: Float32Array.of(20, 20, 0),
      activation: [null, null, "tanh"],
      noisePre: Float32Array.of(0.1, 0.1, 0),
    });
    expect(structure.noise).toEqual({ pre: 1 });
    const { spec, parameters } = createModel({ structure, dtMs: 10, activation: "sigmoid", noise: { scale: "unit" } });
    expect(parameters.alpha).toEqual(Float32Array.of(0.5, 0.5, 1));
    expect(spec.units?.activation).toEqual(["sigmoid", "sigmoid", "tanh"]);
    expect(spec.noise).toEqual({ pre: 1, post: 0, scale: "unit" });
    expect(spec.layers).toEqual(structure.layers);
    expect(spec.inputGroups).toEqual(structure.inputGroups);
    expect(spec.outputGroups).toEqual(structure.outputGroups);
  });

  it("obeys Dale's law where a layer asks for it, and keeps inhibition local where that is asked for", () => {
    const layers = [{ size: 2, excitatory: 0.5 }, { size: 2 }, { size: 2, excitatory: true }];
    const structure = stack({ ...two, layers, feedback: true });
    expect(structure.unitSigns).toEqual(Float32Array.of(1, -1, 0, 0, 1, 1));
    const signs = [1, -1, 0, 0, 1, 1];
    expect(rowsOf(structure.signs.weightHH, 6, 6)).toEqual(Array.from({ length: 6 }, () => signs));
    expect([...(structure.signs.weightHO ?? [])]).toEqual(signs);
    expect(structure.signs.weightIH).toBeUndefined();
    const ei = [{ size: 2, excitatory: 0.5 }, { size: 2, excitatory: 0.5 }]; // biome-ignore format: pair
    const local = stack({ ...two, layers: ei, feedback: true, localInhibition: true });
    expect(rowsOf(local.masks.weightHH, 4, 4)).toEqual([
      [1, 1, 1, 0],
      [1, 1, 1, 0],
      [1, 0, 1, 1],
      [1, 0, 1, 1],
    ]);
    expect([...(local.masks.weightHO ?? [])]).toEqual([0, 0, 1, 0]);
  });

  it("draws each projection for itself", () => {
    const size = 8;
    const make = (first: object, others: object = {}) =>
      rowsOf(
        stack({
          ...two,
          layers: [
            { size, recurrent: 0.5, ...first },
            { size, density: 0.5 },
          ],
          seed: 3,
          ...others,
        }).masks.weightHH,
        16,
        16,
      );
    const before = make({});
    const after = make({ recurrent: 0.9 }, { feedback: 0.5 });
    expect(after.slice(8)).toEqual(before.slice(8));
    expect(after[0]?.slice(0, 8)).not.toEqual(before[0]?.slice(0, 8));
    // A higher density only adds synapses.
    before.forEach((row, post) => {
      row.forEach((value, pre) => {
        if (value === 1) expect(after[post]?.[pre]).toBe(1);
      });
    });
    const longer = stack({
      ...two,
      layers: [{ size, recurrent: 0.5 }, { size, density: 0.5 }, { size }],
      seed: 3,
    });
    expect(
      rowsOf(longer.masks.weightHH, 24, 24)
        .slice(0, 16)
        .map((row) => row.slice(0, 16)),
    ).toEqual(before);
  });

  it("is described with its layers", () => {
    const text = describeStructure(stack({ ...three, feedback: true }));
    expect(text).toContain("layers, in the order of their update: layer1 [0, 1), layer2 [1, 3), layer3 [3, 4)");
    expect(text).toContain("act within the time step: 4; one step later: 10");
  });

  it("names what is wrong", () => {
    const make = (options: object) => () => stack({ ...three, ...options });
    const layers = (...given: object[]) => make({ layers: given });
    expect(make({ layer: [] })).toThrow(/did you mean "layers"/);
    expect(layers()).toThrow(ConfigError);
    expect(make({ layers: 3 })).toThrow(ConfigError);
    expect(layers({ size: 0 })).toThrow(ValueError);
    expect(layers({ size: 1, recurent: false })).toThrow(/layers\[0\].*"recurent"; did you mean "recurrent"/);
    expect(layers({ size: 1, tauMs: 10 }, { size: 1 })).toThrow(/layers\[1\]: it has no tauMs, and .*layers\[0\] has/);
    expect(layers({ size: 1, tauMs: -1 })).toThrow(ValueError);
    expect(layers({ size: 1, activation: "tahn" })).toThrow(/did you mean "tanh"/);
    expect(layers({ size: 1, noise: { pre: -0.1 } })).toThrow(/noise\.pre: expected a number of 0 or more/);
    expect(layers({ size: 1, noise: { per: 0.1 } })).toThrow(/did you mean "pre"/);
    expect(layers({ size: 1, density: 1.5 })).toThrow(/layers\[0\]\.density/);
    expect(layers({ size: 1, recurrent: 2 })).toThrow(/layers\[0\]\.recurrent/);
    expect(layers({ size: 1, mask: [[1, 0]] })).toThrow(ShapeError);
    expect(layers({ size: 1, mask: [[2]] })).toThrow(/layers\[0\]\.mask\[0, 0\].* is 2/);
    expect(layers({ size: 1, mask: [[1]], density: 1 })).toThrow(/density or mask, got both/);
    expect(layers({ size: 1, name: "a" }, { size: 1, name: "a" })).toThrow(/layers\[1\]\.name.*name of its own/);
    expect(layers({ size: 1, name: "inputs" })).toThrow(/other than "inputs"/);
    expect(make({ feedback: 2 })).toThrow(ValueError);
    expect(make({ feedback: [{ from: 0, to: 2 }] })).toThrow(/feedback\[0\].*from a later layer onto an earlier/);
    expect(make({ feedback: [{ from: "layer3", to: "layr1" }] })).toThrow(/did you mean "layer1"/);
    expect(make({ feedback: [{ from: 2, to: 0 }, { from: 2, to: 0 }] })).toThrow(/feedback\[1\]: there is already/); // biome-ignore format: pair
    expect(make({ feedback: [{ from: 2, to: 0, densty: 1 }] })).toThrow(/did you mean "density"/);
    expect(make({ skip: [{ from: 0, to: 1 }] })).toThrow(/passes over a layer/);
    expect(make({ skip: [{ from: "inputs", to: 0 }] })).toThrow(/passes over a layer/);
    expect(make({ skip: [{ from: 2, to: 0 }] })).toThrow(/passes over a layer/);
    expect(make({ readout: "first" })).toThrow(/readout: expected "last", "all"/);
    expect(make({ readout: ["layer4"] })).toThrow(ConfigError);
    expect(make({ readout: [] })).toThrow(ValueError);
    expect(make({ inputs: 0 })).toThrow(ValueError);
    expect(make({ inputs: [{ name: "a", channels: 1 }, { name: "a", channels: 1 }] })).toThrow(/named "a"/); // biome-ignore format: pair
    expect(make({ seed: -1 })).toThrow(/stack: seed/);
  });
});
