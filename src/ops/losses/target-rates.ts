import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read } from "../../gpu/kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";
import { targetRates } from "../../wgsl/generated.ts";
import type { Layout } from "../layout.ts";
import { type LossBuffers, perRow, placeOverrides, rateResources, type TermPlace } from "./place.ts";

/** Recorded rates and their mask, each at its hidden unit: shapes in shaders/target_rates.wgsl. */
export interface RecordingBuffers {
  readonly rateTargets: Tensor;
  readonly rateMask: Tensor;
}

/** Masked squared difference between rates and recorded rates, and its gradient: shaders/target_rates.wgsl. */
export async function targetRatesOp(
  device: Device,
  layout: Layout,
  place: TermPlace,
  buffers: LossBuffers & RecordingBuffers,
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, targetRates, placeOverrides(place));
  const { rateTargets, rateMask } = buffers;
  return kernel.dispatch(
    { ...rateResources(buffers), rate_targets: read(rateTargets), rate_mask: read(rateMask) },
    perRow(layout),
  );
}

/** Recorded rates of all replicas, each column at its hidden unit, in the rows that the GPU reads. */
export class Recordings {
  readonly #values: Float32Array;
  readonly #mask: Float32Array;
  readonly #width: number;
  readonly #length: number;

  constructor({ replicas, steps, batch, hidden4 }: Layout) {
    this.#width = 4 * hidden4;
    this.#length = steps * batch * this.#width;
    this.#values = new Float32Array(replicas * this.#length);
    this.#mask = new Float32Array(replicas * this.#length);
  }

  /**
   * Sets what was recorded in the trials of one replica; where the mask is 0 nothing was, whatever stands there.
   * @param rateTargets, rateMask [T, B, K]; an absent mask is all 1.
   * @param units [K]: the hidden unit of every column.
   */
  set(replica: number, rateTargets: Float32Array, rateMask: Float32Array | undefined, units: readonly number[]): void {
    const rows = this.#length / this.#width;
    for (let row = 0, from = 0; row < rows; row += 1) {
      const start = replica * this.#length + row * this.#width;
      for (const unit of units) {
        const weight = rateMask === undefined ? 1 : (rateMask[from] as number);
        this.#mask[start + unit] = weight;
        this.#values[start + unit] = weight === 0 ? 0 : (rateTargets[from] as number);
        from += 1;
      }
    }
  }

  /** Sends all of it in two writes. */
  upload({ rateTargets, rateMask }: RecordingBuffers): void {
    rateTargets.write(this.#values);
    rateMask.write(this.#mask);
  }
}
