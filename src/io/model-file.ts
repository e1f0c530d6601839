import { FileFormatError } from "../errors.ts";
import type { ArrayData, OnNotice } from "./array.ts";
import { parseJson, parseJsonBytes, parseWith } from "./config.ts";
import { type ModelJson, modelSchema } from "./model-schema.ts";
import { checkModelTensors } from "./model-tensors.ts";
import { decodeNpz, encodeNpz } from "./npz.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

/** A model as it lies in a file: settings, and tensors under their file names (`weight_hh`, `mask_ih`, `v0`, ...). */
export interface ModelFile {
  readonly json: ModelJson;
  readonly tensors: Map<string, ArrayData>;
}

/** The file names of a model folder: `model.json` and one of the two weight files. */
export const modelFileNames = { json: "model.json", safetensors: "weights.safetensors", npz: "weights.npz" } as const;

/** Under this key of its metadata a single `.safetensors` holds the text of `model.json`. */
export const modelMetadataKey = "cortrain/model";

/** How {@link encodeModelFolder} writes. */
export interface ModelFolderOptions {
  /** The format of the weight file; `safetensors` unless given. */
  readonly weights?: "safetensors" | "npz";
}

/**
 * A model as the files of a folder: `model.json` and `weights.safetensors` (or `weights.npz`).
 * @throws {ShapeError | FileFormatError | ConfigError} where the model could not be read again.
 */
export function encodeModelFolder(model: ModelFile, options: ModelFolderOptions = {}): Map<string, Uint8Array> {
  const json = checkModel(model, "encodeModelFolder");
  const text = new TextEncoder().encode(`${JSON.stringify(json, null, 2)}\n`);
  const weights: [string, Uint8Array] =
    options.weights === "npz"
      ? [modelFileNames.npz, encodeNpz(model.tensors)]
      : [modelFileNames.safetensors, encodeSafetensors(model.tensors)];
  return new Map([[modelFileNames.json, text], weights]);
}

/**
 * A model from the files of a folder, by name; other files are ignored.
 * @param label the folder's name, for messages.
 * @param onNotice hears of rounded values and skipped entries.
 * @throws {FileFormatError} where a file is missing or damaged, or both weight files are there.
 * @throws {ConfigError} where `model.json` is not as its schema says.
 * @throws {ShapeError} where a tensor does not have the shape that `model.json` implies.
 */
export function decodeModelFolder(
  files: ReadonlyMap<string, Uint8Array>,
  label: string,
  onNotice?: OnNotice,
): ModelFile {
  const names = modelFileNames;
  const text = files.get(names.json);
  const safetensors = files.get(names.safetensors);
  const npz = files.get(names.npz);
  if (text === undefined) throw new FileFormatError(`${label}: no ${names.json}; is this a model folder?`);
  if (safetensors !== undefined && npz !== undefined) {
    throw new FileFormatError(`${label}: both ${names.safetensors} and ${names.npz} are there; remove the stale one`);
  }
  const jsonLabel = `${label}/${names.json}`;
  const json = parseWith(modelSchema, parseJsonBytes(text, jsonLabel), jsonLabel);
  const weightsLabel = `${label}/${safetensors === undefined ? names.npz : names.safetensors}`;
  let tensors: Map<string, ArrayData>;
  if (safetensors !== undefined) tensors = decodeSafetensors(safetensors, weightsLabel, onNotice).tensors;
  else if (npz !== undefined) tensors = decodeNpz(npz, weightsLabel, onNotice);
  else throw new FileFormatError(`${label}: no weights: neither ${names.safetensors} nor ${names.npz} is there`);
  checkModelTensors(json, tensors, weightsLabel);
  return { json, tensors };
}

/**
 * A model as one `.safetensors`, with `model.json` in its metadata.
 * @throws {ShapeError | FileFormatError | ConfigError} where the model could not be read again.
 */
export function encodeModelSingle(model: ModelFile): Uint8Array<ArrayBuffer> {
  const json = checkModel(model, "encodeModelSingle");
  return encodeSafetensors(model.tensors, { [modelMetadataKey]: JSON.stringify(json) });
}

/**
 * A model from one `.safetensors` that {@link encodeModelSingle} wrote.
 * @param label the file's name, for messages.
 * @throws {FileFormatError | ConfigError | ShapeError} as {@link decodeModelFolder}.
 */
export function decodeModelSingle(bytes: Uint8Array, label: string, onNotice?: OnNotice): ModelFile {
  const { tensors, metadata } = decodeSafetensors(bytes, label, onNotice);
  const text = metadata[modelMetadataKey];
  if (text === undefined) {
    throw new FileFormatError(
      `${label}: no ${modelMetadataKey} in the metadata; weights alone are no model, put model.json beside them`,
    );
  }
  const jsonLabel = `${label}: ${modelMetadataKey}`;
  const json = parseWith(modelSchema, parseJson(text, jsonLabel), jsonLabel);
  checkModelTensors(json, tensors, label);
  return { json, tensors };
}

function checkModel(model: ModelFile, label: string): ModelJson {
  const json = parseWith(modelSchema, model.json, label);
  checkModelTensors(json, model.tensors, label);
  return json;
}
