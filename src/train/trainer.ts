import { ConfigError, DivergenceError, LimitError } from "../errors.ts";
import { submit } from "../gpu/recorder.ts";
import { parseWith } from "../io/config.ts";
import { lossNames } from "../loss/losses.ts";
import type { Network } from "../network/network.ts";
import { checkTrials, type Trials } from "../network/trials.ts";
import { stripRows } from "../ops/layout.ts";
import { quietSettings } from "../ops/settings.ts";
import type { ClipMode } from "../ops/update.ts";
import { streams } from "../random.ts";
import { optimizerKind, updateSettings } from "./optimizer.ts";
import { type TrainSettings, type TrainSettingsInput, trainSchema } from "./options.ts";
import { finiteMean, type Measurement, type ReplicaReport, type StepRecord, type TrainingReport } from "./report.ts";
import { learningRateAt } from "./schedule.ts";
import type { TrialSource } from "./source.ts";
import { recordFloats, StepPlan } from "./step-plan.ts";
import { type Checkpoint, TrainingState } from "./training-state.ts";
import { Validation } from "./validation.ts";

const defaultBatch = 32;

/**
 * Trains a network, a report at a time; {@link train} is the short form. Between reports the host only issues work: the
 * next batch is made while the GPU is busy with the current one.
 */
export class Trainer {
  readonly network: Network;
  readonly settings: TrainSettings;
  readonly #source: TrialSource;
  readonly #state: TrainingState;
  readonly #plan: StepPlan;
  readonly #validation: Validation | undefined;
  readonly #seeds: readonly number[];
  readonly #batch: number;
  #uploaded: readonly Trials[] | undefined;

  private constructor(parts: {
    network: Network;
    settings: TrainSettings;
    source: TrialSource;
    state: TrainingState;
    plan: StepPlan;
    validation: Validation | undefined;
    seeds: readonly number[];
    batch: number;
  }) {
    this.network = parts.network;
    this.settings = parts.settings;
    this.#source = parts.source;
    this.#state = parts.state;
    this.#plan = parts.plan;
    this.#validation = parts.validation;
    this.#seeds = parts.seeds;
    this.#batch = parts.batch;
  }

  /** @throws ConfigError, ShapeError, ValueError, LimitError before anything is trained. */
  static async create(network: Network, source: TrialSource, options: TrainSettingsInput): Promise<Trainer> {
    const settings = parseWith(trainSchema, options, "train");
    const { spec, device, replicas } = network;
    checkSource(network, source);
    const batch = settings.batch ?? source.size ?? defaultBatch;
    const firstSeed = settings.seed;
    const seeds = network.seeds.map((seed, replica) => (firstSeed === undefined ? seed : firstSeed + replica));
    const example = source.batch({ trials: batch, seed: seeds[0] ?? 0, index: 0, ...timeOf(network) });
    checkTrials(example, spec);
    if (example.steps * batch * spec.hidden >= 2 ** 32) {
      throw new LimitError(
        `${example.steps} steps × ${batch} trials × ${spec.hidden} units exceed 2³² noise counters.`,
      );
    }
    const givenV0 = example.v0 !== undefined;
    const state = new TrainingState(network);
    const { optimizer, clip } = settings;
    try {
      const plan = await StepPlan.compile(device, spec, state.parametersOf(network), {
        replicas,
        steps: example.steps,
        batch,
        initial: givenV0 ? "v0" : "parameter",
        losses: settings.loss,
        historySlots: settings.reportEvery,
        gradients: { alpha: spec.learn.alpha, v0: spec.learn.v0 && !givenV0 },
        clip: clipMode(clip),
        update: {
          ...state.updateTensors(network),
          optimizer: optimizerKind(optimizer),
          nesterov: optimizer.type === "sgd" && optimizer.nesterov,
        },
      });
      const validation = settings.validation && (await Validation.create(network, source, settings, seeds));
      return new Trainer({ network, settings, source, state, plan, validation, seeds, batch });
    } catch (error) {
      state.dispose();
      throw error;
    }
  }

  /** Updates done so far. */
  get step(): number {
    return this.#state.step;
  }

