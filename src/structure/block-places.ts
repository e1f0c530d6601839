import { ConfigError } from "../errors.ts";
import type { Area } from "../io/model-schema.ts";
import { checkCount, checkKeys } from "./options.ts";
import { readUnitGroups, type UnitGroup, unitGroupKeys } from "./unit-groups.ts";

/** Hidden units under one name. */
export interface Population extends UnitGroup {
  readonly name: string;
}

/** Synapses from a population or an input to a population or an output. */
export interface Projection {
  readonly from: string;
  readonly to: string;
  /** Probability of each synapse; 1 unless given. */
  readonly density?: number;
  /** +1 excitatory, -1 inhibitory, 0 free; that of the population unless given. */
  readonly sign?: number;
}

/** Input or output channels under one name. */
export interface NamedChannels {
  readonly name: string;
  readonly channels: number;
}

export function checkName(label: string, name: unknown): string {
  if (typeof name === "string" && name !== "") return name;
  throw new ConfigError(`${label}.name: expected a name, got ${JSON.stringify(name)}.`);
}

/** Populations as contiguous ranges of hidden units, and what they say of their units. */
export function readPopulations(
  populations: readonly Population[],
): { areas: Area[] } & ReturnType<typeof readUnitGroups> {
  if (!Array.isArray(populations) || populations.length === 0)
    throw new ConfigError("blocks: populations: expected at least one { name, size }.");
  const list = populations as readonly Population[];
  const label = (index: number): string => `blocks: populations[${index}]`;
  list.forEach((population, index) => {
    checkKeys(label(index), population, ["name", ...unitGroupKeys]);
  });
  const units = readUnitGroups(list, label);
  let from = 0;
  const areas = list.map(({ name, size }, index) => {
    from += size;
    return { name: checkName(label(index), name), from: from - size, to: from };
  });
  return { areas, ...units };
}

/** Named channels as contiguous ranges. A mere number is one range of `name`. */
export function readPlaces(label: string, name: string, given: number | readonly NamedChannels[]): Area[] {
  if (!Array.isArray(given)) return [{ name, from: 0, to: checkCount(label, given as number) }];
  if (given.length === 0) throw new ConfigError(`${label}: expected at least one { name, channels }.`);
  let from = 0;
  return (given as readonly NamedChannels[]).map((place, index) => {
    const path = `${label}[${index}]`;
    checkKeys(path, place, ["name", "channels"]);
    from += checkCount(`${path}.channels`, place.channels);
    return { name: checkName(path, place.name), from: from - place.channels, to: from };
  });
}

/** How many channels there are, and their groups where they have names. */
export function readChannelPlaces(
  label: string,
  given: number | readonly NamedChannels[],
): { count: number; groups?: Area[] } {
  if (!Array.isArray(given)) return { count: checkCount(label, given as number) };
  const groups = readPlaces(label, label, given);
  const names = groups.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new ConfigError(`${label}: two groups are named "${repeated}".`);
  return { count: groups.at(-1)?.to ?? 0, groups };
}
