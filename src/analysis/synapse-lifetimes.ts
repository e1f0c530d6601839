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
 * How long synapses live, to the stride of the record. A synapse that goes and comes back lives twice.
 * @throws ShapeError, ValueError
 */
export function synapseLifetimes({ values, shape, steps }: ConnectionRecord): SynapseLifetimes {
  const [frames = 0, posts = 0, pres = 0] = shape;
  const size = posts * pres;
  if (shape.length !== 3 || frames < 2 || values.length !== frames * size || steps.length !== frames)
    throw new ShapeError(
      `synapseLifetimes: expected values of [frames, post, pre], at least two frames, and a step for each; got ${values.length} of [${shape.join(", ")}] and ${steps.length} steps.`,
    );
  for (let frame = 1; frame < frames; frame += 1)
    if (!((steps[frame] as number) > (steps[frame - 1] as number)))
      throw new ValueError(`synapseLifetimes: steps[${frame}] is ${steps[frame]}; expected more than the one before.`);
  const [lifetimes, born, died]: [number[], number[], number[]] = [[], [], []];
  const end = (first: number, last: number): void => {
    lifetimes.push((steps[Math.min(last, frames - 1)] as number) - (steps[first] as number));
    born.push(first > 0 ? 1 : 0);
    died.push(last < frames ? 1 : 0);
  };
  const firsts = new Int32Array(size).fill(-1);
  for (let frame = 0; frame < frames; frame += 1)
    for (let synapse = 0; synapse < size; synapse += 1) {
      const exists = (values[frame * size + synapse] as number) > 0;
      const first = firsts[synapse] as number;
      if (exists && first < 0) firsts[synapse] = frame;
      if (!exists && first >= 0) {
        end(first, frame);
        firsts[synapse] = -1;
      }
    }
  for (const first of firsts) if (first >= 0) end(first, frames);
  return { lifetimes: Float64Array.from(lifetimes), born: Uint8Array.from(born), died: Uint8Array.from(died) };
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
