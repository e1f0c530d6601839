import { ShapeError } from "../errors.ts";
import { checkKeys } from "../structure/options.ts";
import { bottomAxis, dashes, leftAxis, legendColumn } from "./axes.ts";
import { checkFinite, checkNumberOf, checkRange, extent } from "./check.ts";
import { shortNumber } from "./histogram.ts";
import { curve } from "./lines.ts";
import { categoricalColour, ink } from "./palette.ts";
import { titleLine, verticalAxis } from "./panel.ts";
import { type Point, paddedExtent, quantile } from "./reduce.ts";
import { type Box, element, group, type Markup, segment, svgDocument } from "./svg.ts";
import { fontSizes, shorten, text, textWidth } from "./text.ts";

/** One score of every network: a panel. */
export interface ScorePanel {
  /** With its unit, if it has one. */
  readonly name: string;
  /** Of each condition, one value a seed; an empty list where it was not measured. */
  readonly values: readonly ArrayLike<number>[];
  /** What is asked for: a dashed line. */
  readonly target?: number | undefined;
  /** What the vertical axis shows at least; further where values lie beyond. Default: what the values need. */
  readonly range?: readonly [low: number, high: number] | undefined;
}

/** Scores of networks by condition, such as with and without separation of inputs. */
export interface ScoreFigure {
  readonly conditions: readonly string[];
  readonly scores: readonly ScorePanel[];
  /** Value k of each condition has the same seed: a thin line joins it to that of the next condition. */
  readonly paired?: boolean | undefined;
  readonly title?: string | undefined;
}

const width = 700;
const left = 14;
const axisSpace = 48;
const panelHeight = 170;
const mostScores = 16;
const mostConditions = 8;
const mostSeeds = 200;

function checkScores({ conditions, scores, paired }: ScoreFigure): void {
  checkNumberOf("conditions", conditions, mostConditions);
  checkNumberOf("scores", scores, mostScores);
  for (const [index, score] of scores.entries()) {
    const name = `scores[${index}]`;
    checkKeys(name, score, ["name", "values", "target", "range"]);
    const { values, target, range } = score;
    if (values.length !== conditions.length)
      throw new ShapeError(
        `${name}.values: expected ${conditions.length} lists, one for each condition, got ${values.length}.`,
      );
    for (const [condition, list] of values.entries()) {
      const place = `${name}.values[${condition}]`;
      if (list.length > mostSeeds) throw new ShapeError(`${place}: expected at most ${mostSeeds}, got ${list.length}.`);
      checkFinite(place, list);
    }
    if (values.every(({ length }) => length === 0))
      throw new ShapeError(`${name}.values: expected at least one value.`);
    const lengths = new Set(values.map(({ length }) => length).filter((length) => length > 0));
    if (paired && lengths.size > 1)
      throw new ShapeError(`${name}.values: paired needs as many in each condition, got ${[...lengths].join(", ")}.`);
    if (target !== undefined) checkFinite(`${name}.target`, [target]);
    if (range !== undefined) checkRange(`${name}.range`, range);
  }
}

/** Where the dot of a seed stands beside the middle of its condition, -1 … 1. */
function spread(seed: number, seeds: number): number {
  return seeds === 1 ? 0 : (2 * seed) / (seeds - 1) - 1;
}

/** A name in at most two lines of `space` pixels; `undefined` if it does not fit. */
function twoLines(name: string, space: number): readonly string[] | undefined {
  const fits = (line: string): boolean => textWidth(line) <= space;
  if (fits(name)) return [name];
  for (let at = name.lastIndexOf(" "); at > 0; at = name.lastIndexOf(" ", at - 1)) {
    const lines = [name.slice(0, at), name.slice(at + 1)];
    if (lines.every(fits)) return lines;
  }
  return undefined;
}

