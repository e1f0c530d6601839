import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { refuseUnknownActivation } from "../io/activation-schema.ts";
import { parseWith } from "../io/config.ts";
import { defaultNoiseScale, modelObject, modelSchema } from "../io/model-schema.ts";
import { isGated } from "../network/cells.ts";
import { defaultSpectralRadius } from "../network/initialise.ts";
import { gatedInitialisations } from "../network/initialise-gated.ts";
import { initialiserTypes } from "../network/initialiser.ts";
import { defaultTime } from "../network/time.ts";
import { curriculumRules, stageRules } from "../train/curriculum.ts";
import { trainSchema } from "../train/options.ts";
import { psychrnnTraining } from "../train/psychrnn.ts";
import type { PsychRNNOptions } from "../train/psychrnn-options.ts";
import { structureSchema } from "./structure-schema.ts";
import { type TaskConfig, taskSchema } from "./task-config.ts";

const model = modelObject.shape;
const noise = model.noise.unwrap();

/** The parameters of each type of initialiser are checked where the weights are drawn. */
const initialiser = z.looseObject({ type: z.enum(initialiserTypes) });

/** What a network of a `structure` is, besides its masks and signs; as in `model.json`, and how its weights are drawn. */
const networkObject = z.strictObject({
  cell: model.cell,
  lstmOutput: model.lstmOutput,
  dtMs: model.dtMs,
  tauMs: model.tauMs,
  alpha: model.alpha,
  activation: model.activation,
  customActivations: model.customActivations,
  form: model.form,
  /** `pre` and `post` are the structure's where it knows the noise of its units, else 0 unless given. */
  noise: z
    .strictObject({
      ...noise.shape,
      pre: noise.shape.pre.unwrap().optional(),
      post: noise.shape.post.unwrap().optional(),
    })
    .prefault({}),
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
const networkSchema = networkObject.superRefine(refuseUnknownActivation, { when: () => true });

/** A training run as plain data: the content of CONFIG in `cortrain train CONFIG`. */
export const trainConfigSchema = z.strictObject({
  /** `model.json` inline or the path of a model. Inline, or without weights beside it, weights are drawn from its seed. */
  model: z.union([z.string().min(1), modelSchema]).optional(),
  /** In place of `model`. */
  structure: structureSchema.optional(),
  /** In place of `model`, and of loss, optimizer, steps, batch, clip and reportEvery: PsychRNN's own parameters. */
  psychrnn: z.record(z.string(), z.unknown()).optional(),
  /** With `structure`. */
  network: networkSchema.optional(),
  /** A task's name and parameters; a bare name is short for `{ name }`. */
  task: taskSchema.optional(),
  /** In place of `task`: the path of a trials file, used whole as one batch unless `batch` is given. */
  data: z.string().min(1).optional(),
  /** In place of `task`: tasks from easy to hard, and when one gives way to the next. */
  curriculum: z
    .strictObject({
      ...curriculumRules,
      stages: z.array(z.strictObject({ ...stageRules, task: taskSchema })).min(1),
    })
    .optional(),
  ...trainSchema.shape,
  /** Networks trained side by side; number k has the seeds + k. */
  replicas: z.int().positive().default(1),
  /** Settings and the values to try, in every combination, `replicas` networks of each: {"optimizer.lr": [0.001, 0.01]}. */
  sweep: z.record(z.string(), z.array(z.unknown()).min(1)).optional(),
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
  const config = parseWith(trainConfigSchema, withPsychRNN(withTaskNames(value), label), label);
  const exactlyOne = (...keys: readonly (keyof TrainConfig)[]): void => {
    const given = keys.filter((key) => config[key] !== undefined);
    if (given.length === 1) return;
    const got = given.length === 0 ? "none of them" : given.join(" and ");
    const all = `${keys.slice(0, -1).join(", ")} or ${keys.at(-1)}`;
    throw new ConfigError(`${label}: expected ${all}, got ${got}.`);
  };
  exactlyOne("model", "structure", "psychrnn");
  exactlyOne("task", "data", "curriculum");
  if (config.network !== undefined && config.structure === undefined) {
    const own = config.model === undefined ? "psychrnn" : "a model";
    throw new ConfigError(`${label}: network goes with structure; ${own} has these settings in its own JSON.`);
  }
  if (config.structure === undefined) return config;
  return { ...config, network: withTimes(config, label) };
}

/** The training that PsychRNN's parameters stand for, filled in where the configuration does not say it itself. */
function withPsychRNN(value: unknown, label: string): unknown {
  if (typeof value !== "object" || value === null || !("psychrnn" in value)) return value;
  const { psychrnn } = value;
  return { ...psychrnnTraining(psychrnn as PsychRNNOptions, `${label}: psychrnn`), ...value };
}

/** The tasks of a configuration: one, or those of the stages. */
export function tasksOf({ task, curriculum }: Pick<TrainConfig, "task" | "curriculum">): readonly TaskConfig[] {
  if (curriculum !== undefined) return curriculum.stages.map((stage) => stage.task);
  return task === undefined ? [] : [task];
}

/** A bare name in place of a task, in the configuration itself and in the stages of its curriculum. */
function withTaskNames(value: unknown): unknown {
  const named = withTaskName(value);
  if (typeof named !== "object" || named === null || !("curriculum" in named)) return named;
  const { curriculum } = named;
  if (typeof curriculum !== "object" || curriculum === null || !("stages" in curriculum)) return named;
  const { stages } = curriculum;
  if (!Array.isArray(stages)) return named;
  return { ...named, curriculum: { ...curriculum, stages: stages.map(withTaskName) } };
}

function withTaskName(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("task" in value) || typeof value.task !== "string") return value;
  return { ...value, task: { name: value.task } };
}

/** Structures whose units may bring time constants and noise of their own. */
const unitStructures: readonly string[] = ["blocks", "stack", "mlp", "lowRank"];

/** The network's settings with its times and the scale of its weights filled in; a task's dtMs is the network's, too. */
function withTimes(config: TrainConfig, label: string): NetworkConfig {
  const given = config.network ?? parseWith(networkSchema, {}, label);
  const scale = given.noise.scale ?? defaultNoiseScale(given.cell);
  const ownNoise = unitStructures.includes(config.structure?.type ?? "");
  const network = { ...given, noise: { ...(!ownNoise && { pre: 0, post: 0 }), ...given.noise, scale } };
  const { dtMs, tauMs, alpha } = network;
  const [taskDtMs, otherDtMs] = new Set(tasksOf(config).flatMap((task) => task.dtMs ?? []));
  if (otherDtMs !== undefined) {
    throw new ConfigError(`${label}: curriculum: the tasks' dtMs are ${taskDtMs} and ${otherDtMs}; give network.dtMs.`);
  }
  if (dtMs !== undefined && taskDtMs !== undefined && dtMs !== taskDtMs) {
    throw new ConfigError(`${label}: task.dtMs is ${taskDtMs} but network.dtMs is ${dtMs}; give one of them.`);
  }
  if (isGated(network.cell)) {
    const known = dtMs ?? taskDtMs;
    return known === undefined ? network : { ...network, dtMs: known };
  }
  const knownDtMs = dtMs ?? taskDtMs ?? (alpha === undefined ? defaultTime.dtMs : undefined);
  const ownTauMs = alpha !== undefined || unitStructures.includes(config.structure?.type ?? "");
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
