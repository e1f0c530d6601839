import { Tensor } from "../gpu/tensor.ts";
import type { Network } from "../network/network.ts";
import { runSettings } from "../network/run-settings.ts";
import { startOf } from "../network/sequence.ts";
import { checkTrials, type Trials } from "../network/trials.ts";
import { stripRows } from "../ops/layout.ts";
import { streams } from "../random.ts";
import type { TrainSettings } from "./options.ts";
import type { Measurement } from "./report.ts";
import type { TrialSource } from "./source.ts";
import { recordFloats, StepPlan, type StepPlanOptions, verdictFloats } from "./step-plan.ts";
import { timeOf, trainingSeeds } from "./step-runner.ts";

/** Held-out trials of every replica, drawn and checked. */
export interface HeldOut {
  readonly seeds: readonly number[];
  readonly trials: readonly Trials[];
  readonly options: StepPlanOptions;
}

/** Held-out trials, the same at every measurement, from a random stream of their own; and the forward pass over them. */
export class Validation {
  readonly #network: Network;
  readonly #source: TrialSource;
  readonly #plan: StepPlan;
  readonly #verdicts: Tensor;
  readonly #trials: readonly Trials[];

  private constructor(
    network: Network,
    source: TrialSource,
    plan: StepPlan,
    verdicts: Tensor,
    trials: readonly Trials[],
  ) {
    this.#network = network;
    this.#source = source;
    this.#plan = plan;
    this.#verdicts = verdicts;
    this.#trials = trials;
  }

  /** Draws the held-out trials and checks that they can be run. @throws as the trainer, before anything is allocated. */
  static prepare(network: Network, source: TrialSource, settings: TrainSettings): HeldOut {
    const { device, replicas, spec } = network;
    const count = settings.validation?.trials ?? 1;
    const seeds = trainingSeeds(network, settings);
    const draw = (seed: number, trials: number): Trials =>
      source.batch({ trials, seed, stream: streams.validation, ...timeOf(network) });
    const example = draw(seeds[0] ?? 0, 1);
    const options: StepPlanOptions = {
      ...{ replicas, steps: example.steps, batch: count, historySlots: 1, losses: settings.loss },
      initial: startOf(example),
      distances: network.distances,
    };
    StepPlan.check(device, spec, options);
    const trials = seeds.map((seed) => draw(seed, count));
    for (const one of trials) checkTrials(one, spec);
    return { seeds, trials, options };
  }

  static async compile(network: Network, source: TrialSource, held: HeldOut): Promise<Validation> {
    const { device, replicas, spec, parameters, rules, layers } = network;
    const { seeds, trials, options } = held;
    const verdicts = new Tensor(device, "validation verdicts", [replicas, verdictFloats]);
    try {
      const plan = await StepPlan.compile(device, spec, { parameters, rules, layers, verdicts }, options);
      plan.upload(trials);
      for (const [replica, seed] of seeds.entries()) {
        plan.sequence.settings.set(replica, {
          ...runSettings(seed, spec.noise),
          loss_scale: plan.lossScales(replica),
        });
      }
      plan.sequence.settings.upload();
      return new Validation(network, source, plan, verdicts, trials);
    } catch (error) {
      verdicts.dispose();
      throw error;
    }
  }

  /** Loss and accuracy of every replica on its held-out trials, with the weights of this moment. */
  async measure(): Promise<Measurement[]> {
    const { tensors, sequence, dispatches, losses } = this.#plan;
    const [history, outputs] = (await this.#network.readback.read(
      [{ tensor: tensors.history }, { tensor: sequence.tensors.outputs }],
      dispatches,
    )) as [Float32Array, Float32Array];
    const { outputs: width, output4, replicas } = sequence.layout;
    const length = outputs.length / replicas;
    return this.#trials.map((trials, replica) => {
      const start = replica * recordFloats;
      const loss = history.subarray(start, start + losses.length).reduce((sum, value) => sum + value, 0);
      if (this.#source.accuracy === undefined) return { loss };
      const own = stripRows(outputs.slice(replica * length, (replica + 1) * length), width, 4 * output4);
      return { loss, accuracy: this.#source.accuracy(own, trials) };
    });
  }

  dispose(): void {
    this.#plan.dispose();
    this.#verdicts.dispose();
  }
}
