import { ConfigError } from "../errors.ts";
import { checkKeys } from "../structure/options.ts";
import { checkCount, checkFinite, checkShape } from "./check.ts";
import {
  type Block,
  columns,
  type MatrixPair,
  pairBlock,
  type WholeMatrix,
  wholeBlock,
} from "./connectivity-panels.ts";
import { type ProfilePair, profileBlock } from "./connectivity-profiles.ts";
import { shortNumber } from "./histogram.ts";
import { checkUnitNumbers } from "./order.ts";
import { titleLine } from "./panel.ts";
import { type Markup, svgDocument } from "./svg.ts";

const width = 700;

/** Recurrent weights that were recovered from activity, beside the true ones. What is absent has no panel. */
export interface ConnectivityFigure {
  /** Number of observed units n. */
  readonly units: number;
  /** Weights among observed units; both panels have one colour scale. */
  readonly weights?: MatrixPair | undefined;
  /** True kernel that shifts the bump, and the velocity-weighted product of learned weights; each has its own scale. */
  readonly shift?: MatrixPair | undefined;
  readonly whole?: WholeMatrix | undefined;
  readonly weightProfile?: ProfilePair | undefined;
  /** Drawn relative to its largest value, as the product's scale is its own. */
  readonly shiftProfile?: ProfilePair | undefined;
  readonly title?: string | undefined;
}

function checkPair(name: string, pair: MatrixPair | ProfilePair, shape: readonly number[], axes: string): void {
  for (const key of ["truth", "learned"] as const) {
    const values = pair[key];
    if (values === undefined) continue;
    checkShape(`${name}.${key}`, values, shape, axes);
    checkFinite(`${name}.${key}`, values, shape[1]);
  }
  if (pair.truth === undefined && pair.learned === undefined)
    throw new ConfigError(`${name}: give truth, learned, or both.`);
}

function checkConnectivity(figure: ConnectivityFigure): void {
  const { units, whole } = figure;
  checkCount("units", units);
  for (const name of ["weights", "shift"] as const) {
    const pair = figure[name];
    if (pair === undefined) continue;
    checkKeys(name, pair, ["truth", "learned", "correlation"]);
    checkPair(name, pair, [units, units], "postsynaptic, presynaptic");
    if (pair.correlation !== undefined) checkFinite(`${name}.correlation`, [pair.correlation]);
  }
  for (const name of ["weightProfile", "shiftProfile"] as const) {
    const pair = figure[name];
    if (pair === undefined) continue;
    checkKeys(name, pair, ["truth", "learned"]);
    checkPair(name, pair, [units], "pre- minus postsynaptic unit, modulo n");
  }
  if (whole === undefined) return;
  checkKeys("whole", whole, ["weights", "units", "order", "blocks"]);
  checkCount("whole.units", whole.units);
  if (whole.units < units)
    throw new ConfigError(`whole.units: expected at least the ${units} observed units, got ${whole.units}.`);
  checkShape("whole.weights", whole.weights, [whole.units, whole.units], "postsynaptic, presynaptic");
  checkFinite("whole.weights", whole.weights, whole.units);
  if (whole.order === undefined) return;
  checkShape("whole.order", whole.order, [whole.units], "units");
  checkUnitNumbers("whole.order", whole.order, whole.units);
}

/**
 * Recovered connectivity beside the true one, as an SVG document 700 px wide: true and learned weights among observed units
 * (one colour scale to ±99.5 % of both), true shift kernel and velocity-weighted product, the whole learned matrix in the
 * order given with observed and hidden units marked, and mean circulant profiles. Only what is given is drawn; matrices
 * beyond 480 units are averaged in blocks.
 * @throws ConfigError for an option that is not known, nothing to draw, or fewer units than observed ones; ShapeError for
 * an array that does not fit; ValueError for a value that is not finite or a unit named twice.
 */
export function connectivityFigure(figure: ConnectivityFigure): string {
  const panels = ["weights", "shift", "whole", "weightProfile", "shiftProfile"] as const;
  checkKeys("connectivityFigure", figure, ["units", ...panels, "title"]);
  checkConnectivity(figure);
  const { units, weights, shift, whole, title } = figure;
  const given = panels.filter((name) => figure[name] !== undefined);
  if (given.length === 0) throw new ConfigError(`connectivityFigure: give at least one of ${panels.join(", ")}.`);
  const blocks: Block[] = [];
  if (weights) blocks.push(pairBlock(weights, units, ["true weights", "learned weights"], true));
  if (shift) blocks.push(pairBlock(shift, units, ["true shift kernel", "weighted product"], false));
  if (whole) blocks.push(wholeBlock(whole, units));
  const profiles = figure.weightProfile ?? figure.shiftProfile;
  if (profiles) blocks.push(profileBlock(figure.weightProfile, figure.shiftProfile));
  const parts: Markup[] = titleLine(title, columns.first, width);
  let y = (title ? 34 : 8) + 22;
  for (const [index, block] of blocks.entries()) {
    // The legend of profiles stands above their names.
    if (profiles && index === blocks.length - 1) y += 20;
    parts.push(block.draw(y));
    y += block.height;
  }
  const correlations = (["weights", "shift"] as const).flatMap((name) => {
    const correlation = figure[name]?.correlation;
    return correlation === undefined ? [] : [`${name} ${shortNumber(correlation)}`];
  });
  const description =
    `Connectivity of ${units} observed units${whole ? ` in a network of ${whole.units}` : ""}.` +
    (correlations.length > 0 ? ` Correlation of learned and true: ${correlations.join(", ")}.` : "");
  return svgDocument({ width, height: y, title: title ?? "Connectivity", description }, parts);
}
