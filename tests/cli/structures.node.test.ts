import { describe, expect, it } from "vitest";
import { modelsFromJson } from "../../src/cli/model-source.ts";
import { buildStructure } from "../../src/cli/structure-config.ts";
import { structureSchema } from "../../src/cli/structure-schema.ts";
import { parseTrainConfig } from "../../src/cli/train-config.ts";
import { trainHelp } from "../../src/cli/train-help.ts";
import { ConfigError } from "../../src/errors.ts";
import { parseWith } from "../../src/io/config.ts";
import { modelSchema } from "../../src/io/model-schema.ts";
import { createModel } from "../../src/network/create.ts";
import type { Structure } from "../../src/structure/structure.ts";

const defaults = { inputs: 3, outputs: 2, seed: 5 };

function build(config: object): Promise<Structure> {
  return buildStructure(parseWith(structureSchema, config, "config"), defaults);
}

describe("structures of a configuration", () => {
  it("makes each type, with the task's sizes where it gives none", async () => {
    const configs = [
      { type: "dense", hidden: 4 },
      { type: "multiArea", hidden: 4, areas: 2, connectivity: { forward: 0.5 }, selfConnections: false },
      { type: "multiAreaEI", hidden: 4, excitatory: 0.5 },
      { type: "randomInput", hidden: 4, inputDensity: 0.5, overlap: false, readoutDensity: 0.25 },
      { type: "multiIO", hidden: 4 },
      { type: "sparse", hidden: 4, weightHH: { inDegree: 2 } },
      { type: "distanceDependent", hidden: 4, layout: "ring", lengthScale: 0.2, profile: "gaussian" },
      { type: "fromConnectome", weights: [[0, 1, 1, 0], [1, 0, 0, 0], [0, 1, 0, 1], [0, 0, 1, 0]], inhibitory: [3] }, // biome-ignore format: rows
      {
        type: "blocks",
        populations: [
          { name: "a", size: 3, excitatory: true, tauMs: 20 },
          { name: "b", size: 1, excitatory: false, tauMs: 10 },
        ],
        projections: [
          { from: "inputs", to: "a" },
          { from: "a", to: "b", density: 0.5 },
          { from: "b", to: "a", sign: -1 },
          { from: "a", to: "outputs" },
        ],
      },
      {
        type: "stack",
        layers: [
          { name: "a", size: 3, tauMs: 0 },
          { size: 1, tauMs: 10, noise: { pre: 1 } },
        ],
        feedback: 0.5,
      },
      { type: "stack", layers: [{ size: 4 }], skip: [], readout: "all" },
      { type: "mlp", layers: [3, { size: 1, activation: "tanh" }], activation: "relu" },
      { type: "lowRank", hidden: 3, rank: 1, readout: "latents", background: 0.5 },
    ];
    for (const config of configs) {
      const { inputs, hidden, outputs, seed } = await build(config);
      expect({ inputs, hidden, outputs, seed }).toEqual({ ...defaults, hidden: 4 });
    }
  });

  it("takes groups of channels in place of a number", async () => {
    const inputs = [
      { name: "vision", channels: 2, units: [0, 1] },
      { name: "cue", channels: 1, units: { from: 2, to: 4 } },
    ];
    const outputs = { channels: [1, 1], table: [[1, 1, 0, 0], [0, 0, 1, 1]] }; // biome-ignore format: rows
    const structure = await build({ type: "multiIO", hidden: 4, inputs, outputs });
    expect(structure.inputGroups?.map(({ name }) => name)).toEqual(["vision", "cue"]);
    expect([...(structure.masks.weightHO ?? [])]).toEqual([1, 1, 0, 0, 0, 0, 1, 1]);
  });

  it("names what is wrong in layers, populations and ranks", () => {
    const parse = (config: object) => () => parseWith(structureSchema, config, "config");
    const layers = (...given: unknown[]) => parse({ type: "stack", layers: given });
    expect(layers({ size: 2, recurent: true })).toThrow(/layers\[0\]\.recurent: unknown key; did you mean "recurrent"/);
    expect(layers({ size: 2, activation: "tahn" })).toThrow(/layers\[0\]\.activation: .*did you mean "tanh"/);
    expect(layers({ size: 2, noise: { per: 1 } })).toThrow(/did you mean "pre"/);
    expect(layers()).toThrow(ConfigError);
    expect(layers(3)).toThrow(ConfigError);
    expect(parse({ type: "stack", layers: [{ size: 1 }], fedback: true })).toThrow(/did you mean "feedback"/);
    expect(parse({ type: "stack", layers: [{ size: 1 }], hidden: 1 })).toThrow(/hidden: unknown key/);
    expect(parse({ type: "mlp", layers: [{ size: 1, recurrent: true }] })).toThrow(/layers\[0\]\.recurrent: unknown/);
    expect(parse({ type: "lowRank", hidden: 3 })).toThrow(/rank: missing/);
    expect(parse({ type: "lowRank", hidden: 3, rank: 1, readout: "neuron" })).toThrow(/did you mean "neurons"/);
  });

  it("are all in the help, a line for each", () => {
    const types = structureSchema.options.map(({ shape }) => shape.type.value);
    expect(types).toHaveLength(13);
    for (const type of types) expect(trainHelp).toMatch(new RegExp(`^  ${type} +\\S`, "m"));
    for (const line of trainHelp.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
  });

  it("names unknown types and keys", async () => {
    const parse = (config: object) => () => parseWith(structureSchema, config, "config");
    expect(parse({ type: "multiarea", hidden: 4 })).toThrow(ConfigError);
    expect(parse({ type: "sparse", hidden: 4, weightHH: { densty: 1 } })).toThrow(
      /weightHH\.densty: unknown key; did you mean "density"/,
    );
    expect(parse({ type: "randomInput", hidden: 4, inputDensty: 1 })).toThrow(/did you mean "inputDensity"/);
    expect(parse({ type: "distanceDependent", hidden: 4, layout: "rng", lengthScale: 1 })).toThrow(/"ring"/);
    expect(parse({ type: "distanceDependent", hidden: 4, layout: "ring" })).toThrow(/lengthScale: missing/);
    expect(parse({ type: "blocks", populations: [{ name: "a", size: 1, tau: 3 }], projections: [] })).toThrow(
      /populations\[0\]\.tau: unknown key; did you mean "tauMs"/,
    );
    expect(parse({ type: "fromConnectome", weigths: [[0]] })).toThrow(/did you mean "weights"/);
    await expect(build({ type: "fromConnectome" })).rejects.toThrow(/matrix, weights or edges/);
  });
});

describe("units of a configuration", () => {
  const populations = [{ name: "a", size: 2, tauMs: 40, noise: { pre: 0.1 } }];
  const parse = (structure: object, network: object = {}) =>
    parseTrainConfig({ structure, task: "contextDecision", steps: 1, network }, "config").network;

  it("bring their own times and noise, unless the network has them", async () => {
    const structure = { type: "blocks", populations, projections: [] };
    const own = parse(structure, { noise: { scale: "alpha" } });
    expect(own?.noise).toEqual({ scale: "alpha" });
    expect(own?.tauMs).toBeUndefined();
    const built = await build(structure);
    const settings = { ...(own?.dtMs !== undefined && { dtMs: own.dtMs }), structure: built };
    expect(createModel({ ...settings, noise: { scale: "alpha" } }).spec.noise).toEqual({
      pre: 1,
      post: 0,
      scale: "alpha",
    });
    expect(parse(structure, { tauMs: 50, noise: { pre: 2 } })).toMatchObject({ tauMs: 50, noise: { pre: 2 } });
    for (const layered of [
      { type: "stack", layers: [{ size: 2 }] },
      { type: "mlp", layers: [2] },
      { type: "lowRank", hidden: 2, rank: 1 },
    ])
      expect(parse(layered)?.tauMs).toBeUndefined();
  });

  it("of other structures have the defaults", () => {
    const network = parse({ type: "dense", hidden: 2 });
    expect(network).toMatchObject({ tauMs: 100, noise: { pre: 0, post: 0, scale: "sqrt2alpha" } });
    expect(() => parse({ type: "dense", hidden: 2 }, { noise: { pre: -1 } })).toThrow(ConfigError);
    expect(() => parse({ type: "dense", hidden: 2 }, { noise: { prae: 1 } })).toThrow(/did you mean "pre"/);
  });
});

describe("a model.json without weights", () => {
  it("keeps layers and the names of channels", () => {
    const layers = [
      { name: "a", from: 0, to: 2 },
      { name: "b", from: 2, to: 3 },
    ];
    const inputGroups = [{ name: "vision", from: 0, to: 2 }];
    const outputGroups = [{ name: "choice", from: 0, to: 1 }];
    const sizes = { inputs: 2, hidden: 3, outputs: 1, dtMs: 20, tauMs: 100 };
    const head = { format: "cortrain/model@1", cell: "ctrnn" };
    const json = parseWith(modelSchema, { ...head, ...sizes, layers, inputGroups, outputGroups }, "model");
    for (const { spec } of modelsFromJson(json, 2)) expect(spec).toMatchObject({ layers, inputGroups, outputGroups });
  });
});

describe("initial weights of a configuration", () => {
  const config = (network: object): object => ({
    structure: { type: "dense", hidden: 4 },
    task: "contextDecision",
    steps: 1,
    network,
  });

  it("keep the default spectral radius unless the weights bring their own scale", () => {
    expect(parseTrainConfig(config({}), "config").network?.spectralRadius).toBe(1.1);
    const drawn = { weights: { weightHH: { type: "orthogonal", gain: 0.5 } } };
    expect(parseTrainConfig(config(drawn), "config").network?.spectralRadius).toBeUndefined();
    expect(parseTrainConfig(config({ gain: 1.5 }), "config").network?.spectralRadius).toBeUndefined();
    expect(parseTrainConfig(config({ balance: "neuron" }), "config").network?.balance).toBe("neuron");
  });

  it("name an unknown initialiser's nearest", () => {
    const wrong = config({ weights: { weightHH: { type: "ortogonal" } } });
    expect(() => parseTrainConfig(wrong, "config")).toThrow(/did you mean "orthogonal"/);
    expect(() => parseTrainConfig(config({ weights: { weightHX: { type: "normal" } } }), "config")).toThrow(
      ConfigError,
    );
  });
});
