import { read, readWrite } from "../../gpu/kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";
import type { Uniform } from "../../gpu/uniforms.ts";
import { elementwiseSize, gridFor } from "../grid.ts";
import type { Layout } from "../layout.ts";

/** Where a loss term stands among the others: its index, their number, and whether it is the first to write a gradient. */
export interface TermPlace {
  readonly term: number;
  readonly terms: number;
  readonly first: boolean;
}

/** Where a term stands also among those whose gradient reaches the recurrent weights directly. */
export interface DirectPlace extends TermPlace {
  readonly firstOnWeights: boolean;
}

/** Which gradients of its loss terms a plan has a use for. */
export interface WantedGradients {
  /** By outputs and rates: there is a backward pass. */
  readonly activity: boolean;
  /** By the weights. */
  readonly weights: boolean;
}

/** The buffers that loss terms read and write; shapes in their shaders. */
export interface LossBuffers {
  readonly shape: Uniform;
  readonly settings: Tensor;
  readonly outputs: Tensor;
  readonly targets: Tensor;
  readonly trialMask: Tensor;
  readonly rates: Tensor;
  readonly outputGradients: Tensor;
  readonly directGradients: Tensor;
  readonly lossRows: Tensor;
  /** Of a trial in segments: its own shape and rows of losses, those above being one segment's. Absent = the same. */
  readonly whole?: Uniform;
  readonly wholeLossRows?: Tensor;
  /** Rates of the steps before a segment, [R, steps, B, hidden4 * 4]; absent = none. */
  readonly earlierRates?: Tensor;
}

/** A grid with one invocation for every row, time × trial. */
export function perRow(layout: Layout): [number, number, number] {
  return gridFor(layout.steps * layout.batch, elementwiseSize, layout.replicas);
}

/** Hidden units from `first` to one before `end`. */
export interface UnitRange {
  readonly first: number;
  readonly end: number;
}

/** The overrides of shaders/lib/loss_term.wgsl, and the workgroup size that {@link perRow} counts on. */
export function placeOverrides({ term, terms, first }: TermPlace) {
  return { WORKGROUP_SIZE: elementwiseSize, TERM: term, TERMS: terms, FIRST: first };
}

/** The bindings of a term on the outputs. */
export function outputResources(buffers: LossBuffers) {
  return {
    shape: buffers.shape,
    settings: read(buffers.settings),
    outputs: read(buffers.outputs),
    targets: read(buffers.targets),
    trial_mask: read(buffers.trialMask),
    output_gradients: readWrite(buffers.outputGradients),
    loss_rows: readWrite(buffers.lossRows),
  };
}

/** The bindings of a term on the rates. */
export function rateResources(buffers: LossBuffers) {
  return {
    shape: buffers.shape,
    settings: read(buffers.settings),
    rates: read(buffers.rates),
    direct_gradients: readWrite(buffers.directGradients),
    loss_rows: readWrite(buffers.lossRows),
  };
}
