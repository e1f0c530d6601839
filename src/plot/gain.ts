import { ValueError } from "../errors.ts";
import { checkKeys } from "../structure/options.ts";
import { bottomAxis, dashes, type LegendEntry, leftAxis, legendColumn, sideLabel } from "./axes.ts";
import { checkFinite, checkNumberOf, checkRange, checkShape, extent } from "./check.ts";
import { curve } from "./lines.ts";
import { categoricalColour, ink } from "./palette.ts";
import { horizontalAxis, type ScaledAxis, titleLine, verticalAxis } from "./panel.ts";
import { type Point, paddedExtent } from "./reduce.ts";
import { type Box, type Markup, rectangle, segment, svgDocument } from "./svg.ts";
import { shorten, text } from "./text.ts";

/** How fast a bump moves at each of M constant input velocities. */
export interface GainRun {
  /** What is measured, in the legend; needed of several. */
  readonly name?: string | undefined;
  /** [M] input velocity, in rad/s or the unit that `velocityUnit` names, increasing. */
  readonly input: ArrayLike<number>;
  /** [M] velocity of the bump in the same unit. */
  readonly bump: ArrayLike<number>;
}

/** The velocity gain of one or more attractor networks. */
export interface GainFigure {
  readonly runs: readonly GainRun[];
  /** The gain of a perfect integrator: a dashed line. Default 1, or -1 where most bumps move against their input. */
  readonly slope?: number | undefined;
  /** Input velocities between which the gain is called linear: shaded. */
  readonly linearRange?: readonly [low: number, high: number] | undefined;
  /** Default "rad/s". */
  readonly velocityUnit?: string | undefined;
  readonly title?: string | undefined;
}

const width = 700;
const left = 66;
const size = 244;
const columnGap = 84;
const mostRuns = 8;

function checkGain({ runs, slope, linearRange }: GainFigure): void {
  checkNumberOf("runs", runs, mostRuns);
  for (const [index, run] of runs.entries()) {
    const name = `runs[${index}]`;
    checkKeys(name, run, ["name", "input", "bump"]);
    const count = run.input?.length ?? 0;
    if (count === 0) throw new ValueError(`${name}.input: expected at least one velocity, got none.`);
    checkShape(`${name}.bump`, run.bump, [count], "as many as input");
    checkFinite(`${name}.input`, run.input);
    checkFinite(`${name}.bump`, run.bump);
    for (let at = 1; at < count; at += 1)
      if (!((run.input[at] ?? 0) > (run.input[at - 1] ?? 0)))
        throw new ValueError(
          `${name}.input[${at}]: expected increasing velocities, got ${run.input[at]} after ${run.input[at - 1]}.`,
        );
  }
  if (slope !== undefined) checkFinite("slope", [slope]);
  if (linearRange !== undefined) checkRange("linearRange", linearRange);
}

function pointsOf({ input, bump }: GainRun): Point[] {
  return Array.from(input, (velocity, index): Point => [velocity, bump[index] ?? 0]);
}

/** Gains where there is an input. */
function ratiosOf(run: GainRun): Point[] {
  return pointsOf(run).flatMap(([input, bump]): Point[] => (input === 0 ? [] : [[input, bump / input]]));
}

/** Four digits: gains differ in the third. */
function gainName(value: number): string {
  return `${Number(value.toPrecision(4))}`.replace("-", "−");
}

function shadeRange(box: Box, x: ScaledAxis, range: readonly [number, number] | undefined): Markup[] {
  if (range === undefined) return [];
  const [from, to] = range.map((end) => Math.min(box.left + box.width, Math.max(box.left, x.scale(end))));
  const shade = { ...box, left: from ?? box.left, width: (to ?? box.left) - (from ?? box.left) };
  return [rectangle(shade, { fill: ink.window })];
}

/**
 * The velocity of a bump against the velocity put in (left), with the line of a perfect integrator, and their ratio, the gain,
 * at each input but 0 (right), as an SVG document 700 px wide; up to 8 networks.
 * @throws ConfigError for an option that is not known; ShapeError for lengths that differ or more than 8 runs; ValueError for
 * a value that is not finite, no velocity, or velocities that do not increase.
 */
