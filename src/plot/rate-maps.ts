import { ShapeError } from "../errors.ts";
import { checkKeys } from "../structure/options.ts";
import { type Arena, lengthBar, trajectoryPanel, walls } from "./arena.ts";
import { checkCount, checkFinite, checkFiniteOrNaN, checkNumberOf, checkRange, checkShape } from "./check.ts";
import type { ColourScale } from "./heatmap.ts";
import { shortNumber } from "./histogram.ts";
import { colourStrip, colourStripWidth, frame, mapImage, mapScale, peakOf, poolMeasured } from "./map-cells.ts";
import { checkUnitNumbers } from "./order.ts";
import { divergingAnchors, mapAnchors } from "./palette.ts";
import { titleLine } from "./panel.ts";
import { type Box, type Markup, svgDocument } from "./svg.ts";
import { text } from "./text.ts";

/** Rates of units by place. */
export interface RateMapFigure extends Arena {
  /** Number of units N. */
  readonly units: number;
  /** Bins of each map, y from below upward and x. */
  readonly rows: number;
  readonly columns: number;
  /** [N, rows, columns] mean rates; row 0 has the smallest y; NaN where the agent never was. */
  readonly maps: ArrayLike<number>;
  /** [N] grid scores; NaN where one is not defined. */
  readonly gridScores?: ArrayLike<number> | undefined;
  /** [N, 2 rows - 1, 2 columns - 1] spatial autocorrelations, -1…1; NaN where one is not defined. */
  readonly autocorrelations?: ArrayLike<number> | undefined;
  /** [T, 2] places of the agent (x, y) in metres: a panel before the maps. */
  readonly trajectory?: ArrayLike<number> | undefined;
  /** Units that are drawn, in this order; default all, by number. */
  readonly order?: ArrayLike<number> | undefined;
  /** Of the rates, such as "Hz"; default none. */
  readonly rateUnit?: string | undefined;
  readonly title?: string | undefined;
}

const width = 700;
const left = 20;
const pairGap = 5;
const columnGap = 11;
const nameHeight = 32;
const rowGap = 14;
const mostDrawn = 120;
/** Height of a panel by its width at most. */
const tallest = 2.5;
/** A map's side has at most so many cells: one for about a pixel. */
const mostCells = 96;
const correlationScale: ColourScale = {
  ...{ low: -1, high: 1, anchors: divergingAnchors, beyondLow: false, beyondHigh: false },
};

function checkMaps(figure: RateMapFigure): readonly number[] {
  const { units, rows, columns, maps, xRange, yRange, gridScores, autocorrelations, outlines = [], order } = figure;
  checkCount("units", units);
  checkCount("rows", rows);
  checkCount("columns", columns);
  checkShape("maps", maps, [units, rows, columns], "unit, y, x");
  checkFiniteOrNaN("maps", maps, rows * columns);
  checkRange("xRange", xRange);
  checkRange("yRange", yRange);
  if (gridScores !== undefined) {
    checkShape("gridScores", gridScores, [units], "units");
    checkFiniteOrNaN("gridScores", gridScores, 1);
  }
  if (autocorrelations !== undefined) {
    const shape = [units, 2 * rows - 1, 2 * columns - 1];
    checkShape("autocorrelations", autocorrelations, shape, "unit, lag in y, lag in x");
    checkFiniteOrNaN("autocorrelations", autocorrelations, (shape[1] ?? 1) * (shape[2] ?? 1));
  }
  outlines.forEach((polygon, index) => {
    if (polygon.length < 3)
      throw new ShapeError(`outlines[${index}]: expected at least 3 corners, got ${polygon.length}.`);
    checkFinite(`outlines[${index}]`, polygon.flat(), 2);
  });
  if (figure.trajectory !== undefined) {
    const steps = figure.trajectory.length / 2;
    if (!Number.isInteger(steps) || steps === 0)
      throw new ShapeError(`trajectory: expected [T, 2] (time, x and y), got ${figure.trajectory.length} elements.`);
    checkFinite("trajectory", figure.trajectory, 2);
  }
  const drawn = Array.from({ length: order?.length ?? units }, (_, place) => order?.[place] ?? place);
  checkNumberOf("order", drawn, mostDrawn);
  checkUnitNumbers("order", drawn, units);
  return drawn;
}

/** The cells of one unit. */
function cellsOf(all: ArrayLike<number>, unit: number, cells: number): number[] {
  return Array.from({ length: cells }, (_, cell) => all[unit * cells + cell] ?? Number.NaN);
}

