import { Tensor } from "../gpu/tensor.ts";
import type { Network } from "../network/network.ts";
import { checkTrials, type Trials } from "../network/trials.ts";
import { stripRows } from "../ops/layout.ts";
import { quietSettings } from "../ops/settings.ts";
import { streams } from "../random.ts";
import type { TrainSettings } from "./options.ts";
import type { Measurement } from "./report.ts";
import type { TrialSource } from "./source.ts";
import { recordFloats, StepPlan, verdictFloats } from "./step-plan.ts";

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

  static async create(
    network: Network,
    source: TrialSource,
    settings: TrainSettings,
    seeds: readonly number[],
  ): Promise<Validation> {
    const { device, replicas, spec } = network;
    const count = Math.min(settings.validation?.trials ?? 1, source.size ?? Number.POSITIVE_INFINITY);
    const time = spec.dtMs === undefined ? {} : { dtMs: spec.dtMs };
    const trials = seeds.map((seed) => source.batch({ trials: count, seed, stream: streams.validation, ...time }));
    for (const one of trials) checkTrials(one, spec);
    const [{ steps, v0 }] = trials as [Trials];
    const verdicts = new Tensor(device, "validation verdicts", [replicas, verdictFloats]);
    const { parameters, rules } = network;
    const owned = { parameters, rules, verdicts };
    const plan = await StepPlan.compile(device, spec, owned, {
      ...{ replicas, steps, batch: count, historySlots: 1, losses: settings.loss },
      initial: v0 === undefined ? "parameter" : "v0",
    });
    plan.upload(trials);
    for (const [replica, seed] of seeds.entries()) {
      plan.sequence.settings.set(replica, {
        ...quietSettings,
        seed,
        noise_stream: streams.runNoise,
        noise_pre: spec.noise.pre,
        noise_post: spec.noise.post,
        loss_scale: plan.lossScales(replica),
      });
    }
    plan.sequence.settings.upload();
    return new Validation(network, source, plan, verdicts, trials);
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
