import { fullTurn, unwrapAngles } from "../analysis/angles.ts";
import { checkKeys } from "../structure/options.ts";
import { bottomAxis, dashes, type LegendEntry, leftAxis, legendRow, sideLabel } from "./axes.ts";
import { checkFinite, checkNumberOf, checkPositive, checkShape } from "./check.ts";
import { shortNumber } from "./histogram.ts";
import { type CurveStyle, curve, midpoints } from "./lines.ts";
import { categoricalColour, ink } from "./palette.ts";
import { horizontalAxis, titleLine, verticalAxis } from "./panel.ts";
import { decimate, paddedExtent, quantile } from "./reduce.ts";
import { type Box, type Markup, segment, svgDocument } from "./svg.ts";
import { text } from "./text.ts";

/** A heading, and what one or more networks hold it to be. */
export interface PhaseFigure {
  /** [T] true heading in radians, wrapped or not. */
  readonly heading: ArrayLike<number>;
  /** Of each network, such as one a seed, [T] the decoded phase in radians, wrapped or not. */
  readonly phases: readonly ArrayLike<number>[];
  /** Milliseconds per step. */
  readonly dtMs: number;
  readonly title?: string | undefined;
}

const width = 700;
const left = 62;
const right = width - 128;
const heights = [180, 130] as const;
const gap = 34;
const curveLimit = 1000;
const mostPhases = 64;
/** The axis of errors shows so many radians at least, not the rounding of a perfect network. */
const leastError = 0.01;
const headingColour = ink.text;
const phaseColour = categoricalColour(1);
const single: CurveStyle = { colour: phaseColour, width: 1.5 };
const oneOfMany: CurveStyle = { colour: phaseColour, width: 0.9, opacity: 0.4 };
const middle: CurveStyle = { colour: phaseColour, width: 2.25 };

/** Phase minus heading, both unwrapped; whole turns between their first values do not count. */
function errorOf(phase: ArrayLike<number>, heading: Float64Array): Float64Array {
  const unwrapped = unwrapAngles(phase);
  const first = (unwrapped[0] ?? 0) - (heading[0] ?? 0);
  const turns = fullTurn * Math.round(first / fullTurn);
  return unwrapped.map((angle, step) => angle - (heading[step] ?? 0) - turns);
}

function rootMeanSquare(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

/** The median over networks at each step. */
function medianOf(errors: readonly Float64Array[]): Float64Array {
  return (errors[0] ?? new Float64Array(0)).map((_, step) =>
    quantile(
      errors.map((error) => error[step] ?? 0),
      0.5,
    ),
  );
}

/**
 * Decoded phase and true heading over time (seconds), unwrapped, and below them the error, phase minus heading, with its
 * root mean square over all steps, as an SVG document 700 px wide. Errors are unwrapped, too: one that runs away grows beyond
 * π. Several networks are thin lines under their median.
 * @throws ConfigError for an option that is not known; ShapeError for an array that is not [T], or more than 64 phases;
 * ValueError for an angle that is not finite, or a `dtMs` that is not positive.
 */
export function phaseFigure(figure: PhaseFigure): string {
  checkKeys("phaseFigure", figure, ["heading", "phases", "dtMs", "title"]);
  const { phases, dtMs, title } = figure;
  const steps = figure.heading?.length ?? 0;
  checkPositive("dtMs", dtMs, "milliseconds");
  checkPositive("heading", steps, "a number of steps");
  checkFinite("heading", figure.heading);
  checkNumberOf("phases", phases, mostPhases);
  for (const [index, phase] of phases.entries()) {
    checkShape(`phases[${index}]`, phase, [steps], "time, as many as heading");
    checkFinite(`phases[${index}]`, phase);
  }
  const heading = unwrapAngles(figure.heading);
  const errors = phases.map((phase) => errorOf(phase, heading));
  const median = medianOf(errors);
  const rms = errors.map(rootMeanSquare);
  const many = phases.length > 1;

  const top = (title ? 34 : 8) + 26;
  const upper: Box = { left, top, width: right - left, height: heights[0] };
  const lower: Box = { ...upper, top: top + heights[0] + gap, height: heights[1] };
  const seconds = (steps * dtMs) / 1000;
  const x = horizontalAxis(upper, [0, seconds]);
  const angles = errors.map((error) => error.map((value, step) => value + (heading[step] ?? 0)));
  const angleAxis = verticalAxis(upper, paddedExtent([...heading, ...angles.flatMap((list) => [...list])]));
  const errorAxis = verticalAxis(
    lower,
    paddedExtent([-leastError, leastError, ...errors.flatMap((list) => [...list])]),
  );
  const entries: LegendEntry[] = [{ label: "true heading", colour: headingColour, sample: "line", width: 3 }];
  if (many) entries.push({ label: `decoded phase, ${phases.length} networks`, sample: "line", ...oneOfMany, width: 1 });
  entries.push({ label: many ? "median" : "decoded phase", sample: "line", ...(many ? middle : single) });

  const draw = (values: Float64Array, y: (value: number) => number, style: CurveStyle): Markup =>
    curve(decimate(midpoints([...values], dtMs / 1000), many ? curveLimit / 2 : curveLimit), x.scale, y, style);
  const bottom = lower.top + heights[1];
  const noteX = right + 12;
  const zero = errorAxis.scale(0);
  const spread = many
    ? [`median ${shortNumber(quantile(rms, 0.5))} rad`, `from ${shortNumber(Math.min(...rms))}`]
    : [`${shortNumber(rms[0] ?? 0)} rad`];
  if (many) spread.push(`to ${shortNumber(Math.max(...rms))} rad`);
  const parts: Markup[] = [
    ...titleLine(title, left, width),
    legendRow(entries, right, top - 14),
    sideLabel("heading (rad), unwrapped", 16, upper.top, upper.top + upper.height),
    leftAxis({ ...angleAxis, left, right, top: upper.top, bottom: upper.top + upper.height }),
    bottomAxis({ ...x, left, right, y: upper.top + upper.height }),
    draw(heading, angleAxis.scale, { colour: headingColour, width: 3.5 }),
    ...angles.map((values) => draw(values, angleAxis.scale, many ? oneOfMany : single)),
    ...(many
      ? [
          draw(
            median.map((value, step) => value + (heading[step] ?? 0)),
            angleAxis.scale,
            { ...middle, width: 1.5 },
          ),
        ]
      : []),
    sideLabel("error (rad)", 16, lower.top, bottom),
    leftAxis({ ...errorAxis, left, right, top: lower.top, bottom }),
    segment(left, zero, right, zero, { stroke: ink.reference, "stroke-dasharray": dashes }),
    ...errors.map((values) => draw(values, errorAxis.scale, many ? oneOfMany : single)),
    ...(many ? [draw(median, errorAxis.scale, middle)] : []),
    bottomAxis({ ...x, left, right, y: bottom, label: "time (s)" }),
    text("rms error", { x: noteX, y: lower.top + 8, baseline: "middle", bold: true }),
    ...spread.map((line, index) => text(line, { x: noteX, y: lower.top + 25 + 16 * index, baseline: "middle" })),
  ];
  const description =
    `Decoded phase of ${phases.length} network${many ? "s" : ""} against the true heading over ${shortNumber(seconds)} s. ` +
    `Root mean square error: ${spread.join(", ")}. At the end the error is ` +
    `${shortNumber(median[steps - 1] ?? 0)} rad${many ? " (median)" : ""}.`;
  return svgDocument({ width, height: bottom + 46, title: title ?? "Phase and heading", description }, parts);
}
