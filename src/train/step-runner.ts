import { LimitError, ShapeError } from "../errors.ts";
import { submit } from "../gpu/recorder.ts";
import { lossScale } from "../loss/losses.ts";
import { learnedTensors } from "../network/cells.ts";
import type { Network } from "../network/network.ts";
import { type InitialState, startOf } from "../network/sequence.ts";
import { checkTrials, type Trials } from "../network/trials.ts";
import { layoutOf, stripRows } from "../ops/layout.ts";
import { quietSettings } from "../ops/settings.ts";
import type { ClipMode } from "../ops/update.ts";
import { streams } from "../random.ts";
import { optimizerKind, updateSettings } from "./optimizer.ts";
import type { TrainSettings } from "./options.ts";
import type { TrialSource } from "./source.ts";
import { recordFloats, StepPlan, type StepPlanOptions } from "./step-plan.ts";
import { TrainingState } from "./training-state.ts";

const defaultBatch = 32;
/** Updates that may wait on the GPU: enough to keep it busy while the host makes the next batch. */
const mostInFlight = 4;

/** Issues training steps: draws the batch, uploads it, and submits the plan. */
export class StepRunner {
  readonly state: TrainingState;
  readonly seeds: readonly number[];
  readonly #network: Network;
  readonly #source: TrialSource;
  readonly #settings: TrainSettings;
  readonly #plan: StepPlan;
  readonly #batch: number;
  readonly #start: InitialState;
  #uploaded: readonly Trials[] | undefined;
  #inFlight: Promise<unknown>[] = [];

  private constructor(parts: {
    network: Network;
    source: TrialSource;
    settings: TrainSettings;
    plan: StepPlan;
    state: TrainingState;
    seeds: readonly number[];
    batch: number;
    start: InitialState;
  }) {
    this.state = parts.state;
    this.seeds = parts.seeds;
    this.#network = parts.network;
    this.#source = parts.source;
    this.#settings = parts.settings;
    this.#plan = parts.plan;
    this.#batch = parts.batch;
    this.#start = parts.start;
  }

  /** @throws ShapeError, ValueError, LimitError before anything is allocated. */
  static async create(network: Network, source: TrialSource, settings: TrainSettings): Promise<StepRunner> {
    const { spec, device, replicas } = network;
    const batch = settings.batch ?? source.size ?? defaultBatch;
    const seeds = trainingSeeds(network, settings);
    // One trial tells the number of steps; a whole batch is made only once the adapter is known to hold it.
    const trials = source.size === undefined ? 1 : batch;
    const example = source.batch({ trials, seed: seeds[0] ?? 0, index: 0, ...timeOf(network) });
    checkTrials(example, spec);
    if (example.trials !== trials) {
      throw new ShapeError(`batch: asked for ${trials} trials, got ${example.trials}.`);
    }
    const { steps } = example;
    if (steps * batch * spec.hidden >= 2 ** 32) {
      throw new LimitError(`${steps} steps × ${batch} trials × ${spec.hidden} units exceed 2³² noise counters.`);
    }
    const start = startOf(example);
    const learned = learnedTensors(spec);
    const shape: StepPlanOptions = {
      ...{ replicas, steps, batch, losses: settings.loss },
      initial: start,
      historySlots: Math.min(settings.reportEvery, settings.steps),
      gradients: {
        alpha: learned.alpha,
        v0: learned.v0 && start === "parameter",
        // Where a trial brings its state but not its rates, an LSTM's still start at the parameter.
        r0: learned.r0 && (start === "parameter" || (start === "v0" && spec.cell === "lstm")),
      },
      clip: clipMode(settings.clip),
    };
    StepPlan.check(device, spec, shape);
    const sizes = layoutOf({ ...spec, replicas, steps, batch: trials });
    for (const loss of settings.loss) lossScale(loss, { ...sizes, mask: example.mask });
    const state = new TrainingState(network);
    try {
      const { optimizer } = settings;
      const plan = await StepPlan.compile(device, spec, state.parametersOf(network), {
        ...shape,
        update: {
          ...state.updateTensors(network),
          optimizer: optimizerKind(optimizer),
          nesterov: optimizer.type === "sgd" && optimizer.nesterov,
        },
      });
      return new StepRunner({ network, source, settings, plan, state, seeds, batch, start });
    } catch (error) {
      state.dispose();
      throw error;
    }
  }

