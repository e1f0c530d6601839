import { ValueError } from "../errors.ts";
import { choose, drawMask, range, structureRandom } from "./draw.ts";
import { checkFlags, checkFraction, checkKeys, checkSeed } from "./options.ts";
import { checkSizes, type Structure, type StructureSizes } from "./structure.ts";

/** Densities are fractions that are kept, as nn4n's `spar` are: 1 keeps all. */
export interface RandomInputOptions extends StructureSizes {
  /** Fraction of hidden units that all inputs reach; the others see none. 1 unless given. */
  readonly inputDensity?: number;
  /** Fraction of hidden units that the readout sees. 1 unless given. */
  readonly readoutDensity?: number;
  /** Probability of each recurrent synapse. 1 unless given. */
  readonly hiddenDensity?: number;
  /** Whether a unit may have both input and readout; true unless given. */
  readonly overlap?: boolean;
  /** Whether a unit may have a synapse onto itself; true unless given, as in nn4n. */
  readonly selfConnections?: boolean;
  /** Unsigned 32-bit integer; 0 unless given. */
  readonly seed?: number;
}

const sizeKeys = ["inputs", "hidden", "outputs"];
const keys = [...sizeKeys, "inputDensity", "readoutDensity", "hiddenDensity", "overlap", "selfConnections", "seed"];

/**
 * Inputs reach, and the readout sees, units chosen at random without replacement, `Math.round(hidden * density)` of
 * them, the count exact; recurrent synapses are independent draws (for an exact count, see `sparse`).
 * @throws {@link ConfigError} unknown options, {@link ValueError} densities outside [0, 1], or without `overlap` more
 * input and readout units than there are hidden units.
 */
export function randomInput(options: RandomInputOptions): Structure {
  checkKeys("randomInput", options, keys);
  checkFlags("randomInput", options, ["overlap", "selfConnections"]);
  const sizes = checkSizes("randomInput", options);
  const { inputs, hidden, outputs } = sizes;
  const seed = checkSeed("randomInput: seed", options.seed ?? 0);
  const { inputDensity = 1, readoutDensity = 1, hiddenDensity = 1, overlap = true, selfConnections = true } = options;
  const inputCount = Math.round(hidden * checkFraction("randomInput: inputDensity", inputDensity));
  const readoutCount = Math.round(hidden * checkFraction("randomInput: readoutDensity", readoutDensity));
  checkFraction("randomInput: hiddenDensity", hiddenDensity);
  if (!overlap && inputCount + readoutCount > hidden)
    throw new ValueError(
      `randomInput: without overlap, ${inputCount} input units and ${readoutCount} readout units exceed ${hidden} hidden units: inputDensity + readoutDensity must be 1 at most.`,
    );
  const all = range(0, hidden);
  const reached = new Set(choose(structureRandom(seed, "weightIH"), all, inputCount));
  const candidates = overlap ? all : all.filter((unit) => !reached.has(unit));
  const read = new Set(choose(structureRandom(seed, "weightHO"), candidates, readoutCount));
  return {
    ...sizes,
    areas: [],
    masks: {
      weightIH: Float32Array.from({ length: hidden * inputs }, (_, i) => (reached.has(Math.floor(i / inputs)) ? 1 : 0)),
      weightHH: drawMask(structureRandom(seed, "weightHH"), hidden, hidden, (post, pre) =>
        post === pre && !selfConnections ? 0 : hiddenDensity,
      ),
      weightHO: Float32Array.from({ length: outputs * hidden }, (_, i) => (read.has(i % hidden) ? 1 : 0)),
    },
    signs: {},
    seed,
  };
}
