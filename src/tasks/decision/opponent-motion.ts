import { z } from "zod";
import { ValueError } from "../../errors.ts";
import { commonTaskOptions } from "../define-task.ts";
import { targetsSchema } from "../task-options.ts";

/** By how much pycog makes motion easier, for networks that are small next to a cortex. */
const scale = 3.2;
const strongest = 1 / scale;

/** Options of tasks of motion to the left or to the right in pycog's form. */
export const motionOptions = {
  ...commonTaskOptions,
  /** Strengths of motion, above 0 and at most 0.3125. */
  coherences: z.array(z.number().positive().max(strongest)).min(1).default([0.01, 0.02, 0.04, 0.08, 0.16]),
  /** σ of the noise of the inputs left and right: its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0.02),
  /** Target values [low, high] of the outputs. */
  targets: targetsSchema.default([0.2, 1]),
};

/** The inputs [left, right] for motion: (1 + 3.2 c) / 2 on its side, (1 - 3.2 c) / 2 on the other. @throws {@link ValueError} */
export function motionChannels(
  label: string,
  { direction, coherence }: { readonly direction: number; readonly coherence: number },
): readonly [left: number, right: number] {
  if (!(coherence >= 0 && coherence <= strongest))
    throw new ValueError(
      `${label}: coherence: expected a number in [0, ${strongest}], got ${coherence}. Its side is the condition "direction".`,
    );
  const strong = (1 + scale * coherence) / 2;
  const weak = (1 - scale * coherence) / 2;
  return direction === 0 ? [strong, weak] : [weak, strong];
}
