import type { Device } from "../../src/gpu/device.ts";
import { Readback } from "../../src/gpu/readback.ts";
import type { Uniform } from "../../src/gpu/uniforms.ts";
import { checkLosses, lossScale } from "../../src/loss/losses.ts";
import type { ModelSpec } from "../../src/network/model.ts";
import { allocate } from "../../src/ops/buffers.ts";
import { layoutOf, packedUnits, padRows, parameterOffsets } from "../../src/ops/layout.ts";
import { shapeUniform } from "../../src/ops/sequence.ts";
import { quietSettings, Settings } from "../../src/ops/settings.ts";
import { unitBlocks } from "../../src/ops/units.ts";
import { afterBackwardOps } from "../../src/train/after-backward-ops.ts";
import type { Numbers } from "../reference/numbers.ts";
import { packedRecurrent } from "./loss-run.ts";

/** What Ω sees of one replica: v and dE/dv of every slot [T + 1, B, H], effective weights [H, H], alpha [H]. */
export interface OmegaRunData {
  readonly states: Numbers;
  readonly stateGradients: Numbers;
  readonly weightHH: Numbers;
  readonly alpha: Numbers;
}

/**
 * Runs Ω terms, given by their options, on given states and gradients, without a network; one result for every replica.
 * All that they must write is NaN before.
 */
export async function runOmega(
  device: Device,
  sizes: { readonly steps: number; readonly batch: number },
  dynamics: Pick<ModelSpec, "activation" | "customActivations" | "form" | "units" | "hidden">,
  replicas: readonly OmegaRunData[],
  terms: readonly { readonly weight: number; readonly slopeAt: "before" | "after"; readonly bound?: number }[],
): Promise<{ values: number[]; byWeights: Float32Array }[]> {
  const { hidden } = dynamics;
  const layout = layoutOf({ ...sizes, hidden, inputs: 1, outputs: 1, replicas: replicas.length });
  const [rows, width] = [sizes.steps * sizes.batch, 4 * layout.hidden4];
  const losses = checkLosses(terms.map((term) => ({ type: "omega", ...term })));
  const slots = [replicas.length, rows + sizes.batch, width];
  const unused = [4];
  const tensors = allocate(device, {
    packed: [replicas.length, 4 * layout.packed4],
    states: slots,
    stateGradients: slots,
    recurrentProducts: [replicas.length, rows, width],
    lossRows: [replicas.length, losses.length, rows],
    partials: [replicas.length, layout.splits, layout.parameters],
    penalties: [replicas.length, layout.parameters],
    termScales: [replicas.length],
    ...{ outputs: unused, targets: unused, trialMask: unused, rates: unused },
    ...{ outputGradients: unused, directGradients: unused },
  });
  const shape = shapeUniform(device, layout);
  const settings = new Settings(device, layout);
  const readback = new Readback(device);
  const uniforms: Uniform[] = [];
  try {
    const { recurrentProducts, lossRows, partials, penalties, termScales } = tensors;
    for (const tensor of [recurrentProducts, lossRows, partials, penalties, termScales]) {
      tensor.write(new Float32Array(tensor.size).fill(Number.NaN));
    }
    for (const [replica, { states, stateGradients, weightHH, alpha }] of replicas.entries()) {
      const packed = packedRecurrent(layout, weightHH, alpha);
      packed.set(unitBlocks(dynamics, layout), 4 * packedUnits(layout));
      tensors.packed.write(packed, replica * packed.length);
      for (const [name, values] of Object.entries({ states, stateGradients })) {
        const padded = new Float32Array((rows + sizes.batch) * width);
        padRows(Float32Array.from(values), hidden, padded, width);
        tensors[name as "states"].write(padded, replica * padded.length);
      }
      settings.set(replica, { ...quietSettings, loss_scale: losses.map((loss) => lossScale(loss, layout)) });
    }
    settings.upload();
    const buffers = { shape, settings: settings.tensor, ...tensors, uniforms };
    const wanted = { activity: true, weights: true };
    const dispatches = await afterBackwardOps(device, layout, losses, dynamics, wanted, buffers);
    const ranges = [lossRows, penalties].map((tensor) => ({ tensor }));
    const [shares, gradients] = (await readback.read(ranges, dispatches)) as [Float32Array, Float32Array];
    const { weightHH: start, biasH: end } = parameterOffsets(layout);
    return replicas.map((_, replica) => ({
      values: losses.map((_, term) => {
        const first = (replica * losses.length + term) * rows;
        return shares.subarray(first, first + rows).reduce((sum, share) => sum + share, 0);
      }),
      byWeights: gradients.slice(replica * layout.parameters + start, replica * layout.parameters + end),
    }));
  } finally {
    readback.dispose();
    settings.dispose();
    shape.dispose();
    for (const owned of [...uniforms, ...Object.values(tensors)]) owned.dispose();
  }
}
