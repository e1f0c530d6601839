import { type AreaOptions, areaIndex, areaKeys, readAreaList, readAreas, readConnectivity } from "./areas.ts";
import { drawMask, structureRandom } from "./draw.ts";
import { checkFlags, checkKeys, checkSeed } from "./options.ts";
import { checkSizes, type Structure } from "./structure.ts";

/** Options of {@link multiArea}; the defaults are nn4n's, and differ from those of `multiAreaEI`. */
export type MultiAreaOptions = AreaOptions;

const connectivityDefaults = { forward: 0.1, backward: 0.1, within: 1 };

/**
 * Areas without signs. Every entry of the hidden mask is an independent draw (Bernoulli) at its block's density; for the
 * same seed and densities, the mask is that of `multiAreaEI` with all pathways on.
 *
 * Defaults, as in nn4n's MultiArea: 2 areas; dense within, 0.1 forward and backward; inputs reach all areas, the readout
 * sees all areas; a unit may have a synapse onto itself (`selfConnections` is true).
 *
 * @throws {@link ConfigError} unknown options or area names, {@link ShapeError} sizes that do not add up,
 * {@link ValueError} numbers out of range.
 */
export function multiArea(options: MultiAreaOptions): Structure {
  checkKeys("multiArea", options, areaKeys);
  checkFlags("multiArea", options, ["selfConnections"]);
  const sizes = checkSizes("multiArea", options);
  const { inputs, hidden, outputs } = sizes;
  const seed = checkSeed("multiArea: seed", options.seed ?? 0);
  const { selfConnections = true } = options;
  const areas = readAreas("multiArea", options.areas ?? Math.min(2, hidden), hidden);
  const connectivity = readConnectivity("multiArea", options.connectivity ?? {}, areas.length, connectivityDefaults);
  const all = areas.map((_, index) => index);
  const inputAreas = readAreaList("multiArea: inputAreas", options.inputAreas ?? all, areas);
  const readoutAreas = readAreaList("multiArea: readoutAreas", options.readoutAreas ?? all, areas);
  const areaOf = areaIndex(areas, hidden);
  const isReached = (unit: number): boolean => inputAreas.has(areaOf[unit] as number);
  const isRead = (unit: number): boolean => readoutAreas.has(areaOf[unit] as number);
  return {
    ...sizes,
    areas,
    masks: {
      weightIH: Float32Array.from({ length: hidden * inputs }, (_, i) => (isReached(Math.floor(i / inputs)) ? 1 : 0)),
      weightHH: drawMask(structureRandom(seed, "weightHH"), hidden, hidden, (post, pre) =>
        post === pre && !selfConnections ? 0 : (connectivity[areaOf[post] as number]?.[areaOf[pre] as number] ?? 0),
      ),
      weightHO: Float32Array.from({ length: outputs * hidden }, (_, i) => (isRead(i % hidden) ? 1 : 0)),
    },
    signs: {},
    seed,
  };
}
