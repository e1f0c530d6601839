import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { loadConfig } from "../../src/cli/config-source.ts";
import { parseNames } from "../../src/cli/connectome-files.ts";
import { loadExperiment } from "../../src/cli/experiment.ts";
import { checkSameRun } from "../../src/cli/run-record.ts";
import { buildStructure, withAbsolutePaths } from "../../src/cli/structure-config.ts";
import { structureSchema } from "../../src/cli/structure-schema.ts";
import { ConfigError, ConstraintError, FileFormatError, ShapeError, ValueError } from "../../src/errors.ts";
import { parseWith } from "../../src/io/config.ts";
import { encodeNpy } from "../../src/io/npy.ts";
import { encodeNpz } from "../../src/io/npz.ts";
import { readModel } from "../../src/node.ts";
import { fromConnectome } from "../../src/structure/connectome.ts";
import type { Structure } from "../../src/structure/structure.ts";
import { CommandLine, jsonLines } from "./cortrain.ts";

const cortrain = new CommandLine();
const weights = [[0, 2, 0], [1, 0, 4], [0, 3, 0]]; // biome-ignore format: rows
const gaps = [[0, 1, 0], [1, 0, 2], [0, 2, 0]]; // biome-ignore format: rows
const names = ["AVAL", "AVAR", "DB1"];

function array(rows: readonly (readonly number[])[]) {
  return { shape: [rows.length, rows[0]?.length ?? 0], data: Float32Array.from(rows.flat()) };
}

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(cortrain.path(name), content);
  return name;
}

/** The structure of a configuration that lies in the command line's folder. */
async function build(config: object): Promise<Structure> {
  const parsed = parseWith(structureSchema, { type: "fromConnectome", ...config }, "config");
  return await buildStructure(withAbsolutePaths(parsed, cortrain.folder), { inputs: 1, outputs: 2, seed: 5 });
}

const channels = { inputs: 1, outputs: 2, seed: 5 };
const expected = fromConnectome({ ...channels, weights, names });

beforeAll(() => {
  write("w.npy", encodeNpy(array(weights)));
  write("one.npz", encodeNpz(new Map([["w", array(weights)]])));
  write("two.npz", encodeNpz(new Map([["Gs", array(weights)], ["Gg", array(gaps)]]))); // biome-ignore format: pair
  write("w.csv", [["", ...names], ...weights.map((row, post) => [names[post], ...row])].map((row) => row.join(",")).join("\n")); // biome-ignore format: long
  write("edges.csv", "pre,post,count\nAVAR,AVAL,2\nAVAL,AVAR,1\nDB1,AVAR,4\nAVAR,DB1,3\n");
  write("names.txt", names.join("\n"));
  write("signs.npy", encodeNpy({ shape: [3, 1], data: Float32Array.of(1, -1, 0) }));
  write("mask.npy", encodeNpy({ shape: [3], data: Float32Array.of(0, 1, 0) }));
  write("inhibitory.txt", "AVAR\n");
  write("signs.csv", "AVAL,1\nAVAR,-1\nDB1,0\n");
});

