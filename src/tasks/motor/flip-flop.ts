import { z } from "zod";
import { ValueError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import type { JudgedTrial } from "../definition.ts";
import { withDerived } from "../derived.ts";
import { stepsOf, type Task } from "../task.ts";
import { sensoryNoise, targetsSchema } from "../task-options.ts";

export const flipFlopSchema = z.strictObject({
  ...commonTaskOptions,
  bits: z.int().min(1).default(3),
  durationMs: z.number().positive().optional(),
  /** After a pulse, a step starts the next one of that bit, up or down, with the probability dt / `intervalMs`. */
  intervalMs: z.number().positive().optional(),
  /** Of one pulse. */
  pulseMs: z.number().positive().optional(),
  /** Targets [low, high] of the outputs: low after a pulse down (-1), high after a pulse up (1). */
  targets: targetsSchema.optional(),
  /** After a target has changed, how long the error of that bit does not count. */
  settleMs: z.number().nonnegative().optional(),
  /** σ of the noise of all inputs: its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().optional(),
  /** The trials of one of these. */
  compat: z.enum(["fixedPointFinder", "ctdb"]).optional(),
});
export type FlipFlopOptions = z.input<typeof flipFlopSchema>;

type Conditions = DefinedConditions<"intervalMs", "initial", "hold">;

interface Preset {
  readonly durationMs: number;
  readonly intervalMs: number;
  readonly pulseMs: number;
  readonly targets: readonly [low: number, high: number];
  readonly settleMs: number;
  readonly noise: number;
  /** Steps at the start in which there is no pulse; undefined: the trial starts with a pulse of every bit. */
  readonly quietSteps?: number;
  /** Steps at the start in which no error counts. */
  readonly graceSteps: number;
  /** From which step after a change on errors do not count. */
  readonly settleFrom: 0 | 1;
}

function presetOf(compat: "fixedPointFinder" | "ctdb" | undefined, dtMs: number): Preset {
  const oneStep = { pulseMs: dtMs };
  switch (compat) {
    case "fixedPointFinder": {
      const size = { durationMs: 64 * dtMs, intervalMs: 2 * dtMs, ...oneStep };
      return { ...size, targets: [-1, 1], settleMs: 0, noise: 0, graceSteps: 0, settleFrom: 0 };
    }
    case "ctdb": {
      const size = { durationMs: 500 * dtMs, intervalMs: 50 * dtMs, ...oneStep };
      // Its standard deviation is 0.15 at any time step.
      const noise = 0.15 / Math.sqrt((2 * 100) / dtMs);
      return { ...size, targets: [0, 1], settleMs: 4 * dtMs, noise, quietSteps: 3, graceSteps: 5, settleFrom: 1 };
    }
    case undefined: {
      const size = { durationMs: 2000, intervalMs: 500, pulseMs: 40 };
      return { ...size, targets: [-1, 1], settleMs: 100, noise: 0.01, graceSteps: 0, settleFrom: 0 };
    }
  }
}

/**
 * n-bit flip-flop (Sussillo & Barak 2013): each input sends pulses of 1 and -1 at random times; each output holds the
 * sign of the last pulse of its input.
 *
 * Inputs: one for each bit. Outputs: one for each bit, `targets` high or low. A trial starts with a pulse of every bit,
 * so that there is always something to hold. A pulse lasts `pulseMs`; after it, each step starts the next one of that
 * bit with the probability dt / `intervalMs`. The error of a bit does not count for `settleMs` after its target has
 * changed. Conditions: `intervalMs`; the vector `initial`, the signs [bits] of the first pulses. Accuracy: the share of
 * counted steps and bits on the right side of the middle of the targets.
 *
 * `compat`, in steps of any dt: `"fixedPointFinder"` (Golub & Sussillo 2018): 64 steps, a pulse with probability 0.5 at
 * every step, all steps count, no noise. `"ctdb"` (Versteeg et al. 2025): 500 steps, no pulse in the first 3, then with
 * probability 0.02; targets 0 and 1, low until the first pulse; noise 0.15; the first 5 steps do not count, nor the 4
 * steps after a change, while the step of the change itself does.
 * @throws {@link ConfigError} for an unknown option or a value out of range; from `batch`, {@link ValueError} for an
 * interval shorter than a step.
 */
export function flipFlop(options: FlipFlopOptions = {}): Task<Conditions> {
  const label = "flipFlop";
  const given = parseWith(flipFlopSchema, options, label);
  const { dtMs = 20, bits, compat } = given;
  const preset = presetOf(compat, dtMs);
  const { durationMs = preset.durationMs, intervalMs = preset.intervalMs, pulseMs = preset.pulseMs } = given;
  const { targets = preset.targets, settleMs = preset.settleMs, noise = preset.noise } = given;
  const { quietSteps, graceSteps, settleFrom } = preset;
  const [low, high] = targets;
  const middle = (low + high) / 2;
  const names = (word: string) => Array.from({ length: bits }, (_, bit) => `${word}${bit}`);

  const task = defineTask({
    name: label,
    source: "Sussillo & Barak 2013",
    dtMs,
    conditions: { intervalMs },
    vectors: { initial: { count: bits, of: { choice: [-1, 1], only: true } } },
    periods: { hold: durationMs },
    inputs: {
      pulses: {
        names: names("pulse"),
        fill: (values, { intervalMs: interval, initial, dtMs: dt }, { steps, random }) => {
          if (!(interval >= dt))
            throw new ValueError(`${label} batch: intervalMs: expected at least a step of ${dt} ms, got ${interval}.`);
          const length = stepsOf(pulseMs, dt);
          for (let bit = 0; bit < bits; bit += 1) {
            let left = 0;
            let sign = 0;
            for (let step = 0; step < steps; step += 1) {
              if (left === 0 && step === 0 && quietSteps === undefined) {
                left = length;
                sign = initial[bit] as number;
              } else if (left === 0 && step >= (quietSteps ?? 0) && random.uniform() < dt / interval) {
                left = length;
                sign = random.choice([-1, 1]);
              }
              if (left === 0) continue;
              values[step * bits + bit] = sign;
              left -= 1;
            }
          }
        },
      },
    },
    noise: sensoryNoise(noise),
    outputs: {
      state: {
        names: names("state"),
        fill: (values, _trial, timeline) => {
          const pulses = timeline.input("pulses");
          for (let bit = 0; bit < bits; bit += 1) {
            let state = low;
            for (let at = bit; at < pulses.length; at += bits) {
              const pulse = pulses[at] as number;
              if (pulse !== 0) state = pulse > 0 ? high : low;
              values[at] = state;
            }
          }
        },
        fillMask: (mask, { dtMs: dt }, timeline) => {
          const states = timeline.target("state");
          const settle = settleMs === 0 ? 0 : stepsOf(settleMs, dt);
          mask.fill(0, 0, graceSteps * bits);
          for (let at = 0; at < states.length; at += 1) {
            const changed = at < bits ? quietSteps === undefined : states[at] !== states[at - bits];
            if (!changed) continue;
            for (let since = 0; since < settle; since += 1) {
              const later = at + (since + settleFrom) * bits;
              if (later < mask.length) mask[later] = 0;
            }
          }
        },
      },
    },
    accuracy: (judged) => shareOnSide(judged, middle),
    chance: 0.5,
  });
  // Where no pulse shows it, the first state is always low.
  return quietSteps === undefined ? task : (withDerived(task, ["initial"]) as Task<Conditions>);
}

/** The share of what counts that is on the same side of the middle as its target. */
function shareOnSide({ outputs, targets, mask }: JudgedTrial, middle: number): number {
  let counted = 0;
  let right = 0;
  for (let at = 0; at < targets.length; at += 1) {
    if (!((mask[at] as number) > 0)) continue;
    counted += 1;
    const output = outputs[at] as number;
    if (output === middle) right += 0.5;
    else if (output > middle === (targets[at] as number) > middle && !Number.isNaN(output)) right += 1;
  }
  return right / counted;
}
