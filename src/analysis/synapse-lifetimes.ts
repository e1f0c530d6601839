import { ShapeError, ValueError } from "../errors.ts";

/** A record of weights, or of connections as 0 and 1: `WEE` and `WEI` of a `SornRecord` of one network. */
export interface ConnectionRecord {
  /** [frames, post, pre]; not above 0 = no synapse. */
  readonly values: ArrayLike<number>;
  readonly shape: readonly number[];
  /** Step of each frame, [frames], rising. */
  readonly steps: ArrayLike<number>;
}

/** Times from a synapse's first frame to the first without it, one entry for each such time. */
export interface SynapseLifetimes {
  /** Steps; where the end was not seen, those up to the last frame. */
  readonly lifetimes: Float64Array;
  /** 1 where it began after the first frame, so that its whole life is known. */
  readonly born: Uint8Array;
  /** 1 where it ended by the last frame. */
  readonly died: Uint8Array;
}

/**
 * Follows synapses through the blocks of a run, of which it holds one at a time, and one step for each possible synapse: what
 * {@link synapseLifetimes} would say of all blocks joined.
 */
export class SynapseTracker {
  #shape: readonly [posts: number, pres: number] | undefined;
  #frames = 0;
  #last = Number.NEGATIVE_INFINITY;
  /** Step of the first frame of each synapse that there is now, NaN where there is none; and whether that was the very first. */
  #since = new Float64Array();
  #old = new Uint8Array();
  readonly #lifetimes: number[] = [];
  readonly #born: number[] = [];

  /** Adds the frames of a block that follow those so far. @throws ShapeError, ValueError; nothing has changed. */
  add({ values, shape, steps }: ConnectionRecord): void {
    const [frames = 0, posts = 0, pres = 0] = shape;
    const size = posts * pres;
    if (shape.length !== 3 || values.length !== frames * size || steps.length !== frames)
      throw new ShapeError(
        `synapseLifetimes: expected values of [frames, post, pre] and a step for each frame; got ${values.length} of [${shape.join(", ")}] and ${steps.length} steps.`,
      );
    const [ownPosts, ownPres] = this.#shape ?? [posts, pres];
    if (posts !== ownPosts || pres !== ownPres)
      throw new ShapeError(
        `synapseLifetimes: expected blocks of one shape, got [${posts}, ${pres}] after [${ownPosts}, ${ownPres}].`,
      );
    for (let frame = 0; frame < frames; frame += 1)
      if (!((steps[frame] as number) > (frame === 0 ? this.#last : (steps[frame - 1] as number))))
        throw new ValueError(
          `synapseLifetimes: steps[${frame}] is ${steps[frame]}; expected more than the one before.`,
        );
    if (this.#shape === undefined) {
      this.#shape = [posts, pres];
      this.#since = new Float64Array(size).fill(Number.NaN);
      this.#old = new Uint8Array(size);
    }
    for (let frame = 0; frame < frames; frame += 1) {
      const step = steps[frame] as number;
      for (let synapse = 0; synapse < size; synapse += 1) {
        const exists = (values[frame * size + synapse] as number) > 0;
        const since = this.#since[synapse] as number;
        if (exists === !Number.isNaN(since)) continue;
        if (exists) this.#old[synapse] = this.#frames === 0 ? 1 : 0;
        else {
          this.#lifetimes.push(step - since);
          this.#born.push(1 - (this.#old[synapse] as number));
        }
        this.#since[synapse] = exists ? step : Number.NaN;
      }
      this.#frames += 1;
      this.#last = step;
    }
  }

  /** The lifetimes so far; those of synapses that there still are have no end. @throws ShapeError for fewer than two frames. */
  lifetimes(): SynapseLifetimes {
    if (this.#frames < 2) throw new ShapeError(`synapseLifetimes: expected at least two frames, got ${this.#frames}.`);
    const alive = [...this.#since.keys()].filter((synapse) => !Number.isNaN(this.#since[synapse]));
    const died = new Uint8Array(this.#lifetimes.length + alive.length);
    died.fill(1, 0, this.#lifetimes.length);
    return {
      lifetimes: Float64Array.from([
        ...this.#lifetimes,
        ...alive.map((synapse) => this.#last - (this.#since[synapse] as number)),
      ]),
      born: Uint8Array.from([...this.#born, ...alive.map((synapse) => 1 - (this.#old[synapse] as number))]),
      died,
    };
  }
}

/**
 * How long synapses live, to the stride of the record. A synapse that goes and comes back lives twice. Of a run's blocks, one
 * after the other: {@link SynapseTracker}.
 * @throws ShapeError, ValueError
 */
export function synapseLifetimes(record: ConnectionRecord): SynapseLifetimes {
  const tracker = new SynapseTracker();
  tracker.add(record);
  return tracker.lifetimes();
}

/**
 * The share of new synapses that live longer than a time, by Kaplan and Meier: those whose end was not seen count as long as
 * they were seen. Synapses of the first frame, whose age is not known, are left out.
 * @returns times at which some ended, rising, and the share that live longer than each; and the median life, `undefined`
 * where more than half outlive the record.
 * @throws ValueError where none began within the record.
 */
export function synapseSurvival({ lifetimes, born, died }: SynapseLifetimes): {
  readonly times: Float64Array;
  readonly surviving: Float64Array;
  readonly median: number | undefined;
} {
  const known = Array.from(lifetimes.keys())
    .filter((index) => born[index] === 1)
    .sort((first, second) => (lifetimes[first] as number) - (lifetimes[second] as number));
  if (known.length === 0) throw new ValueError("synapseSurvival: no synapse began after the first frame.");
  const [times, surviving]: [number[], number[]] = [[], []];
  let share = 1;
  for (let place = 0; place < known.length; ) {
    const time = lifetimes[known[place] as number] as number;
    const atRisk = known.length - place;
    let ended = 0;
    for (; place < known.length && lifetimes[known[place] as number] === time; place += 1)
      ended += died[known[place] as number] as number;
    if (ended === 0) continue;
    share *= 1 - ended / atRisk;
    times.push(time);
    surviving.push(share);
  }
  const half = surviving.findIndex((value) => value <= 0.5);
  return {
    times: Float64Array.from(times),
    surviving: Float64Array.from(surviving),
    median: half < 0 ? undefined : times[half],
  };
}

/** How many synapses end on each unit (rows) and start from each (columns): weights [post, pre] above 0. @throws ShapeError */
export function synapseDegrees(
  weights: ArrayLike<number>,
  [posts, pres]: readonly [number, number],
): { readonly incoming: Uint32Array; readonly outgoing: Uint32Array } {
  if (weights.length !== posts * pres)
    throw new ShapeError(`synapseDegrees: expected [${posts}, ${pres}] (post, pre), got ${weights.length} values.`);
  const incoming = new Uint32Array(posts);
  const outgoing = new Uint32Array(pres);
  for (let index = 0; index < weights.length; index += 1) {
    if (!((weights[index] as number) > 0)) continue;
    const [post, pre] = [Math.floor(index / pres), index % pres];
    incoming[post] = (incoming[post] as number) + 1;
    outgoing[pre] = (outgoing[pre] as number) + 1;
  }
  return { incoming, outgoing };
}
