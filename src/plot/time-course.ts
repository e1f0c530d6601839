import { ShapeError, ValueError } from "../errors.ts";
import { checkKeys } from "../structure/options.ts";
import { bottomAxis, dashes, leftAxis, legendColumn, sideLabel } from "./axes.ts";
import { checkFinite, checkShape, extent } from "./check.ts";
import { shortNumber } from "./histogram.ts";
import { curve } from "./lines.ts";
import { categoricalColour, ink } from "./palette.ts";
import { horizontalAxis, titleLine, verticalAxis } from "./panel.ts";
import { decimate, type Point } from "./reduce.ts";
import { type Box, type Markup, segment, svgDocument } from "./svg.ts";
import { shorten, text } from "./text.ts";

/** A number over the steps of a simulation, of one network or of several. */
export interface TimeCourse {
  /** [S] simulation step, increasing. */
  readonly step: ArrayLike<number>;
  /** [S], or several of them. */
  readonly values: ArrayLike<number> | readonly ArrayLike<number>[];
  /** A name for each of several. */
  readonly names?: readonly string[] | undefined;
  readonly title?: string | undefined;
}

/** What is drawn besides the curves. */
interface CourseStyle {
  readonly figure: string;
  readonly axis: string;
  /** Of {@link TimeCourse} and of the figure itself. */
  readonly keys: readonly string[];
  /** The axis reaches at least to it. */
  readonly atLeast: number;
  /** The largest value that is possible. */
  readonly limit: number;
  readonly line?: { readonly label: string; readonly value: number } | undefined;
}

const width = 700;
const left = 62;
const height = 220;
const curveLimit = 1200;
const mostCurves = 8;

/** The curves of a figure that may hold one array or several. */
function curvesOf(values: TimeCourse["values"]): readonly ArrayLike<number>[] {
  const isOne = ArrayBuffer.isView(values) || typeof values[0] === "number";
  return isOne ? [values as ArrayLike<number>] : (values as readonly ArrayLike<number>[]);
}

function checkCourse({ step, values, names }: TimeCourse, { figure, limit }: CourseStyle): void {
  const curves = curvesOf(values);
  if (step.length === 0) throw new ShapeError(`${figure}: step: expected at least one step, got none.`);
  if (curves.length === 0 || curves.length > mostCurves)
    throw new ShapeError(`${figure}: values: expected 1 … ${mostCurves} curves, got ${curves.length}.`);
  if (names !== undefined && names.length !== curves.length)
    throw new ShapeError(`${figure}: names: expected ${curves.length}, one for each curve, got ${names.length}.`);
  checkFinite("step", step);
  for (let index = 1; index < step.length; index += 1)
    if ((step[index] ?? 0) <= (step[index - 1] ?? 0))
      throw new ValueError(`step[${index}]: expected increasing steps, got ${step[index]} after ${step[index - 1]}.`);
  for (const [index, list] of curves.entries()) {
    const name = curves.length > 1 ? `values[${index}]` : "values";
    checkShape(name, list, [step.length], "as many as step");
    checkFinite(name, list);
    const [low, high] = extent(list);
    if (low < 0 || high > limit)
      throw new ValueError(`${name}: expected numbers in 0…${limit}, got ${low < 0 ? low : high}.`);
  }
}

function timeCourse(course: TimeCourse, style: CourseStyle): string {
  checkKeys(style.figure, course, ["step", "values", "names", "title", ...style.keys]);
  checkCourse(course, style);
  const { step, names, title } = course;
  const curves = curvesOf(course.values);
  const right = width - (names ? 130 : style.line ? 84 : 24);
  const box: Box = { left, top: title ? 40 : 16, width: right - left, height };
  const bottom = box.top + height;
  const [first, last] = [step[0] ?? 0, step[step.length - 1] ?? 0];
  const start = first >= 0 && first <= last * 0.05 ? 0 : first;
  const x = horizontalAxis(box, last > start ? [start, last] : [start - 1, start + 1]);
  const highest = Math.max(style.atLeast, style.line?.value ?? 0, ...curves.map((list) => extent(list)[1]));
  const y = verticalAxis(box, [0, highest > 0 ? highest * 1.06 : 1]);
  const parts: Markup[] = [
    ...titleLine(title, left, width),
    sideLabel(style.axis, 16, box.top, bottom),
    leftAxis({ ...y, left, right, top: box.top, bottom }),
    bottomAxis({
      ...{ scale: x.scale, left, right, y: bottom, label: "time (steps)" },
      ticks: x.ticks.filter(({ value }) => Number.isInteger(value)),
    }),
  ];
  if (style.line) {
    const at = y.scale(style.line.value);
    parts.push(segment(left, at, right, at, { stroke: ink.reference, "stroke-dasharray": dashes }));
    parts.push(
      text(shorten(style.line.label, width - right - 9), {
        ...{ x: right + 6, y: at, baseline: "middle", colour: ink.reference },
      }),
    );
  }
  for (const [index, list] of curves.entries()) {
    const points = Array.from({ length: step.length }, (_, at): Point => [step[at] ?? 0, list[at] ?? 0]);
    const drawn = decimate(points, curveLimit);
    const crowded = drawn.length > 300;
    const look = { colour: categoricalColour(index), width: crowded ? 1.1 : 1.75, dots: points.length <= 25 };
    parts.push(curve(drawn, x.scale, y.scale, look));
  }
  if (names) {
    const entries = names.map((name, index) => ({
      ...{ label: shorten(name, width - right - 41), colour: categoricalColour(index), sample: "line" as const },
    }));
    parts.push(legendColumn(entries, right + 12, box.top + 8));
  }
  const description = curves
    .map((list, index) => {
      const [low, high] = extent(list);
      const end = shortNumber(list[list.length - 1] ?? 0);
      return `${names?.[index] ?? style.axis}: ${shortNumber(low)} to ${shortNumber(high)}, at the end ${end}.`;
    })
    .join(" ");
  return svgDocument(
    {
      ...{ width, height: bottom + 46, title: title ?? style.axis },
      description: `Steps ${first} to ${last}. ${description}`,
    },
    parts,
  );
}

/**
 * The share of possible excitatory synapses that exist over the steps of a run, as an SVG document 700 px wide; of several
 * networks one curve each.
 * @throws ConfigError for an option that is not known; ShapeError for lengths that differ or more than 8 curves; ValueError
 * for a value outside 0…1 or steps that do not increase.
 */
export function connectionFraction(course: TimeCourse): string {
  return timeCourse(course, {
    ...{ figure: "connectionFraction", axis: "connection fraction", keys: [], atLeast: 0, limit: 1 },
  });
}

/** How many units of two networks, or of one at two moments, differ. */
export interface HammingDistance extends TimeCourse {
  /** Number of units: the largest distance there is. */
  readonly units: number;
  /** The distance of independent networks with these rates, such as 2 r (1 - r) N: a reference line. */
  readonly chance?: number | undefined;
}

/**
 * Hamming distance over time, as an SVG document 700 px wide; of several pairs one curve each.
 * @throws as {@link connectionFraction}, for a distance outside 0 … units.
 */
export function hammingDistance(course: HammingDistance): string {
  const { units, chance } = course;
  if (chance !== undefined && !(chance >= 0 && chance <= units))
    throw new ValueError(`chance: expected a distance in 0…${units}, got ${chance}.`);
  return timeCourse(course, {
    ...{ figure: "hammingDistance", axis: "Hamming distance (units)", keys: ["units", "chance"] },
    ...{ atLeast: 1, limit: units, line: chance === undefined ? undefined : { label: "chance", value: chance } },
  });
}
