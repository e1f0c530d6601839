import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import { defaultNoiseScale, modelObject, modelSchema } from "../io/model-schema.ts";
import { isGated } from "../network/cells.ts";
import { defaultSpectralRadius } from "../network/initialise.ts";
import { gatedInitialisations } from "../network/initialise-gated.ts";
import { initialiserTypes } from "../network/initialiser.ts";
import { defaultTime } from "../network/time.ts";
import { trainSchema } from "../train/options.ts";
import { structureSchema } from "./structure-config.ts";
import { taskSchema } from "./task-config.ts";

const model = modelObject.shape;

/** The parameters of each type of initialiser are checked where the weights are drawn. */
const initialiser = z.looseObject({ type: z.enum(initialiserTypes) });

/** What a network of a `structure` is, besides its masks and signs; as in `model.json`, and how its weights are drawn. */
const networkSchema = z.strictObject({
  cell: model.cell,
  lstmOutput: model.lstmOutput,
  dtMs: model.dtMs,
  tauMs: model.tauMs,
  alpha: model.alpha,
  activation: model.activation,
  form: model.form,
  noise: model.noise,
  units: model.units,
  constraint: model.constraint,
  learn: model.learn,
  /** Of the initial weights; the run's seed unless given. */
  seed: z.int().nonnegative().max(0xffffffff).optional(),
  /** How each matrix is drawn, such as {"weightHH": {"type": "orthogonal"}}; checked by `createModel`. */
  weights: z.strictObject({ weightIH: initialiser, weightHH: initialiser, weightHO: initialiser }).partial().optional(),
  /** Scale of the drawn recurrent weights; 1.1 unless `weights.weightHH` or `gain` sets it. */
  spectralRadius: z.number().positive().nullable().optional(),
  gain: z.number().positive().optional(),
  distribution: z.enum(["normal", "gamma"]).optional(),
  /** `row` unless given. */
  balance: z.union([z.boolean(), z.enum(["row", "neuron", "synapse"])]).optional(),
  /** Of an LSTM or a GRU, in place of the four above; `standard` unless given. */
  initialisation: z.enum(gatedInitialisations).optional(),
  /** Of an LSTM; 1 unless given. */
  forgetBias: z.number().optional(),
});

/** A training run as plain data: the content of CONFIG in `cortrain train CONFIG`. */
export const trainConfigSchema = z.strictObject({
  /** `model.json` inline or the path of a model. Inline, or without weights beside it, weights are drawn from its seed. */
  model: z.union([z.string().min(1), modelSchema]).optional(),
  /** In place of `model`. */
  structure: structureSchema.optional(),
  /** With `structure`. */
  network: networkSchema.optional(),
  /** A task's name and parameters; a bare name is short for `{ name }`. */
  task: taskSchema.optional(),
  /** In place of `task`: the path of a trials file, used whole as one batch unless `batch` is given. */
  data: z.string().min(1).optional(),
  ...trainSchema.shape,
  /** Networks trained side by side; number k has the seeds + k. */
  replicas: z.int().positive().default(1),
  /** Written into a run's config.json (versions, device, seeds); not read. */
  run: z.record(z.string(), z.unknown()).optional(),
});

export type TrainConfig = z.output<typeof trainConfigSchema>;
export type TrainConfigInput = z.input<typeof trainConfigSchema>;
export type NetworkConfig = z.output<typeof networkSchema>;

/**
 * Checks a configuration and fills in defaults.
 * @throws ConfigError naming the key at fault, and for an unknown key the nearest known one.
 */
export function parseTrainConfig(value: unknown, label: string): TrainConfig {
  const config = parseWith(trainConfigSchema, withTaskName(value), label);
  const exactlyOne = (one: "model" | "task", other: "structure" | "data"): void => {
    const count = Number(config[one] !== undefined) + Number(config[other] !== undefined);
    if (count === 1) return;
    throw new ConfigError(`${label}: expected ${one} or ${other}, ${count === 0 ? "got neither" : "got both"}.`);
  };
  exactlyOne("model", "structure");
  exactlyOne("task", "data");
  if (config.network !== undefined && config.model !== undefined) {
    throw new ConfigError(`${label}: network goes with structure; a model has these settings in its own JSON.`);
  }
  if (config.structure === undefined) return config;
  return { ...config, network: withTimes(config, label) };
}

function withTaskName(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("task" in value) || typeof value.task !== "string") return value;
  return { ...value, task: { name: value.task } };
}

/** The network's settings with its times and the scale of its weights filled in; a task's dtMs is the network's, too. */
function withTimes(config: TrainConfig, label: string): NetworkConfig {
  const given = config.network ?? parseWith(networkSchema, {}, label);
  const scale = given.noise.scale ?? defaultNoiseScale(given.cell);
  const network = { ...given, noise: { ...given.noise, scale } };
  const { dtMs, tauMs, alpha } = network;
  const taskDtMs = config.task?.dtMs;
  if (dtMs !== undefined && taskDtMs !== undefined && dtMs !== taskDtMs) {
    throw new ConfigError(`${label}: task.dtMs is ${taskDtMs} but network.dtMs is ${dtMs}; give one of them.`);
  }
  if (isGated(network.cell)) {
    const known = dtMs ?? taskDtMs;
    return known === undefined ? network : { ...network, dtMs: known };
  }
  const knownDtMs = dtMs ?? taskDtMs ?? (alpha === undefined ? defaultTime.dtMs : undefined);
  // Populations may bring time constants of their own.
  const ownTauMs = alpha !== undefined || config.structure?.type === "blocks";
  const knownTauMs = tauMs ?? (ownTauMs ? undefined : defaultTime.tauMs);
  const ownScale = network.weights?.weightHH !== undefined || network.gain !== undefined;
  return {
    ...network,
    balance: network.balance ?? "row",
    ...(network.spectralRadius === undefined && !ownScale && { spectralRadius: defaultSpectralRadius }),
    ...(knownDtMs !== undefined && { dtMs: knownDtMs }),
    ...(knownTauMs !== undefined && { tauMs: knownTauMs }),
  };
}
