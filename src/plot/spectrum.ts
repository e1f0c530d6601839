import { scaleLinear } from "d3-scale";
import { ShapeError } from "../errors.ts";
import { checkKeys } from "../structure/options.ts";
import { bottomAxis, dashes, fittingTicks, leftAxis, legendColumn, linearTicks, sideLabel } from "./axes.ts";
import { checkFinite, checkShape, extent } from "./check.ts";
import { shortNumber } from "./histogram.ts";
import { categoricalColour, ink } from "./palette.ts";
import { type Box, element, group, type Markup, rectangle, segment, svgDocument } from "./svg.ts";
import { fontSizes, shorten, text } from "./text.ts";

/** Eigenvalues, as `eigenvalues` gives them. */
export interface EigenvalueSpectrum {
  /** [N] real parts. */
  readonly re: ArrayLike<number>;
  /** [N] imaginary parts. */
  readonly im: ArrayLike<number>;
  /**
   * The eigenvalue of a neutral mode, along which an attractor network neither decays nor grows: 1 of a map v[t] = f(v[t-1]),
   * 0 of a flow dv/dt. A vertical line there, and the eigenvalue nearest to it in another colour, with its value.
   */
  readonly neutral?: number | undefined;
  readonly title?: string | undefined;
}

const width = 700;
const left = 62;
const panelWidth = width - left - 160;
const heights = [200, 520] as const;
const neutralColour = categoricalColour(1);
/** Part of the unit, or of the largest value, that stays free at each side. */
const padding = 0.08;

/** Domains of both axes with the same pixels per unit, which hold the unit circle and every value. */
function planeOf(re: ArrayLike<number>, im: ArrayLike<number>): { re: [number, number]; im: number; height: number } {
  const [lowest, highest] = extent(re);
  const largest = Math.max(1, ...extent(im).map(Math.abs));
  const space = padding * Math.max(largest, (Math.max(highest, 1) - Math.min(lowest, -1)) / 2);
  const low = Math.min(lowest, -1) - space;
  const high = Math.max(highest, 1) + space;
  const tall = ((largest + space) * 2 * panelWidth) / (high - low);
  const height = Math.min(heights[1], Math.max(heights[0], tall));
  // Too tall: the real axis reaches further at both sides. Too flat: the imaginary one does.
  const perPixel = tall > height ? (2 * (largest + space)) / height : (high - low) / panelWidth;
  const middle = (low + high) / 2;
  const half = (perPixel * panelWidth) / 2;
  return { re: [middle - half, middle + half], im: (perPixel * height) / 2, height };
}

/** The eigenvalue with the smallest distance to a real number. */
function nearestTo(place: number, re: ArrayLike<number>, im: ArrayLike<number>): readonly [number, number] {
  let nearest = 0;
  const distance = (index: number): number => Math.hypot((re[index] ?? 0) - place, im[index] ?? 0);
  for (let index = 1; index < re.length; index += 1) if (distance(index) < distance(nearest)) nearest = index;
  return [re[nearest] ?? 0, im[nearest] ?? 0];
}

/** With four decimals, for how far a mode is from neutral is the question. */
function complexName(real: number, imaginary: number): string {
  const [first, second] = [real.toFixed(4), Math.abs(imaginary).toFixed(4)];
  return Number(second) === 0 ? first : `${first} ${imaginary < 0 ? "−" : "+"} ${second} i`;
}

/**
 * Eigenvalues in the complex plane, as an SVG document 700 px wide: equal units on both axes, the unit circle dashed, thin
 * lines through 0. For weights W of a linear network dv/dt = -v + Wv, activity decays if all lie left of 1.
 * @throws ConfigError for an option that is not known; ShapeError unless both parts have the same length, at least 1; ValueError for a value that is not finite.
 */
