import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";
import { meanRateGradient, meanRateTerm, trialRateMeans } from "../../wgsl/generated.ts";
import { elementwiseSize, gridFor } from "../grid.ts";
import type { Layout } from "../layout.ts";
import type { LossBuffers, TermPlace } from "./place.ts";

/** The metrics of shaders/mean_rate_term.wgsl, by number. */
export const meanRateMetrics = ["l1", "l2", "sd", "cv", "meanDeviation", "maxDeviation"] as const;

const reductionSize = 64;

/** A term on mean rates: shaders/trial_rate_means.wgsl, mean_rate_term.wgsl, mean_rate_gradient.wgsl. */
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
  buffers: LossBuffers & { readonly trialMeans: Tensor; readonly factors: Tensor },
): Promise<Dispatch[]> {
  const size = { WORKGROUP_SIZE: elementwiseSize, ABSOLUTE: options.absolute };
  const means = await Kernel.create(device, trialRateMeans, size);
  const term = await Kernel.create(device, meanRateTerm, {
    WORKGROUP_SIZE: reductionSize,
    METRIC: meanRateMetrics.indexOf(options.metric),
    PER_TRIAL: options.perTrial,
    SQUARED: options.squared,
    CORRECTION: options.correction,
    TERM: place.term,
    TERMS: place.terms,
  });
  const spread = await Kernel.create(device, meanRateGradient, { ...size, FIRST: place.first });
  const { shape, settings, rates, trialMeans, factors, directGradients, lossRows } = buffers;
  const slot = layout.batch * layout.hidden4;
  return [
    means.dispatch(
      { shape, rates: read(rates), trial_means: readWrite(trialMeans) },
      gridFor(slot, elementwiseSize, layout.replicas),
    ),
    term.dispatch(
      {
        shape,
        settings: read(settings),
        trial_means: read(trialMeans),
        factors: readWrite(factors),
        loss_rows: readWrite(lossRows),
      },
      [1, 1, layout.replicas],
    ),
    spread.dispatch(
      { shape, rates: read(rates), factors: read(factors), direct_gradients: readWrite(directGradients) },
      gridFor(layout.steps * slot, elementwiseSize, layout.replicas),
    ),
  ];
}
