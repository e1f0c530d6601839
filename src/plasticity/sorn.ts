import { ConfigError, DisposedError, LimitError, ShapeError, ValueError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { SornLayout } from "../ops/sorn/layout.ts";
import type { SornFamily } from "../ops/sorn/plan.ts";
import { drawState } from "./connect.ts";
import { SornEngine } from "./engine.ts";
import { type SornOptions, type SornParameters, sornParameters } from "./parameters.ts";
import { FrameStore, framesHeld, type SornRecord, type SornRecordName } from "./record.ts";
import { planRun, type RunPlan, type SornRunOptions } from "./run-options.ts";
import { checkState, type SornSnapshot, type SornState } from "./state.ts";

/** A stretch of a run: how far it is, and what was recorded in it. */
export interface SornBlock {
  /** Steps the network has taken since it was made. */
  readonly step: number;
  /** Steps of this run, and how many it has. */
  readonly done: number;
  readonly total: number;
  readonly records: Readonly<Partial<Record<SornRecordName, SornRecord>>>;
}

/** What a replica has of its own: seed, rules and their numbers, noise, connections. Sizes and storage are common. */
export type SornMember = Omit<SornOptions, "excitatory" | "inhibitory" | "inputs" | "inhibition" | "storage" | "slots">;

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
  readonly #engine: SornEngine;
  /** A run has begun and has not ended; of its steps, some are being computed. */
  #running = false;
  #computing = false;
  #disposed = false;

  /** @throws ShapeError, ValueError for a wrong state; LimitError before anything is allocated. */
  constructor(
    device: Device,
    parameters: readonly [SornParameters, ...SornParameters[]],
    options: { readonly states?: readonly SornState[]; readonly family?: SornFamily } = {},
  ) {
    const { states = parameters.map(drawState), family } = options;
    checkStates(states, parameters, "sorn: state");
    this.device = device;
    this.parameters = parameters;
    this.#engine = new SornEngine(device, parameters, states, family);
  }

  /** Independent networks side by side. */
  get replicas(): number {
    return this.parameters.length;
  }

  /** Steps taken since the network was made. */
  get step(): number {
    return this.#engine.step;
  }

  /** How each projection is stored: slots of one unit, and whether as lists; and bytes of all synapses. */
  get storage(): { readonly projections: SornLayout["storage"]; readonly bytes: number } {
    const { storage, weights, sources, replicas } = this.#engine.layout;
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
    if (this.step + plan.steps > mostSteps)
      throw new LimitError(`run: ${this.step} steps are taken; random numbers are counted up to ${mostSteps} steps.`);
    return this.#blocks(plan);
  }

  async *#blocks(plan: RunPlan): AsyncGenerator<SornBlock, void, undefined> {
    this.#check();
    if (this.#running) throw new ConfigError("run: this network is already running. Let the other run end first.");
    this.#running = true;
    try {
      const stepsAtOnce = Math.min(plan.block, this.#engine.layout.steps);
      const stores = plan.records.map(
        (record) => new FrameStore(record, this.replicas, framesHeld(record, plan.steps, stepsAtOnce)),
      );
      for (let done = 0; done < plan.steps && !plan.signal?.aborted; ) {
        const count = Math.min(stepsAtOnce, plan.steps - done, plan.block - (done % plan.block));
        done += await this.#advance(plan, done, count, stores);
        const over = done >= plan.steps || plan.signal?.aborted === true;
        const due = stores.filter((store) => store.count > 0 && (over || store.plan.last === undefined));
        const records = Object.fromEntries(due.map((store) => [store.plan.name, store.take()]));
        yield { step: this.step, done, total: plan.steps, records };
      }
    } finally {
      this.#running = false;
    }
  }

  /** Computes at most `most` steps, up to the first after which weights or thresholds are recorded. */
  async #advance(plan: RunPlan, done: number, most: number, stores: readonly FrameStore[]): Promise<number> {
    this.#check();
    const ends = stores.filter(({ isWhole }) => isWhole).flatMap((store) => store.dueOf(plan, done, most).slice(0, 1));
    const count = Math.min(most, ...ends.map((index) => index + 1));
    this.#computing = true;
    try {
      await this.#engine.advance(await this.#engine.compile(plan), plan, done, count, stores);
    } finally {
      this.#computing = false;
    }
    return count;
  }

  /**
   * All that is needed to go on exactly, on any adapter and in any storage: state, seeds and the counter of random numbers.
   * It may be taken between the blocks of a run.
   */
  async snapshot(): Promise<SornSnapshot> {
    this.#check();
    if (this.#computing)
      throw new ConfigError("snapshot: the network is computing. Take it between blocks, or after the run.");
    const { step, seeds, settled } = this.#engine;
    const { states, refused } = await this.#engine.read();
    return { format: "cortrain/sorn@1", step, seeds, settled, refused, replicas: states };
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
    for (const [name, values] of Object.entries({ seeds, refused })) {
      const wrong = values.findIndex((value) => !Number.isInteger(value) || value < 0 || value > 0xffffffff);
      if (wrong >= 0)
        throw new ValueError(`restore: ${name}[${wrong}] is ${values[wrong]}; expected an unsigned 32-bit integer.`);
    }
    checkStates(replicas, this.parameters, "restore");
    this.#engine.write(replicas, refused);
    this.#engine.seeds = seeds;
    this.#engine.step = step;
    this.#engine.settled = snapshot.settled;
  }

  /** Frees all buffers; a second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#engine.dispose();
  }

  #check(): void {
    if (this.#disposed) throw new DisposedError("The self-organising network was used after its dispose().");
    this.device.check();
  }
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
