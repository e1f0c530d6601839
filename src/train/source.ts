import { ConfigError, ShapeError } from "../errors.ts";
import { checkLength, checkRecording, type Trials } from "../network/trials.ts";
import { Random, streams } from "../random.ts";
import { checkKeys, checkSeed } from "../structure/options.ts";

/** Where trials come from: every task is one, and so are trials from a file ({@link fixedTrials}). */
export interface TrialSource {
  readonly inputs: number;
  readonly outputs: number;
  /** The same (seed, stream, index) gives the same trials. */
  batch(options: {
    readonly trials: number;
    readonly seed: number;
    readonly index?: number;
    readonly stream?: number;
    readonly dtMs?: number;
  }): Trials;
  /** Fraction of trials solved by outputs [T, B, O], where that means something. */
  accuracy?(outputs: Float32Array, batch: Trials): number;
  /** Trials in all, where there is a fixed number. */
  readonly size?: number;
  /** Whether each batch goes on where the one before ended, so that the network's state is carried from one to the next. */
  readonly continuous?: boolean;
}

/** Picks trials out of a batch, in the given order. */
function select(data: Trials, outputs: number, inputs: number, chosen: Uint32Array): Trials {
  const pick = (values: Float32Array, width: number, times: number): Float32Array => {
    const picked = new Float32Array(times * chosen.length * width);
    for (let time = 0; time < times; time += 1) {
      for (const [to, from] of chosen.entries()) {
        const start = (time * data.trials + from) * width;
        picked.set(values.subarray(start, start + width), (time * chosen.length + to) * width);
      }
    }
    return picked;
  };
  const { steps, mask, v0, r0, rateTargets, rateMask } = data;
  const recorded = (rateTargets?.length ?? 0) / (steps * data.trials);
  return {
    steps,
    trials: chosen.length,
    inputs: pick(data.inputs, inputs, steps),
    targets: pick(data.targets, outputs, steps),
    ...(mask && { mask: pick(mask, outputs, steps) }),
    ...(v0 && { v0: pick(v0, v0.length / data.trials, 1) }),
    ...(r0 && { r0: pick(r0, r0.length / data.trials, 1) }),
    ...(rateTargets && { rateTargets: pick(rateTargets, recorded, steps) }),
    ...(rateMask && { rateMask: pick(rateMask, recorded, steps) }),
  };
}

/**
 * Given trials as a source. A batch as large as they are is the trials themselves; a smaller one is drawn without
 * replacement, in a new order each time all have been seen.
 * @param options.heldOut trials kept for validation, chosen by `seed`; they are never trained on. Default none.
 * @throws ConfigError where a batch asks for more than there are, or for held-out trials where none are kept; ShapeError
 * and ValueError for arrays that do not fit the trials.
 */
export function fixedTrials(
  data: Trials,
  options: { readonly heldOut?: number; readonly seed?: number } = {},
): TrialSource {
  checkKeys("fixedTrials", options, ["heldOut", "seed"]);
  checkRecording(data);
  const inputs = data.inputs.length / (data.steps * data.trials);
  const outputs = data.targets.length / (data.steps * data.trials);
  for (const [name, width] of Object.entries({ inputs, targets: outputs }))
    if (!Number.isInteger(width) || width < 1)
      throw new ShapeError(
        `fixedTrials: ${name}: ${data.steps} steps of ${data.trials} trials do not divide their length.`,
      );
  if (data.mask !== undefined)
    checkLength("mask", data.mask, [data.steps, data.trials, outputs], "time, batch, outputs");
  const { heldOut = 0, seed: splitSeed = 0 } = options;
  checkSeed("fixedTrials: seed", splitSeed);
  if (!Number.isInteger(heldOut) || heldOut < 0 || heldOut >= data.trials) {
    throw new ConfigError(`heldOut: expected 0 … ${data.trials - 1} of the ${data.trials} trials, got ${heldOut}.`);
  }
  const order = new Random(splitSeed, streams.validation).permutation(data.trials);
  const kept = heldOut === 0 ? undefined : select(data, outputs, inputs, order.subarray(0, heldOut));
  const own = heldOut === 0 ? data : select(data, outputs, inputs, order.subarray(heldOut).toSorted());
  return {
    inputs,
    outputs,
    size: own.trials,
    batch({ trials, seed, index = 0, stream }) {
      const from = stream === streams.validation ? kept : own;
      if (from === undefined) {
        throw new ConfigError(
          "validation: these trials are a fixed set with none held out: fixedTrials(data, { heldOut }).",
        );
      }
      if (trials === from.trials) return from;
      if (trials > from.trials) {
        throw new ConfigError(`batch: expected at most the ${from.trials} trials there are, got ${trials}.`);
      }
      const perEpoch = Math.floor(from.trials / trials);
      const shuffled = new Random(seed, streams.shuffle, Math.floor(index / perEpoch)).permutation(from.trials);
      const first = (index % perEpoch) * trials;
      return select(from, outputs, inputs, shuffled.subarray(first, first + trials));
    },
  };
}
