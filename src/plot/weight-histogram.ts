import { scaleLinear } from "d3-scale";
import { ShapeError, ValueError } from "../errors.ts";
import { checkKeys } from "../structure/options.ts";
import { bottomAxis, dashes, fittingTicks, type LegendEntry, legendColumn } from "./axes.ts";
import { signColour } from "./bands.ts";
import { checkCount, checkFinite, checkShape, extent } from "./check.ts";
import { binsAroundZero, histogramPanel, type Layer, meanAndDeviation, shortNumber } from "./histogram.ts";
import { barColour, ink } from "./palette.ts";
import { type Box, type Markup, segment, svgDocument } from "./svg.ts";
import { fontSizes, shorten, text } from "./text.ts";

/** One matrix, or several beside each other, flat; those of `mask` and `signs` in the order of the weights. */
type Matrices = Float32Array | readonly (Float32Array | undefined)[];

/** Weights of one or several matrices. */
export interface WeightHistogram {
  /** One matrix or several, each flat, of any shape. */
  readonly weights: Float32Array | readonly Float32Array[];
  /** As the weights: 1 where a synapse may exist. Where there is no mask, a weight of exactly 0 is no synapse. */
  readonly mask?: Matrices | undefined;
  /**
   * As the weights: +1 excitatory, -1 inhibitory, 0 free; a matrix without them is free. Where no matrix has any, all bars
   * have one colour.
   */
  readonly signs?: Matrices | undefined;
  /** About how many bins; 80 unless given. */
  readonly bins?: number | undefined;
  /** A name for each matrix. */
  readonly names?: readonly string[] | undefined;
  readonly title?: string | undefined;
}

const width = 700;
const left = 68;
const right = width - 160;
const panelHeight = 130;
const panelGap = 26;
const binLimit = 400;

/** The weights of one matrix that exist, by sign. */
interface Synapses {
  readonly name: string | undefined;
  readonly layers: readonly (Layer & { readonly label?: string })[];
  readonly all: readonly number[];
}

const signNames = [
  [1, "excitatory"],
  [-1, "inhibitory"],
  [0, "free sign"],
] as const;

function asList(matrices: Matrices | undefined): readonly (Float32Array | undefined)[] {
  if (matrices === undefined) return [];
  return matrices instanceof Float32Array ? [matrices] : matrices;
}

function readMatrix(figure: WeightHistogram, index: number, several: boolean): Synapses {
  const place = (name: string): string => (several ? `${name}[${index}]` : name);
  const weights = asList(figure.weights)[index];
  if (!(weights instanceof Float32Array))
    throw new ShapeError(`${place("weights")}: expected a Float32Array, got ${String(weights)}.`);
  const mask = asList(figure.mask)[index];
  const signs = asList(figure.signs)[index];
  checkFinite(place("weights"), weights);
  if (mask) checkShape(place("mask"), mask, [weights.length], "one per weight");
  if (signs) checkShape(place("signs"), signs, [weights.length], "one per weight");
  const exists = (at: number): boolean => (mask ? mask[at] !== 0 : weights[at] !== 0);
  const pick = (keep: (at: number) => boolean): number[] => [...weights].filter((_, at) => exists(at) && keep(at));
  const all = pick(() => true);
  const name = figure.names?.[index];
  if (asList(figure.signs).every((each) => each === undefined))
    return { name, layers: [{ values: all, colour: barColour }], all };
  const layers = signNames.map(([sign, label]) => ({
    values: pick((at) => Math.sign(signs?.[at] ?? 0) === sign),
    colour: signColour(sign),
    label,
  }));
  return { name, layers: layers.filter((layer) => layer.values.length > 0), all };
}

