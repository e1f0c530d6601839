import { Recent } from "../gpu/recent.ts";
import type { Network } from "../network/network.ts";
import { startOf } from "../network/sequence.ts";
import { checkTrials, type Trials } from "../network/trials.ts";
import { streams } from "../random.ts";
import { type Curriculum, nextStage, type Stage } from "./curriculum.ts";
import type { Lesson, Lessons } from "./lessons.ts";
import type { RunSettings } from "./replica-settings.ts";
import type { StageMeasurement } from "./report.ts";
import { Validation } from "./validation.ts";

/** Forward passes kept, one for each length of trials. */
const plansKept = 4;
/** Held-out batches 0 to 2 are those of validation, of a run's end and of its figure; those of stages come after them. */
const firstBatch = 2;

/** Measures how well each replica does on fresh trials of its stage, and says which stage follows. */
export class StageMeasurements {
  readonly #network: Network;
  readonly #lessons: Lessons;
  readonly #curriculum: Curriculum;
  readonly #settings: RunSettings;
  readonly #count: number;
  readonly #passes = new Recent<Validation>(plansKept);

  /** @param batch trials of a batch, which a measurement takes where the curriculum gives no number. */
  constructor(parts: {
    readonly network: Network;
    readonly lessons: Lessons;
    readonly curriculum: Curriculum;
    readonly settings: RunSettings;
    readonly batch: number;
  }) {
    this.#network = parts.network;
    this.#lessons = parts.lessons;
    this.#curriculum = parts.curriculum;
    this.#settings = parts.settings;
    this.#count = parts.curriculum.trials ?? parts.batch;
  }

  /** Updates between two measurements. */
  get every(): number {
    return this.#curriculum.every;
  }

  /**
   * One measurement a replica, of those that still have a stage.
   * @param step updates done. @param stages the stage of each replica; past the last there is nothing to measure.
   */
  async measure(step: number, stages: readonly number[]): Promise<StageMeasurement[]> {
    const { stages: all } = this.#curriculum;
    const rules = stages.map((stage) => all[stage]);
    // A replica that has passed runs the last stage along with the others; nobody looks at it.
    const lessons = stages.map((stage, replica) => this.#draw(Math.min(stage, all.length - 1), replica, step));
    const pass = await this.#pass(lessons.map(({ trials }) => trials));
    pass.show(lessons, step);
    const measured = await pass.measure();
    return measured.flatMap(({ loss, accuracy }, replica): StageMeasurement[] => {
      const [stage, own] = [stages[replica] ?? 0, rules[replica]];
      if (own === undefined) return [];
      const value = own.metric === "loss" ? loss : (accuracy ?? Number.NaN);
      return [{ step, replica, stage, value, next: nextStage(this.#curriculum, stage, value) }];
    });
  }

  dispose(): void {
    this.#passes.dispose();
  }

  #draw(stage: number, replica: number, step: number): Lesson {
    const rules = this.#curriculum.stages[stage] as Stage;
    const seed = this.#settings.replicas[replica]?.seed ?? 0;
    const request = { trials: this.#count, seed, index: firstBatch + step, stream: streams.validation };
    const lesson = this.#lessons.drawStage(stage, request);
    checkTrials(lesson.trials, this.#network.spec);
    const { metric } = rules;
    return typeof metric === "function"
      ? { trials: lesson.trials, accuracy: (outputs) => metric(outputs, lesson.trials) }
      : lesson;
  }

  async #pass(trials: readonly Trials[]): Promise<Validation> {
    const steps = Math.max(...trials.map((own) => own.steps));
    const start = startOf(trials[0] ?? {});
    const key = `${steps} ${start}`;
    const options = Validation.options(this.#network, this.#settings, { steps, trials: this.#count, start });
    return this.#passes.get(key, () => Validation.compile(this.#network, this.#settings, options));
  }
}
