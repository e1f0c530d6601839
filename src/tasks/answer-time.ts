import type { Distribution } from "./definition.ts";
import { durationSchema } from "./task-options.ts";

/** Twice the time at the start of an answer in which the error does not count, so that some of it counts at any time step. */
const shortestMs = 200;

function shortestOf(duration: number | Distribution): number {
  if (typeof duration === "number") return duration;
  if ("choice" in duration) return Math.min(...duration.choice.map(Number));
  if ("uniform" in duration) return duration.uniform[0];
  return "normal" in duration ? Number.NEGATIVE_INFINITY : duration.truncatedExponential.min;
}

/** Milliseconds of a period in which a network answers, the first 100 of which do not count: 200 or more. */
export const answerSchema = durationSchema.refine((duration) => !(shortestOf(duration) < shortestMs), {
  message: `expected ${shortestMs} ms or more, because the first 100 do not count`,
});
