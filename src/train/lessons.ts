import { ConfigError, ShapeError } from "../errors.ts";
import type { Network } from "../network/network.ts";
import { type InitialState, startOf } from "../network/sequence.ts";
import { checkTrials, type Trials } from "../network/trials.ts";
import { streams } from "../random.ts";
import { type Curriculum, isCurriculum } from "./curriculum.ts";
import type { TrialSource } from "./source.ts";
import { joinTrials, outputsOf, padTime } from "./trial-time.ts";

/** Trials, and how well outputs solve them. */
export interface Lesson {
  readonly trials: Trials;
  /** The source's accuracy of outputs [T, B, O]; of a mixture the mean over its trials. Absent where a source has none. */
  readonly accuracy?: (outputs: Float32Array) => number;
}

export interface LessonRequest {
  readonly trials: number;
  readonly seed: number;
  readonly index?: number;
  readonly stream?: number;
}

/** How long the trials of a stage are, and where they start. */
export interface LessonShape {
  readonly steps: number;
  readonly start: Exclude<InitialState, "state">;
  /** One of its trials, or all of a fixed set. */
  readonly example: Trials;
}

/** What a network is trained on: one source of trials, or the stages of a curriculum. */
export class Lessons {
  readonly curriculum: Curriculum | undefined;
  readonly #sources: readonly TrialSource[];
  readonly #dtMs: { readonly dtMs?: number };

  constructor(given: TrialSource | Curriculum, dtMs: number | undefined) {
    this.curriculum = isCurriculum(given) ? given : undefined;
    this.#sources = isCurriculum(given) ? given.stages.map(({ source }) => source) : [given];
    this.#dtMs = dtMs === undefined ? {} : { dtMs };
  }

  /** Number of stages; 1 without a curriculum. */
  get count(): number {
    return this.#sources.length;
  }

  /** The source of the last stage: what is to be learned in the end. */
  get goal(): TrialSource {
    return this.source(this.count - 1);
  }

  /** Whether batches go on where the one before ended. */
  get isContinuous(): boolean {
    return this.#sources.some(({ continuous }) => continuous === true);
  }

  /** Trials in all, where every stage has a fixed number: those of the smallest. */
  get size(): number | undefined {
    const sizes = this.#sources.flatMap(({ size }) => (size === undefined ? [] : [size]));
    return sizes.length === this.count ? Math.min(...sizes) : undefined;
  }

  source(stage: number): TrialSource {
    const source = this.#sources[Math.min(stage, this.count - 1)];
    if (source === undefined) throw new RangeError(`there is no stage ${stage}.`);
    return source;
  }

  /** @throws ConfigError where the network has other channels, or a stage of a curriculum is continuous. */
  check({ spec }: Network): void {
    const { inputs, outputs } = this.source(0);
    if (inputs !== spec.inputs || outputs !== spec.outputs)
      throw new ConfigError(
        `The network has ${spec.inputs} inputs and ${spec.outputs} outputs, the trials have ${inputs} and ${outputs}. Build the structure with the task's numbers.`,
      );
    if (this.isContinuous && this.curriculum !== undefined)
      throw new ConfigError("curriculum: a continuous source has no trials after which a stage could end.");
  }

  /** Trials of one stage alone. */
  drawOwn(stage: number, request: LessonRequest): Trials {
    return this.source(stage).batch({ ...request, ...this.#dtMs });
  }

  /** {@link drawOwn} with the source's accuracy. */
  drawStage(stage: number, request: LessonRequest): Lesson {
    const source = this.source(stage);
    const trials = this.drawOwn(stage, request);
    if (source.accuracy === undefined) return { trials };
    return { trials, accuracy: (outputs) => source.accuracy?.(outputs, trials) ?? Number.NaN };
  }

  /**
   * The trials of a batch in one stage, a share of them from earlier stages where the curriculum mixes; shorter ones are
   * padded to the longest.
   */
  draw(stage: number, request: LessonRequest): Lesson {
    const last = Math.min(stage, this.count - 1);
    const shares = this.#shares(last, request.trials);
    if (shares.length === 1) return this.drawStage(last, request);
    const parts = shares.map(({ stage: from, ...share }) => ({
      source: this.source(from),
      own: this.drawOwn(from, { ...request, ...share }),
    }));
    const steps = Math.max(...parts.map(({ own }) => own.steps));
    const trials = joinTrials(parts.map(({ own }) => padTime(own, steps)));
    const every = parts.every(({ source }) => source.accuracy !== undefined);
    return { trials, ...(every && { accuracy: (outputs) => mixedAccuracy(outputs, trials, parts) }) };
  }

  /** How many trials of a batch come from which stage, the present one first. Earlier ones have random streams of their own. */
  #shares(stage: number, trials: number): { stage: number; trials: number; stream?: number }[] {
    const mixed = stage === 0 ? 0 : Math.min(trials - 1, Math.round((this.curriculum?.mix ?? 0) * trials));
    const earlier = Array.from({ length: stage }, (_, index) => {
      // Equal parts; what is left over goes to the latest of them.
      const from = Math.floor((mixed * index) / stage);
      const to = Math.floor((mixed * (index + 1)) / stage);
      return { stage: index, trials: to - from, stream: streams.curriculum + index };
    });
    return [{ stage, trials: trials - mixed }, ...earlier.filter((share) => share.trials > 0)];
  }

  /**
   * The shape of every stage's batches, mixtures included, from one trial of each (or all of a fixed set), checked.
   * @throws ShapeError, ValueError as `checkTrials`; ShapeError where trials of mixed stages start differently.
   */
  shapes(network: Network, request: LessonRequest): LessonShape[] {
    const mixes = (this.curriculum?.mix ?? 0) > 0;
    const shapes = this.#sources.map((source, stage) => {
      const trials = source.size === undefined ? 1 : request.trials;
      const example = this.drawOwn(stage, { ...request, trials });
      checkTrials(example, network.spec);
      if (example.trials !== trials) throw new ShapeError(`batch: asked for ${trials} trials, got ${example.trials}.`);
      return { steps: example.steps, start: startOf(example), example };
    });
    const odd = shapes.findIndex(({ start }) => start !== shapes[0]?.start);
    if (odd >= 0 && (mixes || network.replicas > 1))
      throw new ShapeError(
        `curriculum: stage ${odd} does not start its trials as the first does, so that they cannot be in one batch.`,
      );
    if (!mixes) return shapes;
    const longest = (stage: number): number => Math.max(...shapes.slice(0, stage + 1).map(({ steps }) => steps));
    return shapes.map((shape, stage) => ({ ...shape, steps: longest(stage) }));
  }
}

function mixedAccuracy(
  outputs: Float32Array,
  batch: Trials,
  parts: readonly { readonly own: Trials; readonly source: TrialSource }[],
): number {
  let [first, solved] = [0, 0];
  for (const { own, source } of parts) {
    const seen = outputsOf(outputs, batch, { first, count: own.trials, steps: own.steps });
    solved += own.trials * (source.accuracy?.(seen, own) ?? Number.NaN);
    first += own.trials;
  }
  return solved / batch.trials;
}
