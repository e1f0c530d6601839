import { ConfigError, DisposedError, LimitError, ShapeError, ValueError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import { Readback, type TensorRange } from "../gpu/readback.ts";
import { submit } from "../gpu/recorder.ts";
import { allocate } from "../ops/buffers.ts";
import { networkShapes, projectionNames, type SornLayout, seriesWidth, sornLayout } from "../ops/sorn/layout.ts";
import { type SornFamily, SornPlan, type SornTensors } from "../ops/sorn/plan.ts";
import { drawState } from "./connect.ts";
import { addMatrix, addSeries, addSpikes, matrixRanges, ringRanges } from "./frames.ts";
import { type SornOptions, type SornParameters, sornParameters } from "./parameters.ts";
import { Rates, ratesValues } from "./rates.ts";
import { FrameStore, type SornRecord, type SornRecordName } from "./record.ts";
import { planRun, type RunPlan, type SornRunOptions } from "./run-options.ts";
import { checkState, type SornSnapshot, type SornState } from "./state.ts";
import { chooseStorage, packSynapses, unpackSynapses } from "./storage.ts";

/** A stretch of a run: how far it is, and what was recorded in it. */
export interface SornBlock {
  /** Steps the network has taken since it was made. */
  readonly step: number;
  /** Steps of this run, and how many it has. */
  readonly done: number;
  readonly total: number;
  readonly records: Readonly<Partial<Record<SornRecordName, SornRecord>>>;
}

/** What a replica has of its own: its seed, its rules and their numbers. Sizes, connections and storage are common. */
export type SornMember = Omit<
  SornOptions,
  "preset" | "excitatory" | "inhibitory" | "inputs" | "inhibition" | "storage" | "slots"
>;

export interface SornNetworkOptions extends SornOptions {
  /** Independent networks that run side by side: how many (of seeds seed, seed + 1, …), or what each has of its own. */
  readonly replicas?: number | readonly SornMember[];
  /** The states of the replicas, in place of drawn ones. */
  readonly state?: SornState | readonly SornState[];
  /** Which kernels; default: those that suit the adapter. The results are the same to the bit. */
  readonly family?: SornFamily;
}

const mostSteps = 2 ** 32 - 1;
const mostReplicas = 65535;

/**
 * A self-organising recurrent network of binary threshold units: E excitatory ones with plastic synapses, I inhibitory ones.
 * The rules are those of Lazar et al. 2009 and Zheng et al. 2013, see `sornPresets`. It owns its parameters, state and seed;
 * nothing is shared with another network. Made by {@link sorn}.
 */
export class Sorn {
  readonly device: Device;
  /** Complete parameters of each replica, plain data. */
  readonly parameters: readonly [SornParameters, ...SornParameters[]];
  #layout: SornLayout;
  #tensors: SornTensors;
  #rates: Rates;
  readonly #readback: Readback;
  readonly #family: SornFamily | undefined;
  readonly #plans = new Map<string, Promise<SornPlan>>();
  #seeds: readonly number[];
  #step = 0;
  /** Slot of the ring that holds the present spikes. */
  #slot = 0;
  #settled = false;
  /** Number of I-E synapses of each replica, which never changes. */
  #constants: readonly number[] = [];
  #running = false;
  #disposed = false;

  /** @throws LimitError before anything is allocated. */
  constructor(
    device: Device,
    parameters: readonly [SornParameters, ...SornParameters[]],
    {
      states = parameters.map(drawState),
      family,
    }: { readonly states?: readonly SornState[]; readonly family?: SornFamily } = {},
  ) {
    this.device = device;
    this.parameters = parameters;
    this.#family = family;
    const [first] = parameters;
    checkStates(states, parameters, "sorn: state");
    this.#layout = planLayout(first, states, device.info.isSoftware);
    this.#tensors = allocate(device, networkShapes(this.#layout));
    this.#rates = new Rates(this.#tensors.rates);
    this.#readback = new Readback(device);
    this.#seeds = parameters.map(({ seed }) => seed);
    this.#write(
      states,
      parameters.map(() => 0),
    );
  }

  /** Independent networks side by side. */
  get replicas(): number {
    return this.parameters.length;
  }

  /** Steps taken since the network was made. */
  get step(): number {
    return this.#step;
  }

  /** How each projection is stored: slots of one unit, and whether as lists; and bytes of all synapses. */
  get storage(): { readonly projections: SornLayout["storage"]; readonly bytes: number } {
    const { storage, weights, sources, replicas } = this.#layout;
    return { projections: storage, bytes: 4 * replicas * (weights + sources) };
  }

  /**
   * Runs the network from where it is, and yields a block whenever some steps are done: nothing is kept that was not asked
   * for. Leaving the loop early leaves the network after the last block.
   * @throws ConfigError, ShapeError, ValueError, LimitError at once, before any GPU work.
   */
  run(options: SornRunOptions): AsyncGenerator<SornBlock, void, undefined> {
    this.#check();
    const plan = planRun(options, this.parameters[0], this.replicas);
    if (this.#step + plan.steps > mostSteps)
      throw new LimitError(`run: ${this.#step} steps are taken; random numbers are counted up to ${mostSteps} steps.`);
    return this.#blocks(plan);
  }

  async *#blocks(plan: RunPlan): AsyncGenerator<SornBlock, void, undefined> {
    this.#check();
    if (this.#running) throw new ConfigError("run: this network is already running. Let the other run end first.");
    this.#running = true;
    try {
      const compiled = await this.#compile(plan.givenNoise !== undefined, plan.ownInputs);
      const stores = plan.records.map((record) => {
        const frames = Math.floor(plan.steps / record.stride);
        const most = record.last ?? Math.ceil(Math.min(plan.block, this.#layout.steps) / record.stride);
        return new FrameStore(record, this.replicas, Math.max(1, Math.min(frames, most)));
      });
      for (let done = 0; done < plan.steps && !plan.signal?.aborted; ) {
        const count = this.#stretch(plan, done);
        await this.#advance(compiled, plan, done, count, stores);
        done += count;
        const over = done >= plan.steps || plan.signal?.aborted === true;
        const due = stores.filter((store) => store.count > 0 && (over || store.plan.last === undefined));
        const records = Object.fromEntries(due.map((store) => [store.plan.name, store.take()]));
        yield { step: this.#step, done, total: plan.steps, records };
      }
    } finally {
      this.#running = false;
    }
  }

  /**
   * All that is needed to go on exactly, on any adapter and in any storage: state, seeds and the counter of random numbers.
   */
  async snapshot(): Promise<SornSnapshot> {
    this.#check();
    if (this.#running)
      throw new ConfigError("snapshot: the network is running. Take it between blocks, or after the run.");
    const { weights, sources, units, spikes, refused } = this.#tensors;
    const { replicas, slots, words, wordsE, excitatory, inhibitory, places } = this.#layout;
    const [w, s, u, r, ...x] = (await this.#readback.read([
      ...[weights, sources, units, refused].map((tensor) => ({ tensor })),
      ...this.parameters.map((_, replica) => ({
        ...{ tensor: spikes, offset: (replica * slots + this.#slot) * words, count: words },
      })),
    ])) as [Float32Array, Float32Array, Float32Array, Float32Array, ...Float32Array[]];
    const allSources = new Uint32Array(s.buffer);
    const states = Array.from({ length: replicas }, (_, replica): SornState => {
      const own = w.subarray(replica * this.#layout.weights, (replica + 1) * this.#layout.weights);
      const from = allSources.subarray(replica * this.#layout.sources, (replica + 1) * this.#layout.sources);
      const pairs = u.subarray(2 * replica * (excitatory + inhibitory));
      const bits = new Uint32Array((x[replica] as Float32Array).buffer);
      const active = (word: number, count: number): Uint8Array =>
        Uint8Array.from({ length: count }, (_, unit) => ((bits[word + (unit >>> 5)] ?? 0) >>> (unit & 31)) & 1);
      const column = (first: number, count: number, part: number): Float32Array =>
        Float32Array.from({ length: count }, (_, unit) => pairs[2 * (first + unit) + part] ?? 0);
      return {
        x: active(0, excitatory),
        y: active(wordsE, inhibitory),
        thresholdE: column(0, excitatory, 0),
        thresholdI: column(excitatory, inhibitory, 0),
        target: column(0, excitatory, 1),
        synapses: Object.fromEntries(
          projectionNames.map((name) => [name, unpackSynapses(places[name], own, from)]),
        ) as SornState["synapses"],
      };
    });
    return {
      format: "cortrain/sorn@1",
      ...{ step: this.#step, seeds: this.#seeds, settled: this.#settled },
      refused: [...new Uint32Array(r.buffer)],
      replicas: states,
    };
  }

  /**
   * Goes back to a snapshot of this network, or takes that of another of the same shape, counters of random numbers included.
   * @throws ConfigError, ShapeError, ValueError, LimitError; the network is as it was then.
   */
  restore(snapshot: SornSnapshot): void {
    this.#check();
    if (this.#running) throw new ConfigError("restore: the network is running. Let the run end first.");
    if (snapshot?.format !== "cortrain/sorn@1")
      throw new ConfigError(
        `restore: expected a snapshot of format "cortrain/sorn@1", got ${String(snapshot?.format)}.`,
      );
    const { replicas, seeds, refused, step } = snapshot;
    if (replicas.length !== this.replicas || seeds.length !== this.replicas || refused.length !== this.replicas)
      throw new ShapeError(
        `restore: the snapshot has ${replicas.length} replicas and ${seeds.length} seeds; this network has ${this.replicas} replicas.`,
      );
    if (!Number.isInteger(step) || step < 0 || step > mostSteps)
      throw new ValueError(`restore: step: expected an integer of at most ${mostSteps}, got ${step}.`);
    checkStates(replicas, this.parameters, "restore");
    this.#makeRoom(replicas);
    this.#write(replicas, refused);
    this.#seeds = seeds;
    this.#step = step;
    this.#settled = snapshot.settled;
  }

  /** Frees all buffers; a second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#free();
    this.#readback.dispose();
  }

  #check(): void {
    if (this.#disposed) throw new DisposedError("The self-organising network was used after its dispose().");
    this.device.check();
  }

  /** Makes wider lists where a state has units with more synapses. @throws LimitError; nothing has changed then. */
  #makeRoom(states: readonly SornState[]): void {
    const layout = planLayout(this.parameters[0], states, this.device.info.isSoftware);
    const fits = projectionNames.every((name) => {
      const [own, needed] = [this.#layout.places[name], layout.places[name]];
      return !own.lists ? !needed.lists || own.width === own.sources : needed.lists && needed.width <= own.width;
    });
    if (fits) return;
    const tensors = allocate(this.device, networkShapes(layout));
    this.#free();
    this.#layout = layout;
    this.#tensors = tensors;
    this.#rates = new Rates(tensors.rates);
  }

  /** Frees the network's tensors and what is compiled for them. */
  #free(): void {
    for (const tensor of Object.values(this.#tensors)) tensor.dispose();
    for (const plan of this.#plans.values())
      plan.then(
        (compiled) => compiled.dispose(),
        () => undefined,
      );
    this.#plans.clear();
  }

  #write(states: readonly SornState[], refused: readonly number[]): void {
    const { excitatory, inhibitory, slots, words, wordsE, weights, sources } = this.#layout;
    const { tensors, layout } = { tensors: this.#tensors, layout: this.#layout };
    const packed = states.map((state) => packSynapses(layout, state));
    for (const [replica, state] of states.entries()) {
      const own = packed[replica] as ReturnType<typeof packSynapses>;
      tensors.weights.write(own.weights, replica * weights);
      if (sources > 0) tensors.sources.write(own.sources, replica * sources);
      tensors.rows.write(own.rows, 8 * replica * excitatory);
      const units = new Float32Array(2 * (excitatory + inhibitory));
      for (let unit = 0; unit < excitatory; unit += 1) {
        units[2 * unit] = state.thresholdE[unit] ?? 0;
        units[2 * unit + 1] = state.target[unit] ?? 0;
      }
      for (let unit = 0; unit < inhibitory; unit += 1) units[2 * (excitatory + unit)] = state.thresholdI[unit] ?? 0;
      tensors.units.write(units, replica * units.length);
      const bits = new Uint32Array(words);
      const set = (active: Uint8Array, word: number): void => {
        for (const [unit, fires] of active.entries())
          if (fires === 1) bits[word + (unit >>> 5)] = (bits[word + (unit >>> 5)] ?? 0) | (1 << (unit & 31));
      };
      set(state.x, 0);
      set(state.y, wordsE);
      tensors.spikes.write(bits, replica * slots * words);
    }
    tensors.refused.write(Uint32Array.from(refused));
    this.#slot = 0;
    this.#constants = states.map(({ synapses }) => synapses.IE.sources.length);
  }

  #compile(givenNoise: boolean, ownInputs: boolean): Promise<SornPlan> {
    const key = `${givenNoise} ${ownInputs}`;
    let plan = this.#plans.get(key);
    if (plan === undefined) {
      const layout = sornLayout({ ...this.#layout, givenNoise, ownInputs });
      plan = SornPlan.compile(
        this.device,
        layout,
        this.#tensors,
        this.parameters[0].inhibition === "current",
        this.#family,
      );
      this.#plans.set(key, plan);
      plan.catch(() => this.#plans.delete(key));
    }
    return plan;
  }

  /** Steps until the next block, or the next step whose weights or thresholds are wanted. */
  #stretch({ steps, block, records }: RunPlan, done: number): number {
    const reads = records
      .filter(({ kind }) => kind === "weights" || kind === "thresholds")
      .map(({ stride }) => stride - (done % stride));
    return Math.min(this.#layout.steps, steps - done, block - (done % block), ...reads);
  }

  /** Computes `count` steps and adds what is recorded to the stores. */
  async #advance(
    compiled: SornPlan,
    plan: RunPlan,
    done: number,
    count: number,
    stores: readonly FrameStore[],
  ): Promise<void> {
    this.#check();
    const { slots, words } = this.#layout;
    const first = (this.#slot + 1) % slots;
    this.#uploadSignals(compiled, plan, done, count, first);
    this.#uploadRates(plan, first, done);
    if (plan.newSynapses) this.#uploadChoices(plan.newSynapses, done, count, first);
    // Frames that a ring would drop anyway are not made.
    const isDue = ({ plan: { stride, last } }: FrameStore, step: number): boolean =>
      (step + 1) % stride === 0 && (last === undefined || Math.floor(plan.steps / stride) - (step + 1) / stride < last);
    const due = stores.map((store) =>
      Array.from({ length: count }, (_, index) => index).filter((index) => isDue(store, done + index)),
    );
    const measured = new Set(
      stores.flatMap((store, index) => (store.plan.kind === "series" ? (due[index] ?? []) : [])),
    );
    const plastic = plasticRules.some(
      (rule) => this.parameters.some((own) => own[rule] !== false) && !plan.freeze.has(rule),
    );
    const dispatches: Dispatch[] = [];
    for (let index = 0; index < count; index += 1) {
      const step = compiled.steps[(first + index) % slots];
      if (step === undefined) continue;
      dispatches.push(...step.units);
      if (measured.has(index)) dispatches.push(step.measure);
      if (plastic) dispatches.push(step.synapses);
    }
    const reads: { ranges: readonly TensorRange[]; use: (parts: readonly Float32Array[]) => void }[] = [];
    const number = (index: number): number => this.#step + index + 1;
    for (const [tensor, width, kind] of [
      [this.#tensors.spikes, words, "spikes"],
      [this.#tensors.series, seriesWidth, "series"],
    ] as const) {
      const wanted = stores.filter((store, index) => store.plan.kind === kind && (due[index]?.length ?? 0) > 0);
      if (wanted.length === 0) continue;
      const { ranges, read } = ringRanges(this.#layout, tensor, width, first, count);
      const use = (parts: readonly Float32Array[]): void => {
        const part = read(parts);
        for (const store of wanted)
          for (const index of due[stores.indexOf(store)] ?? [])
            if (kind === "spikes") addSpikes(store, this.#layout, part, index, number(index));
            else addSeries(store, this.#layout, part, index, number(index), this.#constants);
      };
      reads.push({ ranges, use });
    }
    for (const [index, store] of stores.entries()) {
      const { kind } = store.plan;
      if ((kind !== "weights" && kind !== "thresholds") || !due[index]?.includes(count - 1)) continue;
      const ranges = matrixRanges(store.plan, this.#layout, this.#tensors);
      reads.push({ ranges, use: (parts) => addMatrix(store, this.#layout, parts, number(count - 1)) });
    }
    const parts = await this.#compute(
      dispatches,
      reads.flatMap(({ ranges }) => ranges),
    );
    let at = 0;
    for (const { ranges, use } of reads) {
      use(parts.slice(at, at + ranges.length));
      at += ranges.length;
    }
    this.#slot = (this.#slot + count) % slots;
    this.#step += count;
    const scales = this.parameters.every(({ ss }) => ss !== false) && !plan.freeze.has("ss");
    this.#settled = scales || (this.#settled && !plastic);
  }

  async #compute(dispatches: readonly Dispatch[], ranges: readonly TensorRange[]): Promise<Float32Array[]> {
    if (ranges.length > 0) return this.#readback.read(ranges, dispatches);
    submit(this.device, "sorn", dispatches);
    await this.device.wait(this.device.queue.onSubmittedWorkDone());
    this.device.check();
    return [];
  }

  #uploadRates(plan: RunPlan, firstSlot: number, done: number): void {
    for (const [replica, parameters] of this.parameters.entries())
      this.#rates.write(
        replica,
        ratesValues(parameters, {
          seed: this.#seeds[replica] ?? 0,
          ...{ firstStep: this.#step, firstSlot, freeze: plan.freeze, noisy: plan.noisy },
          givenSynapses: plan.newSynapses !== undefined,
          scaleAll: done === 0 && !this.#settled,
        }),
      );
    this.#rates.upload();
  }

  #uploadSignals({ signals, layout }: SornPlan, plan: RunPlan, done: number, count: number, first: number): void {
    const { slots, inputs, excitatory, inhibitory } = layout;
    const width = layout.signals;
    if (width === 0) return;
    for (let replica = 0; replica < (layout.ownInputs ? this.replicas : 1); replica += 1) {
      const values = new Float32Array(count * width);
      const copy = (source: Float32Array | undefined, size: number, offset: number): void => {
        if (source === undefined) return;
        const from = (source.length > plan.steps * size ? replica * plan.steps : 0) + done;
        for (let index = 0; index < count; index += 1)
          values.set(source.subarray((from + index) * size, (from + index + 1) * size), index * width + offset);
      };
      if (typeof plan.inputs === "function") {
        for (let index = 0; index < count; index += 1) {
          const row = values.subarray(index * width, index * width + inputs);
          plan.inputs(done + index, row, replica);
          const wrong = row.findIndex((value) => !Number.isFinite(value));
          if (wrong >= 0)
            throw new ValueError(
              `run: input ${wrong} of step ${done + index} is ${row[wrong]}; expected a finite number.`,
            );
        }
      } else copy(plan.inputs, inputs, 0);
      copy(plan.givenNoise?.excitatory, excitatory, inputs);
      copy(plan.givenNoise?.inhibitory, inhibitory, inputs + excitatory);
      const before = Math.min(count, slots - first);
      signals.write(values.subarray(0, before * width), (replica * slots + first) * width);
      if (before < count) signals.write(values.subarray(before * width), replica * slots * width);
    }
  }

  #uploadChoices(synapses: NonNullable<RunPlan["newSynapses"]>, done: number, count: number, first: number): void {
    const { slots, replicas } = this.#layout;
    const choices = new Uint32Array(2 * slots * replicas).fill(0xffffffff);
    for (const { step, post, pre, replica = 0 } of synapses)
      if (step >= done && step < done + count)
        choices.set([post, pre], 2 * (replica * slots + ((first + step - done) % slots)));
    this.#tensors.choices.write(choices);
  }
}

const plasticRules = ["stdp", "sp", "istdp", "ss"] as const;

/** Storage for some states, and as many steps a submission as suit its size. @throws LimitError */
function planLayout(parameters: SornParameters, states: readonly SornState[], isSoftware: boolean): SornLayout {
  const { excitatory, inhibitory, inputs } = parameters;
  const sizes = {
    ...{ replicas: states.length, excitatory, inhibitory, inputs, storage: chooseStorage(parameters, states) },
    ...{ givenNoise: false, ownInputs: false },
  };
  return sornLayout({ ...sizes, steps: stepsPerSubmission(sornLayout({ ...sizes, steps: 1 }), isSoftware) });
}

/** As many steps as keep the GPU busy, and few enough that a block never takes long. */
function stepsPerSubmission({ weights, replicas }: SornLayout, isSoftware: boolean): number {
  const [work, idle] = isSoftware ? [2 ** 26, 2 ** 18] : [2 ** 30, 2 ** 20];
  return Math.max(8, Math.min(256, Math.floor(work / (replicas * weights + idle))));
}

function checkStates(states: readonly SornState[], parameters: readonly SornParameters[], label: string): void {
  if (states.length !== parameters.length)
    throw new ShapeError(`${label}: expected ${parameters.length} states, one for each replica, got ${states.length}.`);
  for (const [replica, state] of states.entries())
    checkState(
      state,
      parameters[replica] as SornParameters,
      states.length > 1 ? `${label}: replica ${replica}` : label,
    );
}

/**
 * Makes a self-organising recurrent network, or several that run side by side.
 *
 * ```ts
 * import { openDevice, sorn } from "cortrain";
 *
 * const device = await openDevice();
 * const network = sorn(device, { preset: "zheng2013", seed: 1 });
 * for await (const { step, records } of network.run({ steps: 500, record: [{ name: "excitatoryRate", stride: 100 }] })) {
 *   console.log(step, records.excitatoryRate?.values);
 * }
 * const frozen = network.run({ steps: 100, freeze: ["stdp", "ip", "sp", "istdp", "ss"], record: ["ExcitatoryActivation"] });
 * for await (const { records } of frozen) console.log(records.ExcitatoryActivation?.shape);
 * ```
 * @throws ConfigError naming the nearest key, too few units for the inputs, replicas that differ in what must be common;
 * ShapeError, ValueError for a given state; LimitError where it does not fit, before anything is allocated.
 */
export function sorn(device: Device, options: SornNetworkOptions = {}): Sorn {
  const { replicas = 1, state, family, ...common } = options;
  const base = sornParameters(common);
  if (typeof replicas === "number" && (!Number.isInteger(replicas) || replicas < 1 || replicas > mostReplicas))
    throw new ValueError(`sorn: replicas: expected an integer from 1 to ${mostReplicas}, got ${replicas}.`);
  const members: readonly SornMember[] =
    typeof replicas === "number" ? Array.from({ length: replicas }, () => ({})) : replicas;
  const parameters = members.map((member, index) => {
    const own = sornParameters({ ...common, seed: base.seed + index, ...member }, `sorn: replicas[${index}]`);
    for (const key of commonKeys)
      if (own[key] !== base[key])
        throw new ConfigError(
          `sorn: replicas[${index}].${key}: ${String(own[key])} differs from ${String(base[key])}; all replicas have it in common.`,
        );
    return own;
  });
  const [first, ...others] = parameters;
  if (first === undefined) throw new ConfigError("sorn: replicas: expected at least one, got none.");
  const states =
    state === undefined ? undefined : Array.isArray(state) ? (state as readonly SornState[]) : [state as SornState];
  return new Sorn(device, [first, ...others], { ...(states && { states }), ...(family && { family }) });
}

const commonKeys = ["excitatory", "inhibitory", "inputs", "inhibition", "storage", "slots"] as const;
