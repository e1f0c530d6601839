import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";
import { meanRateGradient, meanRateTerm, trialRateMeans } from "../../wgsl/generated.ts";
import { elementwiseSize, gridFor } from "../grid.ts";
import type { Layout } from "../layout.ts";
import { gatherOverrides, type Segment, wholeTrial } from "../segment.ts";
import type { LossBuffers, TermPlace } from "./place.ts";

/** The metrics of shaders/mean_rate_term.wgsl, by number. */
export const meanRateMetrics = ["l1", "l2", "sd", "cv", "meanDeviation", "maxDeviation"] as const;

const reductionSize = 64;

interface MeanRateBuffers extends LossBuffers {
  readonly trialMeans: Tensor;
  readonly factors: Tensor;
}

/**
 * A term on mean rates, once the rates of all segments of the trials are known: shaders/trial_rate_means.wgsl,
 * mean_rate_term.wgsl.
 */
export async function meanRateOps(
  device: Device,
  layout: Layout,
  place: TermPlace,
  options: {
    readonly metric: (typeof meanRateMetrics)[number];
    readonly absolute: boolean;
    readonly perTrial: boolean;
    readonly squared: boolean;
    readonly correction: number;
  },
  buffers: MeanRateBuffers,
  segment: Segment = wholeTrial,
): Promise<Dispatch[]> {
  const means = await Kernel.create(device, trialRateMeans, {
    ...{ WORKGROUP_SIZE: elementwiseSize, ABSOLUTE: options.absolute },
    ...gatherOverrides(segment),
  });
  const { shape, settings, rates, trialMeans, factors, lossRows } = buffers;
  const { whole = shape, wholeLossRows = lossRows } = buffers;
  const sums = means.dispatch(
    { shape, whole, rates: read(rates), trial_means: readWrite(trialMeans) },
    gridFor(layout.batch * layout.hidden4, elementwiseSize, layout.replicas),
  );
  if (!segment.isLast) return [sums];
  const term = await Kernel.create(device, meanRateTerm, {
    WORKGROUP_SIZE: reductionSize,
    METRIC: meanRateMetrics.indexOf(options.metric),
    PER_TRIAL: options.perTrial,
    SQUARED: options.squared,
    CORRECTION: options.correction,
    TERM: place.term,
    TERMS: place.terms,
  });
  const value = term.dispatch(
    {
      shape: whole,
      settings: read(settings),
      trial_means: read(trialMeans),
      factors: readWrite(factors),
      loss_rows: readWrite(wholeLossRows),
    },
    [1, 1, layout.replicas],
  );
  return [sums, value];
}

/** Its gradient by every rate: shaders/mean_rate_gradient.wgsl. */
export async function meanRateGradientOp(
  device: Device,
  { steps, batch, hidden4, replicas }: Layout,
  { first }: TermPlace,
  absolute: boolean,
  { shape, rates, factors, directGradients }: MeanRateBuffers,
): Promise<Dispatch> {
  const overrides = { WORKGROUP_SIZE: elementwiseSize, ABSOLUTE: absolute, FIRST: first };
  const kernel = await Kernel.create(device, meanRateGradient, overrides);
  return kernel.dispatch(
    { shape, rates: read(rates), factors: read(factors), direct_gradients: readWrite(directGradients) },
    gridFor(steps * batch * hidden4, elementwiseSize, replicas),
  );
}
