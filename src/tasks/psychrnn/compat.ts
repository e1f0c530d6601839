import { z } from "zod";

/**
 * `"psychrnn"`: the trials of PsychRNN 1.0.0, faults included; where and why ours differ stands at each task.
 * Source of all three tasks: Ehrlich, Stone, Brandfonbrener, Atanasov & Murray 2021, "PsychRNN" (eNeuro 8).
 */
export const compatSchema = z.literal("psychrnn").optional();

export const psychrnn = "PsychRNN 1.0.0 (Ehrlich et al. 2021)";

/** The time step at which PsychRNN's noise is what its authors trained with. */
const referenceDtMs = 10;

/**
 * Standard deviation of each step of the noise of the discrimination tasks. PsychRNN: √(2 · 0.01 · √10 · √dt · s²), which
 * grows with dt. Ours is the same at dt = 10 ms (0.0447 for s = 0.1) and falls as 1/√dt, so that a stimulus tells as much
 * at any time step.
 */
export function discriminationNoise(noise: number, dtMs: number, compat: boolean): number {
  const asInPsychrnn = (dt: number): number => Math.sqrt(2 * 0.01 * Math.sqrt(10) * Math.sqrt(dt) * noise * noise);
  return compat ? asInPsychrnn(dtMs) : asInPsychrnn(referenceDtMs) * Math.sqrt(referenceDtMs / dtMs);
}

/** The same for matchToCategory. PsychRNN: s / (2 dt). Ours: s / 20 at dt = 10 ms, falling as 1/√dt. */
export function categoryNoise(noise: number, dtMs: number, compat: boolean): number {
  return compat ? noise / (2 * dtMs) : (noise / (2 * referenceDtMs)) * Math.sqrt(referenceDtMs / dtMs);
}
