import { describe, expect, it } from "vitest";
import { ConfigError, ConstraintError, FileFormatError, ShapeError, ValueError } from "../../src/errors.ts";
import { blocks } from "../../src/structure/blocks.ts";
import { fromConnectome } from "../../src/structure/connectome.ts";
import { describeStructure } from "../../src/structure/describe.ts";
import { distanceDependent } from "../../src/structure/distance-dependent.ts";
import { fromMasks } from "../../src/structure/from-masks.ts";
import { structureFromJson, structureToJson } from "../../src/structure/json.ts";
import { lowRank } from "../../src/structure/low-rank.ts";
import { mlp } from "../../src/structure/mlp.ts";
import { multiArea } from "../../src/structure/multi-area.ts";
import { multiAreaEI } from "../../src/structure/multi-area-ei.ts";
import { randomInput } from "../../src/structure/random-input.ts";
import { stack } from "../../src/structure/stack.ts";
import { dense } from "../../src/structure/structure.ts";

const sizes = { inputs: 2, hidden: 7, outputs: 3 };
const populations = [
  { name: "sensory", size: 3, excitatory: true, tauMs: 20.1 },
  { name: "motor", size: 4, excitatory: 0.75, tauMs: 100 },
];
const projections = [
  { from: "inputs", to: "sensory" },
  { from: "sensory", to: "motor", density: 0.6 },
  { from: "motor", to: "outputs" },
];
const assembled = blocks({ inputs: 2, outputs: 1, populations, projections, seed: 9 });
const measured = fromConnectome({
  inputs: [{ name: "touch", channels: 1, units: ["a"] }],
  outputs: 1,
  names: ["a", "b", "c"],
  inhibitory: ["b"],
  weights: [[0, 1, 0], [3, 0, 0], [7, 0, 0]], // biome-ignore format: rows
  gaps: [[0, 1, 0], [1, 0, 3], [0, 3, 0]], // biome-ignore format: rows
});

const layered = stack({
  inputs: [{ name: "vision", channels: 2 }],
  outputs: 1,
  layers: [
    { name: "V1", size: 2, excitatory: 0.5, activation: "tanh", noise: { pre: 0.1 } },
    { name: "V2", size: 3, density: 0.5 },
  ],
  feedback: true,
  seed: 2,
});

