import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";
import { hebbianDrive, hebbianFactor, hebbianRateGradient, hebbianWeightGradient } from "../../wgsl/generated.ts";
import { elementwiseSize, gridFor, groupsFor, powerOfTwo } from "../grid.ts";
import type { Layout } from "../layout.ts";
import { type Segment, wholeTrial } from "../segment.ts";
import { type DirectPlace, type LossBuffers, placeOverrides, type WantedGradients } from "./place.ts";

/** What the Hebbian term needs beyond rates and settings. */
export interface HebbianBuffers extends LossBuffers {
  /** Effective weights: shaders/pack_weights.wgsl. */
  readonly packed: Tensor;
  readonly penalties: Tensor;
  /** Shapes of the two in shaders/hebbian_drive.wgsl and shaders/hebbian_factor.wgsl. */
  readonly hebbianDrives: Tensor;
  readonly hebbianFactors: Tensor;
  /** [R, B]: sums over all time, of trials in segments. */
  readonly hebbianTotals?: Tensor;
}

const mostInvocations = 64;
const blockSize = 8;

/** How far every row of rates agrees with the weights, and the factors that follow: shaders/hebbian_{drive,factor}.wgsl. */
async function agreementOps(
  device: Device,
  { steps, batch, hidden4, replicas }: Layout,
  place: DirectPlace,
  options: { readonly PER_STEP: boolean; readonly GATHER: boolean; readonly GIVEN: boolean },
  buffers: HebbianBuffers,
  { shared, isFirst }: Segment,
): Promise<Dispatch[]> {
  const common = placeOverrides(place);
  const drive = await Kernel.create(device, hebbianDrive, {
    ...common,
    WORKGROUP_SIZE: powerOfTwo(hidden4, 1, mostInvocations),
  });
  const going = { SHARED: shared, CONTINUES: options.GATHER && !isFirst };
  const factor = await Kernel.create(device, hebbianFactor, { ...common, ...options, ...going });
  const { shape, settings, packed, rates, hebbianDrives, hebbianFactors, hebbianTotals, lossRows } = buffers;
  return [
    drive.dispatch(
      {
        shape,
        packed: read(packed),
        rates: read(rates),
        drives: readWrite(hebbianDrives),
        loss_rows: readWrite(lossRows),
      },
      gridFor(steps * batch, 1, replicas),
    ),
    factor.dispatch(
      {
        ...{ shape, settings: read(settings), factors: readWrite(hebbianFactors), loss_rows: readWrite(lossRows) },
        // Without segments any other tensor.
        totals: readWrite(hebbianTotals ?? hebbianDrives),
      },
      gridFor(batch, elementwiseSize, replicas),
    ),
  ];
}

/** Adds a segment of time to each trial's sum, whose sign the term over time goes by. */
export async function hebbianTotalsOps(
  device: Device,
  layout: Layout,
  place: DirectPlace,
  buffers: HebbianBuffers,
  segment: Segment,
): Promise<Dispatch[]> {
  return agreementOps(device, layout, place, { PER_STEP: false, GATHER: true, GIVEN: false }, buffers, segment);
}

/** The Hebbian term and its gradients by rates and recurrent weights: shaders/hebbian_*.wgsl. */
export async function hebbianOps(
  device: Device,
  layout: Layout,
  place: DirectPlace,
  over: "time" | "step",
  wanted: WantedGradients,
  buffers: HebbianBuffers,
  segment: Segment = wholeTrial,
): Promise<Dispatch[]> {
  const { steps, batch, hidden4, replicas } = layout;
  const isSplit = !(segment.isFirst && segment.isLast);
  const options = { PER_STEP: over === "step", GATHER: false, GIVEN: isSplit };
  const dispatches = await agreementOps(device, layout, place, options, buffers, segment);
  const byRates = await Kernel.create(device, hebbianRateGradient, {
    WORKGROUP_SIZE: elementwiseSize,
    FIRST: place.first,
  });
  const byWeights = await Kernel.create(device, hebbianWeightGradient, {
    WORKGROUP_X: blockSize,
    WORKGROUP_Y: blockSize,
    FIRST: place.firstOnWeights,
  });
  const { shape, rates, hebbianDrives, hebbianFactors, directGradients, penalties } = buffers;
  const rows = steps * batch;
  const blocks = groupsFor(hidden4, blockSize);
  if (wanted.activity) {
    dispatches.push(
      byRates.dispatch(
        {
          shape,
          drives: read(hebbianDrives),
          factors: read(hebbianFactors),
          direct_gradients: readWrite(directGradients),
        },
        gridFor(rows * hidden4, elementwiseSize, replicas),
      ),
    );
  }
  if (wanted.weights) {
    dispatches.push(
      byWeights.dispatch(
        { shape, rates: read(rates), factors: read(hebbianFactors), penalties: readWrite(penalties) },
        [blocks, blocks, replicas],
      ),
    );
  }
  return dispatches;
}
