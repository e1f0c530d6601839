import { range } from "../structure/draw.ts";
import { alignNetworks, type WeightConsistency, weightConsistency } from "./align-networks.ts";
import type { ScoredNetwork } from "./score-fitted.ts";
import { tuningOfUnits, type VelocityTuning } from "./velocity-tuning.ts";

/**
 * How alike networks of several seeds are once their hidden units are put into one order, by their tuning (Hungarian algorithm).
 * @param networks that were scored on one recording. @returns `undefined` for fewer than two networks.
 */
export function seedConsistency(networks: readonly ScoredNetwork[]): WeightConsistency | undefined {
  const [first] = networks;
  if (first === undefined || networks.length < 2) return undefined;
  const learned = networks.map(({ fitted }) => fitted.learned);
  const { units, observed } = first.fitted.plan;
  if (units === observed) return weightConsistency(learned);
  const hidden = range(observed, units);
  const tunings = networks.map(({ scores }) => scores.shifter.tuning[0] as VelocityTuning);
  return alignNetworks(
    learned,
    tunings.map((tuning) => tuningOfUnits(tuning, hidden)),
    { points: (tunings[0] as VelocityTuning).counts.length },
  ).consistency;
}
