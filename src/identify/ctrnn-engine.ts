import type { Device } from "../gpu/device.ts";
import type { Model } from "../network/model.ts";
import { Network } from "../network/network.ts";
import type { TrainSettingsInput } from "../train/options.ts";
import { Trainer } from "../train/trainer.ts";
import type { EngineReport, FitEngine, FitRunner, FitSetup, FittedState, StretchRun } from "./engine.ts";
import { drawFitted, learnedNetwork, type UnitPlan, unitPlan } from "./fitted-network.ts";
import type { IdentifySettings } from "./options.ts";
import type { Recording } from "./recording.ts";
import { type Dynamics, stretchStimuli, windowSource } from "./windows.ts";

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

/** Runs networks whose velocity is added to their drives. */
export class CtrnnRunner implements FitRunner {
  protected readonly network: Network;
  protected readonly plan: UnitPlan;
  readonly #dynamics: Dynamics;

  /** @param network which it owns from now on. */
  constructor(network: Network, plan: UnitPlan, dynamics: Dynamics) {
    this.network = network;
    this.plan = plan;
    this.#dynamics = dynamics;
  }

  async rates({ recording, stretches, steps }: StretchRun): Promise<readonly Float32Array[]> {
    const { latents, units } = this.plan;
    const hidden = latents + units;
    const rows = steps * stretches.length;
    const stimuli = stretchStimuli(recording, this.plan, this.#dynamics, stretches, steps);
    const { rates } = await this.network.run(stimuli, { noise: false });
    return Array.from({ length: this.network.replicas }, (_, replica) => {
      const own = new Float32Array(rows * units);
      for (let row = 0; row < rows; row += 1) {
        const start = (replica * rows + row) * hidden + latents;
        own.set(rates.subarray(start, start + units), row * units);
      }
      return own;
    });
  }

  dispose(): void {
    this.network.dispose();
  }
}

/** Trains networks whose velocity is added to their drives, by the engine of `train`. */
export class CtrnnEngine extends CtrnnRunner implements FitEngine {
  readonly #trainer: Trainer;

  private constructor(trainer: Trainer, plan: UnitPlan, dynamics: Dynamics) {
    super(trainer.network, plan, dynamics);
    this.#trainer = trainer;
  }

  /** @throws ConfigError, ShapeError, ValueError, LimitError before anything is trained. */
  static async create(
    device: Device,
    recording: Recording,
    settings: IdentifySettings,
    { split, seeds, dimensions }: FitSetup,
  ): Promise<CtrnnEngine> {
    const plan = unitPlan(settings, recording.units, dimensions);
    const models = seeds.map((seed) => drawFitted(plan, settings, seed));
    const network = trainedNetwork(device, models);
    try {
      const source = windowSource(recording, plan, settings, split);
      const trainer = await Trainer.create(network, source, trainSettings(plan, settings, split.batch));
      return new CtrnnEngine(trainer, plan, settings);
    } catch (error) {
      network.dispose();
      throw error;
    }
  }

  async *train(signal: AbortSignal | undefined): AsyncGenerator<EngineReport, void, void> {
    for await (const { step, loss, replicas, stopped } of this.#trainer.run({ signal }))
      yield {
        step,
        losses: replicas?.map((own) => own.loss) ?? [loss],
        ...(stopped !== undefined && { stopped: stopped === "aborted" ? stopped : "updates" }),
      };
  }

  async read(): Promise<readonly FittedState[]> {
    return Promise.all(
      Array.from({ length: this.network.replicas }, async (_, replica) => {
        const model = await this.network.read(replica);
        return { learned: learnedNetwork(this.plan, model), model };
      }),
    );
  }

  override dispose(): void {
    this.#trainer.dispose();
    super.dispose();
  }
}
