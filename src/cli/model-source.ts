import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ConfigError } from "../errors.ts";
import { parseJsonBytes, parseWith } from "../io/config.ts";
import { modelFileNames } from "../io/model-file.ts";
import { type Cell, type ModelJson, modelSchema } from "../io/model-schema.ts";
import { readFileBytes } from "../io/node/files.ts";
import { isGated } from "../network/cells.ts";
import { createModel } from "../network/create.ts";
import type { Model } from "../network/model.ts";
import { type ReadModelOptions, readModel } from "../node.ts";
import { dense, type Structure } from "../structure/structure.ts";

/** The models of several replicas that start from one file: the same weights, seeds that count up. */
export function repeatModel(model: Model, replicas: number): Model[] {
  return Array.from({ length: replicas }, (_, replica) => ({
    ...model,
    spec: { ...model.spec, seed: model.spec.seed + replica },
  }));
}

/**
 * New models of a `model.json` without weights: every synapse may exist, weights are drawn from the seed.
 * @throws ConfigError where the JSON does not give the times of a CTRNN.
 */
export function modelsFromJson(json: ModelJson, replicas: number): Model[] {
  const { format: _format, inputs, hidden, outputs, seed, ...rest } = json;
  const { areas, layers, inputGroups, outputGroups, ...given } = rest;
  const settings = withoutDefaults(given);
  if (!isGated(json.cell) && given.alpha === undefined && (given.dtMs === undefined || given.tauMs === undefined)) {
    throw new ConfigError("model: time is not given: expected dtMs and tauMs, or alpha.");
  }
  const places = definedOnly({ areas, layers, inputGroups, outputGroups });
  const structure: Structure = { ...dense({ inputs, hidden, outputs }), ...places };
  return Array.from({ length: replicas }, (_, replica) =>
    createModel({ ...definedOnly(settings), structure, seed: seed + replica }),
  );
}

/**
 * Settings of a network as `createModel` takes them: an LSTM or a GRU has no activation and no form, but the schema fills in
 * a CTRNN's.
 */
export function withoutDefaults<Settings extends Pick<ModelJson, "activation" | "form"> & { readonly cell?: Cell }>(
  settings: Settings,
): Omit<Settings, "activation" | "form"> & Partial<Pick<Settings, "activation" | "form">> {
  if (!isGated(settings.cell ?? "ctrnn")) return settings;
  const { activation, form, ...rest } = settings;
  return { ...rest, ...(activation !== "relu" && { activation }), ...(form !== "state" && { form }) };
}

/**
 * The models behind `model` in a configuration: a model with weights, or a `model.json` without any beside it.
 * @throws as `readModel` and {@link modelsFromJson}.
 */
export async function modelsFromPath(path: string, replicas: number, options: ReadModelOptions): Promise<Model[]> {
  if (!path.endsWith(".json")) return repeatModel(await readModel(path, options), replicas);
  const folder = dirname(path);
  const { json, safetensors, npz } = modelFileNames;
  const hasWeights = [safetensors, npz].some((name) => existsSync(join(folder, name)));
  if (basename(path) === json && hasWeights) return repeatModel(await readModel(folder, options), replicas);
  const value = parseWith(modelSchema, parseJsonBytes(await readFileBytes(path), path), path);
  return modelsFromJson(value, replicas);
}

/** The same options without those that are undefined. */
export function definedOnly<Options extends object>(
  options: Options,
): { [Key in keyof Options]: Exclude<Options[Key], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Options]: Exclude<Options[Key], undefined> };
}
