import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { Uniform } from "../gpu/uniforms.ts";
import { allFit, allocate, type ShapeTable } from "../ops/buffers.ts";
import { confirmActivations } from "../ops/custom-activations.ts";
import { gatedInitialStateOp, gatesShape } from "../ops/gated.ts";
import { type LayerSpan, layerTable } from "../ops/layers.ts";
import { type Layout, layoutOf, packedUnits } from "../ops/layout.ts";
import { type Family, forwardOp, type Products, type RecurrentKernels, slotUniform } from "../ops/recurrence.ts";
import { concatenate } from "../ops/rules.ts";
import { initialStateOp, packWeightsOp, readoutOp, shapeUniform } from "../ops/sequence.ts";
import { Settings } from "../ops/settings.ts";
import type { SparseLists } from "../ops/sparse-lists.ts";
import { sparseForwardOp, sparsePackOp, sparseStartOp, unitRowsShape } from "../ops/sparse-recurrence.ts";
import type { Tile } from "../ops/tiles.ts";
import { synapseOverride, unitBlocks } from "../ops/units.ts";
import type { Connections } from "./connections.ts";
import { chooseKernels, listsFor } from "./kernel-choice.ts";
import type { ModelSpec } from "./model.ts";
import { type StatePlace, StimulusRows } from "./stimulus-rows.ts";
import type { Stimuli } from "./trials.ts";

/**
 * Where a sequence starts: at the parameter v0, at a given v0 of every trial, at given v and r, or at all there is, the
 * synapses' state included.
 */
export type InitialState = "parameter" | "v0" | "v0 and r0" | "state";

/** What of the initial state the trials bring. */
export function startOf({ v0, r0 }: Pick<Stimuli, "v0" | "r0">): Exclude<InitialState, "state"> {
  if (v0 === undefined) return "parameter";
  return r0 === undefined ? "v0" : "v0 and r0";
}

/** What a forward pass is compiled for. */
export interface SequenceOptions {
  readonly steps: number;
  readonly batch: number;
  readonly replicas: number;
  readonly initial: InitialState;
  /** Keep dv/dalpha of every step, for the gradient of alpha. */
  readonly storeSlopes: boolean;
  /** Keep the gates of every step of an LSTM or a GRU, for the backward pass; absent = no. */
  readonly storeGates?: boolean;
  /** Which kernels run the recurrence; absent = chosen by size and measurement. */
  readonly family?: Family | undefined;
  /** Their register tile; absent = chosen likewise. */
  readonly tile?: Tile | undefined;
  /** What the kernels read in place of the sequence's own settings, where it is a segment of a trial. */
  readonly boundSettings?: Tensor;
  /** What the recurrent products run over; absent = chosen by the mask's density and measurement. */
  readonly products?: Products | undefined;
  /** Whether other kernels read the recurrent weights of `packed` as a matrix; absent = no. */
  readonly packsMatrix?: boolean;
}

/** The dispatches of a forward pass: from raw weights to effective ones, slot 0, all time steps, the outputs. */
export interface ForwardParts {
  readonly pack: readonly Dispatch[];
  readonly start: readonly Dispatch[];
  readonly forward: readonly Dispatch[];
  readonly readout: readonly Dispatch[];
}

/** The parameters of all replicas, as {@link Network} holds them. */
export interface ParameterTensors {
  readonly parameters: Tensor;
  readonly rules: Tensor;
  /** Which units are updated together, and what they reach. */
  readonly layers: readonly LayerSpan[];
  /** Which recurrent synapses may exist; absent = all, so that products are dense. */
  readonly connections?: Connections | undefined;
}

/** What holds memory on the GPU until it is disposed of. */
interface Owned {
  dispose(): void;
}

type SequenceTensors = Record<
  | "packed"
  | "inputs"
  | "states"
  | "rates"
  | "slopes"
  | "outputs"
  | "synapses"
  | "gates"
  | "unitRates"
  | "places"
  | "chunks",
  Tensor
>;

/** The shapes of a forward pass's tensors. @param lists for sparse products. */
export function sequenceShapes(
  layout: Layout,
  storeSlopes: boolean,
  storeGates: boolean,
  lists?: SparseLists,
): ShapeTable<keyof SequenceTensors> {
  const { replicas, steps, batch, packed4, input4, hidden4, output4 } = layout;
  const slots = [replicas, steps + 1, batch, 4 * hidden4];
  return {
    packed: [replicas, 4 * packed4],
    inputs: [replicas, steps, batch, 4 * input4],
    states: slots,
    rates: slots,
    slopes: storeSlopes ? [replicas, steps, batch, 4 * hidden4] : [4],
    outputs: [replicas, steps, batch, 4 * output4],
    synapses: layout.shortTermPlasticity === undefined ? [4] : [replicas, steps + 1, batch, 4, 4 * hidden4],
    gates: layout.gates === 1 ? [4] : gatesShape(layout, storeGates),
    unitRates: lists === undefined ? [4] : unitRowsShape(layout),
    places: lists === undefined ? [4] : [replicas, lists.entries, 2],
    chunks: lists === undefined ? [4] : [replicas, lists.chunkCount, 4],
  };
}

/**
 * A forward pass compiled for one number of steps, trials and replicas: its buffers, and the dispatches from raw weights
 * and inputs to outputs. Slot t + 1 of `states` and `rates` holds time t; slot 0 the initial state.
 */
export class Sequence {
  readonly layout: Layout;
  /** Which kernels run the recurrence. */
  readonly kernels: RecurrentKernels;
  readonly shape: Uniform;
  readonly slots: Uniform;
  readonly settings: Settings;
  readonly tensors: SequenceTensors;
  readonly parts: ForwardParts;
  /** All parts in order. */
  readonly dispatches: readonly Dispatch[];
  readonly #rows: StimulusRows;

