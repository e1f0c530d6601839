import { LimitError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { Loss } from "../loss/losses.ts";
import { lagOf } from "../loss/rate-terms.ts";
import { allFit, checkAllFit, tableBytes } from "../ops/buffers.ts";
import type { Segment } from "../ops/segment.ts";

/** How the time of trials is split into segments that are run one after the other. */
export interface SegmentPlan {
  /** Their number; 1 = not split. */
  readonly count: number;
  /** Time steps of each segment's buffers, those that it shares with the next one included. */
  readonly steps: number;
  /** The first time step of each. */
  readonly starts: readonly number[];
}

/** What a plan is asked for as to memory; both may be left out. */
export interface MemoryOptions {
  /** Bytes that the plan's buffers may take in all; absent = each buffer as large as the adapter allows. */
  readonly memory?: number | undefined;
  /** The number of segments, at most, since all are of one length; absent = as few as `memory` asks for. */
  readonly segments?: number | undefined;
}

/** What the number of segments depends on, besides the shapes of what they hold. */
export interface Splitting {
  /** Time steps of the trials. */
  readonly steps: number;
  /** Steps that a segment runs beyond those it counts. */
  readonly shared: number;
  /** Steps before a segment whose rates its terms compare with. */
  readonly earlier: number;
}

/** What terms and the backward pass need to know of the steps around a segment. */
export function splittingOf(steps: number, losses: readonly Loss[], hasBackward: boolean): Splitting {
  const earlier = Math.max(0, ...losses.map(comparedSteps));
  return { steps, earlier, shared: Math.max(earlier, hasBackward ? 1 : 0) };
}

function comparedSteps(loss: Loss): number {
  return loss.type === "rateSmoothness" || loss.type === "statePrediction" ? lagOf(loss) : 0;
}

/** No split at all. */
export function unsplit(steps: number): SegmentPlan {
  return { count: 1, steps, starts: [0] };
}

/**
 * At most so many segments, all of one length: the first counts fewer steps than the others and runs the rest besides.
 * @returns one segment where time is too short for more.
 */
export function splitInto(count: number, { steps, shared, earlier }: Splitting): SegmentPlan {
  for (let counted = Math.ceil((steps - shared) / count); counted + shared < steps; counted += 1) {
    const segments = Math.ceil((steps - shared) / counted);
    const first = steps - shared - (segments - 1) * counted;
    if (counted < earlier || first < earlier) continue;
    const starts = Array.from({ length: segments }, (_, index) => (index === 0 ? 0 : first + (index - 1) * counted));
    return { count: segments, steps: counted + shared, starts };
  }
  return unsplit(steps);
}

/** Steps of the trial that a segment counts: those up to the start of the next one. */
export function countedSteps({ steps, starts }: SegmentPlan, index: number): number {
  return (starts[index + 1] ?? (starts[index] ?? 0) + steps) - (starts[index] ?? 0);
}

/** What the kernels must know of a segment. */
export function segmentAt(plan: SegmentPlan, index: number): Segment {
  const shared = plan.steps - countedSteps(plan, index);
  return { shared, isFirst: index === 0, isLast: index === plan.count - 1 };
}

type Shapes = Readonly<Record<string, readonly number[]>>;

/**
 * Chooses the segments of a plan, from its shapes alone. Without `segments`, time is not split where the whole fits the
 * adapter's limits and `memory`. Else, with `memory`, it is split into the fewest segments that fit; without, into about as
 * many as take the least memory, near the square root of the number of steps, since an adapter says how large one buffer may
 * be, and not how much memory it has.
 * @param shapesOf the buffers of a plan.
 * @throws LimitError where nothing fits, naming the limit, what was asked and what would fit.
 */
export function planSegments(
  device: Device,
  splitting: Splitting,
  { memory, segments }: MemoryOptions,
  shapesOf: (plan: SegmentPlan) => Shapes,
): SegmentPlan {
  const bytesOf = (plan: SegmentPlan): number => tableBytes(shapesOf(plan));
  const limit = memory ?? Number.POSITIVE_INFINITY;
  const fits = (plan: SegmentPlan): boolean => bytesOf(plan) <= limit && allFit(device, shapesOf(plan));
  const whole = unsplit(splitting.steps);
  if (segments !== undefined) {
    const pinned = splitInto(segments, splitting);
    return fits(pinned) ? pinned : refuse(device, pinned, shapesOf(pinned), memory);
  }
  if (fits(whole)) return whole;
  const candidates = [whole, ...candidatesOf(splitting)];
  const least = candidates.reduce((best, plan) => (bytesOf(plan) < bytesOf(best) ? plan : best));
  if (memory === undefined) return fits(least) ? least : refuse(device, least, shapesOf(least), memory);
  const place = candidates.findIndex(fits);
  const found = candidates[place];
  if (found === undefined) return refuse(device, least, shapesOf(least), memory);
  let [below, above] = [candidates[place - 1]?.count ?? 1, found];
  while (above.count - below > 1) {
    const middle = splitInto(Math.floor((below + above.count) / 2), splitting);
    if (middle.count <= below || middle.count >= above.count) break;
    if (fits(middle)) above = middle;
    else below = middle.count;
  }
  return above;
}

/** Numbers of segments from 2 to as many as there can be, each about 1.4 times the one before. */
function candidatesOf(splitting: Splitting): SegmentPlan[] {
  const plans: SegmentPlan[] = [];
  const add = (count: number): void => {
    const plan = splitInto(count, splitting);
    if (plan.count > (plans.at(-1)?.count ?? 1)) plans.push(plan);
  };
  for (let count = 2; count < splitting.steps; count = Math.ceil(count * Math.SQRT2)) add(count);
  add(splitting.steps);
  return plans;
}

function refuse(device: Device, plan: SegmentPlan, shapes: Shapes, memory: number | undefined): never {
  checkAllFit(device, shapes);
  const bytes = tableBytes(shapes);
  const split = plan.count === 1 ? "in one segment" : `split into ${plan.count} segments of ${plan.steps} time steps`;
  throw new LimitError(
    `memory: the plan needs ${bytes} bytes, ${split}; memory is ${memory}. It fits with memory: ${bytes}, or with about ${Math.ceil(bytes / (memory ?? bytes))} times fewer trials or replicas.`,
  );
}
