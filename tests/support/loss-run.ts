import { expect } from "vitest";
import type { Device } from "../../src/gpu/device.ts";
import { Readback } from "../../src/gpu/readback.ts";
import type { Uniform } from "../../src/gpu/uniforms.ts";
import { checkLosses, type LossInput, lossScale } from "../../src/loss/losses.ts";
import { recordedUnits } from "../../src/loss/target-rates-term.ts";
import { allocate } from "../../src/ops/buffers.ts";
import { type Layout, layoutOf, padRows, parameterOffsets, type Sizes, stripRows } from "../../src/ops/layout.ts";
import { populationFloats } from "../../src/ops/losses/population-kl.ts";
import { Recordings } from "../../src/ops/losses/target-rates.ts";
import { shapeUniform } from "../../src/ops/sequence.ts";
import { quietSettings, Settings } from "../../src/ops/settings.ts";
import { lossOps } from "../../src/train/loss-ops.ts";
import { at, type Numbers } from "../reference/numbers.ts";

/** What loss terms see of one replica: outputs, targets, mask [T, B, O]; rates [T, B, H]; effective weightHH [H, H]. */
export interface LossData {
  readonly outputs: Numbers;
  readonly targets: Numbers;
  readonly mask?: Float32Array;
  readonly rates: Numbers;
  readonly weightHH?: Numbers;
  /** [H]; absent = all 1. */
  readonly alpha?: Numbers;
  /** [T, B, K] */
  readonly rateTargets?: Float32Array;
  readonly rateMask?: Float32Array;
}

/** What they give: one value a term, dL/dy [T, B, O], dL/dr [T, B, H], and dL/d weightHH [H, H] where it is direct. */
export interface LossResult {
  readonly values: readonly number[];
  readonly byOutputs: Float32Array;
  readonly byRates: Float32Array;
  readonly byWeightHH: Float32Array;
}

/**
 * Runs terms on given outputs and rates, without a network; one result for every replica. All that they must write is NaN
 * before, and fails if padding is anything but 0 after (where a term acts on that side).
 */
