import { LimitError, ShapeError } from "../errors.ts";
import { submit } from "../gpu/recorder.ts";
import { lossContext } from "../loss/term.ts";
import { Carry } from "../network/carry.ts";
import type { Network } from "../network/network.ts";
import { type InitialState, startOf } from "../network/sequence.ts";
import { checkTrials, type Trials } from "../network/trials.ts";
import { layoutOf } from "../ops/layout.ts";
import { quietSettings } from "../ops/settings.ts";
import { tileName } from "../ops/tiles.ts";
import { streams } from "../random.ts";
import type { Lesson, LessonShape, Lessons } from "./lessons.ts";
import { updateSettings } from "./optimizer.ts";
import { carriedStart, PlanShelf, windowShapes } from "./plan-shelf.ts";
import { clipLimit, type RunSettings, weightedLosses } from "./replica-settings.ts";
import type { TrainingProfile } from "./report.ts";
import { recordFloats, type StepPlan } from "./step-plan.ts";
import { type Checkpoint, TrainingState } from "./training-state.ts";
import { padTime, timeWindow } from "./trial-time.ts";
import { replicaOutputs, WholeOutputs } from "./whole-outputs.ts";
import { windowScale } from "./window-scale.ts";

const defaultBatch = 32;
/** Updates that may wait on the GPU: enough to keep it busy while the host makes the next batch. */
const mostInFlight = 4;

/** The batch that updates are made on: a lesson and its trials, as long as the longest, for each replica. */
interface Batch {
  readonly lessons: readonly Lesson[];
  readonly trials: readonly Trials[];
  readonly steps: number;
}

/** Issues training steps: draws the batch, uploads it or the next window of it, and submits the plan. */
export class StepRunner {
  readonly state: TrainingState;
  readonly seeds: readonly number[];
  readonly #network: Network;
  readonly #lessons: Lessons;
  readonly #settings: RunSettings;
  readonly #shelf: PlanShelf;
  readonly #batchSize: number;
  readonly #shapes: readonly LessonShape[];
  /** Where sequences are handed over from window to window. */
  readonly #carry: Carry | undefined;
  /** Outputs of all windows of a batch, where an accuracy is asked of them. */
  readonly #whole: WholeOutputs | undefined;
  readonly #uploaded = new WeakMap<StepPlan, readonly Trials[]>();
  #batch: Batch | undefined;
  /** The plan that ran the update of each slot of the history. */
  #slots: StepPlan[] = [];
  #lastPlan: StepPlan;
  #inFlight: Promise<unknown>[] = [];

  private constructor(parts: {
    network: Network;
    lessons: Lessons;
    settings: RunSettings;
    shelf: PlanShelf;
    state: TrainingState;
    seeds: readonly number[];
    batch: number;
    shapes: readonly LessonShape[];
    carry: Carry | undefined;
    whole: WholeOutputs | undefined;
    plan: StepPlan;
  }) {
    this.state = parts.state;
    this.seeds = parts.seeds;
    this.#network = parts.network;
    this.#lessons = parts.lessons;
    this.#settings = parts.settings;
    this.#shelf = parts.shelf;
    this.#batchSize = parts.batch;
    this.#shapes = parts.shapes;
    this.#carry = parts.carry;
    this.#whole = parts.whole;
    this.#lastPlan = parts.plan;
  }

  /** @throws ConfigError, ShapeError, ValueError, LimitError before anything is allocated. */
  static async create(network: Network, lessons: Lessons, settings: RunSettings): Promise<StepRunner> {
    const { spec, device, replicas } = network;
    const batch = settings.batch ?? lessons.size ?? defaultBatch;
    const seeds = settings.replicas.map(({ seed }) => seed);
    // One trial tells the number of steps; a whole batch is made only once the adapter is known to hold it.
    const shapes = lessons.shapes(network, { trials: batch, seed: seeds[0] ?? 0, index: 0 });
    const shelf = new PlanShelf(network, settings, batch);
    const windows = { truncate: settings.truncate?.steps, continuous: lessons.isContinuous };
    for (const { steps, start, example } of shapes) {
      if (steps * batch * spec.hidden >= 2 ** 32) {
        throw new LimitError(`${steps} steps × ${batch} trials × ${spec.hidden} units exceed 2³² noise counters.`);
      }
      const whole = lossContext(layoutOf({ ...spec, replicas, steps, batch }), padTime(example, steps));
      for (const shape of windowShapes(network, { steps, start }, windows)) {
        shelf.check(shape);
        const sizes = layoutOf({ ...spec, replicas, steps: shape.steps, batch });
        for (const loss of settings.replicas.flatMap((own) => own.loss))
          windowScale(loss, { ...whole, ...sizes }, whole);
      }
    }
    const longest = Math.max(...shapes.map(({ steps }) => steps));
    const cuts = longest > (settings.truncate?.steps ?? longest);
    const layout = layoutOf({ ...spec, replicas, steps: longest, batch });
    const owned: { dispose(): void }[] = [];
    const own = <Resource extends { dispose(): void }>(resource: Resource): Resource => {
      owned.push(resource);
      return resource;
    };
    try {
      const state = own(new TrainingState(network));
      const carry = cuts || lessons.isContinuous ? own(new Carry(device, layout)) : undefined;
      const measures = cuts && lessons.goal.accuracy !== undefined;
      const whole = measures ? own(new WholeOutputs(device, layout)) : undefined;
      own(shelf);
      // The first plan is made here, so that whatever is wrong with it is said here.
      const [first] = shapes.flatMap((shape) => windowShapes(network, shape, windows));
      if (first === undefined) throw new RangeError("Training of no trials.");
      const plan = await shelf.plan(first, state);
      const parts = { network, lessons, settings, shelf, state, seeds, batch, shapes, carry, whole, plan };
      return new StepRunner(parts);
    } catch (error) {
      for (const resource of owned) resource.dispose();
      throw error;
    }
  }

