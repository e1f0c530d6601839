import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import { drivePenalty } from "../../wgsl/generated.ts";
import type { Layout } from "../layout.ts";
import { type Segment, wholeTrial } from "../segment.ts";
import { type DirectPlace, perRow, placeOverrides, type UnitRange, type WantedGradients } from "./place.ts";
import { directFinishOp, directSumOp, type RecurrentBuffers, recurrentProductOp } from "./recurrent.ts";

/** The mean squared recurrent drive, and its gradients by rates and recurrent weights: shaders/drive_penalty.wgsl. */
export async function drivePenaltyOps(
  device: Device,
  layout: Layout,
  place: DirectPlace,
  units: UnitRange,
  wanted: WantedGradients,
  buffers: RecurrentBuffers,
  segment: Segment = wholeTrial,
): Promise<Dispatch[]> {
  const { shape, settings, packed, rates, recurrentProducts: products, directGradients, lossRows } = buffers;
  const kernel = await Kernel.create(device, drivePenalty, {
    ...placeOverrides(place),
    UNIT_FIRST: units.first,
    UNIT_END: units.end,
  });
  const dispatches = [
    await recurrentProductOp(
      device,
      layout,
      { backward: false, rows: "slots", add: false },
      { shape, packed, x: rates, products },
    ),
    kernel.dispatch(
      {
        shape,
        settings: read(settings),
        packed: read(packed),
        products: readWrite(products),
        loss_rows: readWrite(lossRows),
      },
      perRow(layout),
    ),
  ];
  if (wanted.activity) {
    const options = { backward: true, rows: "steps", add: !place.first } as const;
    dispatches.push(
      await recurrentProductOp(device, layout, options, { shape, packed, x: products, products: directGradients }),
    );
  }
  if (wanted.weights) {
    const sides = { post: { tensor: products, rows: "steps" }, pre: { tensor: rates, rows: "slots" } } as const;
    const direct = { first: place.firstOnWeights, scaled: false };
    dispatches.push(
      await directSumOp(device, layout, sides, buffers, { segment }),
      await directFinishOp(device, layout, direct, buffers),
    );
  }
  return dispatches;
}
