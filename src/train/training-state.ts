import { ShapeError } from "../errors.ts";
import { copyTensor } from "../gpu/recorder.ts";
import { Tensor } from "../gpu/tensor.ts";
import type { CarriedState } from "../network/carry.ts";
import type { Network } from "../network/network.ts";
import { validateModel } from "../network/validate.ts";
import type { Measurement, ReplicaEnd } from "./report.ts";
import { type PlanParameters, type UpdateTensors, verdictFloats } from "./step-plan.ts";

/** A training run in the middle, as plain data. */
export interface Checkpoint {
  /** Updates done. */
  readonly step: number;
  /** Raw parameters of all replicas, [R, P]. */
  readonly parameters: Float32Array;
  /** The optimiser's two moments of every parameter, [R, P, 2]. */
  readonly moments: Float32Array;
  /** The weights that did best on held-out trials, [R, P], where there was a measurement. */
  readonly best?: Float32Array;
  readonly scores: readonly (Measurement | undefined)[];
  /** Of each replica: measurements since the last that was better than all before. */
  readonly sinceBest: readonly number[];
  readonly lastValidation: number;
  /** The update at which each replica diverged, counted from 1. */
  readonly diverged: readonly (number | undefined)[];
  /** Why and when the training of each replica ended by itself, where it has. */
  readonly ended?: readonly (ReplicaEnd | undefined)[];
  /** Batches done; `step` unless given. They differ where a batch is trained on in windows. */
  readonly index?: number;
  /** Where the next window of a batch begins, where one is not yet at its end. */
  readonly from?: number;
  /** The state of every trial there. */
  readonly carried?: CarriedState;
  /** The stage of each replica in a curriculum; 0 unless given. */
  readonly stages?: readonly number[];
  /** The update after which a curriculum's stages were measured last. */
  readonly lastStageMeasurement?: number;
}

/** How a replica stands between two reports. */
export interface ReplicaState {
  /** The best measurement on held-out trials, where there was one. */
  readonly best?: Measurement;
  readonly ended?: ReplicaEnd;
  /** The first update whose loss or gradient was not finite. */
  readonly divergedStep?: number;
}

/** What an optimiser remembers between updates, on the GPU, and what the loop remembers between reports. */
export class TrainingState {
  /** Updates done. */
  step = 0;
  /** Batches done. */
  index = 0;
  /** Where the next window of the batch begins; 0 between two batches. */
  from = 0;
  /** The stage of each replica in a curriculum. */
  readonly stages: number[];
  /** The update after which a curriculum's stages were measured last. */
  lastStageMeasurement = 0;
  /** Of each replica: measurements since the last that was better than all before. */
  readonly sinceBest: number[];
  /** The update after which held-out trials were measured last. */
  lastValidation = 0;
  /** The first update of each replica that was not finite. */
  readonly diverged: (number | undefined)[];
  /** Why and when the training of each replica ended by itself, before that of the others. */
  readonly ended: (ReplicaEnd | undefined)[];
  readonly #moments: Tensor;
  readonly #previous: Tensor;
  readonly #verdicts: Tensor;
  readonly #best: Tensor;
  #scores: (Measurement | undefined)[];