describe("structureToJson, structureFromJson", () => {
  it("round trip exactly, as objects and as text", () => {
    const structures = [
      dense(sizes),
      multiArea({ ...sizes, seed: 3 }),
      multiAreaEI({ ...sizes, excitatoryInputs: true, seed: 0xffffffff }),
      distanceDependent({ ...sizes, layout: "sphere", lengthScale: 0.4 }),
      assembled,
      measured,
      layered,
      mlp({ inputs: 1, outputs: 1, layers: [2, { size: 1, noise: { pre: 0.1, post: 0.2 } }], activation: "tanh" }),
      lowRank({ inputs: 1, hidden: 3, outputs: 1, rank: 2, background: 0.5 }),
    ];
    for (const structure of structures) {
      const json = structureToJson(structure);
      expect(structureFromJson(json)).toEqual(structure);
      expect(structureFromJson(JSON.stringify(json))).toEqual(structure);
    }
    const { masks } = structureToJson(multiArea(sizes));
    expect(masks.weightHH).toHaveLength(49);
    expect(new Set(masks.weightHH)).toEqual(new Set([0, 1]));
  });

  it("name what is wrong", () => {
    const good = structureToJson(multiAreaEI(sizes));
    const read = (change: object) => () => structureFromJson({ ...good, ...change });
    expect(() => structureFromJson("{")).toThrow(FileFormatError);
    expect(() => structureFromJson({})).toThrow(ConfigError);
    expect(read({ unitSign: [] })).toThrow(/unitSign: unknown key; did you mean "unitSigns"/);
    expect(read({ masks: { weightHH: [1, 0] } })).toThrow(ShapeError);
    expect(read({ masks: { weightIH: new Array(14).fill(2) } })).toThrow(ValueError);
    expect(read({ signs: { weightHH: Array.from({ length: 49 }, (_, i) => (i < 7 ? 1 : -1)) } })).toThrow(
      ConstraintError,
    );
    expect(read({ signs: { weightHO: new Array(21).fill(-1) } })).toThrow(/breaks Dale's law/);
    expect(read({ areas: [{ name: "a", from: 0, to: 9 }] })).toThrow(ValueError);
    expect(read({ units: { names: ["a"] } })).toThrow(/expected 7 names, got 1/);
    expect(read({ units: { positions: [1, 2] } })).toThrow(ShapeError);
    expect(read({ layers: [{ name: "a", from: 1, to: 7 }] })).toThrow(/layer "a" starts at unit 1, expected 0/);
    expect(read({ layers: [{ name: "a", from: 0, to: 6 }] })).toThrow(/last layer ends at unit 6/);
    expect(read({ units: { activation: new Array(7).fill("tahn") } })).toThrow(/did you mean "tanh"/);
    expect(read({ units: { activation: [null] } })).toThrow(/expected 7 names, got 1/);
    expect(read({ units: { noisePre: [1] } })).toThrow(ShapeError);
    expect(read({ noise: { pre: -1 } })).toThrow(ConfigError);
    expect(read({ distances: [1] })).toThrow(/distances: expected 49 values, got 1/);
    expect(read({ inputGroups: [{ name: "a", from: 0, to: 3 }] })).toThrow(/inputGroups/);
  });
});

describe("describeStructure", () => {
  it("tells groups, time constants, positions and isolated units", () => {
    const text = describeStructure(assembled);
    expect(text).toContain("2 inputs, 7 hidden units, 1 outputs (structure seed 9)");
    expect(text).toContain("7 units: 6 E, 1 I, E/I 6.00");
    expect(text).toMatch(/to \\ from +sensory +motor/);
    expect(text).toMatch(/time constants: 20\.1\d* to 100 ms/);
    const worm = describeStructure(measured);
    expect(worm).toMatch(/to \\ from +touch/);
    expect(worm).toContain("relative strengths: weightHH");
    expect(worm).toContain("gap junctions: 4 entries");
    expect(worm).toContain("unit names: a, b, c");
    expect(worm).toContain("3 synapses");
    const sphere = describeStructure(distanceDependent({ ...sizes, layout: "sphere", lengthScale: 1, extent: 1 }));
    expect(sphere).toContain("positions: in 3 dimensions");
    expect(sphere).toMatch(/distances: 0 to [23]\./);
    const text2 = describeStructure(layered);
    expect(text2).toContain("layers, in the order of their update: V1 [0, 2), V2 [2, 5)");
    expect(text2).toContain("activations: tanh (2), the network's (3)");
    expect(text2).toContain("noise pre: standard deviation 0 to 0.1");
    expect(text2).not.toContain("noise post");
    const latent = describeStructure(lowRank({ inputs: 1, hidden: 3, outputs: 1, rank: 1 }));
    expect(latent).toContain("noise post: 0 to 1 times the network's");
    expect(latent).toContain("time constants: 0 to 100 ms (0 = none)");
    expect(describeStructure(dense(sizes))).not.toContain("layers");
    const unread = fromMasks({ inputs: 1, hidden: 2, outputs: 1, maskIH: [[1], [0]], maskHH: [[1, 0], [0, 0]], maskHO: [[1, 0]] }); // biome-ignore format: masks
    expect(describeStructure(unread)).toContain("isolated units, without any synapse: 1");
    const cut = randomInput({ ...sizes, hiddenDensity: 0, inputDensity: 0.29, readoutDensity: 0.29, overlap: false });
    expect(describeStructure(cut)).toContain("units without any incoming synapse: 5");
    expect(describeStructure(cut)).toContain("isolated units, without any synapse: 3");
    expect(describeStructure(dense(sizes))).not.toContain("isolated");
  });
});