describe("a connectome of files", () => {
  test("as .npy, .npz, a CSV matrix and an edge list", async () => {
    const files = { names: "names.txt" };
    expect(await build({ matrix: "w.npy", ...files })).toEqual(expected);
    expect(await build({ matrix: "one.npz", names })).toEqual(expected);
    expect(await build({ matrix: { file: "two.npz", key: "Gs" }, ...files })).toEqual(expected);
    expect(await build({ matrix: "w.csv" })).toEqual(expected);
    expect(await build({ edges: "edges.csv", ...files })).toEqual(expected);
    expect(await build({ matrix: cortrain.path("w.npy"), names })).toEqual(expected);
    const transposed = fromConnectome({ ...channels, weights, rows: "presynaptic" });
    expect(await build({ matrix: "w.npy", rows: "presynaptic" })).toEqual(transposed);
  });

  test("with signs, a mask or a list of inhibitory units, gap junctions, and channels by name", async () => {
    const make = (options: object) => fromConnectome({ ...channels, weights, names, ...options });
    const config = { matrix: "w.npy", names };
    expect(await build({ ...config, signs: "signs.npy" })).toEqual(make({ signs: [1, -1, 0] }));
    expect(await build({ ...config, signs: "signs.csv" })).toEqual(make({ signs: [1, -1, 0] }));
    expect(await build({ ...config, signs: [1, -1, 0] })).toEqual(make({ signs: [1, -1, 0] }));
    for (const inhibitory of ["mask.npy", "inhibitory.txt", ["AVAR"], [1]])
      expect(await build({ ...config, inhibitory })).toEqual(make({ inhibitory: [1] }));
    expect(await build({ ...config, gaps: { file: "two.npz", key: "Gg" } })).toEqual(make({ gaps }));
    expect(await build({ ...config, gaps })).toEqual(make({ gaps }));
    const inputs = [{ name: "touch", channels: 2, units: ["AVAL"] }];
    const named = await build({ ...config, inputs, signedReadout: false, inhibitory: [0], seed: 7 });
    expect(named).toEqual(make({ inputs, signedReadout: false, inhibitory: [0], seed: 7 }));
  });

  test("names the file that is wrong", async () => {
    write("wide.npy", encodeNpy(array([[0, 1, 2]])));
    write("long.npy", encodeNpy({ shape: [4], data: new Float32Array(4) }));
    write("square.npy", encodeNpy(array([[1, 0], [0, 1]]))); // biome-ignore format: rows
    write("w.mat", "");
    write("short.txt", "AVAL\nAVAR\n");
    write("empty.txt", "\n");
    write("list.txt", "['AVAL', AVAR]");
    write("other.csv", [["", "AVAL", "DB1", "AVAR"], ["AVAL", 0, 1, 0], ["DB1", 1, 0, 2], ["AVAR", 0, 2, 0]].map((row) => row.join(",")).join("\n")); // biome-ignore format: long
    const matrix = "w.npy";
    const refused = async (config: object, kind: new (message: string) => Error, text: RegExp): Promise<void> => {
      await expect(build(config)).rejects.toThrow(kind);
      await expect(build(config)).rejects.toThrow(text);
    };
    await refused({}, ConfigError, /one of matrix, weights or edges, got none/);
    await refused({ matrix, weights }, ConfigError, /got matrix and weights/);
    await refused({ matrix: "absent.npy" }, FileFormatError, /structure\.matrix: .*absent\.npy: no such file/);
    await refused({ matrix: "w.mat" }, FileFormatError, /w\.mat: expected a \.npy, \.npz, \.csv/);
    await refused({ matrix: "names.txt" }, FileFormatError, /structure\.matrix: .*names\.txt/);
    await refused({ matrix: "wide.npy" }, ShapeError, /wide\.npy: expected a square matrix, got \[1, 3\]/);
    await refused({ matrix: "two.npz" }, ConfigError, /two\.npz: expected \{ "file", "key" \}: .* 2 arrays \(Gs, Gg\)/);
    await refused({ matrix: { file: "two.npz", key: "Gz" } }, ConfigError, /no array "Gz"; did you mean "Gs"/);
    await refused({ matrix: { file: "w.npy", key: "Gs" } }, ConfigError, /"key" goes with a \.npz/);
    await refused({ matrix, names: "short.txt" }, ShapeError, /short\.txt: expected 3 .*, got 2/);
    await refused({ matrix, names: "empty.txt" }, FileFormatError, /empty\.txt: there is no name/);
    await refused({ matrix, names: "list.txt" }, FileFormatError, /list\.txt: expected a list of quoted names/);
    await refused({ matrix, signs: "long.npy" }, ShapeError, /structure\.signs: .*long\.npy: expected 3 .*, got 4/);
    await refused({ matrix, signs: "square.npy" }, ShapeError, /square\.npy: expected one value for each unit/);
    await refused({ matrix, inhibitory: "long.npy" }, ShapeError, /long\.npy: expected 3/);
    await refused(
      { matrix, inhibitory: "signs.npy" },
      ValueError,
      /signs\.npy: value 1 is -1: expected 1 \(inhibitory\)/,
    );
    await refused({ matrix, inhibitory: "mask.npy", signs: "signs.npy" }, ConfigError, /signs or inhibitory, not both/);
    await refused({ matrix, gaps: "square.npy" }, ShapeError, /square\.npy: expected 3 .*, got 2/);
    await refused(
      { matrix, names, gaps: "other.csv" },
      ConstraintError,
      /other\.csv: row 1 is "DB1", but that unit is "AVAR"/,
    );
    await refused({ matrix, names, inhibitory: ["AVBR"] }, ConfigError, /did you mean "AVAR"/);
    await refused({ edges: "names.txt" }, FileFormatError, /structure\.edges: .*names\.txt: line 1/);
    const parse = (config: object) => () => parseWith(structureSchema, { type: "fromConnectome", ...config }, "config");
    expect(parse({ matrx: "w.npy" })).toThrow(/did you mean "matrix"/);
    expect(parse({ matrix: { file: "w.npz", keys: "a" } })).toThrow(/did you mean "key"/);
    expect(parse({ matrix: 3 })).toThrow(ConfigError);
  });

  test("names as lines, JSON or a Python list", () => {
    const list = ["a", "it's", "c d"];
    expect(parseNames("a\r\nit's\n# no name\n\n c d ", "names")).toEqual(list);
    expect(parseNames(JSON.stringify(list), "names")).toEqual(list);
    expect(parseNames(`\uFEFF[u'a',\n u"it's", 'c d']`, "names")).toEqual(list);
    expect(() => parseNames("['a', 'b", "names")).toThrow(FileFormatError);
    expect(() => parseNames("['a\\x41']", "names")).toThrow(FileFormatError);
  });
});

