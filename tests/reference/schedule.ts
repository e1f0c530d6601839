/** How the learning rate changes; `warmup` steps rise linearly first, then the schedule runs over the rest. */
export type ReferenceSchedule =
  | { readonly type: "constant"; readonly warmup?: number }
  | { readonly type: "cosine"; readonly steps: number; readonly final: number; readonly warmup?: number }
  | { readonly type: "exponential"; readonly rate: number; readonly warmup?: number };

/**
 * The learning rate of one step, counted from 0. During warm-up lr (step+1) / warmup; after it, with k = step - warmup:
 * constant lr; cosine final + (lr - final)(1 + cos πp)/2, p = min(1, k / (steps - warmup)); exponential lr · rateᵏ.
 */
export function learningRate(schedule: ReferenceSchedule, lr: number, step: number): number {
  const warmup = schedule.warmup ?? 0;
  if (step < warmup) return (lr * (step + 1)) / warmup;
  const k = step - warmup;
  switch (schedule.type) {
    case "constant":
      return lr;
    case "cosine": {
      const length = schedule.steps - warmup;
      const progress = length > 0 ? Math.min(1, k / length) : 1;
      return schedule.final + ((lr - schedule.final) * (1 + Math.cos(Math.PI * progress))) / 2;
    }
    case "exponential":
      return lr * schedule.rate ** k;
  }
}
