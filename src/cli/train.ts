import { resolve } from "node:path";
import { ConfigError, DivergenceError } from "../errors.ts";
import { describeDevice, openDevice } from "../gpu/device.ts";
import type { ParameterName } from "../network/model.ts";
import { Network } from "../network/network.ts";
import { Ensemble } from "../train/ensemble.ts";
import { Trainer } from "../train/trainer.ts";
import type { Arguments } from "./arguments.ts";
import { readCheckpoint, type StoredCheckpoint } from "./checkpoint-file.ts";
import type { Command } from "./command.ts";
import { type LoadedConfig, loadConfig } from "./config-source.ts";
import { exitCodes } from "./exit-codes.ts";
import { type Experiment, loadExperiment } from "./experiment.ts";
import { watchInterrupt } from "./interrupt.ts";
import type { Output } from "./output.ts";
import { RunFolder } from "./run-folder.ts";
import { checkSameRun, runRecord } from "./run-record.ts";
import { finishTraining } from "./train-end.ts";
import { trainHelp } from "./train-help.ts";
import { trainLoop } from "./train-loop.ts";

/** `cortrain train CONFIG`. */
export const trainCommand: Command = {
  summary: "train a network: CONFIG is a preset, a JSON file, or - for stdin",
  usage: {
    positionals: ["CONFIG"],
    options: {
      out: { type: "string" },
      resume: { type: "boolean" },
      project: { type: "boolean" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
    help: trainHelp,
  },
  run: runTrain,
};

async function runTrain(args: Arguments, output: Output): Promise<number> {
  const resume = args.has("resume");
  const loaded = await loadConfig(configPath(args, resume));
  const folder = new RunFolder(resolve(args.value("out") ?? defaultFolder(loaded.name)));
  folder.check(resume);
  const experiment = await loadExperiment(loaded, { project: args.has("project"), onNotice: output.notice });
  const stored = resume ? await storedState(folder, experiment) : undefined;
  return await trainOnDevice({ loaded, folder, experiment, stored, output });
}

/** A run that is resumed brings its own configuration. */
function configPath(args: Arguments, resume: boolean): string {
  const [given] = args.positionals;
  const out = args.value("out");
  if (resume && out === undefined) throw new ConfigError("cortrain train: --resume needs --out, the run's folder.");
  if (given !== undefined) return given;
  if (!resume || out === undefined) {
    throw new ConfigError("cortrain train: CONFIG is missing: a preset, a .json file, or - for stdin.");
  }
  const folder = new RunFolder(resolve(out));
  folder.check(true);
  return folder.configPath;
}

/** Where a run goes that has no --out. */
export function defaultFolder(name: string): string {
  const time = new Date().toISOString().replace(/\.\d+/, "").replaceAll(":", "-");
  return `runs/${name}-${time}`;
}

async function storedState(folder: RunFolder, experiment: Experiment): Promise<StoredCheckpoint | undefined> {
  const { config } = await loadConfig(folder.configPath);
  checkSameRun(config, experiment.config, folder.configPath);
  if (!folder.hasCheckpoint) return undefined;
  const stored = await readCheckpoint(folder.checkpointPath);
  // With another aim, training that had stopped goes on.
  const sameAim = JSON.stringify(config.stop) === JSON.stringify(experiment.config.stop);
  if (sameAim) return stored;
  const { ended: _ended, ...checkpoint } = stored.checkpoint;
  return { checkpoint };
}

async function trainOnDevice(parts: {
  readonly loaded: LoadedConfig;
  readonly folder: RunFolder;
  readonly experiment: Experiment;
  readonly stored: StoredCheckpoint | undefined;
  readonly output: Output;
}): Promise<number> {
  const { loaded, folder, experiment, stored, output } = parts;
  const { name } = loaded;
  const { models, own, lessons, settings } = experiment;
  const interrupt = watchInterrupt(() => output.notice("interrupted: writing a checkpoint (again: stop at once)"));
  const device = await openDevice();
  let network: Network | undefined;
  let trainer: Trainer | undefined;
  try {
    network = own === undefined ? new Network(device, models) : new Ensemble(device, models, own);
    for (const [parameter, where] of Object.entries(experiment.fixed)) {
      network.freeze(parameter as ParameterName, where);
    }
    // The weights of the last update are what a checkpoint needs; the best ones are put back at the end.
    trainer = await Trainer.create(network, lessons, { ...settings, keepBest: false });
    if (stored !== undefined) trainer.restore(stored.checkpoint);
    const description = describeDevice(device);
    const seeds = { networkSeeds: network.seeds, trainingSeeds: trainer.settings.replicas.map(({ seed }) => seed) };
    const facts = { ...seeds, ...(experiment.project && { project: experiment.project }) };
    await folder.open(runRecord(experiment.config, description, facts), trainer.step);
    const end = await trainLoop({ name, trainer, folder, stored, output, description, signal: interrupt.signal });
    await finishTraining({ name, network, trainer, folder, experiment, end, output });
    return end.reason === "aborted" ? exitCodes.interrupted : exitCodes.done;
  } catch (error) {
    // The network holds the weights of the last finite loss: they are kept.
    if (error instanceof DivergenceError && network !== undefined) await folder.writeModels(network);
    throw error;
  } finally {
    await folder.close();
    trainer?.dispose();
    network?.dispose();
    device.dispose();
    interrupt.release();
  }
}
