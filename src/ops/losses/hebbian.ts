import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";
import { hebbianDrive, hebbianFactor, hebbianRateGradient, hebbianWeightGradient } from "../../wgsl/generated.ts";
import { elementwiseSize, gridFor, groupsFor, powerOfTwo } from "../grid.ts";
import type { Layout } from "../layout.ts";
import { type DirectPlace, type LossBuffers, placeOverrides, type WantedGradients } from "./place.ts";

/** What the Hebbian term needs beyond rates and settings. */
export interface HebbianBuffers extends LossBuffers {
  /** Effective weights: shaders/pack_weights.wgsl. */
  readonly packed: Tensor;
  readonly penalties: Tensor;
  /** Shapes of the two in shaders/hebbian_drive.wgsl and shaders/hebbian_factor.wgsl. */
  readonly hebbianDrives: Tensor;
  readonly hebbianFactors: Tensor;
}

const mostInvocations = 64;
const blockSize = 8;

/** The Hebbian term and its gradients by rates and recurrent weights: shaders/hebbian_*.wgsl. */
export async function hebbianOps(
  device: Device,
  layout: Layout,
  place: DirectPlace,
  over: "time" | "step",
  wanted: WantedGradients,
  buffers: HebbianBuffers,
): Promise<Dispatch[]> {
  const { steps, batch, hidden4, replicas } = layout;
  const common = placeOverrides(place);
  const drive = await Kernel.create(device, hebbianDrive, {
    ...common,
    WORKGROUP_SIZE: powerOfTwo(hidden4, 1, mostInvocations),
  });
  const factor = await Kernel.create(device, hebbianFactor, { ...common, PER_STEP: over === "step" });
  const byRates = await Kernel.create(device, hebbianRateGradient, {
    WORKGROUP_SIZE: elementwiseSize,
    FIRST: place.first,
  });
  const byWeights = await Kernel.create(device, hebbianWeightGradient, {
    WORKGROUP_X: blockSize,
    WORKGROUP_Y: blockSize,
    FIRST: place.firstOnWeights,
  });
  const { shape, settings, packed, rates, hebbianDrives, hebbianFactors, directGradients, penalties, lossRows } =
    buffers;
  const rows = steps * batch;
  const blocks = groupsFor(hidden4, blockSize);
  const dispatches = [
    drive.dispatch(
      {
        shape,
        packed: read(packed),
        rates: read(rates),
        drives: readWrite(hebbianDrives),
        loss_rows: readWrite(lossRows),
      },
      gridFor(rows, 1, replicas),
    ),
    factor.dispatch(
      { shape, settings: read(settings), factors: readWrite(hebbianFactors), loss_rows: readWrite(lossRows) },
      gridFor(batch, elementwiseSize, replicas),
    ),
  ];
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
