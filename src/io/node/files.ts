import { randomUUID } from "node:crypto";
import { lstat, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FileFormatError, ValueError } from "../../errors.ts";
import type { ArrayData, OnNotice } from "../array.ts";
import {
  decodeModelFolder,
  decodeModelSingle,
  encodeModelFolder,
  encodeModelSingle,
  type ModelFile,
  type ModelFolderOptions,
  modelFileNames,
} from "../model-file.ts";
import { decodeNpy, encodeNpy } from "../npy.ts";

/**
 * The bytes of a file.
 * @throws {FileFormatError} naming the path where there is no readable file.
 */
export async function readFileBytes(path: string): Promise<Uint8Array> {
  try {
    const { buffer, byteOffset, byteLength } = await readFile(path);
    return new Uint8Array(buffer, byteOffset, byteLength); // a Buffer's slice() would share memory
  } catch (cause) {
    throw new FileFormatError(`${path}: ${describe(cause)}`, { cause });
  }
}

/**
 * Writes files into a folder, which is made if need be. Each is first written whole under a temporary name in the same
 * folder, synced to disk, then renamed: a reader sees the old file or the new one, never half of one, and after an
 * error no temporary file remains.
 * @param files contents by plain file name.
 * @throws {ValueError} for a name with a path in it. Errors of the file system are thrown as they are.
 */
export async function writeFilesAtomically(dir: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const name of files.keys()) {
    if (name === "" || name === "." || name === ".." || /[/\\\0]/.test(name)) {
      throw new ValueError(`writeFilesAtomically: ${JSON.stringify(name)} is not a plain file name`);
    }
  }
  await mkdir(dir, { recursive: true });
  const pending: { readonly temporary: string; readonly final: string }[] = [];
  try {
    for (const [name, bytes] of files) {
      const file = { temporary: join(dir, `.${name}.${randomUUID()}.tmp`), final: join(dir, name) };
      // Asked before any rename, because a rename onto a folder is the one that fails midway.
      if (await isDirectory(file.final)) throw new ValueError(`${file.final}: is a folder, expected a file or nothing`);
      pending.push(file);
      await writeSynced(file.temporary, bytes);
    }
    for (const { temporary, final } of pending) await rename(temporary, final);
  } catch (error) {
    await Promise.allSettled(pending.map(({ temporary }) => rm(temporary, { force: true })));
    throw error;
  }
  await syncDirectory(dir);
}

/**
 * Reads a model: a folder with `model.json` and weights, or a single `.safetensors`.
 * @throws {FileFormatError | ConfigError | ShapeError} naming the path.
 */
export async function readModel(path: string, onNotice?: OnNotice): Promise<ModelFile> {
  if (!(await isDirectory(path))) {
    if (path.endsWith(".safetensors")) return decodeModelSingle(await readFileBytes(path), path, onNotice);
    const found = await exists(path);
    throw new FileFormatError(`${path}: ${found ? "expected a model folder or a .safetensors file" : "not found"}`);
  }
  const files = new Map<string, Uint8Array>();
  for (const name of Object.values(modelFileNames)) {
    const file = join(path, name);
    if (await exists(file)) files.set(name, await readFileBytes(file));
  }
  return decodeModelFolder(files, path, onNotice);
}

/**
 * Writes a model: one file where the path ends in `.safetensors`, else a folder. A weight file in the other format is
 * removed from the folder, since a reader could not tell which of two is meant.
 * @throws {ShapeError | FileFormatError | ConfigError} where the model could not be read again; nothing is written then.
 */
export async function writeModel(path: string, model: ModelFile, options?: ModelFolderOptions): Promise<void> {
  if (path.endsWith(".safetensors")) {
    await writeFilesAtomically(dirname(path), new Map([[basename(path), encodeModelSingle(model)]]));
    return;
  }
  const files = encodeModelFolder(model, options);
  await writeFilesAtomically(path, files);
  for (const name of [modelFileNames.safetensors, modelFileNames.npz]) {
    if (!files.has(name)) await rm(join(path, name), { force: true });
  }
}

/**
 * Reads a `.npy` file.
 * @throws {FileFormatError} naming the path.
 */
export async function readArray(path: string, onNotice?: OnNotice): Promise<ArrayData> {
  return decodeNpy(await readFileBytes(path), path, onNotice);
}

/**
 * Writes a `.npy` file.
 * @throws {ShapeError} where the data does not fill the shape.
 */
export async function writeArray(path: string, array: ArrayData): Promise<void> {
  await writeFilesAtomically(dirname(path), new Map([[basename(path), encodeNpy(array)]]));
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the renames durable. Not every system can open a folder (Windows cannot); there the renames stand as they are. */
async function syncDirectory(dir: string): Promise<void> {
  try {
    const handle = await open(dir, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    return;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

function describe(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return "no such file";
  if (code === "EISDIR") return "is a folder, expected a file";
  if (code === "EACCES" || code === "EPERM") return "may not be read (permissions)";
  return cause instanceof Error ? cause.message : String(cause);
}