export async function runLosses(
  device: Device,
  sizes: Pick<Sizes, "steps" | "batch" | "hidden" | "outputs">,
  replicas: readonly LossData[],
  losses: readonly LossInput[],
): Promise<LossResult[]> {
  const layout = layoutOf({ ...sizes, inputs: 1, replicas: replicas.length });
  const { steps, batch, hidden, outputs } = layout;
  const [rows, hiddenWidth, outputWidth] = [steps * batch, 4 * layout.hidden4, 4 * layout.output4];
  const unused = [4];
  const tensors = allocate(device, {
    outputs: [replicas.length, rows, outputWidth],
    targets: [replicas.length, rows, outputWidth],
    trialMask: [replicas.length, rows, outputWidth],
    outputGradients: [replicas.length, rows, outputWidth],
    rates: [replicas.length, rows + batch, hiddenWidth],
    directGradients: [replicas.length, rows, hiddenWidth],
    lossRows: [replicas.length, losses.length, rows],
    packed: [replicas.length, 4 * layout.packed4],
    penalties: [replicas.length, layout.parameters],
    hebbianDrives: [replicas.length, rows, hiddenWidth],
    hebbianFactors: [replicas.length, rows],
    recurrentProducts: [replicas.length, rows, hiddenWidth],
    partials: [replicas.length, layout.splits, layout.parameters],
    termScales: unused,
    rateTargets: [replicas.length, rows, hiddenWidth],
    rateMask: [replicas.length, rows, hiddenWidth],
    populationFactors: [replicas.length, layout.hidden4, populationFloats.factors],
    populationShares: [replicas.length, layout.hidden4, populationFloats.shares],
    ...{ parameters: unused, rules: unused, penaltySums: unused, trialMeans: unused, factors: unused },
    ...{ spectralVectors: unused, distances: unused },
  });
  const shape = shapeUniform(device, layout);
  const settings = new Settings(device, layout);
  const recordings = new Recordings(layout);
  const readback = new Readback(device);
  const terms = checkLosses(losses);
  const uniforms: Uniform[] = [];
  try {
    const { outputGradients, directGradients, lossRows, penalties, hebbianDrives, hebbianFactors } = tensors;
    const { recurrentProducts, partials, populationFactors, populationShares } = tensors;
    const written = [outputGradients, directGradients, lossRows, penalties, hebbianDrives, hebbianFactors];
    for (const tensor of [...written, recurrentProducts, partials, populationFactors, populationShares]) {
      tensor.write(new Float32Array(tensor.size).fill(Number.NaN));
    }
    for (const [replica, data] of replicas.entries()) {
      const padded = (values: Numbers, width: number, paddedWidth: number): Float32Array => {
        const target = new Float32Array(rows * paddedWidth);
        padRows(Float32Array.from(values), width, target, paddedWidth);
        return target;
      };
      const start = replica * rows * outputWidth;
      tensors.outputs.write(padded(data.outputs, outputs, outputWidth), start);
      tensors.targets.write(padded(data.targets, outputs, outputWidth), start);
      const ones = new Float32Array(rows * outputs).fill(1);
      tensors.trialMask.write(padded(data.mask ?? ones, outputs, outputWidth), start);
      // Slot 0, the initial state, must have no part in any term.
      const slots = new Float32Array((rows + batch) * hiddenWidth).fill(1e6);
      slots.set(padded(data.rates, hidden, hiddenWidth), batch * hiddenWidth);
      tensors.rates.write(slots, replica * slots.length);
      if (data.weightHH !== undefined) {
        const alpha = data.alpha ?? new Float32Array(hidden).fill(1);
        tensors.packed.write(packedRecurrent(layout, data.weightHH, alpha), replica * 4 * layout.packed4);
      }
      const { mask, rateTargets, rateMask } = data;
      const context = { ...layout, mask, recorded: rateTargets && rateTargets.length / rows, rateMask };
      for (const loss of terms) {
        if (loss.type !== "targetRates" || rateTargets === undefined) continue;
        recordings.set(replica, rateTargets, rateMask, recordedUnits(loss, context));
      }
      const scales = terms.map((loss) => lossScale(loss, context));
      settings.set(replica, { ...quietSettings, loss_scale: scales });
    }
    settings.upload();
    recordings.upload(tensors);
    const buffers = { shape, settings: settings.tensor, ...tensors, uniforms };
    const dispatches = await lossOps(device, layout, terms, "project", { activity: true, weights: true }, buffers);
    const ranges = [outputGradients, directGradients, penalties, lossRows].map((tensor) => ({ tensor }));
    const [dy, dr, dw, shares] = (await readback.read(ranges, dispatches)) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const { weightHH: start, biasH: end } = parameterOffsets(layout);
    return replicas.map((_, replica) => {
      const own = (list: Float32Array): Float32Array =>
        list.slice((replica * list.length) / replicas.length, ((replica + 1) * list.length) / replicas.length);
      const values = terms.map((_, term) =>
        own(shares)
          .subarray(term * rows, (term + 1) * rows)
          .reduce((sum, share) => sum + share, 0),
      );
      return {
        values,
        byOutputs: withoutPadding(own(dy), outputs, outputWidth),
        byRates: withoutPadding(own(dr), hidden, hiddenWidth),
        byWeightHH: own(dw).slice(start, end),
      };
    });
  } finally {
    readback.dispose();
    settings.dispose();
    shape.dispose();
    for (const uniform of uniforms) uniform.dispose();
    for (const tensor of Object.values(tensors)) tensor.dispose();
  }
}

/** Packed weights of one replica with nothing but recurrent weights [H, H] and alpha [H]: shaders/lib/shape.wgsl. */
export function packedRecurrent(layout: Layout, weightHH: Numbers, alpha: Numbers): Float32Array {
  const { hidden, hidden4, input4, output4 } = layout;
  const packed = new Float32Array(4 * layout.packed4);
  const forward = 16 * input4 * hidden4;
  const backward = forward + 16 * hidden4 * hidden4;
  const alphas = backward + 16 * hidden4 * hidden4 + 32 * hidden4 * output4 + 4 * output4;
  for (let post = 0; post < hidden; post += 1) {
    for (let pre = 0; pre < hidden; pre += 1) {
      const weight = at(weightHH, post * hidden + pre);
      packed[forward + pre * 4 * hidden4 + post] = weight;
      packed[backward + post * 4 * hidden4 + pre] = weight * at(alpha, post);
    }
    packed[alphas + post] = at(alpha, post);
  }
  return packed;
}

/** @returns the rows without their padding, which must be 0 unless nothing was written at all. */
function withoutPadding(padded: Float32Array, width: number, paddedWidth: number): Float32Array {
  if (!padded.every(Number.isNaN)) {
    const inPadding = padded.filter((_, index) => index % paddedWidth >= width);
    expect(inPadding.every((value) => value === 0)).toBe(true);
  }
  return stripRows(padded, width, paddedWidth);
}