function sideNotes(synapses: Synapses, top: number): Markup[] {
  const [mean, deviation] = meanAndDeviation(synapses.all);
  const x = right + 14;
  const lines = [`${synapses.all.length} synapses`, `mean ${shortNumber(mean)}`, `SD ${shortNumber(deviation)}`];
  const parts: Markup[] = [];
  let y = top + 8;
  if (synapses.name !== undefined) {
    parts.push(text(shorten(synapses.name, width - x - 8), { x, y, bold: true, baseline: "middle" }));
    y += 17;
  }
  for (const line of lines) {
    parts.push(text(line, { x, y, baseline: "middle" }));
    y += 16;
  }
  const entries = synapses.layers.flatMap(({ label, colour, values }): LegendEntry[] =>
    label === undefined ? [] : [{ label: `${label} (${values.length})`, colour, sample: "area" }],
  );
  parts.push(legendColumn(entries, x, y + 4));
  return parts;
}

/**
 * Histograms of the weights of one or several matrices below each other on one axis, as an SVG document 700 px wide.
 * Absent synapses are left out. Where signs are given, excitatory weights are red, inhibitory blue, free ones grey, stacked;
 * 0 always lies between two bins. Beside each: how many synapses, their mean and standard deviation.
 * @throws ConfigError for an option that is not known; ShapeError if mask or signs do not fit their weights, or there are not as many names, masks or signs as
 * matrices; ValueError for a NaN or infinite weight, or bins outside 1 … 400.
 */
export function weightHistogram(figure: WeightHistogram): string {
  checkKeys("weightHistogram", figure, ["weights", "mask", "signs", "bins", "names", "title"]);
  const { bins: wanted = 80, names, title } = figure;
  checkCount("bins", wanted);
  if (wanted > binLimit) throw new ValueError(`bins: expected at most ${binLimit}, got ${wanted}.`);
  const several = !(figure.weights instanceof Float32Array);
  const count = asList(figure.weights).length;
  if (count === 0) throw new ShapeError("weights: expected at least one matrix, got none.");
  for (const [name, list] of Object.entries({ mask: figure.mask, signs: figure.signs, names }))
    if (list !== undefined && (list instanceof Float32Array ? several : list.length !== count))
      throw new ShapeError(`${name}: expected one for each of the ${count} matrices of weights.`);
  const matrices = Array.from({ length: count }, (_, index) => readMatrix(figure, index, several));

  const every = matrices.flatMap(({ all }) => (all.length > 0 ? extent(all) : []));
  const [low, high] = every.length > 0 ? extent(every) : [-1, 1];
  const bins = binsAroundZero(low, high, wanted);
  const domain: [number, number] = [bins.from - bins.width, bins.from + (bins.count + 1) * bins.width];
  const x = scaleLinear().domain(domain).range([left, right]);
  const ticks = fittingTicks(domain, 8, right - left);

  const parts: Markup[] = [];
  if (title)
    parts.push(
      text(shorten(title, width - left - 8, fontSizes.title), { x: left, y: 24, size: fontSizes.title, bold: true }),
    );
  let top = title ? 42 : 16;
  matrices.forEach((synapses, index) => {
    const box: Box = { left, top, width: right - left, height: panelHeight };
    const bottom = top + panelHeight;
    parts.push(histogramPanel(synapses.layers, bins, x, box, "synapses", 16));
    if (domain[0] < 0 && domain[1] > 0)
      parts.push(segment(x(0), top, x(0), bottom, { stroke: ink.reference, "stroke-dasharray": dashes }));
    const label = index === count - 1 ? "weight" : undefined;
    parts.push(bottomAxis({ scale: x, ticks, left, right, y: bottom, label }));
    parts.push(...sideNotes(synapses, top));
    top = bottom + panelGap;
  });
  const description = matrices
    .map(({ name, all }, index) => {
      const [mean, deviation] = meanAndDeviation(all);
      const which = name ?? (several ? `matrix ${index + 1}` : "weights");
      return `${which}: ${all.length} synapses, mean ${shortNumber(mean)}, standard deviation ${shortNumber(deviation)}.`;
    })
    .join(" ");
  return svgDocument({ width, height: top - panelGap + 46, title: title ?? "Weights", description }, parts);
}
