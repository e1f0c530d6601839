import { ConfigError, ShapeError, ValueError } from "../errors.ts";
import type { Area } from "../io/model-schema.ts";
import { suggestName } from "../io/nearest.ts";
import { range } from "./draw.ts";
import { checkCount, checkKeys } from "./options.ts";

/** Hidden units by index or name, or a range of them. */
export type UnitSelection = readonly (number | string)[] | { readonly from: number; readonly to: number };

/** Some input or output channels and the hidden units they belong to; all units unless given. */
export interface ChannelGroup {
  readonly name?: string;
  readonly channels: number;
  readonly units?: UnitSelection;
}

/** Groups as a table of 0 and 1, [groups, hidden], with the number of channels of each group: nn4n's form. */
export interface ChannelTable {
  readonly channels: readonly number[];
  readonly table: readonly (readonly number[])[];
}

/** A number of channels that go with every unit, or groups of channels. */
export type ChannelsInput = number | readonly ChannelGroup[] | ChannelTable;

/** Channels in groups, and which hidden units go with each channel. */
export interface Channels {
  readonly count: number;
  /** Contiguous ranges of channels; empty where a mere number was given. */
  readonly groups: readonly Area[];
  /** Whether a channel and a unit may be connected. */
  readonly connects: (channel: number, unit: number) => boolean;
}

/** @returns the unit's index. @throws {@link ConfigError} unknown name, {@link ValueError} no such index. */
export function unitIndex(label: string, unit: number | string, hidden: number, names: readonly string[]): number {
  const index = typeof unit === "string" ? names.indexOf(unit) : unit;
  if (typeof unit === "string" && index < 0)
    throw new ConfigError(
      `${label}: there is no unit "${unit}"; ${names.length === 0 ? "the units have no names, give an index." : suggestName(unit, names)}`,
    );
  if (!Number.isInteger(index) || index < 0 || index >= hidden)
    throw new ValueError(`${label}: expected units 0 to ${hidden - 1}, got ${String(unit)}.`);
  return index;
}

function selected(label: string, units: UnitSelection | undefined, hidden: number, names: readonly string[]): number[] {
  if (units === undefined) return range(0, hidden);
  if (Array.isArray(units)) {
    const list = units as readonly (number | string)[];
    if (list.length === 0) throw new ValueError(`${label}: expected at least one unit.`);
    return list.map((unit) => unitIndex(label, unit, hidden, names));
  }
  if (ArrayBuffer.isView(units))
    throw new ConfigError(`${label}: expected a plain list of units, got a typed array; write Array.from(…).`);
  checkKeys(label, units, ["from", "to"]);
  const { from, to } = units as { from: number; to: number };
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to > hidden || from >= to)
    throw new ValueError(`${label}: expected integers 0 <= from < to <= ${hidden}, got [${from}, ${to}).`);
  return range(from, to);
}

function fromTable(label: string, { channels, table }: ChannelTable, hidden: number): ChannelGroup[] {
  if (!Array.isArray(channels) || !Array.isArray(table) || channels.length !== table.length)
    throw new ShapeError(`${label}: expected one table row per group of channels.`);
  return channels.map((count, group) => {
    const row = table[group] as readonly number[];
    if (!Array.isArray(row) || row.length !== hidden)
      throw new ShapeError(`${label}: table: expected [${channels.length}, ${hidden}] (groups, hidden).`);
    const wrong = row.findIndex((value) => value !== 0 && value !== 1);
    if (wrong >= 0) throw new ValueError(`${label}: table[${group}][${wrong}] is ${row[wrong]}: expected 0 or 1.`);
    return { channels: count, units: row.flatMap((value, unit) => (value === 1 ? [unit] : [])) };
  });
}

/**
 * Reads the channels of `inputs` or `outputs`. A group without a name gets `prefix` and its number from 1.
 * @throws {@link ConfigError} unknown keys or names, {@link ShapeError} a table's shape, {@link ValueError} the rest.
 */
export function readChannels(
  label: string,
  prefix: string,
  given: ChannelsInput,
  hidden: number,
  unitNames: readonly string[] = [],
): Channels {
  if (typeof given === "number") return { count: checkCount(label, given), groups: [], connects: () => true };
  if (typeof given !== "object" || given === null)
    throw new ConfigError(`${label}: expected a number, a list of groups, or { channels, table }.`);
  if (!Array.isArray(given)) checkKeys(label, given, ["channels", "table"]);
  const list = Array.isArray(given) ? (given as ChannelGroup[]) : fromTable(label, given as ChannelTable, hidden);
  if (list.length === 0) throw new ConfigError(`${label}: expected at least one group.`);
  const groups: Area[] = [];
  const units: ReadonlySet<number>[] = [];
  const groupOf: number[] = [];
  list.forEach((group, index) => {
    const path = `${label}[${index}]`;
    checkKeys(path, group, ["name", "channels", "units"]);
    const name = group.name ?? `${prefix}${index + 1}`;
    if (typeof name !== "string" || name === "" || groups.some((other) => other.name === name))
      throw new ConfigError(`${path}: expected a name of its own, got "${name}".`);
    const from = groupOf.length;
    const to = from + checkCount(`${path}.channels`, group.channels);
    groups.push({ name, from, to });
    const isTable = !Array.isArray(given);
    units.push(
      new Set(isTable ? (group.units as number[]) : selected(`${path}.units`, group.units, hidden, unitNames)),
    );
    for (let channel = from; channel < to; channel += 1) groupOf.push(index);
  });
  return {
    count: groupOf.length,
    groups,
    connects: (channel, unit) => units[groupOf[channel] as number]?.has(unit) ?? false,
  };
}

/** mask_ih [hidden, channels]. */
export function inputMask({ count, connects }: Channels, hidden: number): Float32Array {
  return Float32Array.from({ length: hidden * count }, (_, i) => (connects(i % count, Math.floor(i / count)) ? 1 : 0));
}

/** mask_ho [channels, hidden]. */
export function outputMask({ count, connects }: Channels, hidden: number): Float32Array {
  return Float32Array.from({ length: count * hidden }, (_, i) =>
    connects(Math.floor(i / hidden), i % hidden) ? 1 : 0,
  );
}

/** The groups as fields of a structure, absent where there are none. */
export function groupFields(inputs: Channels, outputs: Channels): { inputGroups?: Area[]; outputGroups?: Area[] } {
  return {
    ...(inputs.groups.length > 0 ? { inputGroups: [...inputs.groups] } : {}),
    ...(outputs.groups.length > 0 ? { outputGroups: [...outputs.groups] } : {}),
  };
}
