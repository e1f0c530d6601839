import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FileFormatError, ShapeError, ValueError } from "../../src/errors.ts";
import type { ModelFile } from "../../src/io/model-file.ts";
import { modelSchema } from "../../src/io/model-schema.ts";
import {
  readArray,
  readFileBytes,
  readModel,
  writeArray,
  writeFilesAtomically,
  writeModel,
} from "../../src/io/node/files.ts";
import { ramp } from "./arbitrary.ts";

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "cortrain-io-"));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const bytes = Uint8Array.of(1, 2, 3);

const model: ModelFile = {
  json: modelSchema.parse({ format: "cortrain/model@1", cell: "ctrnn", inputs: 2, hidden: 3, outputs: 1, alpha: 0.2 }),
  tensors: new Map([
    ["weight_ih", ramp(3, 2)],
    ["weight_hh", ramp(3, 3)],
    ["weight_ho", ramp(1, 3)],
  ]),
};

describe("reading", () => {
  test("a file that is not there is named", async () => {
    const path = join(dir, "no.npy");
    await expect(readFileBytes(path)).rejects.toThrow(FileFormatError);
    await expect(readArray(path)).rejects.toThrow(`${path}: no such file`);
    await expect(readFileBytes(dir)).rejects.toThrow(`${dir}: is a folder, expected a file`);
    await expect(readModel(join(dir, "no"))).rejects.toThrow("no: not found");
    await expect(readModel(join(dir, "no.safetensors"))).rejects.toThrow("no.safetensors: no such file");
    await writeFile(join(dir, "m.txt"), "x");
    await expect(readModel(join(dir, "m.txt"))).rejects.toThrow(
      "m.txt: expected a model folder or a .safetensors file",
    );
    await expect(readModel(dir)).rejects.toThrow(`${dir}: no model.json`);
  });

  test("what slice() gives is a copy, as of any Uint8Array", async () => {
    await writeFile(join(dir, "a"), bytes);
    const read = await readFileBytes(join(dir, "a"));
    expect(read).toEqual(bytes);
    read.slice(0, 1)[0] = 9;
    expect(read[0]).toBe(1);
  });
});

describe("writing", () => {
  test("makes the folder, replaces files, leaves nothing else", async () => {
    const out = join(dir, "a", "b");
    await writeFilesAtomically(
      out,
      new Map([
        ["x", bytes],
        ["y", new Uint8Array()],
      ]),
    );
    await writeFilesAtomically(out, new Map([["x", Uint8Array.of(9)]]));
    expect((await readdir(out)).sort()).toEqual(["x", "y"]);
    expect([...(await readFile(join(out, "x")))]).toEqual([9]);
  });

  test("after an error every file is as it was", async () => {
    await writeFile(join(dir, "a"), "old");
    await mkdir(join(dir, "c"));
    const files = new Map([
      ["a", bytes],
      ["b", bytes],
      ["c", bytes],
    ]);
    await expect(writeFilesAtomically(dir, files)).rejects.toThrow(/c: is a folder/);
    expect((await readdir(dir)).sort()).toEqual(["a", "c"]);
    expect(await readFile(join(dir, "a"), "utf8")).toBe("old");
  });

  test("a folder that cannot be written is an error and leaves nothing", async () => {
    await writeFile(join(dir, "file"), "old");
    await expect(writeFilesAtomically(join(dir, "file"), new Map([["a", bytes]]))).rejects.toThrow();
    const long = "n".repeat(250); // its temporary name is too long for the file system
    await expect(
      writeFilesAtomically(
        dir,
        new Map([
          ["a", bytes],
          [long, bytes],
        ]),
      ),
    ).rejects.toThrow();
    expect(await readdir(dir)).toEqual(["file"]);
  });

  test("a name with a path in it is refused", async () => {
    for (const name of ["", ".", "..", "../a", "a/b", "a\\b", "a\0"]) {
      await expect(writeFilesAtomically(dir, new Map([[name, bytes]]))).rejects.toThrow(ValueError);
    }
    expect(await readdir(dir)).toEqual([]);
  });

  test("an array comes back", async () => {
    await writeArray(join(dir, "out", "a.npy"), ramp(2, 3));
    expect(await readArray(join(dir, "out", "a.npy"))).toEqual(ramp(2, 3));
  });
});

describe("models", () => {
  test("come back from a folder and from a single file", async () => {
    await writeModel(join(dir, "m"), model);
    expect((await readdir(join(dir, "m"))).sort()).toEqual(["model.json", "weights.safetensors"]);
    expect(await readModel(join(dir, "m"))).toEqual(model);
    await writeModel(join(dir, "m.safetensors"), model);
    expect(await readModel(join(dir, "m.safetensors"))).toEqual(model);
  });

  test("writing in the other format removes the stale weights", async () => {
    await writeModel(dir, model);
    await writeModel(dir, model, { weights: "npz" });
    expect((await readdir(dir)).sort()).toEqual(["model.json", "weights.npz"]);
    expect(await readModel(dir)).toEqual(model);
  });

  test("a model that could not be read again leaves the folder untouched", async () => {
    await writeModel(dir, model);
    const broken: ModelFile = { json: model.json, tensors: new Map(model.tensors).set("v0", ramp(7)) };
    await expect(writeModel(dir, broken)).rejects.toThrow(ShapeError);
    expect(await readModel(dir)).toEqual(model);
  });
});
