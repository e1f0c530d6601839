import { DivergenceError } from "../errors.ts";
import type { Network } from "../network/network.ts";
import type { Curriculum } from "./curriculum.ts";
import { checkStop, endsNow, hasEnded, reasonOf } from "./ends.ts";
import { Ensemble } from "./ensemble.ts";
import { Lessons } from "./lessons.ts";
import type { TrainSettingsInput } from "./options.ts";
import { type RunSettings, runSettingsOf } from "./replica-settings.ts";
import {
  finiteMean,
  type Measurement,
  type ReplicaReport,
  type StageMeasurement,
  type StepRecord,
  type TrainingProfile,
  type TrainingReport,
} from "./report.ts";
import type { TrialSource } from "./source.ts";
import { StageMeasurements } from "./stage-measurements.ts";
import { StepHistory } from "./step-history.ts";
import { StepRunner } from "./step-runner.ts";
import type { Checkpoint, ReplicaState, TrainingState } from "./training-state.ts";
import { Validation } from "./validation.ts";

/**
 * Trains a network, a report at a time; {@link train} is the short form. Between reports the host only issues work: the
 * next batch is made while the GPU is busy with the current one.
 */
export class Trainer {
  readonly network: Network;
  readonly settings: RunSettings;
  readonly #runner: StepRunner;
  readonly #validation: Validation | undefined;
  readonly #stages: StageMeasurements | undefined;

  private constructor(parts: {
    network: Network;
    settings: RunSettings;
    runner: StepRunner;
    validation: Validation | undefined;
    stages: StageMeasurements | undefined;
  }) {
    this.network = parts.network;
    this.settings = parts.settings;
    this.#runner = parts.runner;
    this.#validation = parts.validation;
    this.#stages = parts.stages;
  }

  /**
   * @param source trials of one task, or the stages of a `curriculum`.
   * @throws ConfigError, ShapeError, ValueError, LimitError before anything is allocated for training.
   */
  static async create(
    network: Network,
    source: TrialSource | Curriculum,
    options: TrainSettingsInput,
  ): Promise<Trainer> {
    const settings = runSettingsOf(network, options, network instanceof Ensemble ? network.own : []);
    const lessons = new Lessons(source, network.spec.dtMs);
    const { curriculum } = lessons;
    lessons.check(network);
    for (const replica of settings.replicas) checkStop(replica, curriculum);
    const held = settings.validation && Validation.prepare(network, lessons, settings);
    const runner = await StepRunner.create(network, lessons, settings);
    let validation: Validation | undefined;
    try {
      validation = held && (await Validation.compile(network, settings, held.options));
      if (held !== undefined) validation?.show(held.lessons, 0);
      const { batch } = runner;
      const stages = curriculum && new StageMeasurements({ network, lessons, curriculum, settings, batch });
      return new Trainer({ network, settings, runner, validation, stages });
    } catch (error) {
      runner.dispose();
      validation?.dispose();
      throw error;
    }
  }

  /** Updates done so far. */
  get step(): number {
    return this.#state.step;
  }

  /** Which kernels an update runs. */
  get profile(): TrainingProfile {
    return this.#runner.profile;
  }

