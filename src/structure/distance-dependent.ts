import { ConfigError, ValueError } from "../errors.ts";
import { suggestName } from "../io/nearest.ts";
import { drawMask, structureRandom } from "./draw.ts";
import { type Layout, layouts, unitDistances, unitPositions } from "./geometry.ts";
import { checkFlags, checkFraction, checkKeys, checkPositive, checkSeed } from "./options.ts";
import { checkSizes, type Structure, type StructureSizes, type UnitProperties } from "./structure.ts";

/** How the probability of a synapse falls with distance d: p0·exp(-d/λ), or p0·exp(-d²/(2λ²)). */
export const distanceProfiles = ["exponential", "gaussian"] as const;
export type DistanceProfile = (typeof distanceProfiles)[number];

export interface DistanceDependentOptions extends StructureSizes {
  readonly layout: Layout;
  /** Length of the line, circumference of the ring, width of the sheet, or radius of the sphere; 1 unless given. */
  readonly extent?: number;
  /** `exponential` unless given. */
  readonly profile?: DistanceProfile;
  /** p0, the probability at distance 0; 1 unless given. */
  readonly peak?: number;
  /** λ, in the unit of `extent`. */
  readonly lengthScale: number;
  /** Whether a unit may have a synapse onto itself; false unless given. */
  readonly selfConnections?: boolean;
  /** Unsigned 32-bit integer; 0 unless given. */
  readonly seed?: number;
}

/** A structure whose units lie somewhere. */
export interface SpatialStructure extends Structure {
  /** [H, H]. */
  readonly distances: Float32Array;
  readonly units: UnitProperties & { readonly positions: Float32Array };
}

const sizeKeys = ["inputs", "hidden", "outputs"];
const keys = [...sizeKeys, "layout", "extent", "profile", "peak", "lengthScale", "selfConnections", "seed"];

/** Positions and distances must neither overflow nor vanish in float32. */
const mostExtent = 1e30;

function checkChoice(label: string, value: unknown, known: readonly string[]): void {
  if (known.includes(value as string)) return;
  throw new ConfigError(`${label}: unknown "${String(value)}"; ${suggestName(String(value), known)}`);
}

/**
 * Units on a line, ring, sheet or sphere surface; each recurrent synapse is an independent draw whose probability falls
 * with distance. Inputs and readout are full. Positions [H, D] stand in `units.positions`, distances in `distances`.
 * @throws {@link ConfigError} unknown options, layout or profile, {@link ValueError} numbers out of range.
 */
export function distanceDependent(options: DistanceDependentOptions): SpatialStructure {
  checkKeys("distanceDependent", options, keys);
  checkFlags("distanceDependent", options, ["selfConnections"]);
  const sizes = checkSizes("distanceDependent", options);
  const { hidden } = sizes;
  const { layout, extent = 1, profile = "exponential", peak = 1, lengthScale, selfConnections = false } = options;
  checkChoice("distanceDependent: layout", layout, layouts);
  checkChoice("distanceDependent: profile", profile, distanceProfiles);
  checkPositive("distanceDependent: extent", extent);
  if (extent > mostExtent || extent < 1 / mostExtent)
    throw new ValueError(
      `distanceDependent: extent: expected a number in [${1 / mostExtent}, ${mostExtent}], got ${extent}: distances are float32.`,
    );
  checkPositive("distanceDependent: lengthScale", lengthScale);
  checkFraction("distanceDependent: peak", peak);
  const seed = checkSeed("distanceDependent: seed", options.seed ?? 0);
  const positions = unitPositions(layout, hidden, extent);
  const distances = unitDistances(layout, positions, hidden, extent);
  const weightHH = drawMask(structureRandom(seed, "weightHH"), hidden, hidden, (post, pre) => {
    if (post === pre && !selfConnections) return 0;
    const scaled = (distances[post * hidden + pre] as number) / lengthScale;
    return peak * Math.exp(profile === "gaussian" ? (-scaled * scaled) / 2 : -scaled);
  });
  return { ...sizes, areas: [], masks: { weightHH }, signs: {}, distances, units: { positions }, seed };
}
