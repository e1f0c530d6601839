import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { Uniform } from "../gpu/uniforms.ts";
import type { Loss } from "../loss/losses.ts";
import { type CopyPlace, copyRowsOps } from "../ops/copy-rows.ts";
import { gateBlocks } from "../ops/gated.ts";
import type { Layout } from "../ops/layout.ts";
import { hasRows } from "./loss-ops.ts";
import type { SegmentTensors } from "./segment-shapes.ts";
import { countedSteps, type SegmentPlan } from "./segments.ts";

/** Dispatches by segment. */
type PerSegment = (index: number) => readonly Dispatch[];

/** What goes from the whole trial to the buffers of a segment and back, and from segment to segment. */
export interface SegmentCopies {
  /** Inputs. */
  readonly inputs: PerSegment;
  /** Targets, masks and recordings. */
  readonly targets: PerSegment;
  /** The state that the segment starts from, and the rates before it. */
  readonly enter: PerSegment;
  /** The state that the next segment starts from; of segment -1 that of the trial. */
  readonly leave: PerSegment;
  readonly outputs: PerSegment;
  /** Shares of the loss of the terms before the backward pass, and of those after it. */
  readonly lossRows: PerSegment;
  readonly lateLossRows: PerSegment;
  /** Gradients of the step after the last one counted, and those of the first step on their way to the segment before. */
  readonly bringGradients: PerSegment;
  readonly takeGradients: PerSegment;
}

/** The tensors of one segment that copies start or end in. */
export type SegmentSide = Record<
  | "inputs"
  | "targets"
  | "trialMask"
  | "rateTargets"
  | "rateMask"
  | "states"
  | "rates"
  | "synapses"
  | "outputs"
  | "lossRows"
  | "stateGradients"
  | "rateGradients"
  | "gateGradients",
  Tensor
>;

