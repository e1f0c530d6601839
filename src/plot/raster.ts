import { ShapeError, ValueError } from "../errors.ts";
import { checkKeys } from "../structure/options.ts";
import { bottomAxis, dashes, leftAxis, type Scale, sideLabel } from "./axes.ts";
import { signColour } from "./bands.ts";
import { checkCount, checkShape } from "./check.ts";
import { shortNumber } from "./histogram.ts";
import { curve } from "./lines.ts";
import { colourRamp, ink } from "./palette.ts";
import { horizontalAxis, titleLine, verticalAxis } from "./panel.ts";
import { encodePng, pngDataUri } from "./png.ts";
import { averageBlocks, decimate, type Point } from "./reduce.ts";
import { type Box, element, formatNumber, type Markup, rectangle, segment, svgDocument } from "./svg.ts";
import { text } from "./text.ts";

/** Spikes of T steps: of E excitatory units and, where there are any, of I inhibitory ones. */
export interface Raster {
  /** [T, E], 0 or 1. */
  readonly excitatory: ArrayLike<number>;
  /** [T, I], 0 or 1. */
  readonly inhibitory?: ArrayLike<number> | undefined;
  /** Number of steps T. */
  readonly steps: number;
  /** The number of the first step; default 1. */
  readonly firstStep?: number | undefined;
  /** A rate that excitatory units are held at: a dashed line. */
  readonly target?: number | undefined;
  readonly title?: string | undefined;
}

const width = 700;
const left = 62;
const right = width - 92;
const rasterHeight = 240;
const smallestBand = 34;
const bandGap = 5;
const rateHeight = 100;
const rateGap = 18;
/** More spikes than this are drawn as an image. */
const mostMarks = 12_000;
/** An image has a cell for each unit and step, up to so many on a side. */
const mostCells = 1000;
const shades = 128;
const curveLimit = 1200;

interface Population {
  readonly name: string;
  readonly sign: 1 | -1;
  readonly units: number;
  readonly spikes: ArrayLike<number>;
}

function readPopulation(name: string, sign: 1 | -1, spikes: ArrayLike<number>, steps: number): Population {
  const units = spikes.length / steps;
  if (!Number.isInteger(units) || units === 0)
    throw new ShapeError(`${name}: expected [${steps}, units] (time, unit), got ${spikes.length} elements.`);
  checkShape(name, spikes, [steps, units], "time, unit");
  for (let index = 0; index < spikes.length; index += 1)
    if (spikes[index] !== 0 && spikes[index] !== 1)
      throw new ValueError(
        `${name}[${Math.floor(index / units)}, ${index % units}]: expected 0 or 1, got ${spikes[index]}.`,
      );
  return { name, sign, units, spikes };
}

/** One upright line a spike, as high as a unit's row and as thick as a step, within limits that can be seen. */
function marks({ spikes, units, sign }: Population, box: Box, x: Scale, first: number): Markup {
  const row = box.height / units;
  const length = Math.max(row * 0.9, 1);
  let path = "";
  for (let index = 0; index < spikes.length; index += 1) {
    if (spikes[index] === 0) continue;
    const top = box.top + ((index % units) + 0.5) * row - length / 2;
    path += `M${formatNumber(x(first + Math.floor(index / units)))},${formatNumber(top)}v${formatNumber(length)}`;
  }
  const step = x(first + 1) - x(first);
  const thick = Math.min(1.6, Math.max(0.7, step * 0.6));
  return path === "" ? element("g") : element("path", { d: path, stroke: signColour(sign), "stroke-width": thick });
}