  constructor(network: Network) {
    const { device, parameters, replicas } = network;
    this.#moments = new Tensor(device, "moments", [...parameters.shape, 2]);
    this.#previous = new Tensor(device, "previous", parameters.shape);
    this.#verdicts = new Tensor(device, "verdicts", [replicas, verdictFloats]);
    this.#best = new Tensor(device, "best", parameters.shape);
    this.#scores = Array.from({ length: replicas }, () => undefined);
    this.diverged = Array.from({ length: replicas }, () => undefined);
    this.ended = Array.from({ length: replicas }, () => undefined);
    this.sinceBest = Array.from({ length: replicas }, () => 0);
    this.stages = Array.from({ length: replicas }, () => 0);
    copyTensor(device, parameters, this.#previous);
  }

  /** An update is done. @param from where the next window of the same batch begins; absent = the batch is done. */
  advance(from?: number): void {
    this.step += 1;
    this.from = from ?? 0;
    if (from === undefined) this.index += 1;
  }

  parametersOf({ parameters, rules, layers, connections }: Network): PlanParameters {
    return { parameters, rules, layers, connections, verdicts: this.#verdicts };
  }

  updateTensors({ plasticity }: Network): UpdateTensors {
    return { plasticity, previous: this.#previous, moments: this.#moments };
  }

  /** A replica whose training has ended no longer diverges: its weights stay. */
  rememberDiverged(steps: readonly (number | undefined)[]): void {
    for (const [replica, step] of steps.entries())
      if (this.ended[replica] === undefined) this.diverged[replica] ??= step;
  }

  /** Copies the weights of every replica that did better than ever before. */
  rememberBest(network: Network, measurements: readonly Measurement[]): void {
    const width = network.parameters.size / network.replicas;
    for (const [replica, measurement] of measurements.entries()) {
      if (this.ended[replica] !== undefined) continue;
      const before = this.#scores[replica];
      this.sinceBest[replica] = (this.sinceBest[replica] ?? 0) + 1;
      if (!Number.isFinite(measurement.loss) || (before !== undefined && !isBetter(measurement, before))) continue;
      this.#scores[replica] = measurement;
      this.sinceBest[replica] = 0;
      copyTensor(network.device, network.parameters, this.#best, { from: replica * width, count: width });
    }
  }

  /** Gives a replica its best weights back, where any were kept. */
  putBack(network: Network, replica: number): void {
    if (this.#scores[replica] === undefined) return;
    const width = network.parameters.size / network.replicas;
    copyTensor(network.device, this.#best, network.parameters, { from: replica * width, count: width });
  }

  replicas(): ReplicaState[] {
    return this.diverged.map((divergedStep, replica) => {
      const [best, ended] = [this.#scores[replica], this.ended[replica]];
      return { ...(best && { best }), ...(ended && { ended }), ...(divergedStep !== undefined && { divergedStep }) };
    });
  }

  async save(network: Network): Promise<Checkpoint> {
    const [parameters, moments, best] = (await network.readback.read([
      { tensor: network.parameters },
      { tensor: this.#moments },
      { tensor: this.#best },
    ])) as [Float32Array, Float32Array, Float32Array];
    const { step, index, from, lastValidation, lastStageMeasurement } = this;
    const sinceBest = [...this.sinceBest];
    const scores = [...this.#scores];
    return {
      ...{ step, index, from, parameters, moments, scores, sinceBest, lastValidation, lastStageMeasurement },
      ...(scores.some((score) => score !== undefined) && { best }),
      diverged: [...this.diverged],
      ended: [...this.ended],
      stages: [...this.stages],
    };
  }

  /** @throws ShapeError where the checkpoint is of another network, and what `validateModel` throws; nothing is changed then. */
  load(network: Network, checkpoint: Checkpoint): void {
    const { size } = network.parameters;
    const { parameters, moments, best } = checkpoint;
    if (parameters.length !== size || moments.length !== 2 * size || (best?.length ?? size) !== size) {
      throw new ShapeError(
        `checkpoint: expected ${size} parameters and ${2 * size} moments, got ${parameters.length} and ${moments.length}. Is it of another network?`,
      );
    }
    // Checked like any model: a checkpoint cannot bring in a weight that breaks its mask or sign.
    const width = size / network.replicas;
    for (const [replica, model] of network.initialModels.entries()) {
      validateModel(network.unflatten(model, parameters.subarray(replica * width, (replica + 1) * width)));
    }
    network.parameters.write(parameters);
    this.#previous.write(parameters);
    this.#moments.write(moments);
    if (best !== undefined) this.#best.write(best);
    this.#verdicts.write(verdictsOf(checkpoint.diverged));
    this.step = checkpoint.step;
    this.index = checkpoint.index ?? checkpoint.step;
    this.from = checkpoint.from ?? 0;
    this.lastStageMeasurement = checkpoint.lastStageMeasurement ?? 0;
    for (const replica of this.stages.keys()) this.stages[replica] = checkpoint.stages?.[replica] ?? 0;
    this.lastValidation = checkpoint.lastValidation;
    this.#scores = [...checkpoint.scores];
    for (const replica of this.diverged.keys()) {
      this.diverged[replica] = checkpoint.diverged[replica];
      this.ended[replica] = checkpoint.ended?.[replica];
      this.sinceBest[replica] = checkpoint.sinceBest[replica] ?? 0;
    }
  }

  dispose(): void {
    for (const tensor of [this.#moments, this.#previous, this.#verdicts, this.#best]) tensor.dispose();
  }
}

/** The structs `Verdict` (shaders/lib/verdict.wgsl) of replicas that diverged, or not, at these updates. */
function verdictsOf(diverged: readonly (number | undefined)[]): Uint32Array {
  const words = new Uint32Array(diverged.length * verdictFloats);
  for (const [replica, step] of diverged.entries()) words[replica * verdictFloats + 1] = step ?? 0;
  return words;
}

function isBetter(one: Measurement, other: Measurement): boolean {
  const [a = 0, b = 0] = [one.accuracy, other.accuracy];
  return a > b || (a === b && one.loss < other.loss);
}
