import { ConfigError, ValueError } from "../errors.ts";
import type { Stimuli } from "../network/trials.ts";
import { Random, streams } from "../random.ts";
import type { TrialSource } from "../train/source.ts";
import { channelsOf, type UnitPlan } from "./fitted-network.ts";
import { preactivationOf } from "./inverse-activation.ts";
import type { IdentifySettings } from "./options.ts";
import type { Recording } from "./recording.ts";

/** What the inputs and first states of a network depend on. */
export type Dynamics = Pick<IdentifySettings, "alpha" | "leak" | "activation">;

/** A stretch of one trial of a recording: the state of step `from`, and what follows it. */
export interface Stretch {
  readonly trial: number;
  readonly from: number;
}

/**
 * Inputs of a network with the leak on its rates, u ← (1 - α) u + α r, r = f(W u + x), for the one that the engine trains, with
 * the leak on its preactivations v ← (1 - α) v + α (W r + x'), r = f(v). They have the same r (Miller & Fumarola 2012, Neural
 * Comput 24:25) where v = W u + x, that is where x'[t] = (x[t] - (1 - α) x[t-1]) / α. From v = 0 and r = u[0] / α before the first
 * step, and x'[0] = x[0] / α, the first v is W u[0] + x[0] whatever W is, so that gradients are the same, too.
 * @param values [T, B, C], changed in place.
 */
export function leakedInputs(values: Float32Array, row: number, alpha: number): void {
  if (alpha === 1) return;
  for (let index = values.length - 1; index >= 0; index -= 1) {
    const before = index < row ? 0 : (values[index - row] as number);
    values[index] = ((values[index] as number) - (1 - alpha) * before) / alpha;
  }
}

/** Stimuli that take a network from recorded states through the velocities that followed. */
export function stretchStimuli(
  recording: Recording,
  plan: UnitPlan,
  { alpha, leak, activation }: Dynamics,
  stretches: readonly Stretch[],
  steps: number,
): Stimuli {
  const { trials, units: recorded, rates } = recording;
  const { latents, dimensions } = plan;
  const [channels, hidden, batch] = [channelsOf(plan), latents + plan.units, stretches.length];
  const inputs = new Float32Array(steps * batch * channels).fill(1);
  const v0 = new Float32Array(batch * hidden);
  const r0 = new Float32Array(batch * hidden);
  const velocities = stretchVelocities(recording, stretches, steps, dimensions);
  for (let row = 0; row < steps * batch; row += 1)
    inputs.set(velocities.subarray(row * dimensions, (row + 1) * dimensions), row * channels);
  for (const [place, { trial, from }] of stretches.entries()) {
    for (let unit = 0; unit < recorded; unit += 1) {
      const rate = rates[(from * trials + trial) * recorded + unit] as number;
      const at = place * hidden + latents + unit;
      r0[at] = leak === "rate" ? rate / alpha : rate;
      if (leak === "state") v0[at] = preactivationOf(activation, rate);
    }
  }
  if (leak === "rate") leakedInputs(inputs, batch * channels, alpha);
  return { steps, trials: batch, inputs, v0, r0 };
}

/** The velocities of stretches, after their first states: [steps, stretches, dimensions]. */
export function stretchVelocities(
  { trials, velocities }: Recording,
  stretches: readonly Stretch[],
  steps: number,
  dimensions: number,
): Float32Array {
  return cutStretches(velocities, trials * dimensions, dimensions, stretches, steps);
}

/** The rates that were recorded in stretches, after their first states: [steps, stretches, recorded units]. */
export function stretchTargets(
  { trials, rates, units }: Recording,
  stretches: readonly Stretch[],
  steps: number,
): Float32Array {
  return cutStretches(rates, trials * units, units, stretches, steps);
}

/** Rows of `width` numbers out of [time, trial, width], of which a step takes `row`. */
export function cutStretches(
  values: ArrayLike<number>,
  row: number,
  width: number,
  stretches: readonly Stretch[],
  steps: number,
): Float32Array {
  const cut = new Float32Array(steps * stretches.length * width);
  for (let step = 0, at = 0; step < steps; step += 1)
    for (const { trial, from } of stretches) {
      const start = (from + 1 + step) * row + trial * width;
      for (let index = 0; index < width; index += 1, at += 1) cut[at] = values[start + index] as number;
    }
  return cut;
}

/** Which trials are trained on, and how the held-out ones are run. */
export interface Split {
  readonly training: readonly number[];
  readonly heldOut: readonly number[];
  readonly heldOutSteps: number;
  readonly batch: number;
}

/** @throws ConfigError, ValueError where the recording is too short or has too few trials. */
export function splitTrials({ steps, trials }: Recording, settings: IdentifySettings): Split {
  const { window } = settings;
  if (trials < 2)
    throw new ConfigError(
      `identify: expected at least 2 trials, one of them held out, got ${trials}. Cut a long recording into several.`,
    );
  if (steps < window + 1)
    throw new ValueError(`identify: window: ${window} steps after a first state do not fit the recording's ${steps}.`);
  const held = settings.heldOut ?? Math.max(1, Math.floor(trials / 10));
  if (held >= trials)
    throw new ConfigError(`identify: heldOut: expected fewer than the ${trials} trials, got ${held}.`);
  const heldOutSteps = settings.heldOutSteps ?? Math.min(100, steps - 1);
  if (heldOutSteps > steps - 1)
    throw new ValueError(
      `identify: heldOutSteps: expected at most ${steps - 1}, the recording's less one, got ${heldOutSteps}.`,
    );
  // The same trials for every seed and network, so that their errors compare.
  const order = [...new Random(0, streams.validation).permutation(trials)];
  const training = order.slice(held).sort((one, other) => one - other);
  const batch = settings.batch ?? Math.min(100, training.length);
  if (batch > training.length)
    throw new ConfigError(
      `identify: batch: expected at most the ${training.length} trials that are trained on, got ${batch}.`,
    );
  return { training, heldOut: order.slice(0, held).sort((one, other) => one - other), heldOutSteps, batch };
}

/** Windows of as many of the trials that are trained on. */
export function drawWindows(
  { steps }: Recording,
  { window, windowStart }: Pick<IdentifySettings, "window" | "windowStart">,
  { training }: Pick<Split, "training">,
  count: number,
  random: Random,
): readonly Stretch[] {
  const starts = steps - window;
  const common = random.integer(starts);
  const chosen =
    count === training.length
      ? training
      : [...random.permutation(training.length)].slice(0, count).map((k) => training[k] as number);
  return chosen.map((trial) => ({ trial, from: windowStart === "common" ? common : random.integer(starts) }));
}

/** Windows of the trials that are trained on: an endless source, the same windows for the same seed. */
export function windowSource(
  recording: Recording,
  plan: UnitPlan,
  settings: IdentifySettings,
  split: Split,
): TrialSource {
  const { window } = settings;
  return {
    inputs: channelsOf(plan),
    outputs: 1,
    batch({ trials, seed, index = 0, stream = streams.task }) {
      const stretches = drawWindows(recording, settings, split, trials, new Random(seed, stream, index));
      return {
        ...stretchStimuli(recording, plan, settings, stretches, window),
        targets: new Float32Array(window * trials),
        rateTargets: stretchTargets(recording, stretches, window),
      };
    },
  };
}
