/** What needs a file system: `import { readModel } from "cortrain/node"`. Everything else is in `cortrain`. */
import { basename, dirname } from "node:path";
import type { Device } from "./gpu/device.ts";
import type { OnNotice } from "./io/array.ts";
import type { ModelFolderOptions } from "./io/model-file.ts";
import {
  readFileBytes,
  readModel as readModelFile,
  writeFilesAtomically,
  writeModel as writeModelFile,
} from "./io/node/files.ts";
import { decodeTrials, encodeTrials, type TrialsFile } from "./io/trials.ts";
import { modelFromFile, modelToFile } from "./network/create.ts";
import type { Model } from "./network/model.ts";
import { Network } from "./network/network.ts";
import type { Trials } from "./network/trials.ts";

export type { ModelFolderOptions } from "./io/model-file.ts";
export { readArray, readFileBytes, writeArray, writeFilesAtomically } from "./io/node/files.ts";

export interface ReadModelOptions {
  /** Projects weights that break their mask or sign, instead of refusing them. */
  readonly project?: boolean;
  /** Hears of rounded values and of entries that are not read. */
  readonly onNotice?: OnNotice;
}

/**
 * Reads a model: a folder with `model.json` and weights, or one `.safetensors`.
 * @throws FileFormatError, ConfigError, ShapeError naming the path; ValueError, ConstraintError naming the weight.
 */
export async function readModel(path: string, options: ReadModelOptions = {}): Promise<Model> {
  const { project = false, onNotice } = options;
  return modelFromFile(await readModelFile(path, onNotice), { project });
}

/**
 * Writes a model: one file where the path ends in `.safetensors`, else a folder. A reader sees the old model or the new
 * one, never half of one.
 */
export async function writeModel(path: string, model: Model, options?: ModelFolderOptions): Promise<void> {
  await writeModelFile(path, modelToFile(model), options);
}

/** Writes a network's present weights as {@link writeModel} does; of replica 0 unless another is asked for. */
export async function saveModel(
  path: string,
  network: Network,
  options: ModelFolderOptions & { readonly replica?: number } = {},
): Promise<void> {
  const { replica = 0, ...rest } = options;
  await writeModel(path, await network.read(replica), rest);
}

/**
 * A network on a device with the weights of a model file; with several paths, one with a replica for each.
 * @throws as {@link readModel}, and ConfigError where the models have different architectures.
 */
export async function loadNetwork(
  device: Device,
  path: string | readonly string[],
  options: ReadModelOptions = {},
): Promise<Network> {
  const paths = typeof path === "string" ? [path] : path;
  const models: Model[] = [];
  for (const each of paths) models.push(await readModel(each, options));
  return new Network(device, models);
}

/**
 * Reads trials from an `.npz`: inputs [T, B, I], targets [T, B, O], and optionally mask [T, B, O], v0 and r0 [B, H], and
 * what was recorded of K units, rate_targets and rate_mask [T, B, K].
 * @throws FileFormatError, ShapeError, ValueError naming the path and the array.
 */
export async function readTrials(path: string, onNotice?: OnNotice): Promise<Trials> {
  const file = decodeTrials(await readFileBytes(path), path, onNotice);
  const { inputs, targets, mask, v0, r0, rateTargets, rateMask } = file;
  const [steps = 0, trials = 0] = inputs.shape;
  return {
    steps,
    trials,
    inputs: inputs.data,
    targets: targets.data,
    ...(mask && { mask: mask.data }),
    ...(v0 && { v0: v0.data }),
    ...(r0 && { r0: r0.data }),
    ...(rateTargets && { rateTargets: rateTargets.data }),
    ...(rateMask && { rateMask: rateMask.data }),
  };
}

/** Writes trials as an `.npz` that {@link readTrials} and `numpy.load` read. @throws ShapeError, ValueError */
export async function writeTrials(path: string, data: Trials): Promise<void> {
  const { steps, trials, inputs, targets, mask, v0, r0, rateTargets, rateMask } = data;
  const units = (values: Float32Array): number => values.length / (steps * trials);
  const file: TrialsFile = {
    inputs: { shape: [steps, trials, units(inputs)], data: inputs },
    targets: { shape: [steps, trials, units(targets)], data: targets },
    ...(mask && { mask: { shape: [steps, trials, units(mask)], data: mask } }),
    ...(v0 && { v0: { shape: [trials, v0.length / trials], data: v0 } }),
    ...(r0 && { r0: { shape: [trials, r0.length / trials], data: r0 } }),
    ...(rateTargets && { rateTargets: { shape: [steps, trials, units(rateTargets)], data: rateTargets } }),
    ...(rateMask && { rateMask: { shape: [steps, trials, units(rateMask)], data: rateMask } }),
  };
  await writeFilesAtomically(dirname(path), new Map([[basename(path), encodeTrials(file)]]));
}