  private constructor(parts: {
    layout: Layout;
    kernels: RecurrentKernels;
    shape: Uniform;
    slots: Uniform;
    settings: Settings;
    tensors: SequenceTensors;
    parts: ForwardParts;
  }) {
    this.layout = parts.layout;
    this.kernels = parts.kernels;
    this.shape = parts.shape;
    this.slots = parts.slots;
    this.settings = parts.settings;
    this.tensors = parts.tensors;
    this.parts = parts.parts;
    const { pack, start, forward, readout } = parts.parts;
    this.dispatches = [...pack, ...start, ...forward, ...readout];
    this.#rows = new StimulusRows(parts.layout);
  }

  /** @throws LimitError before anything is allocated; where a kernel cannot be made, what was allocated is freed. */
  static async compile(
    device: Device,
    spec: ModelSpec,
    network: ParameterTensors,
    options: SequenceOptions,
  ): Promise<Sequence> {
    const owned: Owned[] = [];
    try {
      return await Sequence.#make(device, spec, network, options, owned);
    } catch (error) {
      for (const resource of owned) resource.dispose();
      throw error;
    }
  }

  /** @param owned gets everything that must be disposed of should this throw. */
  static async #make(
    device: Device,
    spec: ModelSpec,
    network: ParameterTensors,
    options: SequenceOptions,
    owned: Owned[],
  ): Promise<Sequence> {
    const { replicas, steps, batch, storeSlopes, storeGates = false, packsMatrix = false } = options;
    const lists = listsFor(device, spec, network.connections, options.products);
    const layout = layoutOf({ ...spec, replicas, steps, batch, lists4: lists?.packed4 });
    const shapes = sequenceShapes(layout, storeSlopes, storeGates, lists);
    if (lists !== undefined && options.products === undefined && !allFit(device, shapes))
      return Sequence.#make(device, spec, network, { ...options, products: "dense" }, owned);
    await confirmActivations(device, spec);
    const tensors = allocate(device, shapes);
    owned.push(...Object.values(tensors));
    const units = unitBlocks(spec, layout);
    for (let replica = 0; replica < replicas; replica += 1) {
      const own = lists === undefined ? [] : [lists.packed[replica] as Float32Array];
      const fixed = concatenate([units, layerTable(network.layers), ...own]);
      tensors.packed.write(fixed, 4 * (replica * layout.packed4 + packedUnits(layout)));
    }
    if (lists !== undefined) {
      tensors.places.write(lists.places);
      tensors.chunks.write(lists.chunks);
    }
    const shape = shapeUniform(device, layout);
    const slots = slotUniform(device, layout, network.layers);
    const settings = new Settings(device, layout);
    owned.push(shape, slots, settings);
    const boundSettings = options.boundSettings ?? settings.tensor;
    const { parameters, rules } = network;
    const raw = { shape, parameters, rules, ...tensors };
    const { SYNAPSES: hasSynapses } = synapseOverride(spec);
    const given = ["parameter", "v0", "v0 and r0", "state"].indexOf(options.initial);
    const isMade = options.initial === "state" || (options.initial === "v0 and r0" && !hasSynapses);
    const makeStart = (): Promise<Dispatch> =>
      layout.gates > 1
        ? gatedInitialStateOp(device, layout, given > 0, { shape, ...tensors })
        : initialStateOp(device, layout, spec, given, { shape, ...tensors });
    const start = isMade ? [] : [await makeStart()];
    const keep = { slopes: storeSlopes, gates: storeGates };
    const buffers = { slots, shape, settings: boundSettings, ...tensors };
    const { layers } = network;
    const forwardOf = (kernels: RecurrentKernels): Promise<Dispatch[]> =>
      kernels.products === "sparse"
        ? sparseForwardOp(device, layout, kernels, spec, layers, keep, buffers)
        : forwardOp(device, layout, kernels, spec, layers, keep, buffers);
    const kernels = await chooseKernels(device, layout, options, forwardOf);
    if (lists !== undefined && kernels.products === "dense") {
      for (const resource of owned.splice(0)) resource.dispose();
      return Sequence.#make(device, spec, network, { ...options, ...kernels }, owned);
    }
    const pack = [await packWeightsOp(device, layout, spec.constraint, lists === undefined || packsMatrix, raw)];
    if (lists !== undefined) {
      pack.push(await sparsePackOp(device, layout, spec.constraint, layers, lists, raw));
      start.push(await sparseStartOp(device, layout, spec, buffers));
    }
    const forward = await forwardOf(kernels);
    const readout = await readoutOp(device, layout, { shape, ...tensors });
    const parts = { pack, start, forward, readout: [readout] };
    return new Sequence({ layout, kernels, shape, slots, settings, tensors, parts });
  }

  /**
   * Sends inputs, and where trials start, to the GPU. One entry for every replica, or one for all.
   * They must have been checked (`checkStimuli`).
   */
  upload(stimuli: readonly Stimuli[]): void {
    this.#rows.upload(stimuli, this.tensors.inputs, this.place(0));
  }

  /** Where the state of a slot lies: 0 is where the sequence starts, `layout.steps` where it ends. */
  place(slot: number): StatePlace {
    const { states, rates, synapses } = this.tensors;
    return { states, rates, synapses, offset: (replica) => this.slotOffset(replica, slot) };
  }

  /** First element of a slot of `states` and `rates`. */
  slotOffset(replica: number, slot: number): number {
    const { steps, batch, hidden4 } = this.layout;
    return (replica * (steps + 1) + slot) * batch * hidden4 * 4;
  }

  dispose(): void {
    this.shape.dispose();
    this.slots.dispose();
    this.settings.dispose();
    for (const tensor of Object.values(this.tensors)) tensor.dispose();
  }
}