  /** How each replica stands. */
  get replicas(): readonly ReplicaState[] {
    return this.#state.replicas();
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
    while (this.step < steps && !hasEnded(this.#state)) {
      const first = this.step;
      const until = Math.min(steps, (Math.floor(first / reportEvery) + 1) * reportEvery);
      const before = [...this.#state.stages];
      const measurements: StageMeasurement[] = [];
      let isNewStage = false;
      while (this.step < until && !isNewStage && !signal?.aborted) {
        await this.#runner.issue(this.step - first);
        if (!this.#isStageDue()) continue;
        measurements.push(...(await this.#measureStages()));
        isNewStage = this.#state.stages.some((stage, replica) => stage !== before[replica]);
      }
      if (this.step === first) {
        // Aborted between two reports: nothing is new but the end.
        if (last !== undefined) yield { ...last, records: [], stopped: "aborted" };
        return;
      }
      const whole = this.step === until || isNewStage;
      const plain = await this.#report(first, started, whole);
      const report = plain && this.#withStages(plain, before, measurements);
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
      const stopped = reasonOf(this.#state, this.settings) ?? (signal?.aborted ? "aborted" : undefined);
      if (stopped === undefined) {
        last = report;
        yield report;
        continue;
      }
      if (stopped === "steps") this.#putBackKept();
      yield { ...report, stopped };
      return;
    }
  }

  /** Gives every replica the weights that did best on held-out trials, where there was a measurement. */
  putBackBest(): void {
    for (const replica of this.network.seeds.keys()) this.#state.putBack(this.network, replica);
  }

  /** The same, for the replicas that are to end with their best weights. */
  #putBackKept(): void {
    for (const [replica, { keepBest }] of this.settings.replicas.entries())
      if (keepBest) this.#state.putBack(this.network, replica);
  }

  /** All that is needed to continue exactly: parameters, moments, step, and the best weights so far. */
  checkpoint(): Promise<Checkpoint> {
    return this.#runner.checkpoint();
  }

  /**
   * Continues from a checkpoint of the same network and settings.
   * @throws ShapeError where it does not fit, and what `validateModel` throws; nothing is changed then.
   */
  restore(checkpoint: Checkpoint): void {
    this.#runner.restore(checkpoint);
  }

  /** Frees the training buffers; the network stays. */
  dispose(): void {
    this.#runner.dispose();
    this.#validation?.dispose();
    this.#stages?.dispose();
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
    this.#endReplicas(accuracies, validation);
    const { segments } = this.#runner;
    return {
      ...last,
      records,
      ...(accuracies !== undefined && { accuracy: finiteMean(this.#healthy(accuracies)) }),
      ...(validation !== undefined && { validation: meanOf(this.#healthy(validation)) }),
      ...(replicas > 1 && { replicas: this.#replicaReports(last, accuracies, validation) }),
      ...(segments > 1 && { segments }),
      profile: this.#runner.profile,
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
      const ended = this.#state.ended[replica];
      return {
        loss: last.losses?.[replica] ?? Number.NaN,
        ...(accuracy !== undefined && { accuracy }),
        ...(measurement !== undefined && { validation: measurement }),
        ...(divergedStep !== undefined && { divergedStep }),
        ...(ended !== undefined && { ended }),
      };
    });
  }

  /** Ends the training of each replica that has reached its aim; where it is to keep its best weights, it has them now. */
  #endReplicas(accuracies: readonly number[] | undefined, validation: readonly Measurement[] | undefined): void {
    const accuracyOf = (replica: number): number | undefined =>
      this.#validation === undefined ? accuracies?.[replica] : validation?.[replica]?.accuracy;
    const stageCount = this.#stages && this.#runner.stageCount;
    for (const replica of endsNow(this.#state, this.settings, { accuracyOf, stageCount }))
      if (this.settings.replicas[replica]?.keepBest) this.#state.putBack(this.network, replica);
  }

  #isStageDue(): boolean {
    if (this.#stages === undefined || !this.#runner.isAtTrialEnd) return false;
    const { every } = this.#stages;
    return Math.floor(this.step / every) > Math.floor(this.#state.lastStageMeasurement / every);
  }

  /** Measures the stages of all replicas and moves on. */
  async #measureStages(): Promise<StageMeasurement[]> {
    const { stages } = this.#state;
    const measurements = (await this.#stages?.measure(this.step, stages)) ?? [];
    // Nobody looks at a replica whose training is over.
    const own = measurements.filter(({ replica }) => this.#state.ended[replica] === undefined);
    for (const { replica, next } of own) stages[replica] = next;
    this.#state.lastStageMeasurement = this.step;
    return own;
  }

  #withStages(
    report: TrainingReport,
    before: readonly number[],
    stageMeasurements: readonly StageMeasurement[],
  ): TrainingReport {
    if (this.#stages === undefined) return report;
    const last = this.#runner.stageCount - 1;
    const own = before.map((stage) => Math.min(stage, last));
    const replicas = report.replicas?.map((entry, replica) => ({ ...entry, stage: own[replica] ?? 0 }));
    return {
      ...report,
      ...(replicas && { replicas }),
      stage: Math.min(...(this.#healthy(own).length > 0 ? this.#healthy(own) : own)),
      ...(stageMeasurements.length > 0 && { stageMeasurements }),
    };
  }

  #isValidationDue(): boolean {
    const { validation, steps } = this.settings;
    if (validation === undefined) return false;
    const { every } = validation;
    const due = Math.floor(this.step / every) > Math.floor(this.#state.lastValidation / every);
    if (due) this.#state.lastValidation = this.step;
    return due || this.step >= steps;
  }
}

function meanOf(measurements: readonly Measurement[]): Measurement {
  const accuracies = measurements.flatMap(({ accuracy }) => (accuracy === undefined ? [] : [accuracy]));
  return {
    loss: finiteMean(measurements.map(({ loss }) => loss)),
    ...(accuracies.length > 0 && { accuracy: finiteMean(accuracies) }),
  };
}
