import { ConfigError, ValueError } from "../errors.ts";
import { type Activation, activations } from "../io/model-schema.ts";
import { suggestName } from "../io/nearest.ts";
import { excitatoryCount } from "./multi-area-ei.ts";
import { checkCount, checkKeys, checkShare } from "./options.ts";
import type { NoiseBase, Structure, UnitProperties } from "./structure.ts";

/** What the units of a population or of a layer have in common. */
export interface UnitGroup {
  readonly size: number;
  /** All excitatory, all inhibitory, or the fraction that is (its first units); signs are free unless given. */
  readonly excitatory?: boolean | number;
  /** Time constant in milliseconds, 0 = none, so that alpha is 1; given for all groups or for none. */
  readonly tauMs?: number;
  /** Activation of its units; the network's unless given. */
  readonly activation?: Activation;
  /**
   * Standard deviations of the noise on the preactivation (before the network's noise scale) and on the rate of its
   * units, 0 unless given. Where one group has noise, a group without any is silent.
   */
  readonly noise?: NoiseBase;
}

/** Every key of {@link UnitGroup}. */
export const unitGroupKeys: readonly string[] = ["size", "excitatory", "tauMs", "activation", "noise"];

function checkNotNegative(label: string, value: number): number {
  if (typeof value !== "number" || !(value >= 0 && value < Number.POSITIVE_INFINITY))
    throw new ValueError(`${label}: expected a number of 0 or more, got ${String(value)}.`);
  return value;
}

function checkGroup(label: string, group: UnitGroup): void {
  checkCount(`${label}.size`, group.size);
  const { excitatory, tauMs, activation, noise } = group;
  if (excitatory !== undefined) checkShare(`${label}.excitatory`, excitatory);
  if (tauMs !== undefined) checkNotNegative(`${label}.tauMs`, tauMs);
  if (activation !== undefined && !activations.includes(activation))
    throw new ConfigError(
      `${label}.activation: unknown "${activation}"; ${suggestName(String(activation), activations)}`,
    );
  if (noise === undefined) return;
  checkKeys(`${label}.noise`, noise, ["pre", "post"]);
  for (const side of ["pre", "post"] as const)
    if (noise[side] !== undefined) checkNotNegative(`${label}.noise.${side}`, noise[side]);
}

/** One value of each unit, group after group. */
function perUnit<Value>(groups: readonly UnitGroup[], value: (group: UnitGroup, unit: number) => Value): Value[] {
  return groups.flatMap((group) => Array.from({ length: group.size }, (_, unit) => value(group, unit)));
}

/**
 * What groups of units, one after another, say of their units: the sign of each [H], and the fields `units` and `noise`
 * of a structure. Noise becomes factors that are the standard deviations themselves, on a base of 1: in float32 that is
 * the product that a network computes whose own noise it is, to the bit.
 * @param label names a group in messages by its index.
 * @throws {@link ConfigError}, {@link ValueError} naming the group.
 */
export function readUnitGroups(
  groups: readonly UnitGroup[],
  label: (index: number) => string,
): { unitSigns: Float32Array } & Pick<Structure, "units" | "noise"> {
  groups.forEach((group, index) => {
    checkGroup(label(index), group);
  });
  const hasTime = groups.map(({ tauMs }) => tauMs !== undefined);
  if (new Set(hasTime).size > 1)
    throw new ConfigError(
      `${label(hasTime.indexOf(false))}: it has no tauMs, and ${label(hasTime.indexOf(true))} has: give it for all or for none.`,
    );
  const hasNoise = (side: "pre" | "post"): boolean => groups.some(({ noise }) => (noise?.[side] ?? 0) > 0);
  const deviations = (side: "pre" | "post"): Float32Array =>
    Float32Array.from(perUnit(groups, ({ noise }) => noise?.[side] ?? 0));
  const units: UnitProperties = {
    ...(hasTime[0] && { tauMs: Float32Array.from(perUnit(groups, ({ tauMs = 0 }) => tauMs)) }),
    ...(groups.some(({ activation }) => activation !== undefined) && {
      activation: perUnit(groups, ({ activation = null }) => activation),
    }),
    ...(hasNoise("pre") && { noisePre: deviations("pre") }),
    ...(hasNoise("post") && { noisePost: deviations("post") }),
  };
  const noise: NoiseBase = { ...(hasNoise("pre") && { pre: 1 }), ...(hasNoise("post") && { post: 1 }) };
  const signs = perUnit(groups, ({ size, excitatory }, unit) =>
    excitatory === undefined ? 0 : unit < excitatoryCount(size, Number(excitatory)) ? 1 : -1,
  );
  return {
    unitSigns: Float32Array.from(signs),
    ...(Object.keys(units).length > 0 && { units }),
    ...(Object.keys(noise).length > 0 && { noise }),
  };
}
