import { fullTurn } from "../analysis/angles.ts";
import { rateMaps } from "../analysis/spatial/rate-maps.ts";
import { circulantPart } from "../identify/circulant.ts";
import { hiddenPaths } from "../identify/hidden-paths.ts";
import { blockOf } from "../identify/learned-network.ts";
import { bumpPhases, preferredHeadings } from "../identify/population-vector.ts";
import type { ScoredNetwork } from "../identify/score-fitted.ts";
import type { ScoredMethod } from "../identify/score-table.ts";
import { placeGridScore, placeMaps } from "../identify/spatial-scores.ts";
import { orderByHeading } from "../identify/unit-order.ts";
import {
  bumpFigure,
  connectivityFigure,
  phaseFigure,
  rateMapFigure,
  scoreFigure,
  tuningCurves,
} from "../plot/index.ts";
import { range } from "../structure/draw.ts";
import type { ScoredCondition } from "./identify.ts";
import type { Recordings } from "./identify-recording.ts";

const headingBins = 24;
const velocityBins = 12;
/** Units of each population whose tuning is drawn, evenly over the ring. */
const mostTuned = 30;
const mostPlaced = 10;

/** The scores that are drawn; the others are in the table. */
const drawn: readonly { readonly score: string; readonly name: string; readonly target?: number }[] = [
  { score: "connectivity.weightCorrelation", name: "weights with the true ones, correlation", target: 1 },
  { score: "connectivity.weightedProduct", name: "shift kernel over hidden units, correlation", target: 1 },
  { score: "connectivity.velocityWeights", name: "shift kernel, correlation", target: 1 },
  { score: "connectivity.circulantShare", name: "circulant share", target: 1 },
  { score: "shifter.hidden.signAgreement", name: "hidden units that shift to their side", target: 1 },
  { score: "freeRun.errors.50.phaseError", name: "phase error after 50 steps, rad", target: 0 },
  { score: "freeRun.gain", name: "velocity gain", target: 1 },
];

/** A run's figures as SVG documents by name: of each condition, those of its best network on held-out trials. */
export function identifyFigures(
  name: string,
  scored: readonly ScoredCondition[],
  methods: readonly ScoredMethod[],
  recordings: Recordings,
): Map<string, string> {
  const figures = new Map<string, string>();
  for (const { name: condition, networks } of scored) {
    const best = networks.reduce((one, other) => (other.fitted.error < one.fitted.error ? other : one));
    const title = (what: string): string => `${name}, ${condition}: ${what}`;
    figures.set(`connectivity-${condition}`, connectivity(best, recordings, title("connectivity")));
    if (recordings.test.headings !== undefined) {
      figures.set(`tuning-${condition}`, tuning(best, title("tuning to heading and velocity")));
      figures.set(`bump-${condition}`, bump(best, recordings, title("free run")));
      figures.set(`phase-${condition}`, phases(networks, recordings, title("decoded heading, all seeds")));
    }
    const placed = places(best, title("rate maps of recorded, then hidden units"));
    if (placed !== undefined) figures.set(`places-${condition}`, placed);
  }
  const scores = drawn
    .map(({ score, ...panel }) => ({
      ...panel,
      values: methods.map(({ seeds }) => seeds.flatMap((values) => values[score] ?? [])),
    }))
    .filter(({ values }) => values.some((list) => list.length > 0));
  if (scores.length > 0)
    figures.set(
      "scores",
      scoreFigure({ conditions: methods.map((method) => method.name), scores, title: `${name}: scores` }),
    );
  return figures;
}

/** Headings that the recorded units stand for: known, or from their tuning. */
function preferredOf({ test, preferred }: Recordings): Float64Array {
  return preferred ?? preferredHeadings(test.rates, test.headings ?? [], { units: test.units }).headings;
}

function connectivity({ fitted, scores, tuned }: ScoredNetwork, { truth }: Recordings, title: string): string {
  const { units, weights, observed } = fitted.learned;
  const count = fitted.plan.observed;
  const { profile, trueProfile, weightCorrelation, weightedProduct } = scores.connectivity;
  const recorded = Array.from({ length: count }, (_, unit) => unit);
  const block = blockOf(weights, units, recorded, recorded);
  const { velocityWeights: own } = fitted.learned;
  // What the first velocity component adds to the weights: itself in a multiplicative network, by way of hidden units in others.
  const product = own
    ? blockOf(own, units, recorded, recorded)
    : hiddenPaths(fitted.learned)?.weighted?.subarray(0, count * count);
  const shift = truth?.velocityWeights && Float64Array.from(truth.velocityWeights).subarray(0, count * count);
  const headings = tuned.recording.headings;
  const order =
    headings === undefined || units === count
      ? undefined
      : orderByTuning(tuned.rates, headings, units, Number(observed), fitted.learned.inputWeights);
  const productProfile = product && circulantPart(product, { axes: [count] }).profile;
  return connectivityFigure({
    units: count,
    weights: { learned: block, ...(truth && { truth: truth.weights }), correlation: weightCorrelation },
    ...((product ?? shift) && {
      shift: {
        ...(product && { learned: product }),
        ...(shift && { truth: shift }),
        correlation: (own ? scores.connectivity.velocityWeights : weightedProduct)?.[0],
      },
    }),
    whole: { weights, units, ...(order && { order }) },
    weightProfile: { learned: profile, ...(trueProfile && { truth: trueProfile }) },
    ...(productProfile &&
      shift && { shiftProfile: { learned: productProfile, truth: circulantPart(shift, { axes: [count] }).profile } }),
    title,
  });
}