  /**
   * Trains until done, stopped or aborted, and yields a report every `reportEvery` updates. On abort the weights are those
   * of the last update; otherwise, with validation and `keepBest`, the best ones.
   * @throws DivergenceError where the loss or gradient of every replica stopped being finite; the network then holds the
   * weights of the last finite loss.
   */
  async *run(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncGenerator<TrainingReport, void, void> {
    const { steps, reportEvery } = this.settings;
    const { signal } = options;
    const started = performance.now();
    while (this.step < steps && !signal?.aborted) {
      const first = this.step;
      const until = Math.min(steps, (Math.floor(first / reportEvery) + 1) * reportEvery);
      while (this.step < until && !signal?.aborted) this.#issueStep(this.step - first);
      const report = await this.#report(first, started, signal?.aborted ?? false);
      if (report.stopped !== undefined && report.stopped !== "aborted") this.#finish();
      yield report;
      if (report.stopped !== undefined) return;
    }
  }

  /** All that is needed to continue exactly: parameters, moments, step, and the best weights so far. */
  checkpoint(): Promise<Checkpoint> {
    return this.#state.save(this.network);
  }

  /** Continues from a checkpoint of the same network and settings. @throws ShapeError where it does not fit. */
  restore(checkpoint: Checkpoint): void {
    this.#state.load(this.network, checkpoint);
  }

  /** Frees the training buffers; the network stays. */
  dispose(): void {
    this.#plan.dispose();
    this.#validation?.dispose();
    this.#state.dispose();
  }

  #issueStep(slot: number): void {
    const { network, settings } = this;
    const { step } = this;
    const data = this.#seeds.map((seed) =>
      this.#source.batch({ trials: this.#batch, seed, index: step, ...timeOf(network) }),
    );
    // A fixed set of trials is the same object every time, and is sent once.
    if (data.some((trials, replica) => trials !== this.#uploaded?.[replica])) {
      for (const trials of data) checkTrials(trials, network.spec);
      this.#plan.upload(data);
      this.#uploaded = data;
    }
    const update = updateSettings(settings.optimizer, step);
    for (const [replica, seed] of this.#seeds.entries()) {
      this.#plan.sequence.settings.set(replica, {
        ...quietSettings,
        ...update,
        seed,
        step,
        slot,
        noise_stream: streams.noise,
        noise_pre: network.spec.noise.pre,
        noise_post: network.spec.noise.post,
        clip: clipLimit(settings.clip),
        alpha_min: settings.alphaMin,
        loss_scale: this.#plan.lossScales(replica),
      });
    }
    this.#plan.sequence.settings.upload();
    submit(network.device, "training step", this.#plan.dispatches);
    this.#state.step += 1;
  }

  async #report(first: number, started: number, aborted: boolean): Promise<TrainingReport> {
    const { replicas } = this.network;
    const count = this.step - first;
    const accuracy = this.#source.accuracy?.bind(this.#source);
    const [history, outputs] = (await this.network.readback.read([
      { tensor: this.#plan.tensors.history, count: count * replicas * recordFloats },
      ...(accuracy ? [{ tensor: this.#plan.sequence.tensors.outputs }] : []),
    ])) as [Float32Array, Float32Array | undefined];
    const losses = this.#readLosses(history, first, count);
    const records = this.#records(history, losses, first, count);
    const diverged = divergedSteps(history, losses, first, count, replicas);
    this.#state.rememberDiverged(diverged);
    const survivors = this.#state.diverged.filter((at) => at === undefined).length;
    if (survivors === 0) {
      const at = Math.min(...this.#state.diverged.map((step) => step ?? Number.POSITIVE_INFINITY));
      throw new DivergenceError(
        `Training diverged at step ${at}: the loss or its gradient is not finite. The network holds the weights of the last finite loss. Try a smaller learning rate, clipping, or weaker initial weights.`,
        at,
      );
    }
    const due = this.#validation !== undefined && (this.#isValidationDue() || this.step >= this.settings.steps);
    const validation = due ? await this.#validation?.measure() : undefined;
    if (validation !== undefined) this.#state.rememberBest(this.network, validation);
    const accuracies = this.#accuracies(outputs, accuracy);
    const last = records[records.length - 1] as StepRecord;
    const meanAccuracy = accuracies && finiteMean(accuracies.filter((_, replica) => this.#isHealthy(replica)));
    const meanValidation = validation && this.#meanOf(validation);
    const stopped = aborted ? ("aborted" as const) : this.#stopReason(meanAccuracy, meanValidation);
    return {
      ...last,
      records,
      ...(meanAccuracy !== undefined && { accuracy: meanAccuracy }),
      ...(meanValidation !== undefined && { validation: meanValidation }),
      ...(replicas > 1 && { replicas: this.#replicaReports(last, accuracies, validation) }),
      seconds: (performance.now() - started) / 1000,
      ...(stopped !== undefined && { stopped }),
    };
  }

  /** Total loss of each replica at each step, [count][R]. */
  #readLosses(history: Float32Array, _first: number, count: number): number[][] {
    const { replicas } = this.network;
    const terms = this.settings.loss.length;
    return Array.from({ length: count }, (_, slot) =>
      Array.from({ length: replicas }, (_, replica) => {
        const start = (slot * replicas + replica) * recordFloats;
        return history.subarray(start, start + terms).reduce((sum, value) => sum + value, 0);
      }),
    );
  }

  #records(history: Float32Array, losses: readonly (readonly number[])[], first: number, count: number): StepRecord[] {
    const { replicas } = this.network;
    const { optimizer } = this.settings;
    const names = lossNames(this.settings.loss);
    return Array.from({ length: count }, (_, slot) => {
      const place = (at: number): number =>
        finiteMean(
          Array.from(
            { length: replicas },
            (_, replica) => history[(slot * replicas + replica) * recordFloats + at] ?? Number.NaN,
          ),
        );
      const own = losses[slot] ?? [];
      return {
        step: first + slot + 1,
        loss: finiteMean(own),
        terms: Object.fromEntries(names.map((name, term) => [name, place(term)])),
        gradientNorm: place(recordFloats - 1),
        learningRate: learningRateAt(optimizer.schedule, optimizer.lr, first + slot),
        ...(replicas > 1 && { losses: own }),
      };
    });
  }

  #accuracies(
    outputs: Float32Array | undefined,
    accuracy: ((outputs: Float32Array, batch: Trials) => number) | undefined,
  ): number[] | undefined {
    if (outputs === undefined || accuracy === undefined) return undefined;
    const { layout } = this.#plan.sequence;
    const length = outputs.length / layout.replicas;
    return (this.#uploaded ?? []).map((trials, replica) =>
      accuracy(
        stripRows(outputs.slice(replica * length, (replica + 1) * length), layout.outputs, 4 * layout.output4),
        trials,
      ),
    );
  }

  #isHealthy(replica: number): boolean {
    return this.#state.diverged[replica] === undefined;
  }

  #meanOf(measurements: readonly Measurement[]): Measurement {
    const healthy = measurements.filter((_, replica) => this.#isHealthy(replica));
    const accuracies = healthy.flatMap(({ accuracy }) => (accuracy === undefined ? [] : [accuracy]));
    return {
      loss: finiteMean(healthy.map(({ loss }) => loss)),
      ...(accuracies.length > 0 && { accuracy: finiteMean(accuracies) }),
    };
  }

  #replicaReports(
    last: StepRecord,
    accuracies: readonly number[] | undefined,
    validation: readonly Measurement[] | undefined,
  ): ReplicaReport[] {
    return this.#seeds.map((_, replica) => {
      const accuracy = accuracies?.[replica];
      const measurement = validation?.[replica];
      const divergedStep = this.#state.diverged[replica];
      return {
        loss: last.losses?.[replica] ?? Number.NaN,
        ...(accuracy !== undefined && { accuracy }),
        ...(measurement !== undefined && { validation: measurement }),
        ...(divergedStep !== undefined && { divergedStep }),
      };
    });
  }

  #isValidationDue(): boolean {
    const every = this.settings.validation?.every ?? 1;
    const before = this.#state.lastValidation;
    const due = Math.floor(this.step / every) > Math.floor(before / every);
    if (due) this.#state.lastValidation = this.step;
    return due;
  }

  #stopReason(accuracy: number | undefined, validation: Measurement | undefined): TrainingReport["stopped"] {
    const { stop, steps } = this.settings;
    const measured = this.#validation === undefined ? accuracy : validation?.accuracy;
    if (stop.accuracy !== undefined && measured !== undefined && measured >= stop.accuracy) return "accuracy";
    if (stop.patience !== undefined && this.#state.sinceBest >= stop.patience) return "patience";
    return this.step >= steps ? "steps" : undefined;
  }

  #finish(): void {
    if (this.settings.keepBest) this.#state.putBack(this.network);
  }
}

