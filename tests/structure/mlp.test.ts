import { describe, expect, it } from "vitest";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { createModel } from "../../src/network/create.ts";
import { mlp } from "../../src/structure/mlp.ts";
import { rowsOf } from "./statistics.ts";

describe("mlp", () => {
  it("feeds forward only, at any depth, without time constants", () => {
    const structure = mlp({ inputs: 2, outputs: 2, layers: [1, 2, { name: "top", size: 1 }] });
    expect([structure.inputs, structure.hidden, structure.outputs]).toEqual([2, 4, 2]);
    expect(structure.layers?.map(({ name }) => name)).toEqual(["layer1", "layer2", "top"]);
    expect(rowsOf(structure.masks.weightIH, 4, 2)).toEqual([[1, 1], [0, 0], [0, 0], [0, 0]]); // biome-ignore format: rows
    expect(rowsOf(structure.masks.weightHH, 4, 4)).toEqual([
      [0, 0, 0, 0],
      [1, 0, 0, 0],
      [1, 0, 0, 0],
      [0, 1, 1, 0],
    ]);
    expect(rowsOf(structure.masks.weightHO, 2, 4)).toEqual([[0, 0, 0, 1], [0, 0, 0, 1]]); // biome-ignore format: rows
    for (const times of [{}, { dtMs: 5 }, { tauMs: 100 }, { alpha: 0.1 }])
      expect(createModel({ structure, ...times }).parameters.alpha).toEqual(new Float32Array(4).fill(1));
  });

  it("has masks, activations and noise of each layer", () => {
    const structure = mlp({
      inputs: 2,
      outputs: 1,
      layers: [{ size: 2, mask: [[1, 0], [0, 1]] }, { size: 2, activation: "linear", noise: { post: 0.2 }, mask: [[0, 1], [1, 0]] }], // biome-ignore format: rows
      activation: "tanh",
      readoutMask: [[0, 1]],
    });
    expect(rowsOf(structure.masks.weightIH, 4, 2)).toEqual([[1, 0], [0, 1], [0, 0], [0, 0]]); // biome-ignore format: rows
    expect(rowsOf(structure.masks.weightHH, 4, 4).slice(2)).toEqual([[0, 1, 0, 0], [1, 0, 0, 0]]); // biome-ignore format: rows
    expect([...(structure.masks.weightHO ?? [])]).toEqual([0, 0, 0, 1]);
    expect(structure.units?.activation).toEqual(["tanh", "tanh", "linear", "linear"]);
    expect(structure.units?.noisePost).toEqual(Float32Array.of(0, 0, 0.2, 0.2));
    expect(structure.noise).toEqual({ post: 1 });
  });

  it("names what is wrong", () => {
    const make = (options: object) => () => mlp({ inputs: 2, outputs: 1, layers: [2], ...options });
    expect(make({ layers: [] })).toThrow(ConfigError);
    expect(make({ layers: 64 })).toThrow(ConfigError);
    expect(make({ layers: [0] })).toThrow(/mlp: layers\[0\]\.size/);
    expect(make({ layers: [{ size: 2, recurrent: true }] })).toThrow(/mlp: layers\[0\]: unknown option "recurrent"/);
    expect(make({ layers: [{ size: 2, tauMs: 10 }] })).toThrow(ConfigError);
    expect(make({ activation: "rleu" })).toThrow(/did you mean "relu"/);
    expect(make({ readoutMask: [[1, 1, 1]] })).toThrow(ShapeError);
    expect(make({ readoutMask: [[1, 3]] })).toThrow(ValueError);
    expect(make({ feedback: true })).toThrow(/mlp: unknown option "feedback"/);
  });
});
