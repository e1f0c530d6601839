import { ShapeError, ValueError } from "../errors.ts";
import { checkKeys } from "../structure/options.ts";
import { bottomAxis, leftAxis, sideLabel } from "./axes.ts";
import { checkFinite, checkShape, extent } from "./check.ts";
import { shortNumber } from "./histogram.ts";
import { curve } from "./lines.ts";
import { categoricalColour, ink } from "./palette.ts";
import { horizontalAxis, titleLine, verticalAxis } from "./panel.ts";
import type { Point } from "./reduce.ts";
import { type Box, element, group, type Markup, svgDocument } from "./svg.ts";
import { text } from "./text.ts";

/** A power law and the range in which it was fitted. */
export interface PowerLaw {
  readonly exponent: number;
  readonly from: number;
  readonly to: number;
}

/** Avalanches, each with its size and its duration. */
export interface AvalancheFigure {
  /** [n] above 0: what was above the threshold, summed. */
  readonly sizes: ArrayLike<number>;
  /** [n] whole steps, at least 1. */
  readonly durations: ArrayLike<number>;
  /** P(S) ~ S^-exponent. */
  readonly sizeFit?: PowerLaw | undefined;
  /** P(T) ~ T^-exponent. */
  readonly durationFit?: PowerLaw | undefined;
  /** Mean size of the avalanches of a duration: <S>(T) ~ T^exponent. */
  readonly scalingFit?: PowerLaw | undefined;
  readonly title?: string | undefined;
}

const width = 700;
const left = 62;
const gap = 68;
const panelWidth = (width - left - 2 * gap - 14) / 3;
const height = 190;
const binsPerDecade = 8;
const dotColour = categoricalColour(0);
const fitColour = categoricalColour(1);

/** Logarithmic bins, of whole numbers up to 10 one each: mean place and mean of `ys`, or where there are none density. */
function logBins(xs: ArrayLike<number>, ys?: ArrayLike<number>): readonly Point[] {
  const [low, high] = extent(xs);
  const edges = [Math.min(0.5, low * 0.999)];
  const isWhole = Array.from(xs).every(Number.isInteger);
  if (isWhole) for (let whole = 1; whole <= Math.min(10, high); whole += 1) edges.push(whole + 0.5);
  else edges.splice(0, 1, low * 0.999);
  while ((edges[edges.length - 1] ?? 1) <= high) {
    const next = (edges[edges.length - 1] ?? 1) * 10 ** (1 / binsPerDecade);
    edges.push(isWhole ? Math.floor(next) + 0.5 : next);
  }
  const count = new Float64Array(edges.length);
  const logs = new Float64Array(edges.length);
  const sums = new Float64Array(edges.length);
  for (let index = 0; index < xs.length; index += 1) {
    const x = xs[index] ?? 1;
    const bin = edges.findIndex((edge) => edge > x) - 1;
    count[bin] = (count[bin] ?? 0) + 1;
    logs[bin] = (logs[bin] ?? 0) + Math.log(x);
    sums[bin] = (sums[bin] ?? 0) + (ys?.[index] ?? 0);
  }
  return [...count].flatMap((n, bin): Point[] => {
    if (n === 0) return [];
    const binWidth = (edges[bin + 1] ?? 1) - (edges[bin] ?? 0);
    return [[Math.exp((logs[bin] ?? 0) / n), ys ? (sums[bin] ?? 0) / n : n / xs.length / binWidth]];
  });
}

function checkFit(name: string, fit: PowerLaw | undefined): void {
  if (fit === undefined) return;
  const { exponent, from, to } = fit;
  if (!Number.isFinite(exponent)) throw new ValueError(`${name}.exponent: expected a finite number, got ${exponent}.`);
  if (!(from > 0 && to > from && Number.isFinite(to)))
    throw new ValueError(`${name}: expected a range 0 < from < to, got ${from} to ${to}.`);
}

/** The density c x^-a with as many of the avalanches in its range as there are. */
function densityLine(xs: ArrayLike<number>, { exponent, from, to }: PowerLaw): Point[] {
  const inside = Array.from(xs).filter((x) => x >= from && x <= to).length / xs.length;
  if (inside === 0) return [];
  // The range of the whole numbers from … to is half a step wider on both sides.
  const [low, high] = [Math.max(from - 0.5, from / 2), to + 0.5];
  const whole =
    Math.abs(exponent - 1) < 1e-9
      ? Math.log(high / low)
      : (high ** (1 - exponent) - low ** (1 - exponent)) / (1 - exponent);
  const density = (x: number): number => (inside / whole) * x ** -exponent;
  return [from, to].map((x): Point => [x, density(x)]);
}

/** The line of a given slope through the middle, in logarithms, of the avalanches in its range. */
function slopeLine(points: readonly Point[], { exponent, from, to }: PowerLaw): Point[] {
  const inside = points.filter(([x]) => x >= from && x <= to);
  if (inside.length === 0) return [];
  const offset = inside.reduce((sum, [x, y]) => sum + Math.log(y) - exponent * Math.log(x), 0) / inside.length;
  return [from, to].map((x): Point => [x, Math.exp(offset + exponent * Math.log(x))]);
}

