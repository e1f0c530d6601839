import { scaleLinear } from "d3-scale";
import { area } from "d3-shape";
import { ShapeError, ValueError } from "../errors.ts";
import { bottomAxis, type LegendEntry, leftAxis, legendColumn, linearTicks, sideLabel } from "./axes.ts";
import { checkFinite } from "./check.ts";
import { lossAxis } from "./curve-panels.ts";
import { curve } from "./lines.ts";
import { categoricalColour } from "./palette.ts";
import { averageBlocks, type Point, quantile } from "./reduce.ts";
import { type Box, element, type Markup, svgDocument } from "./svg.ts";
import { fontSizes, shorten, text } from "./text.ts";

/** The losses of networks that were trained side by side, by the settings they have in common. */
export interface EnsembleCurves {
  /** [S] training step, increasing. */
  readonly step: ArrayLike<number>;
  readonly groups: readonly {
    readonly label: string;
    /** Of each member [S]; NaN from the step on at which one diverged. */
    readonly losses: readonly ArrayLike<number>[];
  }[];
  readonly title?: string | undefined;
}

/** Means and quartiles over members at one step. */
interface Spread {
  readonly x: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const width = 700;
const [left, top, height] = [62, 40, 240];
const plotWidth = width - left - 24;
const stepLimit = 300;
const mostGroups = 8;

function spreadOf(step: ArrayLike<number>, losses: readonly ArrayLike<number>[]): Spread[] {
  const curves = losses.map((loss) =>
    averageBlocks(
      Array.from({ length: step.length }, (_, index): Point => [step[index] ?? 0, loss[index] ?? Number.NaN]),
      stepLimit,
    ),
  );
  return (curves[0] ?? []).flatMap(([x], index) => {
    const values = curves.map((points) => points[index]?.[1] ?? Number.NaN).filter(Number.isFinite);
    if (values.length === 0) return [];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return [{ x, mean, low: quantile(values, 0.25), high: quantile(values, 0.75) }];
  });
}

function checkCurves({ step, groups }: EnsembleCurves): void {
  if (step.length === 0) throw new ShapeError("step: expected at least one training step, got none.");
  checkFinite("step", step);
  if (groups.length === 0 || groups.length > mostGroups)
    throw new ShapeError(`groups: expected 1 … ${mostGroups}, which can be told apart, got ${groups.length}.`);
  for (const { label, losses } of groups) {
    if (losses.length === 0) throw new ShapeError(`groups: ${label}: expected at least one member.`);
    for (const [member, loss] of losses.entries())
      if (loss.length !== step.length)
        throw new ShapeError(
          `groups: ${label}: losses[${member}]: expected ${step.length}, as many as step, got ${loss.length}.`,
        );
  }
}

/**
 * Loss over training of several networks as an SVG document: for each group the mean over its members, and where there are
 * several a band between the quartiles. Members that diverged are left out from there on.
 * @throws ShapeError for lengths that differ, no members, or more than 8 groups; ValueError where no loss is finite.
 */
export function ensembleCurves(curves: EnsembleCurves): string {
  checkCurves(curves);
  const { step, groups, title } = curves;
  const spreads = groups.map(({ losses }) => spreadOf(step, losses));
  const shown = spreads.flat();
  if (shown.length === 0) throw new ValueError("losses: expected at least one finite loss.");
  const box: Box = { left, top, width: plotWidth, height };
  const [right, bottom] = [left + plotWidth, top + height];
  const {
    scale: y,
    ticks,
    logarithmic,
  } = lossAxis(
    shown.flatMap(({ low, high, mean }) => [low, high, mean]),
    box,
  );
  const last = step[step.length - 1] ?? 1;
  const domain: [number, number] = [0, Math.max(1, last)];
  const x = scaleLinear().domain(domain).range([left, right]);
  const parts: Markup[] = [
    sideLabel(logarithmic ? "loss (log scale)" : "loss", 16, top, bottom),
    leftAxis({ scale: y, ticks, left, right, top, bottom }),
    bottomAxis({
      ...{ scale: x, left, right, y: bottom, label: "training step" },
      ticks: linearTicks(domain, 6).filter(({ value }) => Number.isInteger(value)),
    }),
  ];
  if (title)
    parts.push(
      text(shorten(title, width - left, fontSizes.title), { x: left, y: 24, size: fontSizes.title, bold: true }),
    );
  const entries: LegendEntry[] = [];
  for (const [index, spread] of spreads.entries()) {
    const colour = categoricalColour(index);
    const { label = "", losses = [] } = groups[index] ?? {};
    if (losses.length > 1) {
      const band = area<Spread>(
        (point) => x(point.x),
        (point) => y(point.low),
        (point) => y(point.high),
      ).digits(2)(spread);
      parts.push(element("path", { d: band ?? "", fill: colour, opacity: 0.18 }));
    }
    parts.push(
      curve(
        spread.map((point): Point => [point.x, point.mean]),
        x,
        y,
        { colour, width: 2 },
      ),
    );
    const name = groups.length === 1 && label === "" ? "mean, quartiles" : label;
    entries.push({ label: shorten(name, plotWidth - 24), colour, sample: "line", width: 2 });
  }
  parts.push(legendColumn(entries, left, bottom + 56));
  const description = `Training loss over ${last} steps of ${groups.length} groups of networks: mean and quartiles.`;
  return svgDocument(
    { width, height: bottom + 56 + 16 * groups.length, title: title ?? "Training of an ensemble", description },
    parts,
  );
}