/**
 * Mean rates by place, as an SVG document 700 px wide: a map for each unit from 0 (or its lowest rate below) to its highest
 * rate, which is printed, with its grid score; bins that were never visited are white. Where autocorrelations are given each
 * stands beside its map, at half its scale. The arena's walls are drawn over the maps, and the agent's path in a panel of its own.
 * @throws ConfigError for an option that is not known; ShapeError for an array that does not fit, or more than 120 units to
 * draw; ValueError for an infinite value, a place that is not finite, a range out of order, or a unit that does not exist
 * or is named twice.
 */
export function rateMapFigure(figure: RateMapFigure): string {
  checkKeys("rateMapFigure", figure, [
    ...["units", "rows", "columns", "maps", "xRange", "yRange", "gridScores", "autocorrelations", "outlines"],
    ...["trajectory", "order", "rateUnit", "title"],
  ]);
  const order = checkMaps(figure);
  const {
    units,
    rows,
    columns,
    maps,
    xRange,
    yRange,
    gridScores,
    autocorrelations,
    trajectory,
    rateUnit = "",
    title,
  } = figure;
  const paired = autocorrelations !== undefined;
  const perRow = paired ? 3 : 5;
  const cellWidth = (width - left - 22 - columnGap * (perRow - 1)) / perRow;
  const side = paired ? (cellWidth - pairGap) / 2 : cellWidth;
  const height = Math.min(tallest * side, (side * (yRange[1] - yRange[0])) / (xRange[1] - xRange[0]));
  const top = title ? 40 : 8;
  const boxAt = (place: number): Box => ({
    left: left + (place % perRow) * (cellWidth + columnGap),
    top: top + nameHeight + Math.floor(place / perRow) * (height + nameHeight + rowGap),
    ...{ width: side, height },
  });
  const parts: Markup[] = titleLine(title, left, width);
  if (trajectory) parts.push(trajectoryPanel(trajectory, boxAt(0), figure));
  const before = trajectory ? 1 : 0;
  const peaks: number[] = [];
  order.forEach((unit, place) => {
    const box = boxAt(place + before);
    const rates = cellsOf(maps, unit, rows * columns);
    const map = poolMeasured(rates, rows, columns, mostCells);
    const peak = peakOf(rates);
    if (peak !== undefined) peaks.push(peak);
    const rate = peak === undefined ? "never visited" : `peak ${shortNumber(peak)}${rateUnit && ` ${rateUnit}`}`;
    const score = gridScores?.[unit];
    const scoreName = score === undefined ? undefined : Number.isNaN(score) ? "–" : score.toFixed(2);
    parts.push(
      text(`unit ${unit}`, { x: box.left, y: box.top - 20, bold: true }),
      text(rate, { x: box.left, y: box.top - 6 }),
      mapImage(map.values, map.rows, map.columns, box, mapScale(map.values)),
      walls(box, figure),
    );
    if (!paired && scoreName)
      parts.push(text(`grid ${scoreName}`, { x: box.left + side, y: box.top - 20, anchor: "end" }));
    if (!paired) return;
    const beside: Box = { ...box, left: box.left + side + pairGap };
    const [lagRows, lagColumns] = [2 * rows - 1, 2 * columns - 1];
    const lags = poolMeasured(cellsOf(autocorrelations, unit, lagRows * lagColumns), lagRows, lagColumns, mostCells);
    parts.push(mapImage(lags.values, lags.rows, lags.columns, beside, correlationScale), frame(beside));
    if (scoreName) parts.push(text(`grid score ${scoreName}`, { x: beside.left, y: box.top - 6 }));
  });
  const last = boxAt(order.length + before - 1);
  const legendY = last.top + height + 22;
  const ends = ["0", "peak; white: not visited"] as const;
  const stripLeft = left + 120;
  parts.push(lengthBar(figure, side, left, legendY), colourStrip(mapAnchors, ends, stripLeft, legendY));
  if (paired)
    parts.push(
      colourStrip(divergingAnchors, ["autocorrelation −1", "1"], stripLeft + colourStripWidth(ends) + 16, legendY),
    );
  const scored = gridScores ? order.map((unit) => gridScores[unit] ?? Number.NaN).filter((v) => !Number.isNaN(v)) : [];
  const description =
    `Rate maps of ${order.length} of ${units} units in ${rows} × ${columns} bins` +
    (peaks.length > 0
      ? `, highest rates ${shortNumber(Math.min(...peaks))} to ${shortNumber(Math.max(...peaks))}`
      : "") +
    (scored.length > 0
      ? `; grid scores from ${shortNumber(Math.min(...scored))} to ${shortNumber(Math.max(...scored))}`
      : "") +
    ".";
  return svgDocument({ width, height: legendY + 18, title: title ?? "Rate maps", description }, parts);
}
