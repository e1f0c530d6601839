import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import { Tensor } from "../../gpu/tensor.ts";
import { Uniform } from "../../gpu/uniforms.ts";
import { sornMeasure, sornSynapses, sornSynapsesAlone, sornUnits, sornUnitsAlone } from "../../wgsl/generated.ts";
import { gridFor, groupsFor, powerOfTwo } from "../grid.ts";
import { type networkShapes, type SornLayout, signalsShape, sizesValues } from "./layout.ts";

/** What a network owns whatever it is run for. */
export type SornTensors = Record<keyof ReturnType<typeof networkShapes>, Tensor>;

const unitsPerWord = 32;
/** Invocations that sum for one unit, and that share one unit's synapses at most, where the adapter has real ones. */
const lanes = 8;
const mostSynapseInvocations = 64;
/** Words and units of a workgroup on a software adapter: a few for each of its cores even where units are few. */
const wordsPerGroup = 4;
const unitsPerGroup = 16;
const measureInvocations = 256;

/**
 * Who owns what: `shared`, where workgroups share a unit's synapses, for hardware; `alone`, where an invocation has them to
 * itself, for software adapters, on which a barrier costs more than the work. Both give the same bits.
 */
export type SornFamily = "shared" | "alone";

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
    family: SornFamily = device.info.isSoftware ? "alone" : "shared",
  ): Promise<SornPlan> {
    const { replicas, slots, wordsE, wordsI, excitatory } = layout;
    const alone = family === "alone";
    const widest = Math.max(layout.places.EE.width, layout.places.EI.width);
    const units = alone
      ? await Kernel.create(device, sornUnitsAlone, { WORKGROUP_SIZE: wordsPerGroup, LANES: 1 })
      : await Kernel.create(device, sornUnits, { WORKGROUP_SIZE: unitsPerWord * lanes, LANES: lanes });
    const share = powerOfTwo(widest, 1, mostSynapseInvocations);
    const synapses = alone
      ? await Kernel.create(device, sornSynapsesAlone, { WORKGROUP_SIZE: unitsPerGroup, SHARE: 1 })
      : await Kernel.create(device, sornSynapses, { SHARE: share });
    const measure = await Kernel.create(device, sornMeasure, {
      WORKGROUP_SIZE: alone ? 1 : measureInvocations,
    });
    const signals = new Tensor(device, "signals", signalsShape(layout));
    // One more word for the choice of structural plasticity.
    const timeOf = (slot: number, second: boolean) => ({
      slot,
      first: second ? wordsE : 0,
      count: currentInhibition ? (second ? wordsI + 1 : wordsE) : wordsE + wordsI + 1,
    });
    const sizes = new Uniform(device, "sizes", sornUnits.bindings.sizes, [sizesValues(layout)]);
    const time = new Uniform(
      device,
      "time",
      sornUnits.bindings.time,
      Array.from({ length: 2 * slots }, (_, index) => timeOf(index >> 1, (index & 1) === 1)),
    );
    const offsets = (second: number): number[] =>
      Array.from({ length: slots }, (_, slot) => (2 * slot + second) * time.stride);
    const { weights, sources, rows, refused, rates, spikes, choices, series } = network;
    const unitResources = {
      ...{ sizes, time, rates: read(rates), sources: read(sources), weights: read(weights), signals: read(signals) },
      ...{ units: readWrite(network.units), spikes: readWrite(spikes), choices: readWrite(choices) },
    };
    const parts = currentInhibition ? [false, true] : [false];
    const unitDispatches = parts.map((second) => {
      const groups = groupsFor(timeOf(0, second).count, alone ? wordsPerGroup : 1);
      return units.dispatchSequence(unitResources, [groups, 1, replicas], offsets(Number(second)));
    });
    const synapseDispatches = synapses.dispatchSequence(
      {
        ...{ sizes, time, rates: read(rates), spikes: read(spikes), choices: read(choices) },
        ...{ sources: readWrite(sources), weights: readWrite(weights) },
        ...{ rows: readWrite(rows), refused: readWrite(refused) },
      },
      gridFor(excitatory, alone ? unitsPerGroup : 1, replicas),
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
