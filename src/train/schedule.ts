import { z } from "zod";

const warmup = z.int().nonnegative().default(0);

/** How the learning rate changes. `warmup` steps rise linearly first, then the schedule runs over the rest. */
export const scheduleSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("constant"), warmup }),
  z.strictObject({
    type: z.literal("cosine"),
    /** Steps after which the final learning rate is reached, warm-up included. */
    steps: z.int().positive(),
    final: z.number().nonnegative().default(0),
    warmup,
  }),
  z.strictObject({
    type: z.literal("exponential"),
    /** Factor per step. */
    rate: z.number().positive().max(1),
    warmup,
  }),
]);
export type Schedule = z.output<typeof scheduleSchema>;

/**
 * The learning rate of one step, counted from 0. During warm-up lr (step + 1) / warmup; after it, with k = step - warmup:
 * constant lr; cosine final + (lr - final)(1 + cos πp) / 2 with p = min(1, k / (steps - warmup)); exponential lr · rate^k.
 */
export function learningRateAt(schedule: Schedule, base: number, step: number): number {
  if (step < schedule.warmup) return (base * (step + 1)) / schedule.warmup;
  const after = step - schedule.warmup;
  switch (schedule.type) {
    case "constant":
      return base;
    case "cosine": {
      const length = schedule.steps - schedule.warmup;
      const progress = length > 0 ? Math.min(1, after / length) : 1;
      return schedule.final + ((base - schedule.final) * (1 + Math.cos(Math.PI * progress))) / 2;
    }
    case "exponential":
      return base * schedule.rate ** after;
  }
}
