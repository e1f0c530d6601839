import type { Rounding } from "../definition.ts";
import type { CompiledInput, CompiledOutput } from "./channels.ts";
import type { Condition, Vector } from "./conditions.ts";
import type { CompiledPeriod } from "./periods.ts";

/** The condition that says whether a trial is a catch trial. */
export const catchName = "catch";

/** A definition that has been checked, with every name turned into a place. */
export interface CompiledTask {
  readonly name: string;
  readonly dtMs: number;
  readonly rounding: Rounding;
  readonly longestMs?: number;
  readonly conditions: readonly Condition[];
  readonly vectors: readonly Vector[];
  readonly periods: readonly CompiledPeriod[];
  readonly inputs: readonly CompiledInput[];
  readonly outputs: readonly CompiledOutput[];
  /** Of each period. */
  readonly graceMs: readonly number[];
  readonly rectifyInputs: boolean;
  /** The condition that is the number of the correct choice, where there is one. */
  readonly correct?: string;
  /** How many choices there are. */
  readonly choices: number;
}