/** For each replica, the first of these steps (counted from 1) that was not finite. */
function divergedSteps(
  history: Float32Array,
  losses: readonly (readonly number[])[],
  first: number,
  count: number,
  replicas: number,
): (number | undefined)[] {
  return Array.from({ length: replicas }, (_, replica) => {
    for (let slot = 0; slot < count; slot += 1) {
      const norm = history[(slot * replicas + replica) * recordFloats + recordFloats - 1];
      if (!Number.isFinite(losses[slot]?.[replica]) || !Number.isFinite(norm)) return first + slot + 1;
    }
    return undefined;
  });
}

function checkSource(network: Network, source: TrialSource): void {
  const { inputs, outputs } = network.spec;
  if (source.inputs === inputs && source.outputs === outputs) return;
  throw new ConfigError(
    `The network has ${inputs} inputs and ${outputs} outputs, the trials have ${source.inputs} and ${source.outputs}. Build the structure with the task's numbers.`,
  );
}

function timeOf(network: Network): { dtMs?: number } {
  return network.spec.dtMs === undefined ? {} : { dtMs: network.spec.dtMs };
}

function clipMode(clip: TrainSettings["clip"]): ClipMode {
  if (clip === undefined) return "none";
  return typeof clip === "number" ? "globalNorm" : clip.mode;
}

function clipLimit(clip: TrainSettings["clip"]): number {
  if (clip === undefined) return 0;
  return typeof clip === "number" ? clip : clip.limit;
}
