import type { Dispatch } from "../../gpu/kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";
import { type NetworkState, uploadState } from "../../network/activity.ts";
import type { Network } from "../../network/network.ts";
import { runSettings } from "../../network/run-settings.ts";
import type { Sequence } from "../../network/sequence.ts";
import type { Stimuli } from "../../network/trials.ts";
import { concatenate } from "../../ops/rules.ts";
import { streams } from "../../random.ts";
import { type Stretch, stretchOf } from "./lessons.ts";

/** Steps of one submission: few enough for any watchdog, many enough to keep the GPU busy. */
const mostSteps = 512;

/** Time steps of one submission, so that all are of about the same length. */
export function stepsOfStretch(steps: number): number {
  return Math.ceil(steps / Math.ceil(steps / mostSteps));
}

/** A plan that learns while it runs, as the functions below see it. */
export interface OnlinePlan {
  readonly sequence: Sequence;
  readonly tensors: { readonly lessons: Tensor; readonly records: Tensor };
  /** The first `count` steps; `fresh`: from the start of a trial. */
  dispatches(count: number, fresh: boolean): readonly Dispatch[];
}

/**
 * Runs all trials one after the other, a stretch of steps at a time.
 * @param options.lessons what the GPU is told of a stretch; `take` gets what it recorded, of as many steps as the plan has.
 * @returns the state after the last step, NaN where none was run.
 */
export async function runStretches(
  network: Network,
  plan: OnlinePlan,
  trials: Stimuli,
  options: {
    readonly seed: number | undefined;
    readonly signal: AbortSignal | undefined;
    lessons(stretch: Stretch): Float32Array;
    take(stretch: Stretch, records: Float32Array): void;
  },
): Promise<NetworkState> {
  const { sequence, tensors } = plan;
  const { replicas, steps, hidden, hidden4 } = sequence.layout;
  const blank = (): Float32Array => new Float32Array(replicas * hidden).fill(Number.NaN);
  let final: NetworkState = { v: blank(), r: blank() };
  for (let trial = 0; trial < trials.trials; trial += 1) {
    for (let from = 0; from < trials.steps; from += steps) {
      if (options.signal?.aborted) return final;
      const count = Math.min(steps, trials.steps - from);
      const fresh = from === 0;
      const stretch: Stretch = { trial, from, count };
      sequence.upload([stretchOf(trials, stretch, network.spec.inputs)]);
      if (!fresh) uploadState(sequence, final);
      tensors.lessons.write(options.lessons(stretch));
      for (const [replica, own] of network.seeds.entries()) {
        const drawn = runSettings(
          options.seed === undefined ? own : options.seed + replica,
          network.modelOf(replica).spec.noise,
        );
        sequence.settings.set(replica, { ...drawn, noise_stream: streams.noise, step: trial, first_step: from });
      }
      sequence.settings.upload();
      const ends = network.seeds.flatMap((_, replica) =>
        [sequence.tensors.states, sequence.tensors.rates].map((tensor) => ({
          ...{ tensor, offset: sequence.slotOffset(replica, count), count: 4 * hidden4 },
        })),
      );
      const [records, ...states] = (await network.readback.read(
        [{ tensor: tensors.records }, ...ends],
        plan.dispatches(count, fresh),
      )) as [Float32Array, ...Float32Array[]];
      const plain = states.map((values) => values.slice(0, hidden));
      final = {
        v: concatenate(plain.filter((_, index) => index % 2 === 0)),
        r: concatenate(plain.filter((_, index) => index % 2 === 1)),
      };
      options.take(stretch, records);
    }
  }
  return final;
}