function scorePanel(
  score: ScorePanel,
  box: Box,
  paired: boolean,
  slots: readonly (readonly string[])[] | undefined,
): Markup {
  const { left: start, top, width: wide, height } = box;
  const [right, bottom] = [start + wide, top + height];
  const all = score.values.flatMap((list) => Array.from(list)).concat(score.target ?? []);
  const y = verticalAxis(box, score.range ? extent([...score.range, ...all]) : paddedExtent(all, 0.1));
  const slot = wide / score.values.length;
  const reach = Math.min(24, slot * 0.24);
  const x = (place: number): number => start + (place + 0.5) * slot;
  const dot = (condition: number, seed: number): Point => {
    const list = score.values[condition] ?? [];
    return [x(condition) + reach * spread(seed, list.length), y.scale(list[seed] ?? 0)];
  };
  const same = (value: number): number => value;
  const parts: Markup[] = [
    text(shorten(score.name, wide + axisSpace - 10, fontSizes.label), {
      x: start - 20,
      y: top - 12,
      size: fontSizes.label,
      bold: true,
    }),
    leftAxis({ ...y, left: start, right, top, bottom }),
    bottomAxis({ scale: same, ticks: [], left: start, right, y: bottom }),
  ];
  if (score.target !== undefined) {
    const at = y.scale(score.target);
    parts.push(segment(start, at, right, at, { stroke: ink.text, "stroke-dasharray": dashes }));
  }
  if (paired) {
    const measured = score.values.flatMap((list, condition) => (list.length > 0 ? [condition] : []));
    for (let seed = 0; seed < (score.values[measured[0] ?? 0]?.length ?? 0); seed += 1) {
      const points = measured.map((condition) => dot(condition, seed));
      if (points.length > 1)
        parts.push(curve(points, same, same, { colour: ink.reference, width: 0.75, opacity: 0.6 }));
    }
  }
  score.values.forEach((list, condition) => {
    const colour = categoricalColour(condition);
    const middle = x(condition);
    slots?.[condition]?.forEach((line, row) => {
      parts.push(text(line, { x: middle, y: bottom + 31 + 14 * row, anchor: "middle", colour }));
    });
    if (list.length === 0) {
      parts.push(text("–", { x: middle, y: bottom + 15, anchor: "middle" }));
      return;
    }
    const median = quantile(list, 0.5);
    const half = reach + 5;
    parts.push(
      segment(middle - half, y.scale(median), middle + half, y.scale(median), { stroke: colour, "stroke-width": 2.5 }),
    );
    for (let seed = 0; seed < list.length; seed += 1) {
      const [cx, cy] = dot(condition, seed);
      parts.push(
        element("circle", { cx, cy, r: 3, fill: colour, "fill-opacity": 0.55, stroke: "#ffffff", "stroke-width": 0.5 }),
      );
    }
    parts.push(text(shortNumber(median), { x: middle, y: bottom + 15, anchor: "middle", colour: ink.text }));
  });
  return group({}, parts);
}

/**
 * Scores by condition as an SVG document 700 px wide: a panel for each score, a dot for each seed, a line and a number at the
 * median of each condition, a dashed line at what is asked for.
 * @throws ConfigError for an option that is not known; ShapeError for lists that do not fit the conditions, no values, more
 * than 8 conditions or 16 scores; ValueError for a value that is not finite, or a range whose ends are not in order.
 */
export function scoreFigure(figure: ScoreFigure): string {
  checkKeys("scoreFigure", figure, ["conditions", "scores", "paired", "title"]);
  checkScores(figure);
  const { conditions, scores, paired = false, title } = figure;
  const columns = Math.min(scores.length, conditions.length > 4 ? 2 : 3);
  const panelWidth = Math.min(300, (width - left - 16) / columns - axisSpace);
  const slot = panelWidth / conditions.length;
  const names = conditions.flatMap((name) => [twoLines(name, slot - 4) ?? []]);
  const fit = names.every(({ length }) => length > 0);
  const rowGap = fit ? 58 + 14 * Math.max(...names.map(({ length }) => length)) : 58;
  const top = (title ? 34 : 8) + 26;
  const parts: Markup[] = titleLine(title, left + axisSpace - 20, width);
  scores.forEach((score, index) => {
    const box: Box = {
      left: left + axisSpace + (index % columns) * (panelWidth + axisSpace),
      top: top + Math.floor(index / columns) * (panelHeight + rowGap),
      ...{ width: panelWidth, height: panelHeight },
    };
    parts.push(scorePanel(score, box, paired, fit ? names : undefined));
  });
  const bottom = top + Math.ceil(scores.length / columns) * (panelHeight + rowGap) - rowGap;
  const entries = [
    ...(fit
      ? []
      : conditions.map((name, index) => ({
          ...{ label: shorten(name, width - 80), colour: categoricalColour(index), sample: "area" as const },
        }))),
    ...(scores.some(({ target }) => target !== undefined)
      ? [{ label: "asked for", colour: ink.text, sample: "dashed" as const, width: 1 }]
      : []),
  ];
  parts.push(legendColumn(entries, left + axisSpace, bottom + rowGap - 14));
  const lines = scores.map(({ name, values }) => {
    const medians = values.map((list, index) =>
      list.length === 0 ? [] : [`${conditions[index]} ${shortNumber(quantile(list, 0.5))} (${list.length})`],
    );
    return `${name}: ${medians.flat().join(", ")}.`;
  });
  const description = `Medians, and in parentheses the number of networks. ${lines.join(" ")}`;
  const height = bottom + rowGap - 14 + 16 * entries.length;
  return svgDocument({ width, height, title: title ?? "Scores", description }, parts);
}