const folder = new URL("../../../shared/data/celegans/", import.meta.url);
const isPresent = existsSync(folder);
const senses = /^(AS[EGHIJK]|ALM|PLM|AVM|PVM|URX|IL2)/;

/** Varshney et al. 2011; Kim, Leahy & Shlizerman 2019. */
test.skipIf(!isPresent)(
  `the worm's network trains from a configuration of paths${isPresent ? "" : " (skipped: no ../shared/data)"}`,
  { timeout: 120_000 },
  async () => {
    mkdirSync(cortrain.path("worm/data"), { recursive: true });
    for (const name of ["Gs.npy", "Gg.npy", "emask.npy", "neuron_names.txt"])
      copyFileSync(fileURLToPath(new URL(name, folder)), cortrain.path("worm/data", name));
    const neurons = parseNames(readFileSync(cortrain.path("worm/data/neuron_names.txt"), "utf8"), "names");
    expect(neurons).toHaveLength(279);
    const config = {
      structure: {
        type: "fromConnectome",
        ...{ matrix: "data/Gs.npy", names: "data/neuron_names.txt", inhibitory: "data/emask.npy", gaps: "data/Gg.npy" },
        inputs: [{ name: "senses", channels: 6, units: neurons.filter((name) => senses.test(name)) }],
        outputs: [{ name: "motor", channels: 2, units: neurons.filter((name) => /^(DA|DB|VA|VB)\d+$/.test(name)) }],
      },
      network: { dtMs: 40 },
      task: { name: "contextDecision", fixationMs: 40, stimulusMs: 80, decisionMs: 80 },
      ...{ steps: 2, batch: 4, seed: 1, reportEvery: 1 },
    };
    // The paths are relative to the configuration, not to where the command runs.
    writeFileSync(cortrain.path("worm/config.json"), JSON.stringify(config));
    const { stdout } = await cortrain.succeed(["train", "worm/config.json", "--out", "run", "--json"]);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ event: "done", step: 2 });
    const model = await readModel(cortrain.path("run", "model"));
    expect(model.spec.hidden).toBe(279);
    expect(model.masks.weightHH?.reduce((sum, value) => sum + value, 0)).toBe(2305);
    expect(model.spec.inputGroups).toEqual([{ name: "senses", from: 0, to: 6 }]);
    const inhibitory = Array.from({ length: 279 }, (_, unit) => model.signs.weightHH?.[unit]).filter((sign) => sign === -1); // biome-ignore format: long
    expect(inhibitory).toHaveLength(26);
    // The run's own configuration has absolute paths: it means the same from anywhere, and to --resume.
    const kept = JSON.parse(readFileSync(cortrain.path("run", "config.json"), "utf8"));
    expect(kept.structure).toMatchObject({ matrix: cortrain.path("worm/data/Gs.npy"), gaps: cortrain.path("worm/data/Gg.npy") }); // biome-ignore format: long
    const old = await loadConfig(cortrain.path("run", "config.json"));
    const now = await loadExperiment(await loadConfig(cortrain.path("worm", "config.json")), { project: false, onNotice() {} }); // biome-ignore format: long
    checkSameRun(old.config, now.config, "run");
    expect(now.models[0]?.masks).toEqual(model.masks);
  },
);
