import { fullTurn } from "../analysis/angles.ts";
import { gridScore } from "../analysis/spatial/grid-score.ts";
import { spatialInformation } from "../analysis/spatial/information.ts";
import { mapOf, type RateMaps, rateMaps } from "../analysis/spatial/rate-maps.ts";
import { smoothMap } from "../analysis/spatial/smooth.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { meanOf } from "./correlate.ts";
import { observedUnits, otherUnits } from "./learned-network.ts";
import { checkLength } from "./recording.ts";
import { summaryOf } from "./score-table.ts";

/** Activity of units with where the animal looked and was meanwhile. */
export interface PlacedActivity {
  /** N */
  readonly units: number;
  /** [steps, trials, N] */
  readonly rates: ArrayLike<number>;
  /** [steps, trials], rad. */
  readonly headings?: ArrayLike<number> | undefined;
  /** [steps, trials, D], D 1 or 2. */
  readonly positions?: ArrayLike<number> | undefined;
  /** K for units 0 … K-1, or a list; the others are hidden. Default all. */
  readonly observed?: number | ArrayLike<number> | undefined;
}

/** What a group of units says of heading and place. Units that are silent, or have rates below 0, have no information. */
export interface SpatialTuning {
  /** Bits per spike about the heading (Skaggs et al. 1993), mean over units; absent without headings. */
  readonly headingInformation?: number | undefined;
  /** Bits per spike about the place, mean over units; absent without positions. */
  readonly placeInformation?: number | undefined;
  /** Of their smoothed rate maps: the median over units and the largest; absent but for positions in the plane. */
  readonly gridScore?: number | undefined;
  readonly bestGridScore?: number | undefined;
}

export interface SpatialScores {
  readonly response: SpatialTuning;
  /** Absent for a network without hidden units. */
  readonly hidden?: SpatialTuning;
}

/**
 * Rate maps over the places that were visited, bins that are squares, `bins` along the longer side; in the plane rows are y.
 * @returns `undefined` without positions, or where nothing moved along one of the dimensions.
 * @throws ShapeError for positions of other than one or two dimensions; ValueError
 */
export function placeMaps({ units, rates, positions }: PlacedActivity, bins = 20): RateMaps | undefined {
  if (positions === undefined) return undefined;
  const rows = rates.length / units;
  const dimensions = positions.length / rows;
  if (dimensions !== 1 && dimensions !== 2)
    throw new ShapeError(
      `placeMaps: positions: expected [${rows}, 1] or [${rows}, 2], got ${positions.length} values.`,
    );
  if (!Number.isInteger(bins) || bins < 3)
    throw new ValueError(`placeMaps: bins: expected an integer of at least 3, got ${bins}.`);
  checkLength("placeMaps: positions", positions, `[${rows}, ${dimensions}]`, rows * dimensions);
  const axes = (dimensions === 2 ? [1, 0] : [0]).map((d) => {
    const values = Float64Array.from({ length: rows }, (_, row) => positions[row * dimensions + d] as number);
    const low = values.reduce((one, other) => Math.min(one, other));
    return { values, low, length: values.reduce((one, other) => Math.max(one, other)) - low };
  });
  const side = Math.max(...axes.map(({ length }) => length)) / bins;
  if (axes.some(({ length }) => !(length > 0))) return undefined;
  return rateMaps(
    { values: rates, shape: [rows, units] },
    axes.map(({ values, low, length }) => {
      const count = Math.max(3, Math.round(length / side));
      return { values, low, high: low + length, bins: count };
    }),
  );
}

/**
 * Spatial information of heading and place, and grid scores, of recorded and hidden units.
 * @param options.headingBins default 36; @param options.placeBins along the longer side, default 20.
 * @throws ShapeError, ValueError naming the array.
 */
export function spatialScores(
  activity: PlacedActivity,
  { headingBins = 36, placeBins = 20 }: { readonly headingBins?: number; readonly placeBins?: number } = {},
): SpatialScores {
  const { units, rates, headings } = activity;
  const rows = rates.length / units;
  if (!Number.isInteger(rows) || rows < 1)
    throw new ShapeError(`spatialScores: rates: expected [steps, trials, ${units}], got ${rates.length} values.`);
  if (headings !== undefined) checkLength("spatialScores: headings", headings, `[${rows}] (step, trial)`, rows);
  const around =
    headings &&
    rateMaps({ values: rates, shape: [rows, units] }, [
      { values: headings, low: 0, high: fullTurn, bins: headingBins, periodic: true },
    ]);
  const places = placeMaps(activity, placeBins);
  const observed = observedUnits("spatialScores", units, activity.observed ?? units);
  const groupOf = (list: ArrayLike<number>): SpatialTuning => {
    const members = Array.from(list);
    const informationsOf = (maps: RateMaps) => members.map((unit) => informationOf(maps, unit));
    const placed = places && informationsOf(places);
    const grids =
      places?.shape.length === 2
        ? summaryOf(members.filter((_, at) => placed?.[at] !== undefined).map((unit) => placeGridScore(places, unit)))
        : undefined;
    return {
      ...(around && { headingInformation: meanOf(informationsOf(around)) }),
      ...(placed && { placeInformation: meanOf(placed) }),
      ...(places?.shape.length === 2 && { gridScore: grids?.median, bestGridScore: grids?.maximum }),
    };
  };
  const hidden = otherUnits(units, observed);
  return { response: groupOf(observed), ...(hidden.length > 0 && { hidden: groupOf(hidden) }) };
}

/** Bits per spike; `undefined` for a unit that is silent or has negative rates. */
function informationOf(maps: RateMaps, unit: number): number | undefined {
  const map = mapOf(maps, unit);
  const visited = map.values.filter((rate) => !Number.isNaN(rate));
  if (visited.some((rate) => rate < 0) || !visited.some((rate) => rate > 0)) return undefined;
  return spatialInformation(map, maps.counts);
}

/** The grid score of a unit's rate map, smoothed by a Gaussian of one bin. */
export function placeGridScore(places: RateMaps, unit: number): number {
  return gridScore(smoothMap(mapOf(places, unit))).score60;
}