/** One panel: dots, a fitted line with its exponent, logarithmic axes. */
function panel(parts: {
  readonly box: Box;
  readonly points: readonly Point[];
  readonly line: readonly Point[];
  readonly note: string | undefined;
  readonly labels: readonly [x: string, y: string];
  readonly rising: boolean;
}): Markup {
  const { box, points, line, note, labels, rising } = parts;
  const right = box.left + box.width;
  const bottom = box.top + box.height;
  const around = (values: readonly number[]): [number, number] => {
    const [low, high] = extent(values);
    return [low / 1.6, Math.max(high * 1.6, low * 4)];
  };
  const x = horizontalAxis(box, around([...points, ...line].map((point) => point[0])), true);
  const y = verticalAxis(box, around([...points, ...line].map((point) => point[1])), true);
  const drawn: Markup[] = [
    sideLabel(labels[1], box.left - 48, box.top, bottom),
    leftAxis({ ...y, left: box.left, right, top: box.top, bottom }),
    bottomAxis({ ...x, left: box.left, right, y: bottom, label: labels[0] }),
    ...points.map(([px, py]) =>
      element("circle", { cx: x.scale(px), cy: y.scale(py), r: 2.75, fill: dotColour, opacity: 0.85 }),
    ),
  ];
  if (line.length > 1) drawn.push(curve(line, x.scale, y.scale, { colour: fitColour, width: 2 }));
  if (note !== undefined) {
    const at = rising ? { x: box.left + 10, anchor: "start" as const } : { x: right, anchor: "end" as const };
    drawn.push(text(note, { ...at, y: box.top + 8, baseline: "middle", colour: ink.text }));
  }
  return group({}, drawn);
}

/**
 * Probability of the sizes and of the durations of avalanches, and the mean size for each duration, on logarithmic axes in
 * logarithmic bins, with given power laws as lines (Beggs & Plenz 2003; Del Papa, Priesemann & Triesch 2017), as an SVG
 * document 700 px wide.
 * @throws ConfigError for an option that is not known; ShapeError for lengths that differ or no avalanches; ValueError for a
 * size that is not above 0, a duration that is not a positive integer, or a law without a range.
 */
export function avalancheFigure(figure: AvalancheFigure): string {
  checkKeys("avalancheFigure", figure, ["sizes", "durations", "sizeFit", "durationFit", "scalingFit", "title"]);
  const { sizes, durations, sizeFit, durationFit, scalingFit, title } = figure;
  if (sizes.length === 0) throw new ShapeError("sizes: expected at least one avalanche, got none.");
  checkShape("durations", durations, [sizes.length], "as many as sizes");
  checkFinite("sizes", sizes);
  for (let index = 0; index < sizes.length; index += 1) {
    if ((sizes[index] ?? 0) <= 0)
      throw new ValueError(`sizes[${index}]: expected a number above 0, got ${sizes[index]}.`);
    const duration = durations[index] ?? 0;
    if (!Number.isInteger(duration) || duration < 1)
      throw new ValueError(`durations[${index}]: expected steps of at least 1, got ${duration}.`);
  }
  for (const [name, fit] of Object.entries({ sizeFit, durationFit, scalingFit })) checkFit(name, fit);

  const top = title ? 44 : 20;
  const scaling = logBins(durations, sizes);
  const panels = [
    {
      ...{ points: logBins(sizes), line: sizeFit ? densityLine(sizes, sizeFit) : [], rising: false },
      ...{ note: sizeFit && `τ = ${shortNumber(sizeFit.exponent)}`, labels: ["size S", "probability P(S)"] as const },
    },
    {
      ...{ points: logBins(durations), line: durationFit ? densityLine(durations, durationFit) : [], rising: false },
      ...{ note: durationFit && `α = ${shortNumber(durationFit.exponent)}` },
      labels: ["duration T (steps)", "probability P(T)"] as const,
    },
    {
      ...{ points: scaling, line: scalingFit ? slopeLine(scaling, scalingFit) : [], rising: true },
      ...{ note: scalingFit && `γ = ${shortNumber(scalingFit.exponent)}` },
      labels: ["duration T (steps)", "mean size ⟨S⟩(T)"] as const,
    },
  ];
  const parts: Markup[] = titleLine(title, left, width);
  panels.forEach((each, index) => {
    const box: Box = { left: left + index * (panelWidth + gap), top, width: panelWidth, height };
    parts.push(panel({ ...each, box }));
  });
  const laws = panels.flatMap(({ note }) => (note === undefined ? [] : [note]));
  const description =
    `${sizes.length} avalanches, of ${extent(durations).join(" to ")} steps, sizes ` +
    `${extent(sizes).map(shortNumber).join(" to ")}${laws.length > 0 ? `; fitted: ${laws.join(", ")}` : ""}.`;
  return svgDocument({ width, height: top + height + 46, title: title ?? "Avalanches", description }, parts);
}
