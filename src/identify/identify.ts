import type { Device } from "../gpu/device.ts";
import type { Model } from "../network/model.ts";
import { Network } from "../network/network.ts";
import type { TrainSettingsInput } from "../train/options.ts";
import { Trainer } from "../train/trainer.ts";
import { drawFitted, learnedNetwork, type UnitPlan, unitPlan } from "./fitted-network.ts";
import { FreeRun } from "./free-run.ts";
import { type IdentifyOptions, type IdentifySettings, identifySettings } from "./options.ts";
import { checkRecording, type Recording } from "./recording.ts";
import { type Dynamics, splitTrials, windowSource } from "./windows.ts";

/** One of the networks that are fitted. */
export interface FittedNetwork {
  readonly seed: number;
  /** How its units lie in the model. */
  readonly plan: UnitPlan;
  /** Its leak and activation. */
  readonly dynamics: Dynamics;
  /** Updates after which its weights were taken. */
  readonly step: number;
  /** Mean squared error of its free run through the held-out trials, at that update. */
  readonly error: number;
  readonly learned: ReturnType<typeof learnedNetwork>;
  /** As the engine runs and saves it. */
  readonly model: Model;
}

/** How far identification is. Numbers of several networks are one each, in the order of their seeds. */
export interface IdentifyReport {
  /** Updates done. */
  readonly step: number;
  /** Of the last update: mean squared error over a window, and the penalties. */
  readonly losses: readonly number[];
  /** Mean squared error of the free run through the held-out trials. */
  readonly errors: readonly number[];
  readonly seconds: number;
  /** The networks with the weights of this moment. */
  readonly networks: readonly FittedNetwork[];
  /** In the last report, whose `networks` are the best or the last ones, as asked for. */
  readonly stopped?: "updates" | "patience" | "aborted";
}

/**
 * Fits networks to the activity of N units and the velocity that drove it, to recover how the units are connected: windows of
 * the recording are back-propagated through, from a recorded state on, and the error of a free run through trials that are held
 * out says when to stop (nsi; Das & Fiete 2020, Nat Neurosci 23:1286, on what can be recovered). A report at each measurement.
 * @param recording rates [steps, trials, units], velocities [steps, trials, D].
 * @throws ConfigError, ShapeError, ValueError, LimitError before anything is trained; DivergenceError.
 */
export async function* identify(
  device: Device,
  recording: Recording,
  options: IdentifyOptions & { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<IdentifyReport, void, void> {
  const { signal, ...rest } = options;
  const settings = identifySettings(rest);
  const { dimensions } = checkRecording("identify: recording", recording);
  const plan = unitPlan(settings, recording.units, dimensions);
  const split = splitTrials(recording, settings);
  const seeds = Array.from({ length: settings.replicas }, (_, replica) => settings.seed + replica);
  const models = seeds.map((seed) => drawFitted(plan, settings, seed));
  const network = trainedNetwork(device, models);
  let trainer: Trainer | undefined;
  try {
    const source = windowSource(recording, plan, settings, split);
    trainer = await Trainer.create(network, source, trainSettings(plan, settings, split.batch));
    const starts = split.heldOut.map((trial) => ({ trial, from: 0 }));
    const heldOut = new FreeRun(recording, plan, settings, starts, split.heldOutSteps);
    yield* measured(network, trainer, settings, { plan, seeds, heldOut, signal });
  } finally {
    trainer?.dispose();
    network.dispose();
  }
}

/** What is not learned is frozen: the bias, which has its input channel, and the readout, of which there is none. */
export function trainedNetwork(device: Device, models: readonly Model[]): Network {
  const network = new Network(device, models);
  for (const name of ["biasH", "weightHO", "biasO"] as const) network.freeze(name);
  return network;
}

/** How the engine is told to train. */
export function trainSettings(plan: UnitPlan, settings: IdentifySettings, batch: number): TrainSettingsInput {
  const { latents, observed } = plan;
  const { weightL2, rateL2, lr, epsilonHat, clip, updates, every, seed } = settings;
  return {
    steps: updates,
    batch,
    loss: [
      { type: "targetRates", units: Array.from({ length: observed }, (_, unit) => latents + unit) },
      ...(weightL2 > 0 ? [{ type: "weightL2" as const, weight: weightL2 }] : []),
      ...(rateL2 > 0 ? [{ type: "rateL2" as const, weight: rateL2 }] : []),
    ],
    optimizer: { type: "adam", lr, epsilonHat },
    ...(clip !== undefined && { clip }),
    reportEvery: Math.min(every, updates),
    seed,
  };
}

async function* measured(
  network: Network,
  trainer: Trainer,
  { keepBest, patience, alpha, leak, activation }: IdentifySettings,
  context: { plan: UnitPlan; seeds: readonly number[]; heldOut: FreeRun; signal: AbortSignal | undefined },
): AsyncGenerator<IdentifyReport, void, void> {
  const { plan, seeds, heldOut, signal } = context;
  const dynamics: Dynamics = { alpha, leak, activation };
  const best: FittedNetwork[] = [];
  const sinceBest = seeds.map(() => 0);
  for await (const report of trainer.run({ signal })) {
    const errors = await heldOut.errors(network);
    const networks = await Promise.all(
      seeds.map(async (seed, replica): Promise<FittedNetwork> => {
        const model = await network.read(replica);
        const error = errors[replica] as number;
        return { seed, plan, dynamics, step: report.step, error, learned: learnedNetwork(plan, model), model };
      }),
    );
    for (const [replica, own] of networks.entries()) {
      const isBetter = best[replica] === undefined || own.error < (best[replica]?.error ?? Number.POSITIVE_INFINITY);
      if (isBetter) best[replica] = own;
      sinceBest[replica] = isBetter ? 0 : (sinceBest[replica] as number) + 1;
    }
    const losses = report.replicas?.map(({ loss }) => loss) ?? [report.loss];
    const isStuck = patience !== undefined && sinceBest.every((count) => count >= patience);
    const stopped =
      report.stopped === "aborted"
        ? ("aborted" as const)
        : report.stopped !== undefined
          ? ("updates" as const)
          : isStuck
            ? ("patience" as const)
            : undefined;
    yield {
      ...{ step: report.step, losses, errors, seconds: report.seconds },
      networks: stopped !== undefined && keepBest ? best : networks,
      ...(stopped !== undefined && { stopped }),
    };
    if (stopped !== undefined) return;
  }
}
