import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import { Readback, type TensorRange } from "../gpu/readback.ts";
import { submit } from "../gpu/recorder.ts";
import { allocate } from "../ops/buffers.ts";
import { networkShapes, projectionNames, type SornLayout, seriesWidth, sornLayout } from "../ops/sorn/layout.ts";
import { type SornFamily, SornPlan, type SornTensors } from "../ops/sorn/plan.ts";
import { addMatrix, addSeries, addSpikes, matrixRanges, ringRanges } from "./frames.ts";
import type { SornParameters } from "./parameters.ts";
import { Rates, ratesValues } from "./rates.ts";
import type { FrameStore } from "./record.ts";
import type { RunPlan } from "./run-options.ts";
import { largestInDegree, type SornState } from "./state.ts";
import { chooseStorage } from "./storage.ts";
import { readStates, type Stretch, writeChoices, writeSignals, writeStates } from "./transfer.ts";

const plasticRules = ["stdp", "sp", "istdp", "ss"] as const;

/** The networks of a `Sorn` on the GPU: their buffers, the compiled plans, and where in time they are. */
export class SornEngine {
  step = 0;
  seeds: readonly number[];
  /** Whether the last step scaled all sums, so that silent units need no scaling in the next. */
  settled = false;
  readonly #device: Device;
  readonly #parameters: readonly [SornParameters, ...SornParameters[]];
  readonly #family: SornFamily | undefined;
  readonly #readback: Readback;
  readonly #plans = new Map<string, Promise<SornPlan>>();
  #layout: SornLayout;
  #tensors: SornTensors;
  #rates: Rates;
  /** Slot of the ring that holds the present spikes. */
  #slot = 0;
  /** Number of I-E synapses of each replica, which never changes. */
  #constants: readonly number[] = [];

  /** @throws LimitError before anything is allocated. */
  constructor(
    device: Device,
    parameters: readonly [SornParameters, ...SornParameters[]],
    states: readonly SornState[],
    family: SornFamily | undefined,
  ) {
    this.#device = device;
    this.#parameters = parameters;
    this.#family = family;
    this.seeds = parameters.map(({ seed }) => seed);
    this.#layout = planLayout(parameters[0], states, device.info.isSoftware);
    this.#tensors = allocate(device, networkShapes(this.#layout));
    this.#rates = new Rates(this.#tensors.rates);
    this.#readback = new Readback(device);
    this.write(
      states,
      parameters.map(() => 0),
    );
  }

  get layout(): SornLayout {
    return this.#layout;
  }