export function eigenvalueSpectrum(figure: EigenvalueSpectrum): string {
  checkKeys("eigenvalueSpectrum", figure, ["re", "im", "neutral", "title"]);
  const { re, im, neutral, title } = figure;
  const count = re?.length ?? 0;
  if (count === 0) throw new ShapeError("re: expected at least one eigenvalue, got none.");
  checkShape("im", im, [count], "as many as re");
  checkFinite("re", re);
  checkFinite("im", im);
  if (neutral !== undefined) checkFinite("neutral", [neutral]);

  const plane = planeOf(neutral === undefined ? re : [...Array.from(re), neutral], im);
  const top = title ? 42 : 16;
  const box: Box = { left, top, width: panelWidth, height: plane.height };
  const right = left + panelWidth;
  const bottom = top + plane.height;
  const x = scaleLinear().domain(plane.re).range([left, right]);
  const y = scaleLinear().domain([-plane.im, plane.im]).range([bottom, top]);
  const xTicks = fittingTicks(plane.re, 8, right - left);
  const step = (xTicks[1]?.value ?? 1) - (xTicks[0]?.value ?? 0);
  // The same distance between ticks on both axes.
  const yTicks = linearTicks([-plane.im, plane.im], Math.max(2, Math.round((2 * plane.im) / step)));

  const radius = Array.from(re, (real, index) => Math.hypot(real, im[index] ?? 0)).reduce((a, b) => Math.max(a, b), 0);
  const dot = { r: count > 500 ? 1.75 : 2.5, fill: categoricalColour(0), "fill-opacity": 0.6 };
  const dots = Array.from(re, (real, index) => element("circle", { cx: x(real), cy: y(im[index] ?? 0), ...dot }));
  const parts: Markup[] = [];
  if (title)
    parts.push(
      text(shorten(title, width - left - 8, fontSizes.title), { x: left, y: 24, size: fontSizes.title, bold: true }),
    );
  parts.push(sideLabel("imaginary part", 16, top, bottom));
  parts.push(leftAxis({ scale: y, ticks: yTicks, left, right, top, bottom, grid: false }));
  parts.push(bottomAxis({ scale: x, ticks: xTicks, left, right, y: bottom, label: "real part" }));
  parts.push(rectangle(box, { fill: "none", stroke: ink.axis, "stroke-width": 0.75 }));
  parts.push(
    segment(left, y(0), right, y(0), { stroke: ink.grid }),
    segment(x(0), top, x(0), bottom, { stroke: ink.grid }),
  );
  parts.push(
    element("circle", {
      cx: x(0),
      cy: y(0),
      r: x(1) - x(0),
      fill: "none",
      stroke: ink.reference,
      "stroke-dasharray": dashes,
    }),
  );
  const noteX = right + 14;
  const nearest = neutral === undefined ? undefined : nearestTo(neutral, re, im);
  if (neutral !== undefined)
    parts.push(segment(x(neutral), top, x(neutral), bottom, { stroke: neutralColour, "stroke-width": 0.75 }));
  parts.push(group({}, dots));
  if (neutral !== undefined && nearest !== undefined) {
    const [real, imaginary] = nearest;
    parts.push(element("circle", { cx: x(real), cy: y(imaginary), r: 4, fill: neutralColour, stroke: "#ffffff" }));
    const notes = [`nearest to ${shortNumber(neutral)}:`, complexName(real, imaginary)];
    notes.forEach((note, line) => {
      parts.push(text(note, { x: noteX, y: top + 68 + 16 * line, baseline: "middle", colour: neutralColour }));
    });
  }
  parts.push(text(`${count} eigenvalue${count === 1 ? "" : "s"}`, { x: noteX, y: top + 8, baseline: "middle" }));
  parts.push(text(`largest |λ| ${shortNumber(radius)}`, { x: noteX, y: top + 24, baseline: "middle" }));
  parts.push(
    legendColumn([{ label: "unit circle", colour: ink.reference, sample: "dashed", width: 1 }], noteX, top + 44),
  );
  const outside = Array.from(re, (real, index) => Math.hypot(real, im[index] ?? 0)).filter((size) => size > 1).length;
  const description =
    `${count} eigenvalues in the complex plane; ${outside} lie outside the unit circle. ` +
    `The largest absolute value is ${shortNumber(radius)}, the largest real part ${shortNumber(extent(re)[1])}.` +
    (nearest === undefined ? "" : ` Nearest to ${shortNumber(neutral ?? 0)} lies ${complexName(...nearest)}.`);
  return svgDocument({ width, height: bottom + 46, title: title ?? "Eigenvalues", description }, parts);
}
