import { z } from "zod";
import { ConfigError, ShapeError, ValueError } from "../errors.ts";
import type { Cell } from "../io/cells.ts";
import { parseWith } from "../io/config.ts";
import { suggestName } from "../io/nearest.ts";
import { gateNames, isGated, withArticle } from "./cells.ts";
import type { ModelSpec } from "./model.ts";

const step = z.int().nonnegative();
const numbers = z.union([
  z.number(),
  z.array(z.number()),
  z.custom<Float32Array>((value) => value instanceof Float32Array),
]);
/** Hidden units by number, or the name of an area. */
const units = z.union([z.array(z.int().nonnegative()).min(1), z.string().min(1)]);
/** Steps from … to - 1; unless given, from the first to the last. */
const period = { from: step.optional(), to: z.int().positive().optional() };

/** Something done to a network while it runs; see `simulate`. */
export const perturbationSchema = z.discriminatedUnion("type", [
  /** The units are silent: their rates are 0. */
  z.strictObject({ type: z.literal("lesion"), units, ...period }),
  /** The recurrent synapses from `pre` onto `post` do nothing; all units unless given. */
  z.strictObject({ type: z.literal("cut"), pre: units.optional(), post: units.optional(), ...period }),
  /** The recurrent weights are multiplied by factors [H, H], or [steps, H, H] (PsychRNN's t_connectivity). */
  z.strictObject({ type: z.literal("connectivity"), factors: numbers, ...period }),
  /**
   * A current is added to the drive: one number, one a unit, or [steps, B, H]; with `units`, those only. In an LSTM or a GRU
   * it goes into the candidate (g or n), or into the `gate` of this name.
   */
  z.strictObject({
    type: z.literal("current"),
    current: numbers,
    units: units.optional(),
    gate: z.string().optional(),
    ...period,
  }),
  /**
   * Before step `at` is made, v (c of an LSTM, h of a GRU) is moved by this: one number, one a unit, or [B, H]; with `units`,
   * those only. `r`, of an LSTM alone: its h is moved.
   */
  z.strictObject({
    type: z.literal("kick"),
    at: step,
    v: numbers.optional(),
    r: numbers.optional(),
    units: units.optional(),
  }),
]);
export type Perturbation = z.input<typeof perturbationSchema>;

/** Sizes of the run that is perturbed. */
export interface RunSizes {
  readonly steps: number;
  readonly trials: number;
  readonly hidden: number;
}

/** What acts during some steps, from … to - 1. */
interface Lasting {
  readonly from: number;
  readonly to: number;
}

/** Perturbations with every shape filled in. */
export interface Perturbations {
  readonly lesions: readonly (Lasting & { readonly units: readonly number[] })[];
  /** `factorsAt` gives the factors [H, H] of a step. */
  readonly connectivity: readonly (Lasting & { readonly changes: boolean; factorsAt(step: number): Float32Array })[];
  /** `currentAt` gives the current onto a unit in a trial at a step; `gate` counts blocks of hidden rows. */
  readonly currents: readonly (Lasting & {
    readonly gate: number;
    currentAt(step: number, trial: number, unit: number): number;
  })[];
  /** `kickOf` is added to v, `rateKickOf` to the h of an LSTM. */
  readonly kicks: readonly {
    readonly at: number;
    readonly units: readonly number[];
    kickOf(trial: number, unit: number): number;
    rateKickOf(trial: number, unit: number): number;
  }[];
}

/** Hidden units by number or by the name of an area. @throws ConfigError naming the nearest area, ValueError. */
export function unitsOf(label: string, given: readonly number[] | string | undefined, spec: ModelSpec): number[] {
  const { hidden, areas } = spec;
  if (given === undefined) return Array.from({ length: hidden }, (_, unit) => unit);
  if (typeof given === "string") {
    const area = areas.find(({ name }) => name === given);
    if (area !== undefined) return Array.from({ length: area.to - area.from }, (_, index) => area.from + index);
    const names = areas.map(({ name }) => name);
    throw new ConfigError(`${label}: there is no area "${given}"; ${suggestName(given, names)}`);
  }
  const wrong = given.find((unit) => unit >= hidden);
  if (wrong !== undefined) throw new ValueError(`${label}: expected units 0 to ${hidden - 1}, got ${wrong}.`);
  return [...new Set(given)];
}

function periodOf(
  label: string,
  { from = 0, to }: { from?: number | undefined; to?: number | undefined },
  steps: number,
): Lasting {
  const end = to ?? steps;
  if (from < end && end <= steps) return { from, to: end };
  throw new ValueError(`${label}: expected steps 0 <= from < to <= ${steps}, got [${from}, ${end}).`);
}

/** Which block of hidden rows a current goes into. */
function gateOf(label: string, given: string | undefined, cell: Cell): number {
  const names: readonly string[] = gateNames[cell];
  if (given === undefined) return Math.max(0, names.indexOf(cell === "lstm" ? "g" : "n"));
  if (!isGated(cell)) throw new ConfigError(`${label}: ${withArticle(cell)} has no gates; leave it out.`);
  const gate = names.indexOf(given);
  if (gate >= 0) return gate;
  throw new ConfigError(`${label}: expected one of ${names.join(", ")}, got ${JSON.stringify(given)}.`);
}

