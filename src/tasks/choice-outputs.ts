import { oneHot } from "./ring.ts";

/** A trial of which only one condition matters. */
type With<Name extends string> = { readonly [Key in Name]: number };

/**
 * Outputs of a task in which the network fixates until the decision period and then chooses, as classes (neurogym): `fixate`
 * is 1 until then, then the one of `names` that has the number of the condition `correct` is 1; all else is 0.
 */
export function fixateThenChoose<const Name extends string>(names: readonly string[], correct: Name) {
  return {
    fixate: { during: { decision: 0, otherwise: 1 } },
    choice: {
      names,
      during: { decision: (trial: With<Name>) => oneHot(trial[correct], names.length) },
    },
  };
}

/** The same for a decision between going (`correct` is 1) and not going (0): the outputs `fixate` and `go`. */
export function fixateOrGo<const Name extends string>(correct: Name) {
  return {
    fixate: { during: { decision: (trial: With<Name>) => 1 - trial[correct], otherwise: 1 } },
    go: { during: { decision: (trial: With<Name>) => trial[correct] } },
  };
}

/** Outputs that are all `low` until the decision period, in which the correct one is `high` (pycog). */
export function holdThenChoose<const Name extends string>(
  names: readonly string[],
  correct: Name,
  [low, high]: readonly [low: number, high: number],
) {
  return {
    choice: {
      names,
      during: { decision: (trial: With<Name>) => oneHot(trial[correct], names.length, high, low), otherwise: low },
    },
  };
}

/**
 * How much the error counts: 1 until the decision, 0 in its first 100 ms, then 5, because it is the shortest part of a trial
 * (Yang et al. 2019). neurogym has no mask: `original` counts every step alike.
 */
export function decisionCounts(original: boolean) {
  return {
    mask: { decision: original ? 1 : 5, otherwise: 1 },
    graceMs: { decision: original ? 0 : 100 },
  };
}