export function gainFigure(figure: GainFigure): string {
  checkKeys("gainFigure", figure, ["runs", "slope", "linearRange", "velocityUnit", "title"]);
  checkGain(figure);
  const { runs, linearRange, velocityUnit: unit = "rad/s", title } = figure;
  const ratios = runs.map(ratiosOf);
  const gains = ratios.flat().map(([, gain]) => gain);
  const backward = gains.filter((gain) => gain < 0).length > gains.length / 2;
  const slope = figure.slope ?? (backward ? -1 : 1);

  const top = title ? 58 : 32;
  const box: Box = { left, top, width: size, height: size };
  const ratioBox: Box = { ...box, left: left + size + columnGap };
  const [right, bottom] = [left + size, top + size];
  const inputs = runs.flatMap(({ input }) => Array.from(input));
  const domain = paddedExtent(inputs);
  const x = horizontalAxis(box, domain);
  const ratioX = horizontalAxis(ratioBox, domain);
  const line = extent(inputs).map((input): Point => [input, slope * input]);
  const y = verticalAxis(
    box,
    paddedExtent([...runs.flatMap(({ bump }) => Array.from(bump)), ...line.map(([, bump]) => bump)]),
  );
  const ratioY = verticalAxis(ratioBox, paddedExtent([slope, ...gains], 0.12));
  const parts: Markup[] = [
    ...titleLine(title, left, width),
    text("bump against input", { x: left, y: top - 10, bold: true }),
    text("gain", { x: ratioBox.left, y: top - 10, bold: true }),
    ...shadeRange(box, x, linearRange),
    ...shadeRange(ratioBox, ratioX, linearRange),
    sideLabel(`bump velocity (${unit})`, 16, top, bottom),
    leftAxis({ ...y, left, right, top, bottom }),
    bottomAxis({ ...x, left, right, y: bottom, label: `input velocity (${unit})` }),
    sideLabel("bump / input velocity", ratioBox.left - 50, top, bottom),
    leftAxis({ ...ratioY, left: ratioBox.left, right: ratioBox.left + size, top, bottom }),
    bottomAxis({
      ...{ ...ratioX, left: ratioBox.left, right: ratioBox.left + size, y: bottom },
      label: `input velocity (${unit})`,
    }),
    curve(line, x.scale, y.scale, { colour: ink.reference, width: 1, dashes }),
    segment(ratioBox.left, ratioY.scale(slope), ratioBox.left + size, ratioY.scale(slope), {
      stroke: ink.reference,
      "stroke-dasharray": dashes,
    }),
  ];
  const entries: LegendEntry[] = [];
  const lines: string[] = [];
  for (const [index, run] of runs.entries()) {
    const look = { colour: categoricalColour(index), width: 1.5, dots: run.input.length <= 40 };
    const points = ratios[index] ?? [];
    parts.push(curve(pointsOf(run), x.scale, y.scale, look));
    if (points.length > 0) parts.push(curve(points, ratioX.scale, ratioY.scale, look));
    const [least, most] = extent(points.map(([, gain]) => gain));
    const range = points.length === 0 ? "" : `gain ${gainName(least)} to ${gainName(most)}`;
    const label = [run.name ?? (runs.length > 1 ? `network ${index + 1}` : "measured"), range]
      .filter(Boolean)
      .join(", ");
    entries.push({ label: shorten(label, width - left - 40), colour: look.colour, sample: "line" });
    lines.push(label);
  }
  entries.push({ label: `gain ${gainName(slope)}`, colour: ink.reference, sample: "dashed", width: 1 });
  if (linearRange)
    entries.push({
      ...{ colour: ink.window, sample: "area" },
      label: `linear range, ${gainName(linearRange[0])} to ${gainName(linearRange[1])} ${unit}`,
    });
  parts.push(legendColumn(entries, left, bottom + 60));
  const description = `Velocity of a bump against input velocity (${unit}), and their ratio. ${lines.join("; ")}.`;
  const height = bottom + 60 + 16 * entries.length;
  return svgDocument({ width, height, title: title ?? "Velocity gain", description }, parts);
}
