import type { Device } from "../gpu/device.ts";
import { copyTensor } from "../gpu/recorder.ts";
import { Tensor } from "../gpu/tensor.ts";
import { type Layout, stripRows } from "../ops/layout.ts";

/** The outputs of trials that are run window by window, put together on the GPU: [R, longest T, B, output4 * 4]. */
export class WholeOutputs {
  readonly tensor: Tensor;
  readonly #device: Device;
  readonly #replicas: number;

  /** @param layout of the longest trials. */
  constructor(device: Device, { replicas, steps, batch, output4 }: Layout) {
    this.#device = device;
    this.#replicas = replicas;
    this.tensor = new Tensor(device, "whole outputs", [replicas, steps, batch, 4 * output4]);
  }

  /** Copies the outputs of a window that starts at a time step. */
  keep(outputs: Tensor, { steps, batch, output4 }: Layout, from: number): void {
    const count = steps * batch * 4 * output4;
    const stride = this.tensor.size / this.#replicas;
    for (let replica = 0; replica < this.#replicas; replica += 1) {
      const target = replica * stride + from * batch * 4 * output4;
      copyTensor(this.#device, outputs, this.tensor, { from: replica * count, to: target, count });
    }
  }

  dispose(): void {
    this.tensor.dispose();
  }
}

/** The outputs of a replica in the first steps of all trials, [steps, B, O], of padded ones [R, T, B, output4 * 4]. */
export function replicaOutputs(outputs: Float32Array, layout: Layout, replica: number, steps: number): Float32Array {
  const { replicas, batch, outputs: width, output4 } = layout;
  const start = (replica * outputs.length) / replicas;
  return stripRows(outputs.slice(start, start + steps * batch * 4 * output4), width, 4 * output4);
}
