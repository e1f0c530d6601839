import { ConfigError, ShapeError } from "../../errors.ts";
import { suggestName } from "../../io/nearest.ts";
import type { Fill, InputGroup, Level, Levels, NoiseRule, OutputGroup, Weights } from "../definition.ts";
import type { MutableValues } from "./conditions.ts";

type AnyTrial = Readonly<MutableValues>;
export type AnyFill = Fill<AnyTrial, string, string, string>;
export type AnyInput = InputGroup<AnyTrial, string, string, string>;
export type AnyOutput = OutputGroup<AnyTrial, string, string, string>;
type AnyLevel = Level<AnyTrial>;

/** A level of every period, in the periods' order; undefined where it is 0. */
export type PeriodLevels = readonly (AnyLevel | undefined)[];

/** Channels that belong together, and where they stand among all. */
export interface ChannelGroup {
  readonly name: string;
  readonly names: readonly string[];
  readonly offset: number;
  readonly size: number;
  readonly levels: PeriodLevels;
  readonly fill?: AnyFill;
}

/** Noise of one group of channels. */
export interface GroupNoise {
  readonly sd: (trial: AnyTrial, dtMs: number) => number;
  /** Indices of the periods with noise; undefined: from the first step to the trial's end. */
  readonly during?: readonly number[];
}

export interface CompiledInput extends ChannelGroup {
  readonly noise?: GroupNoise;
  /** Whether it is left out in catch trials. */
  readonly silent: boolean;
}

export interface CompiledOutput extends ChannelGroup {
  readonly mask: PeriodLevels;
  readonly weight: number;
  readonly fillMask?: AnyFill;
  readonly catchLevels: PeriodLevels;
}

/** Levels by period name, as a list in the periods' order. @throws {@link ConfigError} for a period that is not there. */
export function levelsByPeriod(
  label: string,
  levels: Levels<AnyTrial, string> | Weights<AnyTrial, string>,
  periods: readonly string[],
  size: number,
): PeriodLevels {
  const known = [...periods, "otherwise"];
  for (const [name, level] of Object.entries(levels)) {
    if (!known.includes(name))
      throw new ConfigError(`${label}: "${name}" is not a period; ${suggestName(name, known)}`);
    if (typeof level === "object" && level.length !== size)
      throw new ShapeError(`${label}.${name}: expected ${size} values, one per channel, got ${level.length}.`);
  }
  const { otherwise } = levels;
  return periods.map((name) => {
    const level = Object.hasOwn(levels, name) ? levels[name] : otherwise;
    return level === 0 ? undefined : level;
  });
}

function channelNames(label: string, name: string, group: AnyInput | AnyOutput): readonly string[] {
  const { names, size = names?.length ?? 1 } = group;
  if (names !== undefined && names.length !== size)
    throw new ShapeError(`${label}: expected ${size} names, one per channel, got ${names.length}.`);
  return names ?? (size === 1 ? [name] : Array.from({ length: size }, (_, channel) => `${name}${channel}`));
}

/** The groups one after another, as the network's channels. @throws {@link ConfigError}, {@link ShapeError} */
function placeGroups(
  label: string,
  groups: Readonly<Record<string, AnyInput | AnyOutput>>,
  periods: readonly string[],
): ChannelGroup[] {
  let offset = 0;
  const placed = Object.entries(groups).map(([name, group]) => {
    const at = `${label}.${name}`;
    const names = channelNames(at, name, group);
    const levels = levelsByPeriod(`${at}.during`, group.during ?? {}, periods, names.length);
    const place = { name, names, offset, size: names.length, levels, ...(group.fill && { fill: group.fill }) };
    offset += names.length;
    return place;
  });
  if (placed.length === 0) throw new ConfigError(`${label}: expected at least one channel.`);
  const all = placed.flatMap(({ names }) => names);
  const twice = all.find((name, index) => all.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigError(`${label}: two channels have the name "${twice}".`);
  return placed;
}

function compileNoise(
  label: string,
  rule: NoiseRule<AnyTrial, string>,
  periods: readonly string[],
): GroupNoise | undefined {
  if (rule === 0) return undefined;
  if (typeof rule === "number") return { sd: () => rule };
  const during = rule.during?.map((name) => {
    const index = periods.indexOf(name);
    if (index < 0) throw new ConfigError(`${label}.during: "${name}" is not a period; ${suggestName(name, periods)}`);
    return index;
  });
  const common = during === undefined ? {} : { during };
  if ("sigma" in rule) return { sd: (_, dtMs) => rule.sigma * Math.sqrt((2 * rule.tauMs) / dtMs), ...common };
  const { sd } = rule;
  return { sd: typeof sd === "number" ? () => sd : (trial) => sd(trial), ...common };
}

export function compileInputs(
  task: string,
  groups: Readonly<Record<string, AnyInput>>,
  periods: readonly string[],
  options: { readonly noise?: NoiseRule<AnyTrial, string> | undefined; readonly silent: readonly string[] },
): CompiledInput[] {
  const wrong = options.silent.find((name) => !Object.hasOwn(groups, name));
  if (wrong !== undefined)
    throw new ConfigError(
      `${task}: catchTrials.without: "${wrong}" is not an input; ${suggestName(wrong, Object.keys(groups))}`,
    );
  return placeGroups(`${task}: inputs`, groups, periods).map((group) => {
    const own = groups[group.name]?.noise;
    const noise = compileNoise(
      own === undefined ? `${task}: noise` : `${task}: inputs.${group.name}.noise`,
      own ?? options.noise ?? 0,
      periods,
    );
    return { ...group, silent: options.silent.includes(group.name), ...(noise && { noise }) };
  });
}

export function compileOutputs(
  task: string,
  groups: Readonly<Record<string, AnyOutput>>,
  periods: readonly string[],
  mask: Weights<AnyTrial, string> | undefined,
): CompiledOutput[] {
  return placeGroups(`${task}: outputs`, groups, periods).map((group) => {
    const own: AnyOutput = groups[group.name] ?? {};
    const { weight = 1, fillMask, during } = own;
    const at = `${task}: outputs.${group.name}`;
    const rule = own.mask ?? mask ?? { otherwise: 1 };
    const label = own.mask === undefined ? `${task}: mask` : `${at}.mask`;
    const otherwise = during?.otherwise;
    const duringCatch = own.duringCatch ?? (otherwise === undefined ? {} : { otherwise });
    return {
      ...group,
      mask: levelsByPeriod(label, rule, periods, group.size),
      weight,
      catchLevels: levelsByPeriod(`${at}.duringCatch`, duringCatch, periods, group.size),
      ...(fillMask && { fillMask }),
    };
  });
}