  /**
   * Issues the next update and returns when few enough are waiting on the GPU.
   * @param slot place of its record in the history.
   */
  async issue(slot: number): Promise<void> {
    const { device } = this.#network;
    this.#upload();
    this.#uploadSettings(slot);
    submit(device, "training step", this.#plan.dispatches);
    this.state.step += 1;
    this.#inFlight.push(device.queue.onSubmittedWorkDone());
    if (this.#inFlight.length <= mostInFlight) return;
    const [oldest] = this.#inFlight.splice(0, 1);
    if (oldest !== undefined) await device.wait(oldest);
    device.check();
  }

  /** The records of the last `count` updates, and the accuracy of each replica on the last batch, where it is defined. */
  async read(count: number): Promise<{ history: Float32Array; accuracies: readonly number[] | undefined }> {
    const length = count * this.#network.replicas * recordFloats;
    const [history, outputs] = (await this.#network.readback.read([
      { tensor: this.#plan.tensors.history, count: length },
      ...(this.#source.accuracy === undefined ? [] : [{ tensor: this.#plan.sequence.tensors.outputs }]),
    ])) as [Float32Array, Float32Array | undefined];
    this.#inFlight = [];
    return { history, accuracies: outputs && this.#accuracies(outputs) };
  }

  /** Accuracy of each replica on the batch uploaded last. */
  #accuracies(outputs: Float32Array): number[] {
    const { layout } = this.#plan.sequence;
    const length = outputs.length / layout.replicas;
    return (this.#uploaded ?? []).map((trials, replica) => {
      const own = outputs.slice(replica * length, (replica + 1) * length);
      return this.#source.accuracy?.(stripRows(own, layout.outputs, 4 * layout.output4), trials) ?? Number.NaN;
    });
  }

  dispose(): void {
    this.#plan.dispose();
    this.state.dispose();
  }

  #upload(): void {
    const data = this.seeds.map((seed) =>
      this.#source.batch({ trials: this.#batch, seed, index: this.state.step, ...timeOf(this.#network) }),
    );
    // A fixed set of trials is the same object every time, and is sent once.
    if (data.every((trials, replica) => trials === this.#uploaded?.[replica])) return;
    for (const trials of data) this.#check(trials);
    this.#plan.upload(data);
    this.#uploaded = data;
  }

  #check(trials: Trials): void {
    checkTrials(trials, this.#network.spec);
    const { steps } = this.#plan.sequence.layout;
    if (trials.steps !== steps || trials.trials !== this.#batch) {
      throw new ShapeError(
        `batch: expected ${steps} steps of ${this.#batch} trials, as in the first batch, got ${trials.steps} of ${trials.trials}.`,
      );
    }
    const start = startOf(trials);
    if (start === this.#start) return;
    throw new ShapeError(
      `batch: trials started from ${named(this.#start)} in the first batch and from ${named(start)} now.`,
    );
  }

  #uploadSettings(slot: number): void {
    const { spec } = this.#network;
    const { optimizer, clip, alphaMin } = this.#settings;
    const update = updateSettings(optimizer, this.state.step);
    const { settings } = this.#plan.sequence;
    for (const [replica, seed] of this.seeds.entries()) {
      settings.set(replica, {
        ...quietSettings,
        ...update,
        ...{ seed, slot, step: this.state.step, noise_stream: streams.noise },
        noise_pre: spec.noise.pre,
        noise_post: spec.noise.post,
        clip: typeof clip === "number" ? clip : (clip?.limit ?? 0),
        alpha_min: alphaMin,
        loss_scale: this.#plan.lossScales(replica),
      });
    }
    settings.upload();
  }
}

function named(start: InitialState): string {
  return start === "parameter" ? "the model's v0" : `their own ${start}`;
}

/** Seeds of each replica's trials and noise: the settings' and those that follow it, or else the network's own. */
export function trainingSeeds(network: Network, { seed: first }: TrainSettings): readonly number[] {
  return network.seeds.map((seed, replica) => (first === undefined ? seed : first + replica));
}

/** The time step to ask a source for: the network's, where it is known. */
export function timeOf(network: Network): { dtMs?: number } {
  return network.spec.dtMs === undefined ? {} : { dtMs: network.spec.dtMs };
}

function clipMode(clip: TrainSettings["clip"]): ClipMode {
  if (clip === undefined) return "none";
  return typeof clip === "number" ? "globalNorm" : clip.mode;
}