  /** Puts states in place of the present ones, in wider lists where they need them. @throws LimitError; nothing has changed. */
  write(states: readonly SornState[], refused: readonly number[]): void {
    if (!fitsInto(this.#layout, states)) {
      const layout = planLayout(this.#parameters[0], states, this.#device.info.isSoftware);
      const tensors = allocate(this.#device, networkShapes(layout));
      this.#free();
      this.#layout = layout;
      this.#tensors = tensors;
      this.#rates = new Rates(tensors.rates);
    }
    writeStates(this.#layout, this.#tensors, states);
    this.#tensors.refused.write(Uint32Array.from(refused));
    this.#slot = 0;
    this.#constants = states.map(({ synapses }) => synapses.IE.sources.length);
  }

  read(): ReturnType<typeof readStates> {
    return readStates(this.#layout, this.#tensors, this.#readback, this.#slot);
  }

  compile({ givenNoise, ownInputs }: RunPlan): Promise<SornPlan> {
    const key = `${givenNoise !== undefined} ${ownInputs}`;
    let plan = this.#plans.get(key);
    if (plan === undefined) {
      const layout = sornLayout({ ...this.#layout, givenNoise: givenNoise !== undefined, ownInputs });
      const current = this.#parameters[0].inhibition === "current";
      plan = SornPlan.compile(this.#device, layout, this.#tensors, current, this.#family);
      this.#plans.set(key, plan);
      plan.catch(() => this.#plans.delete(key));
    }
    return plan;
  }

  /** Computes steps `done` … `done + count - 1` of a run, and adds what is recorded of them to the stores. */
  async advance(
    compiled: SornPlan,
    plan: RunPlan,
    done: number,
    count: number,
    stores: readonly FrameStore[],
  ): Promise<void> {
    this.#device.check();
    const stretch: Stretch = { done, count, first: (this.#slot + 1) % this.#layout.slots };
    writeSignals(compiled, plan, stretch);
    this.#writeRates(plan, stretch);
    if (plan.newSynapses) writeChoices(this.#layout, this.#tensors, plan.newSynapses, stretch);
    const due = new Map(stores.map((store) => [store, store.dueOf(plan, done, count)]));
    const plastic = plasticRules.some(
      (rule) => !plan.freeze.has(rule) && this.#parameters.some((own) => own[rule] !== false),
    );
    const reads = this.#reads(due, stretch);
    const ranges = reads.flatMap((each) => each.ranges);
    const parts = await this.#compute(this.#dispatches(compiled, stretch, due, plastic), ranges);
    let at = 0;
    for (const each of reads) {
      each.use(parts.slice(at, at + each.ranges.length));
      at += each.ranges.length;
    }
    this.#slot = (this.#slot + count) % this.#layout.slots;
    this.step += count;
    this.settled = !plan.freeze.has("ss") || (this.settled && !plastic);
  }

  dispose(): void {
    this.#free();
    this.#readback.dispose();
  }

  /** Frees the tensors and what is compiled for them. */
  #free(): void {
    for (const tensor of Object.values(this.#tensors)) tensor.dispose();
    for (const plan of this.#plans.values())
      plan.then(
        (compiled) => compiled.dispose(),
        () => undefined,
      );
    this.#plans.clear();
  }

  #dispatches(compiled: SornPlan, { first, count }: Stretch, due: Due, plastic: boolean): readonly Dispatch[] {
    const measured = new Set([...due].flatMap(([{ plan }, indices]) => (plan.kind === "series" ? indices : [])));
    return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
      const { units, measure, synapses } = compiled.steps[(first + index) % this.#layout.slots] as SornPlan["steps"][0];
      return [...units, ...(measured.has(index) ? [measure] : []), ...(plastic ? [synapses] : [])];
    });
  }

  /** What comes back of a stretch, and how it goes into the stores. */
  #reads(due: Due, { first, count }: Stretch): readonly Read[] {
    const layout = this.#layout;
    const number = (index: number): number => this.step + index + 1;
    const rings = (["spikes", "series"] as const).flatMap((kind): Read[] => {
      const wanted = [...due].filter(([{ plan }, indices]) => plan.kind === kind && indices.length > 0);
      if (wanted.length === 0) return [];
      const width = kind === "spikes" ? layout.words : seriesWidth;
      const { ranges, read } = ringRanges(layout, this.#tensors[kind], width, first, count);
      const use = (parts: readonly Float32Array[]): void => {
        const part = read(parts);
        for (const [store, indices] of wanted)
          for (const index of indices)
            if (kind === "spikes") addSpikes(store, layout, part, index, number(index));
            else addSeries(store, layout, part, index, number(index), this.#constants);
      };
      return [{ ranges, use }];
    });
    // A stretch ends where one of these is due.
    const whole = [...due].filter(([store, indices]) => store.isWhole && indices.length > 0);
    return [
      ...rings,
      ...whole.map(([store]): Read => {
        const ranges = matrixRanges(store.plan, layout, this.#tensors);
        return { ranges, use: (parts) => addMatrix(store, layout, parts, number(count - 1)) };
      }),
    ];
  }

  async #compute(dispatches: readonly Dispatch[], ranges: readonly TensorRange[]): Promise<Float32Array[]> {
    if (ranges.length > 0) return this.#readback.read(ranges, dispatches);
    submit(this.#device, "sorn", dispatches);
    await this.#device.wait(this.#device.queue.onSubmittedWorkDone());
    this.#device.check();
    return [];
  }

  #writeRates({ freeze, noisy, newSynapses }: RunPlan, { done, first }: Stretch): void {
    for (const [replica, parameters] of this.#parameters.entries())
      this.#rates.write(
        replica,
        ratesValues(parameters, {
          ...{ seed: this.seeds[replica] ?? 0, firstStep: this.step, firstSlot: first, freeze, noisy },
          givenSynapses: newSynapses !== undefined,
          scaleAll: done === 0 && !this.settled,
        }),
      );
    this.#rates.upload();
  }
}

/** Which steps of a stretch each store wants. */
type Due = ReadonlyMap<FrameStore, readonly number[]>;

interface Read {
  readonly ranges: readonly TensorRange[];
  readonly use: (parts: readonly Float32Array[]) => void;
}

/** Storage for some states, and as many steps a submission as suit its size. @throws LimitError */
function planLayout(parameters: SornParameters, states: readonly SornState[], isSoftware: boolean): SornLayout {
  const { excitatory, inhibitory, inputs } = parameters;
  const sizes = {
    ...{ replicas: states.length, excitatory, inhibitory, inputs, storage: chooseStorage(parameters, states) },
    ...{ givenNoise: false, ownInputs: false },
  };
  return sornLayout({ ...sizes, steps: stepsPerSubmission(sornLayout({ ...sizes, steps: 1 }), isSoftware) });
}

function fitsInto({ places }: SornLayout, states: readonly SornState[]): boolean {
  return projectionNames.every(
    (name) =>
      !places[name].lists || states.every(({ synapses }) => largestInDegree(synapses[name]) <= places[name].width),
  );
}

/** As many steps as keep the GPU busy, and few enough that a block never takes long. */
function stepsPerSubmission({ weights, replicas }: SornLayout, isSoftware: boolean): number {
  const [work, idle] = isSoftware ? [2 ** 26, 2 ** 18] : [2 ** 30, 2 ** 20];
  return Math.max(8, Math.min(256, Math.floor(work / (replicas * weights + idle))));
}
