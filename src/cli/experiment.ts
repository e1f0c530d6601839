import { resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import type { OnNotice } from "../io/array.ts";
import { checkCustomTerms } from "../loss/custom-term.ts";
import { createModel, type ModelOptions } from "../network/create.ts";
import type { Model } from "../network/model.ts";
import { readTrials } from "../node.ts";
import type { Task } from "../tasks/task.ts";
import { type Curriculum, curriculum } from "../train/curriculum.ts";
import type { TrainSettingsInput } from "../train/options.ts";
import { type PsychRNNSetup, psychrnn } from "../train/psychrnn.ts";
import type { PsychRNNOptions } from "../train/psychrnn-options.ts";
import type { OwnSettings } from "../train/replica-settings.ts";
import { fixedTrials, type TrialSource } from "../train/source.ts";
import type { LoadedConfig } from "./config-source.ts";
import { definedOnly, modelsFromJson, modelsFromPath, withoutDefaults } from "./model-source.ts";
import { buildStructure, withAbsolutePaths } from "./structure-config.ts";
import { ownSettings, type SweepPoint, sweepPoints } from "./sweep.ts";
import { buildTask } from "./task-config.ts";
import { parseTrainConfig, type TrainConfig, tasksOf } from "./train-config.ts";

/** All that a training run is made of, before any GPU work. */
export interface Experiment {
  /** With every default filled in, seeds among them, and absolute paths. */
  readonly config: TrainConfig & { readonly seed: number; readonly batch: number };
  /** One for each replica. */
  readonly models: readonly Model[];
  /** The combinations of a sweep, each of `replicas` models in a row; one without values where nothing is swept. */
  readonly points: readonly SweepPoint[];
  /** The settings of each replica, where there is a sweep. */
  readonly own?: readonly OwnSettings[];
  /** What is trained on: the source, or the stages of a curriculum. */
  readonly lessons: TrialSource | Curriculum;
  /** Where trials come from, in the end: with a curriculum that is its last stage. */
  readonly source: TrialSource;
  /** The task behind the source, where it is one. */
  readonly task?: Task;
  readonly settings: TrainSettingsInput;
  /** 1 where a parameter of the network is not trained. */
  readonly fixed: PsychRNNSetup["fixed"];
  /** Whether weights were projected when they were read. */
  readonly project: boolean;
}

const defaultBatch = 32;

/**
 * Makes a configuration's models and trials.
 * @throws ConfigError, FileFormatError, ShapeError, ValueError, ConstraintError naming what is wrong where.
 */
export async function loadExperiment(
  { config, folder }: LoadedConfig,
  options: { readonly project: boolean; readonly onNotice: OnNotice },
): Promise<Experiment> {
  checkCustomTerms(config.loss);
  const tasks = tasksOf(config).map(buildTask);
  const task = tasks.at(-1);
  const dataPath = config.data === undefined ? undefined : resolve(folder, config.data);
  const source: TrialSource = task ?? (await readSource(dataPath as string, config, options.onNotice));
  const setup = setupOf(config, source);
  const single = setup?.lessons(source) ?? source;
  if (config.curriculum !== undefined && single !== source)
    throw new ConfigError("psychrnn: performance_cutoff and curriculum both say when training ends: give one of them.");
  const lessons = config.curriculum === undefined ? single : buildCurriculum(config.curriculum, tasks);
  const modelPath = typeof config.model === "string" ? resolve(folder, config.model) : undefined;
  const points = sweepPoints(config, parseTrainConfig);
  const models: Model[] = [];
  for (const point of points) {
    const seeded = withFolder(withSeeds(point.config), folder);
    models.push(...(await makeModels(seeded, source, modelPath, options)));
    checkTime(seeded, models.at(-1) as Model);
  }
  const [first] = models as [Model];
  const own = points.flatMap((point) =>
    Array.from({ length: config.replicas }, (_, k) => ownSettings(point.config, k)),
  );
  const seeded = withFolder(withSeeds(config), folder);
  const resolved = {
    ...seeded,
    ...(modelPath !== undefined && { model: modelPath }),
    ...(dataPath !== undefined && { data: dataPath }),
    seed: config.seed ?? first.spec.seed,
    batch: config.batch ?? source.size ?? defaultBatch,
  };
  return {
    config: resolved,
    models,
    points,
    ...(config.sweep !== undefined && { own }),
    lessons,
    source,
    ...(task && { task }),
    settings: settingsOf(resolved),
    fixed: setup?.fixed ?? {},
    project: options.project,
  };
}

/** The network and training of PsychRNN's parameters, which follow the task's channels and the run's seed. */
function setupOf({ psychrnn: given, seed }: TrainConfig, { inputs, outputs }: TrialSource): PsychRNNSetup | undefined {
  if (given === undefined) return undefined;
  const sizes = { N_in: inputs, N_out: outputs };
  for (const [name, count] of Object.entries(sizes))
    if (given[name] !== undefined && given[name] !== count)
      throw new ConfigError(`psychrnn: ${name} is ${String(given[name])}, but the task has ${count}; leave it out.`);
  return psychrnn({ ...given, ...sizes, ...(seed !== undefined && { seed }) } as PsychRNNOptions);
}

/** The stages of a configuration with their tasks. */
function buildCurriculum(config: NonNullable<TrainConfig["curriculum"]>, tasks: readonly Task[]): Curriculum {
  const stages = config.stages.flatMap(({ task: _task, ...rules }, index) => {
    const source = tasks[index];
    return source === undefined ? [] : [{ ...definedOnly(rules), source }];
  });
  return curriculum({ ...definedOnly(config), stages });
}

/** Trials of a file; with validation, as many as it asks for are held out of training. */
async function readSource(path: string, config: TrainConfig, onNotice: OnNotice): Promise<TrialSource> {
  const heldOut = config.validation?.trials ?? 0;
  return fixedTrials(await readTrials(path, onNotice), { heldOut, seed: config.seed ?? 0 });
}

/** Seeds that are not given follow the run's. */
function withSeeds(config: TrainConfig): TrainConfig {
  const { structure, network, seed = 0 } = config;
  if (structure === undefined || network === undefined) return config;
  return {
    ...config,
    structure: { ...structure, seed: structure.seed ?? seed },
    network: { ...network, seed: network.seed ?? seed },
  };
}

/** Paths in the structure are relative to the configuration's folder. */
function withFolder(config: TrainConfig, folder: string): TrainConfig {
  const { structure } = config;
  return structure === undefined ? config : { ...config, structure: withAbsolutePaths(structure, folder) };
}

async function makeModels(
  config: TrainConfig,
  source: TrialSource,
  modelPath: string | undefined,
  options: { readonly project: boolean; readonly onNotice: OnNotice },
): Promise<Model[]> {
  const { model, structure, network, replicas } = config;
  if (config.psychrnn !== undefined) {
    return Array.from({ length: replicas }, (_, replica) => {
      const setup = setupOf({ ...config, seed: (config.seed ?? 0) + replica }, source) as PsychRNNSetup;
      return createModel(setup.model);
    });
  }
  if (modelPath !== undefined) return modelsFromPath(modelPath, replicas, options);
  if (typeof model === "object") return modelsFromJson(model, replicas);
  if (structure === undefined || network === undefined) throw new ConfigError("expected model or structure.");
  const { inputs, outputs } = source;
  const sizes = { inputs, outputs, seed: structure.seed ?? 0 };
  const built = await buildStructure(structure, sizes, options.onNotice);
  const first = network.seed ?? 0;
  return Array.from({ length: replicas }, (_, replica) =>
    // What an initialiser may hold is checked where weights are drawn.
    createModel({
      ...(definedOnly(withoutDefaults(network)) as Partial<ModelOptions>),
      structure: built,
      seed: first + replica,
    }),
  );
}

/** A task makes its trials at the network's time step, so another one in its parameters would be passed over. */
function checkTime(config: TrainConfig, { spec }: Model): void {
  const asked = tasksOf(config).find(({ dtMs }) => dtMs !== undefined && dtMs !== spec.dtMs)?.dtMs;
  if (asked === undefined || spec.dtMs === undefined) return;
  throw new ConfigError(`task.dtMs is ${asked} but the model's dtMs is ${spec.dtMs}; leave the task's out.`);
}

/** The part of a configuration that the trainer takes. */
function settingsOf(config: Experiment["config"]): TrainSettingsInput {
  const {
    model: _model,
    structure: _structure,
    network: _network,
    task: _task,
    data: _data,
    curriculum: _curriculum,
    psychrnn: _psychrnn,
    replicas: _replicas,
    sweep: _sweep,
    run: _run,
    ...settings
  } = config;
  return settings;
}
