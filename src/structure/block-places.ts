import { ConfigError } from "../errors.ts";
import type { Area } from "../io/model-schema.ts";
import { excitatoryCount } from "./multi-area-ei.ts";
import { checkCount, checkFraction, checkKeys, checkPositive } from "./options.ts";

/** Hidden units under one name. */
export interface Population {
  readonly name: string;
  readonly size: number;
  /** All excitatory, all inhibitory, or the fraction that is (its first units); signs are free unless given. */
  readonly excitatory?: boolean | number;
  /** Time constant in milliseconds; given for all populations or for none. */
  readonly tauMs?: number;
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

function checkName(label: string, name: unknown): string {
  if (typeof name === "string" && name !== "") return name;
  throw new ConfigError(`${label}.name: expected a name, got ${JSON.stringify(name)}.`);
}

/** Populations as contiguous ranges of hidden units, with each unit's sign [H] and time constant [H]. */
export function readPopulations(populations: readonly Population[]): {
  areas: Area[];
  unitSigns: Float32Array;
  tauMs: Float32Array | undefined;
} {
  if (!Array.isArray(populations) || populations.length === 0)
    throw new ConfigError("blocks: populations: expected at least one { name, size }.");
  const list = populations as readonly Population[];
  const areas: Area[] = [];
  const unitSigns: number[] = [];
  const tauMs: number[] = [];
  list.forEach((population, index) => {
    const label = `blocks: populations[${index}]`;
    checkKeys(label, population, ["name", "size", "excitatory", "tauMs"]);
    const { excitatory, tauMs: time } = population;
    const name = checkName(label, population.name);
    const size = checkCount(`${label}.size`, population.size);
    const from = unitSigns.length;
    areas.push({ name, from, to: from + size });
    const fraction = excitatory === undefined ? 0 : checkFraction(`${label}.excitatory`, Number(excitatory));
    const count = excitatoryCount(size, fraction);
    for (let unit = 0; unit < size; unit += 1) unitSigns.push(excitatory === undefined ? 0 : unit < count ? 1 : -1);
    if (time !== undefined) tauMs.push(...new Array<number>(size).fill(checkPositive(`${label}.tauMs`, time)));
    if (tauMs.length !== 0 && tauMs.length !== from + size)
      throw new ConfigError(
        `${label}: tauMs is given for some populations and not for ${time === undefined ? "this one" : "those before"}: give it for all or for none.`,
      );
  });
  const times = tauMs.length === 0 ? undefined : Float32Array.from(tauMs);
  return { areas, unitSigns: Float32Array.from(unitSigns), tauMs: times };
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
