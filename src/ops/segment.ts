import type { Layout } from "./layout.ts";

/**
 * Which part of a trial dispatches are for, where the trial is split over time and its segments are run one after the other.
 *
 * A segment's buffers hold T steps. The last `shared` of them are also the first of the next segment, which counts them:
 * they are run here because the gradient of the step after the last one counted is brought from there, as are the gates
 * that it goes back through, and because terms compare steps. So every slot of the backward pass is done once, with the
 * numbers it has in the unsplit one: slots 1 … T - shared, of the first segment also slot 0.
 */
export interface Segment {
  readonly shared: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** A trial that is not split. */
export const wholeTrial: Segment = { shared: 0, isFirst: true, isLast: true };

/** Rows, time × trial, that a segment counts. */
export function countedRows({ steps, batch }: Pick<Layout, "steps" | "batch">, { shared }: Segment): number {
  return (steps - shared) * batch;
}

/** The overrides of the kernels that go back over the slots of a segment. */
export function slotOverrides({ shared, isFirst }: Segment): { readonly SHARED: number; readonly LOWEST: number } {
  return { SHARED: shared, LOWEST: isFirst ? 0 : 1 };
}

/** The overrides of the kernels that gather sums over the segments, first to last. */
export function gatherOverrides({ shared, isFirst, isLast }: Segment): {
  readonly SHARED: number;
  readonly CONTINUES: boolean;
  readonly ENDS: boolean;
} {
  return { SHARED: shared, CONTINUES: !isFirst, ENDS: isLast };
}

/** The slots of a segment that the backward pass does, last first. */
export function backwardSlots({ steps }: Pick<Layout, "steps">, segment: Segment): number[] {
  const { SHARED, LOWEST } = slotOverrides(segment);
  return Array.from({ length: steps + 1 - SHARED - LOWEST }, (_, done) => steps - SHARED - done);
}