/** A number for every unit in every trial. */
function kickValues(
  label: string,
  values: number | readonly number[] | Float32Array | undefined,
  { trials, hidden }: RunSizes,
): (trial: number, unit: number) => number {
  if (values === undefined) return () => 0;
  const { data, axes } = shapeOf(label, values, [
    { shape: [hidden], axes: "hidden" },
    { shape: [trials, hidden], axes: "batch, hidden" },
  ]);
  return (trial, unit) => data[axes === "number" ? 0 : (axes === "hidden" ? 0 : trial * hidden) + unit] ?? 0;
}

/** The first of the shapes whose number of values was given. */
function shapeOf(
  label: string,
  values: number | readonly number[] | Float32Array,
  shapes: readonly { readonly shape: readonly number[]; readonly axes: string }[],
): { readonly data: ArrayLike<number>; readonly axes: string } {
  const data = typeof values === "number" ? [values] : values;
  const wrong = Array.from(data).findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new ValueError(`${label}: value ${wrong} is ${data[wrong]}; every value must be finite.`);
  if (typeof values === "number") return { data, axes: "number" };
  const found = shapes.find(({ shape }) => shape.reduce((product, length) => product * length, 1) === data.length);
  if (found !== undefined) return { data, axes: found.axes };
  const expected = shapes.map(({ shape, axes }) => `[${shape.join(", ")}] (${axes})`).join(" or ");
  throw new ShapeError(`${label}: expected ${expected}, got ${data.length} values.`);
}

/**
 * Checks perturbations against a network and a run.
 * @param list what they are called in messages.
 * @throws ConfigError for an unknown type, key or area, naming the nearest; ShapeError, ValueError naming the perturbation.
 */
export function readPerturbations(
  given: readonly Perturbation[],
  spec: ModelSpec,
  sizes: RunSizes,
  list = "perturbations",
): Perturbations {
  const checked = parseWith(z.array(perturbationSchema), given, list);
  const { steps, trials, hidden } = sizes;
  const all: { [Kind in keyof Perturbations]: Perturbations[Kind][number][] } = {
    lesions: [],
    connectivity: [],
    currents: [],
    kicks: [],
  };
  for (const [index, one] of checked.entries()) {
    const label = `${list}[${index}] (${one.type})`;
    switch (one.type) {
      case "lesion":
        all.lesions.push({ ...periodOf(label, one, steps), units: unitsOf(`${label}: units`, one.units, spec) });
        break;
      case "cut": {
        const [pre, post] = [one.pre, one.post].map((side) => new Set(unitsOf(`${label}: units`, side, spec)));
        const factors = Float32Array.from({ length: hidden * hidden }, (_, place) =>
          pre?.has(place % hidden) && post?.has(Math.floor(place / hidden)) ? 0 : 1,
        );
        all.connectivity.push({ ...periodOf(label, one, steps), changes: false, factorsAt: () => factors });
        break;
      }
      case "connectivity": {
        const lasting = periodOf(label, one, steps);
        const length = lasting.to - lasting.from;
        const { data, axes } = shapeOf(`${label}: factors`, one.factors, [
          { shape: [hidden, hidden], axes: "hidden, hidden" },
          { shape: [length, hidden, hidden], axes: "steps, hidden, hidden" },
        ]);
        const size = hidden * hidden;
        all.connectivity.push({
          ...lasting,
          changes: axes.startsWith("steps"),
          factorsAt(at) {
            const start = axes.startsWith("steps") ? (at - lasting.from) * size : 0;
            return Float32Array.from({ length: size }, (_, place) => data[axes === "number" ? 0 : start + place] ?? 0);
          },
        });
        break;
      }
      case "current": {
        const lasting = periodOf(label, one, steps);
        const { data, axes } = shapeOf(`${label}: current`, one.current, [
          { shape: [hidden], axes: "hidden" },
          { shape: [lasting.to - lasting.from, trials, hidden], axes: "steps, batch, hidden" },
        ]);
        const chosen = new Set(unitsOf(`${label}: units`, one.units, spec));
        all.currents.push({
          ...lasting,
          gate: gateOf(`${label}: gate`, one.gate, spec.cell),
          currentAt(at, trial, unit) {
            if (!chosen.has(unit)) return 0;
            const row = axes === "hidden" ? 0 : ((at - lasting.from) * trials + trial) * hidden;
            return data[axes === "number" ? 0 : row + unit] ?? 0;
          },
        });
        break;
      }
      case "kick": {
        if (one.at >= steps)
          throw new ValueError(
            `${label}: at: expected a step of 0 to ${steps - 1}, before which v is moved, got ${one.at}.`,
          );
        if (one.v === undefined && one.r === undefined)
          throw new ConfigError(`${label}: expected v, by how much it is moved, got nothing.`);
        if (one.r !== undefined && spec.cell !== "lstm")
          throw new ConfigError(
            `${label}: r: the rate of ${withArticle(spec.cell)} follows from its v; only an lstm's is moved apart. Give v.`,
          );
        all.kicks.push({
          at: one.at,
          units: unitsOf(`${label}: units`, one.units, spec),
          kickOf: kickValues(`${label}: v`, one.v, sizes),
          rateKickOf: kickValues(`${label}: r`, one.r, sizes),
        });
        break;
      }
    }
  }
  return all;
}

/** The steps at which something begins, ends or changes, with 0 and the end of the run. */
export function changePoints({ lesions, connectivity, currents, kicks }: Perturbations, steps: number): number[] {
  const points = new Set([0, steps]);
  for (const { from, to } of [...lesions, ...connectivity, ...currents]) points.add(from).add(to);
  for (const { at } of kicks) points.add(at);
  for (const { from, to, changes } of connectivity) for (let at = from; changes && at < to; at += 1) points.add(at);
  return [...points].sort((one, other) => one - other);
}
