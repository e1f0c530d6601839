import { ConfigError, DivergenceError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import type { Network } from "../network/network.ts";
import { type TrainSettings, type TrainSettingsInput, trainSchema } from "./options.ts";
import { finiteMean, type Measurement, type ReplicaReport, type StepRecord, type TrainingReport } from "./report.ts";
import type { TrialSource } from "./source.ts";
import { StepHistory } from "./step-history.ts";
import { StepRunner } from "./step-runner.ts";
import type { Checkpoint, TrainingState } from "./training-state.ts";
import { Validation } from "./validation.ts";

/**
 * Trains a network, a report at a time; {@link train} is the short form. Between reports the host only issues work: the
 * next batch is made while the GPU is busy with the current one.
 */
export class Trainer {
  readonly network: Network;
  readonly settings: TrainSettings;
  readonly #runner: StepRunner;
  readonly #validation: Validation | undefined;

  private constructor(
    network: Network,
    settings: TrainSettings,
    runner: StepRunner,
    validation: Validation | undefined,
  ) {
    this.network = network;
    this.settings = settings;
    this.#runner = runner;
    this.#validation = validation;
  }

  /** @throws ConfigError, ShapeError, ValueError, LimitError before anything is allocated for training. */
  static async create(network: Network, source: TrialSource, options: TrainSettingsInput): Promise<Trainer> {
    const settings = parseWith(trainSchema, options, "train");
    checkSource(network, source);
    if (settings.stop.patience !== undefined && settings.validation === undefined) {
      throw new ConfigError("train: stop.patience counts measurements on held-out trials: set validation, too.");
    }
    const held = settings.validation && Validation.prepare(network, source, settings);
    const runner = await StepRunner.create(network, source, settings);
    try {
      return new Trainer(network, settings, runner, held && (await Validation.compile(network, source, held)));
    } catch (error) {
      runner.dispose();
      throw error;
    }
  }

  /** Updates done so far. */
  get step(): number {
    return this.#state.step;
  }

  get #state(): TrainingState {
    return this.#runner.state;
  }

  /**
   * Trains until done, stopped or aborted, and yields a report every `reportEvery` updates; the last one says why it ended.
   * On abort the weights are those of the last update; otherwise, with validation and `keepBest`, the best ones.
   * @throws DivergenceError where the loss or gradient of every replica stopped being finite; the network then holds the
   * weights of the last finite loss.
   */
  async *run(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncGenerator<TrainingReport, void, void> {
    const { steps, reportEvery } = this.settings;
    const { signal } = options;
    const started = performance.now();
    let last: TrainingReport | undefined;
    while (this.step < steps) {
      const first = this.step;
      const until = Math.min(steps, (Math.floor(first / reportEvery) + 1) * reportEvery);
      while (this.step < until && !signal?.aborted) await this.#runner.issue(this.step - first);
      if (this.step === first) {
        // Aborted between two reports: nothing is new but the end.
        if (last !== undefined) yield { ...last, records: [], stopped: "aborted" };
        return;
      }
      const report = await this.#report(first, started, this.step === until);
      const diverged = this.#divergedStep();
      if (diverged !== undefined) {
        // What was finite is reported before the end.
        if (report !== undefined) yield report;
        throw new DivergenceError(
          `Training diverged at step ${diverged}: the loss or its gradient is not finite. The network holds the weights of the last finite loss. Try a smaller learning rate, clipping, or weaker initial weights.`,
          diverged,
        );
      }
      if (report === undefined) return;
      const stopped = this.#stopReason(report) ?? (signal?.aborted ? "aborted" : undefined);
      if (stopped === undefined) {
        last = report;
        yield report;
        continue;
      }
      if (stopped !== "aborted" && this.settings.keepBest) this.putBackBest();
      yield { ...report, stopped };
      return;
    }
  }

  /** Gives every replica the weights that did best on held-out trials, where there was a measurement. */
  putBackBest(): void {
    this.#state.putBack(this.network);
  }

  /** All that is needed to continue exactly: parameters, moments, step, and the best weights so far. */
  checkpoint(): Promise<Checkpoint> {
    return this.#state.save(this.network);
  }

  /**
   * Continues from a checkpoint of the same network and settings.
   * @throws ShapeError where it does not fit, and what `validateModel` throws; nothing is changed then.
   */
  restore(checkpoint: Checkpoint): void {
    this.#state.load(this.network, checkpoint);
  }

  /** Frees the training buffers; the network stays. */
  dispose(): void {
    this.#runner.dispose();
    this.#validation?.dispose();
  }

  /**
   * Reads back what happened since `first`. A report that an abort cut short has nothing measured in it, so that a run
   * continued from there measures at the same updates as one that was never interrupted.
   * @returns undefined where no update was finite.
   */
  async #report(first: number, started: number, whole: boolean): Promise<TrainingReport | undefined> {
    const { replicas } = this.network;
    const { history, accuracies: measured } = await this.#runner.read(this.step - first);
    const range = { first, count: this.step - first, replicas, losses: this.settings.loss };
    const steps = new StepHistory(history, range);
    this.#state.rememberDiverged(steps.divergedSteps());
    const records = steps.records(this.settings.optimizer, this.#state.diverged);
    const last = records[records.length - 1];
    if (last === undefined) return undefined;
    const measures = whole && this.#divergedStep() === undefined;
    const validation = measures && this.#isValidationDue() ? await this.#validation?.measure() : undefined;
    if (validation !== undefined) this.#state.rememberBest(this.network, validation);
    const accuracies = measures ? measured : undefined;
    return {
      ...last,
      records,
      ...(accuracies !== undefined && { accuracy: finiteMean(this.#healthy(accuracies)) }),
      ...(validation !== undefined && { validation: meanOf(this.#healthy(validation)) }),
      ...(replicas > 1 && { replicas: this.#replicaReports(last, accuracies, validation) }),
      seconds: (performance.now() - started) / 1000,
    };
  }

  /** What belongs to replicas that have not diverged. */
  #healthy<Item>(items: readonly Item[]): Item[] {
    return items.filter((_, replica) => this.#state.diverged[replica] === undefined);
  }

  /** The first update that was not finite, once that has happened to every replica. */
  #divergedStep(): number | undefined {
    const { diverged } = this.#state;
    if (diverged.includes(undefined)) return undefined;
    return Math.min(...diverged.map((step) => step ?? Number.POSITIVE_INFINITY));
  }

  #replicaReports(
    last: StepRecord,
    accuracies: readonly number[] | undefined,
    validation: readonly Measurement[] | undefined,
  ): ReplicaReport[] {
    return this.network.seeds.map((_, replica) => {
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
    const { validation, steps } = this.settings;
    if (validation === undefined) return false;
    const { every } = validation;
    const due = Math.floor(this.step / every) > Math.floor(this.#state.lastValidation / every);
    if (due) this.#state.lastValidation = this.step;
    return due || this.step >= steps;
  }

  #stopReason({ accuracy, validation }: TrainingReport): TrainingReport["stopped"] {
    const { stop, steps } = this.settings;
    const measured = this.#validation === undefined ? accuracy : validation?.accuracy;
    if (stop.accuracy !== undefined && measured !== undefined && measured >= stop.accuracy) return "accuracy";
    if (stop.patience !== undefined && this.#state.sinceBest >= stop.patience) return "patience";
    return this.step >= steps ? "steps" : undefined;
  }
}

function meanOf(measurements: readonly Measurement[]): Measurement {
  const accuracies = measurements.flatMap(({ accuracy }) => (accuracy === undefined ? [] : [accuracy]));
  return {
    loss: finiteMean(measurements.map(({ loss }) => loss)),
    ...(accuracies.length > 0 && { accuracy: finiteMean(accuracies) }),
  };
}

function checkSource(network: Network, source: TrialSource): void {
  const { inputs, outputs } = network.spec;
  if (source.inputs === inputs && source.outputs === outputs) return;
  throw new ConfigError(
    `The network has ${inputs} inputs and ${outputs} outputs, the trials have ${source.inputs} and ${source.outputs}. Build the structure with the task's numbers.`,
  );
}