/** Makes all copies of a plan; uniforms are added to the list, whose owner disposes of them. */
export async function segmentCopies(
  device: Device,
  { layout, whole }: { readonly layout: Layout; readonly whole: Layout },
  plan: SegmentPlan,
  losses: readonly Loss[],
  wanted: { readonly backward: boolean; readonly rates: boolean; readonly earlier: number },
  own: SegmentSide,
  all: SegmentTensors,
  uniforms: Uniform[],
): Promise<SegmentCopies> {
  const { replicas, steps, batch, input4, hidden4, output4 } = layout;
  const { starts, count } = plan;
  const slot = batch * 4 * hidden4;
  const counted = starts.map((_, index) => countedSteps(plan, index));
  const list = async (source: Tensor, copies: Tensor, places: readonly CopyPlace[]): Promise<readonly Dispatch[]> => {
    const { dispatches, uniform } = await copyRowsOps(device, replicas, { source, copies }, places);
    uniforms.push(uniform);
    return dispatches;
  };
  const oneEach = (lists: readonly (readonly Dispatch[])[], ahead = 0): PerSegment => {
    return (index) => lists.flatMap((dispatches) => dispatches[index + ahead] ?? []);
  };

  // Rows of `width` elements, one a trial and time step, of the whole trial and of a segment.
  const wholeRun = (index: number, width: number) => ({
    start: (starts[index] ?? 0) * batch * width,
    stride: whole.steps * batch * width,
  });
  const ownRun = (width: number) => ({ start: 0, stride: steps * batch * width });
  const into = (source: Tensor, copies: Tensor, width: number): Promise<readonly Dispatch[]> =>
    list(
      source,
      copies,
      starts.map((_, index) => ({
        count: steps * batch * width,
        from: wholeRun(index, width),
        to: ownRun(width),
      })),
    );
  const recordings = losses.some(({ type }) => type === "targetRates");

  // A state has one row a trial; `rows` rows of synapses for each.
  const held = [
    { sequence: own.states, checkpoint: all.checkpointStates, size: slot },
    { sequence: own.rates, checkpoint: all.checkpointRates, size: slot },
    ...(layout.shortTermPlasticity === undefined
      ? []
      : [{ sequence: own.synapses, checkpoint: all.checkpointSynapses, size: 4 * slot }]),
  ];
  const inSequence = (at: number, size: number) => ({ start: at * size, stride: (steps + 1) * size });
  const inCheckpoint = (at: number, size: number) => ({ start: at * replicas * size, stride: size });
  const enter = held.map(({ sequence, checkpoint, size }) =>
    list(
      checkpoint,
      sequence,
      starts.map((_, index) => ({ count: size, from: inCheckpoint(index, size), to: inSequence(0, size) })),
    ),
  );
  const leave = held.map(({ sequence, checkpoint, size }) =>
    list(
      sequence,
      checkpoint,
      [0, ...counted].map((at, index) => ({
        count: size,
        from: inSequence(at, size),
        to: inCheckpoint(index, size),
      })),
    ),
  );
  const { earlier } = wanted;
  if (earlier > 0) {
    const size = earlier * slot;
    const rates = { start: 0, stride: size };
    const at = (index: number) => ({ start: index * replicas * size, stride: size });
    enter.push(
      list(
        all.checkpointEarlier,
        all.earlierRates,
        starts.map((_, index) => ({ count: size, from: at(index), to: rates })),
      ),
    );
    // No segment follows the last.
    const ends = counted.map((last, index) => ({
      count: index + 1 < count ? size : 0,
      from: { start: (last - earlier + 1) * slot, stride: (steps + 1) * slot },
      to: at(index + 1),
    }));
    leave.push(list(own.rates, all.checkpointEarlier, [{ count: 0, from: rates, to: rates }, ...ends]));
  }

  const rowsOf = (late: boolean): Promise<readonly Dispatch[]>[] =>
    [...losses.entries()]
      .filter(([, loss]) => hasRows(loss) && (loss.type === "omega") === late)
      .map(([term]) =>
        list(
          own.lossRows,
          all.wholeLossRows,
          starts.map((start, index) => ({
            count: (counted[index] ?? 0) * batch,
            from: { start: term * steps * batch, stride: losses.length * steps * batch },
            to: { start: (term * whole.steps + start) * batch, stride: losses.length * whole.steps * batch },
          })),
        ),
      );

  const gradients = [
    { sequence: own.stateGradients, carried: all.carriedStates, size: slot, isUsed: wanted.backward },
    { sequence: own.rateGradients, carried: all.carriedRates, size: slot, isUsed: wanted.rates },
    {
      ...{ sequence: own.gateGradients, carried: all.carriedGates, size: gateBlocks * slot },
      isUsed: wanted.backward && layout.gates > 1,
    },
  ].filter(({ isUsed }) => isUsed);
  const bring = gradients.map(({ sequence, carried, size }) =>
    list(
      carried,
      sequence,
      counted.map((last, index) => ({
        // Nothing comes after the last segment.
        count: index + 1 < count ? size : 0,
        from: { start: 0, stride: size },
        to: inSequence(Math.min(last + 1, steps), size),
      })),
    ),
  );
  const take = gradients.map(({ sequence, carried, size }) =>
    list(
      sequence,
      carried,
      starts.map(() => ({ count: size, from: inSequence(1, size), to: { start: 0, stride: size } })),
    ),
  );

  return {
    inputs: oneEach([await into(all.wholeInputs, own.inputs, 4 * input4)]),
    targets: oneEach([
      await into(all.wholeTargets, own.targets, 4 * output4),
      await into(all.wholeMask, own.trialMask, 4 * output4),
      ...(recordings
        ? [
            await into(all.wholeRateTargets, own.rateTargets, 4 * hidden4),
            await into(all.wholeRateMask, own.rateMask, 4 * hidden4),
          ]
        : []),
    ]),
    enter: oneEach(await Promise.all(enter)),
    leave: oneEach(await Promise.all(leave), 1),
    outputs: oneEach([
      await list(
        own.outputs,
        all.wholeOutputs,
        starts.map((_, index) => ({
          count: (counted[index] ?? 0) * batch * 4 * output4,
          from: ownRun(4 * output4),
          to: wholeRun(index, 4 * output4),
        })),
      ),
    ]),
    lossRows: oneEach(await Promise.all(rowsOf(false))),
    lateLossRows: oneEach(await Promise.all(rowsOf(true))),
    bringGradients: oneEach(await Promise.all(bring)),
    takeGradients: oneEach(await Promise.all(take)),
  };
}
