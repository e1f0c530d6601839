import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import { Tensor } from "../../gpu/tensor.ts";
import { Uniform } from "../../gpu/uniforms.ts";
import { sornMeasure, sornSynapses, sornUnits } from "../../wgsl/generated.ts";
import { groupsFor, powerOfTwo } from "../grid.ts";
import { type networkShapes, type SornLayout, signalsShape, sizesValues } from "./layout.ts";

/** What a network owns whatever it is run for. */
export type SornTensors = Record<keyof ReturnType<typeof networkShapes>, Tensor>;

const unitsPerGroup = 32;
/** Invocations that sum for one unit, where the adapter has real ones; on a software adapter they only add barriers. */
const lanesOnHardware = 8;
const mostSynapseInvocations = 64;
const synapseInvocationsOnSoftware = 4;
const measureInvocations = 256;
const mostGroupsOfAnAxis = 65535;

/** The dispatches that compute one slot of the ring, and one that measures it between them. */
export interface SornStep {
  readonly units: readonly Dispatch[];
  readonly measure: Dispatch;
  readonly synapses: Dispatch;
}

/** Time steps of a self-organising recurrent network as fixed lists of dispatches, one list for each slot of the ring. */
export class SornPlan {
  readonly layout: SornLayout;
  /** [R or 1, slots, signals] */
  readonly signals: Tensor;
  readonly steps: readonly SornStep[];
  readonly #uniforms: readonly Uniform[];

  private constructor(parts: Pick<SornPlan, "layout" | "signals" | "steps"> & { uniforms: readonly Uniform[] }) {
    this.layout = parts.layout;
    this.signals = parts.signals;
    this.steps = parts.steps;
    this.#uniforms = parts.uniforms;
  }

  /**
   * @param currentInhibition whether I is driven by x(t+1), and so is dispatched after E.
   * @throws LimitError where the adapter cannot hold the plan, before anything is allocated.
   */
  static async compile(
    device: Device,
    layout: SornLayout,
    network: SornTensors,
    currentInhibition: boolean,
  ): Promise<SornPlan> {
    const { replicas, slots, wordsE, wordsI, excitatory } = layout;
    const software = device.info.isSoftware;
    const lanes = software ? 1 : lanesOnHardware;
    const widest = Math.max(layout.places.EE.width, layout.places.EI.width);
    const units = await Kernel.create(device, sornUnits, { WORKGROUP_SIZE: unitsPerGroup * lanes, LANES: lanes });
    const synapses = await Kernel.create(device, sornSynapses, {
      WORKGROUP_SIZE: software ? synapseInvocationsOnSoftware : powerOfTwo(widest, 1, mostSynapseInvocations),
    });
    const measure = await Kernel.create(device, sornMeasure, {
      WORKGROUP_SIZE: software ? 1 : measureInvocations,
    });
    const signals = new Tensor(device, "signals", signalsShape(layout));
    const sizes = new Uniform(device, "sizes", sornUnits.bindings.sizes, [sizesValues(layout)]);
    const time = new Uniform(
      device,
      "time",
      sornUnits.bindings.time,
      Array.from({ length: 2 * slots }, (_, index) => ({ slot: index >> 1, first: (index & 1) * wordsE })),
    );
    const offsets = (second: number): number[] =>
      Array.from({ length: slots }, (_, slot) => (2 * slot + second) * time.stride);
    const { weights, sources, rows, refused, rates, spikes, choices, series } = network;
    const unitResources = {
      ...{ sizes, time, rates: read(rates), sources: read(sources), weights: read(weights), signals: read(signals) },
      ...{ units: readWrite(network.units), spikes: readWrite(spikes), choices: readWrite(choices) },
    };
    // One more workgroup for the choice of structural plasticity.
    const unitDispatches = currentInhibition
      ? [
          units.dispatchSequence(unitResources, [wordsE, 1, replicas], offsets(0)),
          units.dispatchSequence(unitResources, [wordsI + 1, 1, replicas], offsets(1)),
        ]
      : [units.dispatchSequence(unitResources, [wordsE + wordsI + 1, 1, replicas], offsets(0))];
    const synapseRows = groupsFor(excitatory, mostGroupsOfAnAxis);
    const synapseDispatches = synapses.dispatchSequence(
      {
        ...{ sizes, time, rates: read(rates), spikes: read(spikes), choices: read(choices) },
        ...{ sources: readWrite(sources), weights: readWrite(weights) },
        ...{ rows: readWrite(rows), refused: readWrite(refused) },
      },
      [groupsFor(excitatory, synapseRows), synapseRows, replicas],
      offsets(0),
    );
    const measureDispatches = measure.dispatchSequence(
      {
        ...{ sizes, time, spikes: read(spikes), rows: read(rows), units: read(network.units) },
        ...{ refused: read(refused), series: readWrite(series) },
      },
      [1, 1, replicas],
      offsets(0),
    );
    const steps = Array.from(
      { length: slots },
      (_, slot): SornStep => ({
        units: unitDispatches.map((each) => each[slot] as Dispatch),
        measure: measureDispatches[slot] as Dispatch,
        synapses: synapseDispatches[slot] as Dispatch,
      }),
    );
    return new SornPlan({ layout, signals, steps, uniforms: [sizes, time] });
  }

  dispose(): void {
    this.signals.dispose();
    for (const uniform of this.#uniforms) uniform.dispose();
  }
}
