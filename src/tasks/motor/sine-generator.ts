import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import { explainedVariance } from "../scores.ts";
import type { Task } from "../task.ts";
import { sensoryNoise } from "../task-options.ts";

export const sineGeneratorSchema = z.strictObject({
  ...commonTaskOptions,
  durationMs: z.number().positive().default(2000),
  /** Hz, one of which is drawn for each trial; 1, 1.5, … 3 unless given, and 1 where the input does not say which. */
  frequencies: z.array(z.number().positive()).min(1).optional(),
  amplitude: z.number().positive().default(1),
  /** A level that says which frequency; 1; or nothing. */
  input: z.enum(["level", "constant", "none"]).default("level"),
  /** At the start, how long the error does not count. */
  settleMs: z.number().nonnegative().default(0),
  /** σ of the noise of the input: its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0),
});
export type SineGeneratorOptions = z.input<typeof sineGeneratorSchema>;

type Conditions = DefinedConditions<"frequency", never, "wave">;

/**
 * Sine generator (Sussillo & Barak 2013): the output is amplitude · sin(2π f t), t from the start of the trial, at the
 * frequency that the level of a constant input says: 0.25 at the lowest of `frequencies` to 1.25 at the highest. With
 * `input: "constant"` (1) or `"none"` (0) there is one frequency only, and the network has to start by itself.
 *
 * Input: `level`. Output: `wave`; at step k, t = (k + 1) dt, the time at the end of the step. Condition: `frequency`
 * (Hz; a batch can ask for any, such as one between those of training). Accuracy: the share of the wave's variance that
 * is explained.
 *
 * Where the paper differs: 51 frequencies of 0.1 to 0.6 rad per time constant, here any list; `frequencies` of 51
 * values and a longer trial are like it.
 * @throws {@link ConfigError} for an unknown option or a value out of range, or several frequencies that no input tells
 * apart.
 */
export function sineGenerator(options: SineGeneratorOptions = {}): Task<Conditions> {
  const label = "sineGenerator";
  const given = parseWith(sineGeneratorSchema, options, label);
  const { dtMs = 20, amplitude, input, noise, settleMs } = given;
  const { frequencies = input === "level" ? [1, 1.5, 2, 2.5, 3] : [1] } = given;
  if (input !== "level" && frequencies.length > 1)
    throw new ConfigError(`${label}: frequencies: expected one, because input "${input}" does not tell them apart.`);
  const lowest = Math.min(...frequencies);
  const span = Math.max(...frequencies) - lowest || 1;
  const level = { level: (hz: number) => 0.25 + (hz - lowest) / span, constant: () => 1, none: () => 0 }[input];
  return defineTask({
    name: label,
    source: "Sussillo & Barak 2013",
    dtMs,
    conditions: { frequency: { choice: frequencies } },
    periods: { wave: given.durationMs },
    inputs: { level: { during: { wave: ({ frequency }) => level(frequency) } } },
    noise: sensoryNoise(noise),
    outputs: {
      wave: {
        fill: (values, { frequency, dtMs: dt }) => {
          for (let step = 0; step < values.length; step += 1)
            values[step] = amplitude * Math.sin((2 * Math.PI * frequency * (step + 1) * dt) / 1000);
        },
      },
    },
    graceMs: { wave: settleMs },
    accuracy: explainedVariance,
  });
}
