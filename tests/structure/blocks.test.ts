import { describe, expect, it } from "vitest";
import { ConfigError, ConstraintError, ShapeError, ValueError } from "../../src/errors.ts";
import { type BlocksOptions, blocks } from "../../src/structure/blocks.ts";
import { multiIO } from "../../src/structure/multi-io.ts";
import { inputChannelsOf, inputUnits, outputChannelsOf, readoutUnits } from "../../src/structure/query.ts";
import { rowsOf } from "./statistics.ts";

const network = {
  populations: [
    { name: "sensory", size: 2, excitatory: true, tauMs: 20 },
    { name: "pfc", size: 3, excitatory: 0.67, tauMs: 100 },
  ],
  inputs: [
    { name: "vision", channels: 2 },
    { name: "cue", channels: 1 },
  ],
  outputs: [{ name: "choice", channels: 1 }],
  projections: [
    { from: "vision", to: "sensory", sign: 1 },
    { from: "cue", to: "pfc" },
    { from: "sensory", to: "pfc" },
    { from: "pfc", to: "pfc" },
    { from: "pfc", to: "choice", sign: 0 },
  ],
} satisfies BlocksOptions;

describe("blocks", () => {
  it("assembles populations and projections", () => {
    const structure = blocks(network);
    expect([structure.inputs, structure.hidden, structure.outputs]).toEqual([3, 5, 1]);
    expect(structure.areas).toEqual([
      { name: "sensory", from: 0, to: 2 },
      { name: "pfc", from: 2, to: 5 },
    ]);
    expect(rowsOf(structure.masks.weightIH, 5, 3)).toEqual([
      [1, 1, 0],
      [1, 1, 0],
      [0, 0, 1],
      [0, 0, 1],
      [0, 0, 1],
    ]);
    expect(rowsOf(structure.masks.weightHH, 5, 5)).toEqual([
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
      [1, 1, 0, 1, 1],
      [1, 1, 1, 0, 1],
      [1, 1, 1, 1, 0],
    ]);
    expect([...(structure.masks.weightHO ?? [])]).toEqual([0, 0, 1, 1, 1]);
    expect(structure.unitSigns).toEqual(Float32Array.of(1, 1, 1, 1, -1));
    // The projection's sign 0 frees the readout of pfc.
    expect([...(structure.signs.weightHO ?? [])]).toEqual([1, 1, 0, 0, 0]);
    expect(rowsOf(structure.signs.weightIH, 5, 3)[0]).toEqual([1, 1, 0]);
    expect(structure.units?.tauMs).toEqual(Float32Array.of(20, 20, 100, 100, 100));
    expect(inputChannelsOf(structure, "cue")).toEqual({ from: 2, to: 3 });
    expect(outputChannelsOf(structure, "choice")).toEqual({ from: 0, to: 1 });
    expect([...inputUnits(structure, "vision")]).toEqual([0, 1]);
    expect([...readoutUnits(structure, "choice")]).toEqual([2, 3, 4]);
    expect(() => inputChannelsOf(structure, "cues")).toThrow(/did you mean "cue"/);
  });

  it("a projection that is added changes none of those before it", () => {
    const projections = network.projections.map((projection) => ({ ...projection, density: 0.5 }));
    const before = blocks({ ...network, projections, seed: 3 });
    const feedback = { from: "pfc", to: "sensory", density: 0.5 };
    const after = blocks({ ...network, projections: [...projections, feedback], seed: 3 });
    expect(rowsOf(after.masks.weightHH, 5, 5).slice(2)).toEqual(rowsOf(before.masks.weightHH, 5, 5).slice(2));
    expect(after.masks.weightIH).toEqual(before.masks.weightIH);
  });

  it("without signs, populations are free but where a projection gives a sign", () => {
    const populations = [
      { name: "a", size: 1 },
      { name: "b", size: 1 },
    ];
    const projections = [
      { from: "inputs", to: "a" },
      { from: "a", to: "b", sign: -1 },
      { from: "b", to: "a" },
      { from: "b", to: "outputs" },
    ];
    const structure = blocks({ inputs: 2, outputs: 1, populations, projections, selfConnections: true });
    expect(rowsOf(structure.signs.weightHH, 2, 2)).toEqual([
      [0, 0],
      [-1, 0],
    ]);
    expect(structure.unitSigns).toEqual(Float32Array.of(-1, 0));
    expect(structure.inputGroups).toEqual([{ name: "inputs", from: 0, to: 2 }]);
    expect(structure.units).toBeUndefined();
    const plain = blocks({ inputs: 1, outputs: 1, populations, projections: [{ from: "a", to: "b" }] });
    expect(plain.signs).toEqual({});
    expect(plain.unitSigns).toBeUndefined();
  });

  it("names what is wrong", () => {
    const make = (options: object) => () => blocks({ ...network, ...options });
    const add = (...projections: object[]) => make({ projections: [...network.projections, ...projections] });
    expect(add({ from: "sensry", to: "pfc" })).toThrow(/projections\[5\]\.from.*"sensry"; did you mean "sensory"/);
    expect(add({ from: "pfc", to: "choise" })).toThrow(/did you mean "choice"/);
    expect(add({ from: "vision", to: "choice" })).toThrow(/cannot project to the output/);
    expect(add({ from: "choice", to: "pfc" })).toThrow(ConfigError);
    expect(add({ from: "sensory", to: "pfc" })).toThrow(/already a projection from "sensory" to "pfc"/);
    expect(add({ from: "pfc", to: "sensory", sign: -1 })).toThrow(ConstraintError);
    expect(add({ from: "pfc", to: "sensory", sign: 0 })).toThrow(ConstraintError);
    expect(add({ from: "pfc", to: "sensory", sign: 2 })).toThrow(ValueError);
    expect(add({ from: "pfc", to: "sensory", denisty: 1 })).toThrow(/did you mean "density"/);
    expect(make({ hidden: 6 })).toThrow(ShapeError);
    expect(make({ populations: [] })).toThrow(ConfigError);
    expect(make({ populations: [{ name: "pfc", size: 2 }, { name: "sensory", size: 2, tauMs: 3 }] })).toThrow(/tauMs/); // biome-ignore format: pair
    expect(make({ inputs: [{ name: "pfc", channels: 1 }] })).toThrow(/two places are named "pfc"/);
    const free = { populations: [{ name: "a", size: 1 }, { name: "b", size: 1 }], inputs: 1, outputs: 1 }; // biome-ignore format: pair
    const opposed = [
      { from: "a", to: "b", sign: 1 },
      { from: "a", to: "outputs", sign: -1 },
    ];
    expect(() => blocks({ ...free, projections: opposed })).toThrow(/unit 0 \(area "a"\) breaks Dale's law.*output 0/);
  });
});

describe("multiIO", () => {
  it("takes groups of units by index and range, with names", () => {
    const structure = multiIO({
      hidden: 4,
      inputs: [
        { name: "vision", channels: 2, units: { from: 0, to: 2 } },
        { channels: 1, units: [3] },
      ],
      outputs: [{ name: "motor", channels: 1 }],
    });
    expect(rowsOf(structure.masks.weightIH, 4, 3)).toEqual([
      [1, 1, 0],
      [1, 1, 0],
      [0, 0, 0],
      [0, 0, 1],
    ]);
    expect(structure.masks.weightHH).toBeUndefined();
    expect(structure.inputGroups).toEqual([
      { name: "vision", from: 0, to: 2 },
      { name: "input2", from: 2, to: 3 },
    ]);
    expect([...readoutUnits(structure, "motor")]).toEqual([0, 1, 2, 3]);
    expect(multiIO({ hidden: 2, inputs: 1, outputs: 3 }).inputGroups).toBeUndefined();
  });

  it("names what is wrong", () => {
    const make = (inputs: unknown) => () => multiIO({ hidden: 3, inputs: inputs as number, outputs: 1 });
    expect(make([])).toThrow(ConfigError);
    expect(make(0)).toThrow(ValueError);
    expect(make([{ channels: 1, units: [3] }])).toThrow(/units 0 to 2, got 3/);
    expect(make([{ channels: 1, units: ["AVA"] }])).toThrow(/no unit "AVA"/);
    expect(make([{ channels: 1, unit: [0] }])).toThrow(/did you mean "units"/);
    expect(make([{ channels: 1, name: "a" }, { channels: 1, name: "a" }])).toThrow(/name of its own/); // biome-ignore format: pair
    expect(make({ channels: [1, 1], table: [[1, 1, 1]] })).toThrow(ShapeError);
    expect(make({ channels: [1], table: [[1, 1]] })).toThrow(ShapeError);
    expect(make({ channels: [1], table: [[1, 2, 0]] })).toThrow(/table\[0\]\[1\] is 2/);
  });
});
