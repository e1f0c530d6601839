import { ShapeError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { Readback } from "../gpu/readback.ts";
import { Tensor } from "../gpu/tensor.ts";
import type { Layout } from "../ops/layout.ts";
import type { StatePlace } from "./stimulus-rows.ts";

/** A carried state as it lies on the GPU, padding included: preactivations, rates, and synapses where they change. */
export interface CarriedState {
  readonly states: Float32Array;
  readonly rates: Float32Array;
  readonly synapses?: Float32Array;
}

/**
 * The state of a batch on its way from the end of one sequence to the start of the next, on the GPU, to the bit. Sequences
 * may differ in their number of steps only.
 */
export class Carry {
  readonly #device: Device;
  readonly #replicas: number;
  /** [R, B, hidden4 * 4] */
  readonly #states: Tensor;
  readonly #rates: Tensor;
  /** [R, B, 4, hidden4 * 4] */
  readonly #synapses: Tensor | undefined;

  constructor(device: Device, { replicas, batch, hidden4, shortTermPlasticity }: Layout) {
    this.#device = device;
    this.#replicas = replicas;
    const shape = [replicas, batch, 4 * hidden4];
    this.#states = new Tensor(device, "carried states", shape);
    this.#rates = new Tensor(device, "carried rates", shape);
    this.#synapses =
      shortTermPlasticity === undefined
        ? undefined
        : new Tensor(device, "carried synapses", [replicas, batch, 4, 4 * hidden4]);
  }

  /** Takes the state from where a sequence ends. */
  take(end: StatePlace): void {
    this.#copy(end, "take");
  }

  /** Puts the state where a sequence starts. */
  give(start: StatePlace): void {
    this.#copy(start, "give");
  }

  async read(readback: Readback): Promise<CarriedState> {
    const [states, rates, synapses] = await readback.read(
      [this.#states, this.#rates, ...(this.#synapses ? [this.#synapses] : [])].map((tensor) => ({ tensor })),
    );
    return { states: states as Float32Array, rates: rates as Float32Array, ...(synapses && { synapses }) };
  }

  /** @throws ShapeError where it is the state of another network or batch. */
  check({ states, rates, synapses }: CarriedState): void {
    const given = { states, rates, synapses };
    for (const [name, tensor] of Object.entries({
      states: this.#states,
      rates: this.#rates,
      synapses: this.#synapses,
    })) {
      const length = given[name as keyof typeof given]?.length;
      if (length === tensor?.size) continue;
      throw new ShapeError(
        `checkpoint: carried ${name}: expected ${tensor?.size ?? "no"} values, got ${length ?? "none"}. Is it of another network or batch?`,
      );
    }
  }

  /** They must have been checked. */
  write({ states, rates, synapses }: CarriedState): void {
    this.#states.write(states);
    this.#rates.write(rates);
    if (synapses !== undefined) this.#synapses?.write(synapses);
  }

  dispose(): void {
    for (const tensor of [this.#states, this.#rates, this.#synapses]) tensor?.dispose();
  }

  /** Between a buffer of the sequence and one of its own, since WebGPU copies nothing within one buffer. */
  #copy({ states, rates, synapses, offset }: StatePlace, direction: "take" | "give"): void {
    this.#device.check();
    const encoder = this.#device.handle.createCommandEncoder({ label: `${direction} carried state` });
    for (const [theirs, ours, perUnit] of [
      [states, this.#states, 1],
      [rates, this.#rates, 1],
      [synapses, this.#synapses, 4],
    ] as const) {
      if (ours === undefined) continue;
      const bytes = (4 * ours.size) / this.#replicas;
      for (let replica = 0; replica < this.#replicas; replica += 1) {
        const [there, here] = [4 * perUnit * offset(replica), replica * bytes];
        if (direction === "take") encoder.copyBufferToBuffer(theirs.buffer, there, ours.buffer, here, bytes);
        else encoder.copyBufferToBuffer(ours.buffer, here, theirs.buffer, there, bytes);
      }
    }
    this.#device.queue.submit([encoder.finish()]);
    this.#device.counters.submits += 1;
  }
}
