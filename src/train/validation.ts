import { Tensor } from "../gpu/tensor.ts";
import { lossScale } from "../loss/losses.ts";
import { lossContext } from "../loss/term.ts";
import type { Network } from "../network/network.ts";
import { runSettings } from "../network/run-settings.ts";
import { startOf } from "../network/sequence.ts";
import { checkTrials } from "../network/trials.ts";
import { layoutOf } from "../ops/layout.ts";
import { streams } from "../random.ts";
import type { Lesson, Lessons } from "./lessons.ts";
import { submitAllButLast } from "./plan-parts.ts";
import { type RunSettings, weightedLosses } from "./replica-settings.ts";
import type { Measurement } from "./report.ts";
import { recordFloats, StepPlan, type StepPlanOptions, verdictFloats } from "./step-plan.ts";
import { padTime } from "./trial-time.ts";
import { replicaOutputs } from "./whole-outputs.ts";

/** Held-out trials of every replica, drawn and checked. */
export interface HeldOut {
  readonly lessons: readonly Lesson[];
  readonly options: StepPlanOptions;
}

/** Trials that are not trained on, and the forward pass over them. */
export class Validation {
  readonly #network: Network;
  readonly #plan: StepPlan;
  readonly #verdicts: Tensor;
  readonly #settings: RunSettings;
  #lessons: readonly Lesson[] = [];

  private constructor(network: Network, plan: StepPlan, verdicts: Tensor, settings: RunSettings) {
    this.#network = network;
    this.#plan = plan;
    this.#verdicts = verdicts;
    this.#settings = settings;
  }

  /**
   * Draws trials of the last stage from a random stream of their own, the same at every measurement, and checks that they
   * can be run.
   * @throws as the trainer, before anything is allocated.
   */
  static prepare(network: Network, lessons: Lessons, settings: RunSettings): HeldOut {
    const { device, spec } = network;
    const count = settings.validation?.trials ?? 1;
    const seeds = settings.replicas.map(({ seed }) => seed);
    const stream = streams.validation;
    const example = lessons.drawOwn(lessons.count - 1, { trials: 1, seed: seeds[0] ?? 0, stream });
    const options = Validation.options(network, settings, {
      steps: example.steps,
      trials: count,
      start: startOf(example),
    });
    StepPlan.check(device, spec, options);
    const own = seeds.map((seed) => lessons.drawStage(lessons.count - 1, { trials: count, seed, stream }));
    for (const { trials } of own) {
      checkTrials(trials, spec);
      const sizes = layoutOf({ ...spec, replicas: network.replicas, steps: trials.steps, batch: count });
      for (const loss of settings.replicas.flatMap((each) => each.loss)) lossScale(loss, lossContext(sizes, trials));
    }
    return { lessons: own, options };
  }

  /** What a forward pass over trials of this shape is compiled for. */
  static options(
    { replicas, distances }: Network,
    { loss, memory, segments }: RunSettings,
    { steps, trials, start }: { steps: number; trials: number; start: StepPlanOptions["initial"] },
  ): StepPlanOptions {
    return {
      replicas,
      steps,
      batch: trials,
      historySlots: 1,
      losses: loss,
      initial: start,
      distances,
      memory,
      segments,
    };
  }

  /** A forward pass without trials: {@link show} some before a measurement. */
  static async compile(network: Network, settings: RunSettings, options: StepPlanOptions): Promise<Validation> {
    const { device, replicas, spec, parameters, rules, layers, connections } = network;
    const verdicts = new Tensor(device, "validation verdicts", [replicas, verdictFloats]);
    try {
      const plan = await StepPlan.compile(device, spec, { parameters, rules, layers, connections, verdicts }, options);
      return new Validation(network, plan, verdicts, settings);
    } catch (error) {
      verdicts.dispose();
      throw error;
    }
  }

  /** Other trials of the same shape, shorter ones padded, with noise that is numbered by `step`. They must have been checked. */
  show(lessons: readonly Lesson[], step: number): void {
    const { layout } = this.#plan;
    const { settings } = this.#plan.sequence;
    const padded = lessons.map(({ trials }) => padTime(trials, layout.steps));
    this.#plan.upload(padded, padded, weightedLosses(this.#settings));
    for (const [replica, { seed }] of this.#settings.replicas.entries()) {
      settings.set(replica, {
        ...runSettings(seed, this.#network.modelOf(replica).spec.noise),
        step,
        loss_scale: this.#plan.lossScales(replica),
      });
    }
    settings.upload();
    this.#lessons = lessons;
  }

  /** Loss and accuracy of every replica on its trials, with the weights of this moment. */
  async measure(): Promise<Measurement[]> {
    const { tensors, layout, whole, parts, losses } = this.#plan;
    const { readback, device } = this.#network;
    const [history, outputs] = (await readback.read(
      [{ tensor: tensors.history }, { tensor: whole.outputs }],
      submitAllButLast(device, "validation", parts),
    )) as [Float32Array, Float32Array];
    return this.#lessons.map(({ trials, accuracy }, replica) => {
      const start = replica * recordFloats;
      const loss = history.subarray(start, start + losses.length).reduce((sum, value) => sum + value, 0);
      if (accuracy === undefined) return { loss };
      return { loss, accuracy: accuracy(replicaOutputs(outputs, layout, replica, trials.steps)) };
    });
  }

  dispose(): void {
    this.#plan.dispose();
    this.#verdicts.dispose();
  }
}
