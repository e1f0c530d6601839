import { z } from "zod";
import { parseWith } from "../io/config.ts";
import { weight } from "./term.ts";

export const rateL2Schema = z.strictObject({ type: z.literal("rateL2"), weight });
export type RateL2 = z.output<typeof rateL2Schema>;

/** weight · mean over time, trials and units of r² (PsychRNN's L2_firing_rate). */
export function rateL2(weight: number): RateL2 {
  return parseWith(rateL2Schema, { type: "rateL2", weight }, "rateL2");
}