/** Cells whose darkness is the share of spikes in them. */
function cells({ spikes, units, sign }: Population, steps: number, box: Box): Markup {
  const [rows, columns] = [Math.min(units, mostCells), Math.min(steps, mostCells)];
  const sums = new Float64Array(rows * columns);
  const counts = new Float64Array(rows * columns);
  for (let index = 0; index < spikes.length; index += 1) {
    const row = Math.floor(((index % units) * rows) / units);
    const cell = row * columns + Math.floor((Math.floor(index / units) * columns) / steps);
    sums[cell] = (sums[cell] ?? 0) + (spikes[index] ?? 0);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  // The darkest shade is the fullest cell's, so that the rare spikes of pooled cells are seen.
  const shares = sums.map((sum, cell) => sum / (counts[cell] || 1));
  const most = shares.reduce((one, other) => Math.max(one, other), 0) || 1;
  const png = encodePng({
    ...{ rows, columns, palette: colourRamp(["#ffffff", signColour(sign)], shades) },
    indices: Uint8Array.from(shares, (share) => Math.round((share / most) * (shades - 1))),
    ...{ scaleX: 1, scaleY: Math.max(1, Math.floor(box.height / rows)) },
  });
  const { left: x, top: y, width: w, height } = box;
  return element("image", { x, y, width: w, height, preserveAspectRatio: "none", href: pngDataUri(png) });
}

/** The share of active units in each step. */
function rateOf({ spikes, units }: Population, steps: number, first: number): Point[] {
  return Array.from({ length: steps }, (_, step): Point => {
    let sum = 0;
    for (let unit = 0; unit < units; unit += 1) sum += spikes[step * units + unit] ?? 0;
    return [first + step, sum / units];
  });
}

/**
 * Who fires when, excitatory units red above inhibitory ones blue, and under it the share of each population that is active,
 * as an SVG document 700 px wide. Up to 12,000 spikes are lines; more are drawn as an image of at most 1000 by 1000 cells.
 * @throws ConfigError for an option that is not known; ShapeError for arrays that are not [T, units]; ValueError for a spike
 * that is neither 0 nor 1, a target outside 0…1 or a first step that is not whole.
 */
export function rasterFigure(raster: Raster): string {
  checkKeys("rasterFigure", raster, ["excitatory", "inhibitory", "steps", "firstStep", "target", "title"]);
  const { steps, firstStep: first = 1, target, title } = raster;
  checkCount("steps", steps);
  if (!Number.isInteger(first)) throw new ValueError(`firstStep: expected a whole number, got ${first}.`);
  if (target !== undefined && !(target >= 0 && target <= 1))
    throw new ValueError(`target: expected a rate in 0…1, got ${target}.`);
  const populations = [readPopulation("excitatory", 1, raster.excitatory, steps)];
  if (raster.inhibitory) populations.push(readPopulation("inhibitory", -1, raster.inhibitory, steps));
  const top = title ? 40 : 16;
  const frame: Box = { left, top, width: right - left, height: rasterHeight };
  const x = horizontalAxis(frame, [first - 0.5, first + steps - 0.5]);
  const ticks = x.ticks.filter(({ value }) => Number.isInteger(value));
  const parts: Markup[] = [...titleLine(title, left, width), sideLabel("unit", 16, top, top + rasterHeight)];

  const all = populations.reduce((sum, { units }) => sum + units, 0);
  const free = rasterHeight - bandGap * (populations.length - 1);
  const smaller = populations[1] === undefined ? 0 : Math.max(smallestBand, (free * populations[1].units) / all);
  const heights = [free - smaller, smaller];
  const spikes = populations.reduce((sum, { spikes: list }) => sum + countOnes(list), 0);
  let y = top;
  populations.forEach((population, index) => {
    const box: Box = { ...frame, top: y, height: heights[index] ?? 0 };
    const { name, units, sign } = population;
    parts.push(spikes > mostMarks ? cells(population, steps, box) : marks(population, box, x.scale, first));
    parts.push(rectangle(box, { fill: "none", stroke: ink.axis, "stroke-width": 0.75 }));
    const numbers = box.height > 60 ? [0, units / 2, units] : [0, units];
    for (const value of numbers.filter(Number.isInteger)) {
      const at = box.top + (value / units) * box.height;
      parts.push(segment(left - 4, at, left, at, { stroke: ink.axis }));
      // The first number of the lower band would stand on the last of the upper one.
      if (index === 0 || value > 0)
        parts.push(text(`${value}`, { x: left - 7, y: at, anchor: "end", baseline: "middle" }));
    }
    const middle = box.top + box.height / 2;
    parts.push(text(name, { x: right + 8, y: middle - 7, baseline: "middle", colour: signColour(sign) }));
    parts.push(text(`${units} units`, { x: right + 8, y: middle + 7, baseline: "middle", colour: signColour(sign) }));
    y += box.height + bandGap;
  });

  const rates = populations.map((population) => rateOf(population, steps, first));
  const rateBox: Box = { ...frame, top: top + rasterHeight + rateGap, height: rateHeight };
  const bottom = rateBox.top + rateHeight;
  const highest = Math.max(0.01, target ?? 0, ...rates.flatMap((points) => points.map((point) => point[1])));
  const rateAxis = verticalAxis(rateBox, [0, Math.min(1, highest * 1.08)]);
  parts.push(sideLabel("active share", 16, rateBox.top, bottom));
  parts.push(leftAxis({ ...rateAxis, left, right, top: rateBox.top, bottom }));
  populations.forEach(({ sign }, index) => {
    const points = rates[index] ?? [];
    const drawn = decimate(points, curveLimit);
    const style = { colour: signColour(sign), width: drawn.length > 300 ? 0.9 : 1.5, opacity: index === 0 ? 1 : 0.6 };
    parts.splice(parts.length - index, 0, curve(drawn, x.scale, rateAxis.scale, style));
    const [mean] = averageBlocks(points, 1);
    const note = `mean ${shortNumber(mean?.[1] ?? 0)}`;
    parts.push(
      text(note, { x: right + 8, y: rateBox.top + 8 + 16 * index, baseline: "middle", colour: signColour(sign) }),
    );
  });
  if (target !== undefined) {
    const at = rateAxis.scale(target);
    parts.push(segment(left, at, right, at, { stroke: ink.text, "stroke-dasharray": dashes }));
    parts.push(text("target", { x: right + 8, y: Math.max(at, rateBox.top + 42), baseline: "middle" }));
  }
  parts.push(bottomAxis({ scale: x.scale, ticks, left, right, y: bottom, label: "time (steps)" }));
  const description = populations
    .map(({ name, units }, index) => {
      const [mean] = averageBlocks(rates[index] ?? [], 1);
      return `${units} ${name} units, mean rate ${shortNumber(mean?.[1] ?? 0)} a step.`;
    })
    .join(" ");
  return svgDocument(
    {
      ...{ width, height: bottom + 46, title: title ?? "Spikes" },
      description: `${spikes} spikes in steps ${first} to ${first + steps - 1}. ${description}`,
    },
    parts,
  );
}

function countOnes(spikes: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < spikes.length; index += 1) sum += spikes[index] ?? 0;
  return sum;
}
