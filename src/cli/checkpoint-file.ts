import { join } from "node:path";
import { z } from "zod";
import { FileFormatError } from "../errors.ts";
import type { ArrayData } from "../io/array.ts";
import { parseJson, parseWith } from "../io/config.ts";
import { readFileBytes, writeFilesAtomically } from "../io/node/files.ts";
import { decodeSafetensors, encodeSafetensors } from "../io/safetensors.ts";
import type { Checkpoint } from "../train/training-state.ts";
import { definedOnly } from "./model-source.ts";

const fileName = "state.safetensors";
const metadataKey = "cortrain/checkpoint";
const count = z.int().nonnegative();

const stateSchema = z.strictObject({
  format: z.literal("cortrain/checkpoint@1"),
  step: count,
  scores: z.array(z.strictObject({ loss: z.number(), accuracy: z.number().optional() }).nullable()),
  sinceBest: z.array(count),
  lastValidation: count,
  diverged: z.array(count.nullable()),
  ended: z
    .array(z.strictObject({ reason: z.enum(["accuracy", "patience", "curriculum"]), step: count }).nullable())
    .optional(),
  index: count.optional(),
  from: count.optional(),
  stages: z.array(count).optional(),
  lastStageMeasurement: count.optional(),
  /** Whether training was done, so that there is nothing to resume unless `steps` grew. */
  stopped: z.enum(["accuracy", "patience", "curriculum"]).optional(),
});

/** A checkpoint, and why training had ended there, if it had before its last update. */
export interface StoredCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly stopped?: "accuracy" | "patience" | "curriculum";
}

/** Writes a checkpoint into a folder as one file, so that its tensors and its numbers are always of one moment. */
export async function writeCheckpoint(folder: string, { checkpoint, stopped }: StoredCheckpoint): Promise<void> {
  const { parameters, moments, best, scores, diverged, ended, sinceBest, carried, stages, ...numbers } = checkpoint;
  const tensors = new Map<string, ArrayData>([
    ["parameters", { shape: [parameters.length], data: parameters }],
    ["moments", { shape: [parameters.length, 2], data: moments }],
  ]);
  if (best !== undefined) tensors.set("best", { shape: [best.length], data: best });
  for (const [name, data] of Object.entries(carried ?? {}) as [string, Float32Array][]) {
    tensors.set(`carried_${name}`, { shape: [data.length], data });
  }
  const state: z.input<typeof stateSchema> = {
    format: "cortrain/checkpoint@1",
    ...numbers,
    ...(stages && { stages: [...stages] }),
    scores: scores.map((score) => score ?? null),
    sinceBest: [...sinceBest],
    diverged: diverged.map((at) => at ?? null),
    ...(ended && { ended: ended.map((end) => end ?? null) }),
    ...(stopped && { stopped }),
  };
  const bytes = encodeSafetensors(tensors, { [metadataKey]: JSON.stringify(state) });
  await writeFilesAtomically(folder, new Map([[fileName, bytes]]));
}

/** Reads what {@link writeCheckpoint} wrote. @throws FileFormatError, ConfigError naming the path. */
export async function readCheckpoint(folder: string): Promise<StoredCheckpoint> {
  const path = join(folder, fileName);
  const { tensors, metadata } = decodeSafetensors(await readFileBytes(path), path);
  const text = metadata[metadataKey];
  const parameters = tensors.get("parameters")?.data;
  const moments = tensors.get("moments")?.data;
  const best = tensors.get("best")?.data;
  if (text === undefined || parameters === undefined || moments === undefined) {
    throw new FileFormatError(`${path}: expected the tensors parameters and moments, and ${metadataKey}`);
  }
  const label = `${path}: ${metadataKey}`;
  const {
    format: _format,
    scores,
    diverged,
    ended,
    stopped,
    ...numbers
  } = definedOnly(parseWith(stateSchema, parseJson(text, label), label));
  const states = tensors.get("carried_states")?.data;
  const rates = tensors.get("carried_rates")?.data;
  const synapses = tensors.get("carried_synapses")?.data;
  const checkpoint: Checkpoint = {
    ...numbers,
    ...(states && rates && { carried: { states, rates, ...(synapses && { synapses }) } }),
    parameters,
    moments,
    ...(best && { best }),
    diverged: diverged.map((at) => at ?? undefined),
    ...(ended && { ended: ended.map((end) => end ?? undefined) }),
    scores: scores.map((score) => {
      if (score === null) return undefined;
      return { loss: score.loss, ...(score.accuracy !== undefined && { accuracy: score.accuracy }) };
    }),
  };
  return { checkpoint, ...(stopped && { stopped }) };
}