  /** Trials of a batch. */
  get batch(): number {
    return this.#batchSize;
  }

  /** Stages of a curriculum; 1 without one. */
  get stageCount(): number {
    return this.#lessons.count;
  }

  /** The kernels of the last update, or before any of the first. */
  get profile(): TrainingProfile {
    const { sequence, dispatches } = this.#lastPlan;
    const { family, products, tile } = sequence.kernels;
    return { family, products, tile: tileName(tile), dispatches: dispatches.length };
  }

  /** Segments that the time of the last update's trials was split into; 1 = not split. */
  get segments(): number {
    return this.#lastPlan.segments.count;
  }

  /** Whether the last update was on the end of its trials, so that a stage may end here. */
  get isAtTrialEnd(): boolean {
    return this.state.from === 0;
  }

  /**
   * Issues the next update and returns when few enough are waiting on the GPU.
   * @param slot place of its record in the history.
   */
  async issue(slot: number): Promise<void> {
    const { device } = this.#network;
    const { state } = this;
    const { from, index } = state;
    if (from === 0 || this.#batch === undefined) this.#batch = this.#draw();
    const { steps, trials } = this.#batch;
    const to = Math.min(steps, from + (this.#settings.truncate?.steps ?? steps));
    const isCarried = from > 0 || (index > 0 && this.#lessons.isContinuous);
    const start = isCarried ? carriedStart(this.#network) : startOf(trials[0] ?? {});
    const plan = await this.#shelf.plan({ steps: to - from, start }, state);
    this.#upload(plan, this.#batch, from, to);
    this.#uploadSettings(plan, slot);
    if (isCarried) this.#carry?.give(plan.whole.start);
    for (const { dispatches } of plan.parts) submit(device, "training step", dispatches);
    if (to < steps || this.#lessons.isContinuous) this.#carry?.take(plan.whole.end);
    this.#whole?.keep(plan.whole.outputs, plan.layout, from);
    this.#slots[slot] = plan;
    this.#lastPlan = plan;
    state.advance(to < steps ? to : undefined);
    this.#inFlight.push(device.queue.onSubmittedWorkDone());
    if (this.#inFlight.length <= mostInFlight) return;
    const [oldest] = this.#inFlight.splice(0, 1);
    if (oldest !== undefined) await device.wait(oldest);
    device.check();
  }

  /**
   * The records of the last `count` updates, and the accuracy of each replica on the last batch, where it is defined and the
   * batch is at its end.
   */
  async read(count: number): Promise<{ history: Float32Array; accuracies: readonly number[] | undefined }> {
    const { replicas, readback } = this.#network;
    const width = replicas * recordFloats;
    const slots = this.#slots.slice(0, count);
    const plans = [...new Set(slots)];
    const last = slots.at(-1);
    const isMeasured = this.isAtTrialEnd && (this.#batch?.lessons.every(({ accuracy }) => accuracy) ?? false);
    const outputs = this.#whole?.tensor ?? last?.whole.outputs;
    const [...read] = await readback.read([
      ...plans.map(({ tensors }) => ({ tensor: tensors.history, count: count * width })),
      ...(isMeasured && outputs !== undefined ? [{ tensor: outputs }] : []),
    ]);
    this.#inFlight = [];
    const history = new Float32Array(count * width);
    for (const [slot, plan] of slots.entries()) {
      const records = read[plans.indexOf(plan)] as Float32Array;
      history.set(records.subarray(slot * width, (slot + 1) * width), slot * width);
    }
    const seen = read[plans.length];
    return { history, accuracies: seen && this.#accuracies(seen) };
  }

  /** All that is needed to continue exactly. */
  async checkpoint(): Promise<Checkpoint> {
    const { from, index } = this.state;
    const isUnderway = from > 0 || (index > 0 && this.#lessons.isContinuous);
    const carried = isUnderway ? await this.#carry?.read(this.#network.readback) : undefined;
    return { ...(await this.state.save(this.#network)), ...(carried && { carried }) };
  }

  /** @throws ShapeError where the checkpoint is of another network or of other settings; nothing is changed then. */
  restore(checkpoint: Checkpoint): void {
    const { carried, from = 0 } = checkpoint;
    const stages = checkpoint.stages ?? [];
    if (from > 0 && (carried === undefined || this.#carry === undefined)) {
      throw new ShapeError(
        "checkpoint: it stands within a sequence; expected truncate as it was, and the state that was carried.",
      );
    }
    if (stages.some((stage) => stage > this.#lessons.count)) {
      throw new ShapeError(`checkpoint: it knows stage ${Math.max(...stages)}, but there are ${this.#lessons.count}.`);
    }
    if (carried !== undefined) this.#carry?.check(carried);
    this.state.load(this.#network, checkpoint);
    if (carried !== undefined) this.#carry?.write(carried);
    this.#batch = undefined;
  }

  dispose(): void {
    this.#shelf.dispose();
    this.#carry?.dispose();
    this.#whole?.dispose();
    this.state.dispose();
  }

  /** Accuracy of each replica on the batch uploaded last. */
  #accuracies(outputs: Float32Array): number[] {
    if (this.#batch === undefined) return [];
    const { steps, lessons } = this.#batch;
    const layout = layoutOf({ ...this.#network.spec, replicas: this.#network.replicas, steps, batch: this.#batchSize });
    return lessons.map(({ accuracy, trials }, replica) => {
      const own = replicaOutputs(outputs, layout, replica, trials.steps);
      return accuracy?.(own) ?? Number.NaN;
    });
  }

  #draw(): Batch {
    const { stages, index } = this.state;
    const lessons = this.seeds.map((seed, replica) => {
      const lesson = this.#lessons.draw(stages[replica] ?? 0, { trials: this.#batchSize, seed, index });
      this.#check(lesson.trials, stages[replica] ?? 0);
      return lesson;
    });
    const steps = Math.max(...lessons.map(({ trials }) => trials.steps));
    return { lessons, steps, trials: lessons.map(({ trials }) => padTime(trials, steps)) };
  }

  #upload(plan: StepPlan, { trials }: Batch, from: number, to: number): void {
    const data = trials.map((own) => timeWindow(own, from, to));
    // A fixed set of trials is the same object every time, and is sent once.
    const before = this.#uploaded.get(plan);
    if (data.every((own, replica) => own === before?.[replica])) return;
    plan.upload(data, trials, weightedLosses(this.#settings));
    this.#uploaded.set(plan, data);
  }

  #check(trials: Trials, stage: number): void {
    checkTrials(trials, this.#network.spec);
    const { steps = 0, start = "parameter" } = this.#shapes[Math.min(stage, this.#shapes.length - 1)] ?? {};
    if (trials.steps !== steps || trials.trials !== this.#batchSize) {
      throw new ShapeError(
        `batch: expected ${steps} steps of ${this.#batchSize} trials, as in the first batch, got ${trials.steps} of ${trials.trials}.`,
      );
    }
    const now = startOf(trials);
    if (now === start) return;
    throw new ShapeError(`batch: trials started from ${named(start)} in the first batch and from ${named(now)} now.`);
  }

  #uploadSettings(plan: StepPlan, slot: number): void {
    const { step, index, from, ended } = this.state;
    const { settings } = plan.sequence;
    for (const [replica, { seed, optimizer, clip, alphaMin }] of this.#settings.replicas.entries()) {
      const { noise } = this.#network.modelOf(replica).spec;
      settings.set(replica, {
        ...quietSettings,
        ...updateSettings(optimizer, step),
        ...{ seed, slot, step: index, update: step, first_step: from, noise_stream: streams.noise },
        noise_pre: noise.pre,
        noise_post: noise.post,
        clip: clipLimit(clip),
        alpha_min: alphaMin,
        ended: ended[replica] === undefined ? 0 : 1,
        loss_scale: plan.lossScales(replica),
      });
    }
    settings.upload();
  }
}

function named(start: InitialState): string {
  return start === "parameter" ? "the model's v0" : `their own ${start}`;
}
