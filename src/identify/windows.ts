import { ConfigError, ValueError } from "../errors.ts";
import type { Stimuli, Trials } from "../network/trials.ts";
import { Random, streams } from "../random.ts";
import type { TrialSource } from "../train/source.ts";
import { channelsOf, type UnitPlan } from "./fitted-network.ts";
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

/** What the rates were before the activation; 0 for a rate that no preactivation gives, such as one above tanh's 1. */
function inverse(activation: Dynamics["activation"], rate: number): number {
  const bounded = Math.min(Math.max(rate, 0), 1 - 1e-6);
  switch (activation) {
    case "tanh":
      return Math.atanh(Math.max(-1 + 1e-6, Math.min(rate, 1 - 1e-6)));
    case "retanh":
      return Math.atanh(bounded);
    case "sigmoid":
      return Math.log(Math.max(bounded, 1e-6) / (1 - bounded));
    default:
      return rate;
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
  const { trials, units: recorded, rates, velocities } = recording;
  const { latents, dimensions } = plan;
  const [channels, hidden, batch] = [channelsOf(plan), latents + plan.units, stretches.length];
  const inputs = new Float32Array(steps * batch * channels).fill(1);
  const v0 = new Float32Array(batch * hidden);
  const r0 = new Float32Array(batch * hidden);
  for (const [place, { trial, from }] of stretches.entries()) {
    for (let step = 0; step < steps; step += 1)
      for (let d = 0; d < dimensions; d += 1)
        inputs[(step * batch + place) * channels + d] = velocities[
          ((from + 1 + step) * trials + trial) * dimensions + d
        ] as number;
    for (let unit = 0; unit < recorded; unit += 1) {
      const rate = rates[(from * trials + trial) * recorded + unit] as number;
      const at = place * hidden + latents + unit;
      r0[at] = leak === "rate" ? rate / alpha : rate;
      if (leak === "state") v0[at] = inverse(activation, rate);
    }
  }
  if (leak === "rate") leakedInputs(inputs, batch * channels, alpha);
  return { steps, trials: batch, inputs, v0, r0 };
}

/** The same with what was recorded in them as targets of the recorded units. */
function stretchTrials(
  recording: Recording,
  plan: UnitPlan,
  dynamics: Dynamics,
  stretches: readonly Stretch[],
  steps: number,
): Trials {
  const { trials, units, rates } = recording;
  const batch = stretches.length;
  const rateTargets = new Float32Array(steps * batch * units);
  for (const [place, { trial, from }] of stretches.entries())
    for (let step = 0; step < steps; step += 1) {
      const start = ((from + 1 + step) * trials + trial) * units;
      for (let unit = 0; unit < units; unit += 1)
        rateTargets[(step * batch + place) * units + unit] = rates[start + unit] as number;
    }
  return {
    ...stretchStimuli(recording, plan, dynamics, stretches, steps),
    targets: new Float32Array(steps * batch),
    rateTargets,
  };
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
  const { window, seed } = settings;
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
  const order = [...new Random(seed, streams.validation).permutation(trials)];
  const training = order.slice(held).sort((one, other) => one - other);
  const batch = settings.batch ?? Math.min(100, training.length);
  if (batch > training.length)
    throw new ConfigError(
      `identify: batch: expected at most the ${training.length} trials that are trained on, got ${batch}.`,
    );
  return { training, heldOut: order.slice(0, held).sort((one, other) => one - other), heldOutSteps, batch };
}

/** Windows of the trials that are trained on: an endless source, the same windows for the same seed. */
export function windowSource(
  recording: Recording,
  plan: UnitPlan,
  settings: IdentifySettings,
  { training }: Split,
): TrialSource {
  const { window, windowStart } = settings;
  const starts = recording.steps - window;
  return {
    inputs: channelsOf(plan),
    outputs: 1,
    batch({ trials, seed, index = 0, stream = streams.task }) {
      const random = new Random(seed, stream, index);
      const common = random.integer(starts);
      const chosen =
        trials === training.length
          ? training
          : [...random.permutation(training.length)].slice(0, trials).map((k) => training[k] as number);
      const stretches = chosen.map((trial) => ({
        trial,
        from: windowStart === "common" ? common : random.integer(starts),
      }));
      return stretchTrials(recording, plan, settings, stretches, window);
    },
  };
}