/** Recorded units as they are; hidden ones by the side to which they shift, then by the heading they prefer. */
function orderByTuning(
  rates: ArrayLike<number>,
  headings: ArrayLike<number>,
  units: number,
  observed: number,
  inputWeights: ArrayLike<number> = [],
): Uint32Array {
  const { headings: preferred, strengths } = preferredHeadings(rates, headings, { units });
  const hidden = range(observed, units);
  const dimensions = inputWeights.length / units;
  if (hidden.length === 0) return Uint32Array.from({ length: units }, (_, unit) => unit);
  const sorted = orderByHeading(
    hidden.map((unit) => preferred[unit] as number),
    {
      strengths: hidden.map((unit) => strengths[unit] as number),
      ...(dimensions > 0 && { groups: hidden.map((unit) => Math.sign(inputWeights[unit * dimensions] as number)) }),
    },
  );
  return Uint32Array.from({ length: units }, (_, place) =>
    place < observed ? place : observed + (sorted[place - observed] as number),
  );
}

function tuning({ fitted, tuned }: ScoredNetwork, title: string): string {
  const { units, observed } = fitted.plan;
  const { rates, recording } = tuned;
  const { headings = [], velocities, steps, trials } = recording;
  const rows = steps * trials;
  const dimensions = velocities.length / rows;
  const first = Float64Array.from({ length: rows }, (_, row) => velocities[row * dimensions] as number);
  const limit = 2.5 * Math.sqrt(first.reduce((sum, value) => sum + value * value, 0) / rows);
  const maps = rateMaps({ values: rates, shape: [rows, units] }, [
    { values: first, low: -limit, high: limit, bins: velocityBins },
    { values: headings, low: 0, high: fullTurn, bins: headingBins, periodic: true },
  ]);
  const all = orderByTuning(rates, headings, units, observed, fitted.learned.inputWeights);
  const hidden = everyOf(mostTuned, observed, units).map((place) => all[place] as number);
  const order = [...everyOf(mostTuned, 0, observed), ...hidden];
  const shown = Math.min(mostTuned, observed);
  return tuningCurves({
    ...{ units, headings: headingBins, velocities: velocityBins, rates: maps.values },
    ...{ velocityRange: [-limit, limit], order, title },
    sections: [
      { name: "recorded units", from: 0 },
      ...(units > observed ? [{ name: "hidden units, by the sign of their input", from: shown }] : []),
    ],
  });
}

/** At most so many numbers from … to - 1, evenly. */
function everyOf(most: number, from: number, to: number): number[] {
  const count = Math.min(most, to - from);
  return Array.from({ length: count }, (_, index) => from + Math.floor((index * (to - from)) / count));
}

/** Of positions in the plane; none of others. */
function places({ fitted, tuned }: ScoredNetwork, title: string): string | undefined {
  const { units, observed } = fitted.plan;
  const { rates, recording } = tuned;
  const maps = placeMaps({ units, rates, positions: recording.positions });
  const [rows, columns] = maps?.shape ?? [];
  if (maps === undefined || rows === undefined || columns === undefined) return undefined;
  const [y, x] = maps.centres.map((centres): [number, number] => {
    const [first = 0, second = 0] = centres;
    return [first - (second - first) / 2, (centres.at(-1) ?? 0) + (second - first) / 2];
  });
  const order = [...everyOf(mostPlaced, 0, observed), ...everyOf(mostPlaced, observed, units)];
  const gridScores = new Float64Array(units).fill(Number.NaN);
  for (const unit of order) gridScores[unit] = placeGridScore(maps, unit);
  return rateMapFigure({
    ...{ units, rows, columns, maps: maps.values, order, gridScores, title },
    ...{ xRange: x as [number, number], yRange: y as [number, number] },
  });
}

/** One trial [T, width] of values [T, B, width], from the second step on where `skip` is 1. */
function trialOf(values: ArrayLike<number>, steps: number, trials: number, skip: number): Float64Array {
  const width = values.length / (steps * trials);
  return Float64Array.from({ length: (steps - skip) * width }, (_, index) => {
    const [step, place] = [skip + Math.floor(index / width), index % width];
    return values[step * trials * width + place] as number;
  });
}

/** The first test trial: what was recorded, and what the network does on its own. */
function bump({ fitted, freeRates }: ScoredNetwork, recordings: Recordings, title: string): string {
  const { test } = recordings;
  const preferred = preferredOf(recordings);
  const { steps, trials, dtMs, headings = [] } = test;
  const recorded = trialOf(test.rates, steps, trials, 1);
  const free = trialOf(freeRates, steps - 1, trials, 0);
  const heading = trialOf(headings, steps, trials, 1);
  const phase = (rates: Float64Array, start?: ArrayLike<number>): Float64Array =>
    bumpPhases(rates, preferred, { trials: 1, start }).phases;
  const first = phase(recorded);
  return bumpFigure({
    panels: [
      { name: "recorded", activity: recorded, heading, phase: first },
      { name: "free run", activity: free, heading, phase: phase(free, first) },
    ],
    units: fitted.plan.observed,
    dtMs,
    order: orderByHeading(preferred),
    title,
  });
}

function phases(networks: readonly ScoredNetwork[], recordings: Recordings, title: string): string {
  const { test } = recordings;
  const preferred = preferredOf(recordings);
  const { steps, trials, dtMs } = test;
  const recorded = bumpPhases(trialOf(test.rates, steps, trials, 1), preferred, { trials: 1 }).phases;
  return phaseFigure({
    heading: recorded,
    phases: networks.map(
      ({ freeRates }) =>
        bumpPhases(trialOf(freeRates, steps - 1, trials, 0), preferred, { trials: 1, start: recorded }).phases,
    ),
    dtMs,
    title,
  });
}
