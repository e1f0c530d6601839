import { describe, expect, test } from "vitest";
import { ConfigError, FileFormatError, ShapeError } from "../../src/errors.ts";
import type { ArrayData } from "../../src/io/array.ts";
import {
  decodeModelFolder,
  decodeModelSingle,
  encodeModelFolder,
  encodeModelSingle,
  type ModelFile,
} from "../../src/io/model-file.ts";
import { modelSchema } from "../../src/io/model-schema.ts";
import { encodeSafetensors } from "../../src/io/safetensors.ts";
import { ramp } from "./arbitrary.ts";
import { expectEveryTruncationRefused } from "./hostile.ts";

const json = modelSchema.parse({
  format: "cortrain/model@1",
  cell: "ctrnn",
  inputs: 2,
  hidden: 3,
  outputs: 1,
  dtMs: 20,
  tauMs: 100,
});

const weights: readonly [string, ArrayData][] = [
  ["weight_ih", ramp(3, 2)],
  ["weight_hh", ramp(3, 3)],
  ["weight_ho", ramp(1, 3)],
];

const full: ModelFile = {
  json: { ...json, tauMs: [100, 50, 20], areas: [{ name: "größe", from: 0, to: 3 }], seed: 7 },
  tensors: new Map([
    ...weights,
    ["bias_h", ramp(3)],
    ["bias_o", ramp(1)],
    ["alpha", ramp(3)],
    ["v0", ramp(3)],
    ["distance_hh", ramp(3, 3)],
    ...["mask", "sign", "plasticity", "raw_weight"].flatMap((kind): [string, ArrayData][] => [
      [`${kind}_ih`, ramp(3, 2)],
      [`${kind}_hh`, ramp(3, 3)],
      [`${kind}_ho`, ramp(1, 3)],
    ]),
  ]),
};

function model(...tensors: readonly [string, ArrayData][]): ModelFile {
  return { json, tensors: new Map([...weights, ...tensors]) };
}

/** A folder whose weight file was written by someone else: nothing is checked. */
function folder(...tensors: readonly [string, ArrayData][]): Map<string, Uint8Array> {
  const files = encodeModelFolder(model());
  return files.set("weights.safetensors", encodeSafetensors(new Map(tensors)));
}

describe("model files", () => {
  test("a folder comes back as it was, with either weight file", () => {
    const safetensors = encodeModelFolder(full);
    expect([...safetensors.keys()]).toEqual(["model.json", "weights.safetensors"]);
    expect(decodeModelFolder(safetensors, "m")).toEqual(full);
    const npz = encodeModelFolder(full, { weights: "npz" });
    expect([...npz.keys()]).toEqual(["model.json", "weights.npz"]);
    expect(decodeModelFolder(npz, "m")).toEqual(full);
  });

  test("a single file comes back as it was", () => {
    expect(decodeModelSingle(encodeModelSingle(full), "m.safetensors")).toEqual(full);
  });

  test("only the three weights are needed", () => {
    expect(decodeModelFolder(folder(...weights), "m").tensors.size).toBe(3);
    expect(() => decodeModelFolder(folder(...weights.slice(0, 2)), "m")).toThrow(
      "m/weights.safetensors: weight_ho is missing; expected [1, 3] (outputs, hidden)",
    );
  });

  test("a wrong shape names both shapes and the axes", () => {
    const call = () => decodeModelFolder(folder(...weights, ["mask_hh", ramp(3, 2)]), "m");
    expect(call).toThrow(ShapeError);
    expect(call).toThrow("m/weights.safetensors: mask_hh: expected [3, 3] (hidden, hidden), got [3, 2]");
    expect(() => decodeModelFolder(folder(...weights, ["v0", ramp(1, 3)]), "m")).toThrow(
      "v0: expected [3] (hidden), got [1, 3]",
    );
  });

  test("an unknown tensor names the nearest known one", () => {
    const call = () => decodeModelFolder(folder(...weights, ["weigth_hh", ramp(3, 3)]), "m");
    expect(call).toThrow(FileFormatError);
    expect(call).toThrow('m/weights.safetensors: unknown tensor "weigth_hh"; did you mean "weight_hh"?');
    expect(() => decodeModelFolder(folder(["constructor", ramp(1)]), "m")).toThrow(/known are weight_ih, /);
  });

  test("a folder needs model.json and exactly one weight file", () => {
    const files = encodeModelFolder(model());
    const [text, safetensors] = [...files.values()];
    if (text === undefined || safetensors === undefined) throw new Error("two files were expected");
    expect(() => decodeModelFolder(new Map(), "m")).toThrow(/m: no model\.json/);
    expect(() => decodeModelFolder(new Map([["model.json", text]]), "m")).toThrow(/m: no weights/);
    const both = new Map([...files, ["weights.npz", safetensors]] as const);
    expect(() => decodeModelFolder(both, "m")).toThrow(/both weights\.safetensors and weights\.npz are there/);
    expect(decodeModelFolder(new Map([...files, ["notes.txt", text]]), "m")).toEqual(model());
  });

  test("a fault in model.json names the file and the key", () => {
    const files = encodeModelFolder(model());
    files.set("model.json", new TextEncoder().encode(JSON.stringify({ ...json, hiden: 3 })));
    expect(() => decodeModelFolder(files, "m")).toThrow(ConfigError);
    expect(() => decodeModelFolder(files, "m")).toThrow('m/model.json: hiden: unknown key; did you mean "hidden"?');
  });

  test("a .safetensors of weights alone is no model", () => {
    const bytes = encodeSafetensors(new Map(weights));
    expect(() => decodeModelSingle(bytes, "w.safetensors")).toThrow("w.safetensors: no cortrain/model in the metadata");
  });

  test("what could not be read again is not written", () => {
    expect(() => encodeModelFolder(model(["weight_hh", ramp(2, 2)]))).toThrow(ShapeError);
    expect(() => encodeModelSingle(model(["bias", ramp(3)]))).toThrow(/did you mean "bias_h"/);
    expect(() => encodeModelSingle({ json: { ...json, hidden: 0 }, tensors: new Map(weights) })).toThrow(ConfigError);
  });

  test("any truncation is refused", () => {
    expectEveryTruncationRefused(encodeModelSingle(model()), (bytes) => decodeModelSingle(bytes, "m"));
    for (const name of ["model.json", "weights.safetensors"]) {
      const files = encodeModelFolder(model());
      const whole = files.get(name) ?? new Uint8Array();
      const body = name === "model.json" ? whole.slice(0, -1) : whole; // JSON is whole without its last line break
      expectEveryTruncationRefused(body, (bytes) => decodeModelFolder(new Map(files).set(name, bytes), "m"));
    }
  });
});
