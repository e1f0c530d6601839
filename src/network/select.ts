import { ConfigError, ShapeError, ValueError } from "../errors.ts";
import { type ArrayData, formatShape } from "../io/array.ts";
import type { Area } from "../io/model-schema.ts";
import { findPlace } from "../structure/channels-by-name.ts";
import { range } from "../structure/draw.ts";
import { checkKeys } from "../structure/options.ts";
import type { Activity } from "./activity.ts";

/** From `from` (0 unless given) up to, not including, `to` (the end unless given). */
export interface Span {
  readonly from?: number;
  readonly to?: number;
}

/** Which part of an activity is meant; what is left out is taken whole. */
export interface ActivitySelection {
  /** The units of an area or, where no area has the name, of a layer. In place of `units`. */
  readonly area?: string;
  /** Hidden units, in this order, or a range of them. */
  readonly units?: readonly number[] | Span;
  /** Time steps, counted from 0, in this order, or a range of them. */
  readonly times?: readonly number[] | Span;
  /** In place of `times`: the steps that begin in this range, in milliseconds from the start. Needs the network's dtMs. */
  readonly timesMs?: Span;
  /** Trials, in this order, or a range of them. */
  readonly trials?: readonly number[] | Span;
  /** One replica; all of them unless given. */
  readonly replica?: number;
}

/** A part of an activity, [time, batch, unit]; of R > 1 replicas at once, [replica, time, batch, unit]. */
export interface SelectedActivity {
  readonly rates: ArrayData;
  readonly states: ArrayData;
}

/** What a network's `spec` and, but for the time step, a structure say of their units. */
interface SelectionSpec {
  readonly hidden: number;
  readonly areas: readonly Area[];
  readonly layers?: readonly Area[] | undefined;
  readonly dtMs?: number | undefined;
}

const keys = ["area", "units", "times", "timesMs", "trials", "replica"];

/** Indices below `count` from a list or a range. @throws {@link ValueError} naming the first that is none. */
function indices(label: string, given: readonly number[] | Span | undefined, count: number): number[] {
  if (given === undefined) return range(0, count);
  if (!Array.isArray(given)) {
    checkKeys(`select: ${label}`, given, ["from", "to"]);
    const { from = 0, to = count } = given as Span;
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to > count || from >= to)
      throw new ValueError(`select: ${label}: expected integers 0 <= from < to <= ${count}, got [${from}, ${to}).`);
    return range(from, to);
  }
  const list = given as readonly number[];
  if (list.length === 0) throw new ValueError(`select: ${label}: expected at least one.`);
  const wrong = list.find((index) => !Number.isInteger(index) || index < 0 || index >= count);
  if (wrong !== undefined)
    throw new ValueError(`select: ${label}: expected indices 0 to ${count - 1}, got ${String(wrong)}.`);
  return [...list];
}

function unitIndices({ area, units }: ActivitySelection, { areas, layers = [], hidden }: SelectionSpec): number[] {
  if (area === undefined) return indices("units", units, hidden);
  if (units !== undefined) throw new ConfigError("select: expected area or units, got both.");
  const names = areas.map(({ name }) => name);
  const { from, to } = findPlace("select: area", area, [
    ...areas,
    ...layers.filter(({ name }) => !names.includes(name)),
  ]);
  return range(from, to);
}

function timeIndices({ times, timesMs }: ActivitySelection, steps: number, dtMs: number | undefined): number[] {
  if (timesMs === undefined) return indices("times", times, steps);
  if (times !== undefined) throw new ConfigError("select: expected times or timesMs, got both.");
  if (dtMs === undefined)
    throw new ConfigError("select: timesMs: the network's dtMs is not known; give times, in steps.");
  checkKeys("select: timesMs", timesMs, ["from", "to"]);
  const { from = 0, to = steps * dtMs } = timesMs;
  if (!(from >= 0 && from < to && to < Number.POSITIVE_INFINITY))
    throw new ValueError(`select: timesMs: expected 0 <= from < to, got [${from}, ${to}) ms.`);
  // A multiple of dtMs is that step, whatever the rounding of the division.
  const step = (ms: number): number => Math.ceil(ms / dtMs - 1e-6);
  const [first, end] = [step(from), step(to)];
  if (end > steps || first >= end)
    throw new ValueError(
      `select: timesMs: [${from}, ${to}) ms ${end > steps ? "ends after" : "holds no step of"} the run of ${steps} steps of ${dtMs} ms.`,
    );
  return range(first, end);
}

/**
 * Rates and preactivations of chosen units (all, an area or layer by name, a list, a range), times and trials.
 * @param spec that of the network which made the activity, or its structure.
 * @returns copies with their shapes, [T, B, H] of what was chosen; with R > 1 replicas and none chosen [R, T, B, H].
 * @throws {@link ConfigError} unknown keys and names (with the nearest), {@link ValueError} indices out of range,
 * {@link ShapeError} an activity that is not of such a network.
 */
export function selectActivity(
  spec: SelectionSpec,
  activity: Pick<Activity, "steps" | "trials" | "rates" | "states">,
  selection: ActivitySelection = {},
): SelectedActivity {
  checkKeys("select", selection, keys);
  const { steps, trials, rates } = activity;
  const { hidden, dtMs } = spec;
  const replicas = rates.length / (steps * trials * hidden);
  if (!Number.isInteger(replicas) || replicas < 1)
    throw new ShapeError(
      `select: expected rates ${formatShape([steps, trials, hidden])} (time, batch, hidden), or that for each replica, got ${rates.length} values.`,
    );
  if (activity.states.length !== rates.length)
    throw new ShapeError(`select: expected as many states as rates (${rates.length}), got ${activity.states.length}.`);
  const { replica } = selection;
  const chosen = indices("replica", replica === undefined ? undefined : [replica], replicas);
  const times = timeIndices(selection, steps, dtMs);
  const rows = indices("trials", selection.trials, trials);
  const units = unitIndices(selection, spec);
  const shape = [...(chosen.length > 1 ? [chosen.length] : []), times.length, rows.length, units.length];
  const pick = (values: Float32Array): ArrayData => {
    const data = new Float32Array(chosen.length * times.length * rows.length * units.length);
    let next = 0;
    for (const r of chosen)
      for (const t of times)
        for (const b of rows) {
          const start = ((r * steps + t) * trials + b) * hidden;
          for (const unit of units) {
            data[next] = values[start + unit] as number;
            next += 1;
          }
        }
    return { shape, data };
  };
  return { rates: pick(rates), states: pick(activity.states) };
}
