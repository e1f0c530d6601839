import type { BilinearNetwork } from "../attractors/bilinear-network.ts";
import type { Device } from "../gpu/device.ts";
import type { Model } from "../network/model.ts";
import { BilinearEngine } from "./bilinear-engine.ts";
import { CtrnnEngine } from "./ctrnn-engine.ts";
import type { EngineReport, FitEngine } from "./engine.ts";
import { type FittedConnectivity, type UnitPlan, unitPlan } from "./fitted-network.ts";
import { freeRunErrors } from "./free-run.ts";
import { type IdentifyOptions, type IdentifySettings, identifySettings } from "./options.ts";
import { checkRecording, type Recording } from "./recording.ts";
import { type Dynamics, splitTrials } from "./windows.ts";

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
  readonly learned: FittedConnectivity;
  /** As the library runs and saves it: a model, or ("zhang") a network whose velocity multiplies its state. */
  readonly model: Model | BilinearNetwork;
}

/** How far identification is. Numbers of several networks are one each, in the order of their seeds. */
export interface IdentifyReport {
  /** Updates done. */
  readonly step: number;
  /** Of the last update: mean squared error over a window, and the penalties (not of "zhang"); empty before the first update. */
  readonly losses: readonly number[];
  /** Mean squared error of the free run through the held-out trials. */
  readonly errors: readonly number[];
  /** Since training began. */
  readonly seconds: number;
  /** The networks with the weights of this moment; in the last report the best or the last ones, as asked for. */
  readonly networks: readonly FittedNetwork[];
  /** In the last report. */
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
  const split = splitTrials(recording, settings);
  const seeds = Array.from({ length: settings.replicas }, (_, replica) => settings.seed + replica);
  const create = settings.network.type === "zhang" ? BilinearEngine.create : CtrnnEngine.create;
  const engine = await create(device, recording, settings, { split, seeds, dimensions });
  try {
    const plan = unitPlan(settings, recording.units, dimensions);
    const stretches = split.heldOut.map((trial) => ({ trial, from: 0 }));
    const heldOut = { recording, stretches, steps: split.heldOutSteps };
    const measure = async (step: number): Promise<readonly FittedNetwork[]> => {
      const errors = await freeRunErrors(engine, heldOut);
      const { alpha, leak, activation } = settings;
      return (await engine.read()).map((state, replica) => ({
        ...{ seed: seeds[replica] as number, plan, dynamics: { alpha, leak, activation }, step },
        ...{ error: errors[replica] as number, ...state },
      }));
    };
    yield* measured(engine, settings, measure, signal);
  } finally {
    engine.dispose();
  }
}

async function* measured(
  engine: FitEngine,
  settings: IdentifySettings,
  measure: (step: number) => Promise<readonly FittedNetwork[]>,
  signal: AbortSignal | undefined,
): AsyncGenerator<IdentifyReport, void, void> {
  const started = performance.now();
  const chosen = Array.from({ length: settings.replicas }, () => new Choice(settings));
  const reportOf = async ({ step, losses, stopped: ended }: EngineReport): Promise<IdentifyReport> => {
    const networks = await measure(step);
    for (const [replica, network] of networks.entries()) chosen[replica]?.show(network);
    const stopped = ended ?? (chosen.every(({ isOver }) => isOver) ? ("patience" as const) : undefined);
    return {
      ...{ step, losses, errors: networks.map(({ error }) => error), seconds: (performance.now() - started) / 1000 },
      networks: stopped === undefined ? networks : networks.map((last, replica) => chosen[replica]?.network ?? last),
      ...(stopped !== undefined && { stopped }),
    };
  };
  let last: EngineReport = { step: 0, losses: [] };
  for await (const report of engine.train(signal)) {
    const own = await reportOf(report);
    yield own;
    if (own.stopped !== undefined) return;
    last = report;
  }
  // Aborted before the first update.
  yield await reportOf({ ...last, stopped: "aborted" });
}

/** Which of the networks of one seed is taken: the best or the last one until its patience is over. */
class Choice {
  readonly #keepBest: boolean;
  readonly #patience: number;
  #best: FittedNetwork | undefined;
  #last: FittedNetwork | undefined;
  #sinceBest = 0;

  constructor({ keepBest, patience = Number.POSITIVE_INFINITY }: IdentifySettings) {
    this.#keepBest = keepBest;
    this.#patience = patience;
  }

  get network(): FittedNetwork | undefined {
    return this.#keepBest ? this.#best : this.#last;
  }

  get isOver(): boolean {
    return this.#sinceBest >= this.#patience;
  }

  /** Takes note of a measurement, but of none once it is over: others may go on, and a network alone would have ended. */
  show(network: FittedNetwork): void {
    if (this.isOver) return;
    this.#last = network;
    const isBetter = this.#best === undefined || !(network.error >= this.#best.error);
    this.#sinceBest = isBetter ? 0 : this.#sinceBest + 1;
    if (isBetter) this.#best = network;
  }
}
