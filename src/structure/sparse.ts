import { ConfigError, ValueError } from "../errors.ts";
import type { Random } from "../random.ts";
import { choose, drawMask, range, structureRandom } from "./draw.ts";
import { checkFlags, checkFraction, checkKeys, checkSeed } from "./options.ts";
import { checkSizes, type MaskedWeight, type Structure, type StructureSizes, weightShape } from "./structure.ts";

/** How sparse a matrix is: exactly one of the three. */
export interface Sparsity {
  /** Probability of each synapse, drawn independently. */
  readonly density?: number;
  /** Exact number of synapses of the whole matrix. */
  readonly count?: number;
  /** Exact number of synapses onto each postsynaptic unit. */
  readonly inDegree?: number;
}

export interface SparseOptions extends StructureSizes {
  /** Each matrix is full unless given. */
  readonly weightIH?: Sparsity;
  readonly weightHH?: Sparsity;
  readonly weightHO?: Sparsity;
  /** Whether a unit may have a synapse onto itself; false unless given. */
  readonly selfConnections?: boolean;
  /** Unsigned 32-bit integer; 0 unless given. */
  readonly seed?: number;
}

const matrices = ["weightIH", "weightHH", "weightHO"] as const;
const keys = ["inputs", "hidden", "outputs", ...matrices, "selfConnections", "seed"];

function checkExact(label: string, value: number, most: number): number {
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw new ValueError(`${label}: expected an integer in [0, ${most}], got ${String(value)}.`);
  return value;
}

function drawSparse(
  label: string,
  random: Random,
  sparsity: Sparsity,
  [rows, columns]: readonly [number, number],
  withoutDiagonal: boolean,
): Float32Array {
  checkKeys(label, sparsity, ["density", "count", "inDegree"]);
  const { density, count, inDegree } = sparsity;
  if ([density, count, inDegree].filter((value) => value !== undefined).length !== 1)
    throw new ConfigError(`${label}: expected exactly one of density, count and inDegree.`);
  const isFree = (post: number, pre: number): boolean => !withoutDiagonal || post !== pre;
  if (density !== undefined) {
    checkFraction(`${label}.density`, density);
    return drawMask(random, rows, columns, (post, pre) => (isFree(post, pre) ? density : 0));
  }
  const mask = new Float32Array(rows * columns);
  const free = (post: number): number[] =>
    range(0, columns).flatMap((pre) => (isFree(post, pre) ? [post * columns + pre] : []));
  if (inDegree !== undefined) {
    checkExact(`${label}.inDegree`, inDegree, columns - (withoutDiagonal ? 1 : 0));
    for (let post = 0; post < rows; post += 1)
      for (const entry of choose(random, free(post), inDegree)) mask[entry] = 1;
  } else if (count !== undefined) {
    checkExact(`${label}.count`, count, rows * columns - (withoutDiagonal ? rows : 0));
    for (const entry of choose(random, range(0, rows).flatMap(free), count)) mask[entry] = 1;
  }
  return mask;
}

/**
 * Synapses at random, by density, by exact count, or by exact in-degree, each matrix for itself. Without
 * self-connections, density is a probability of the entries off the diagonal.
 * @throws {@link ConfigError} unknown options, or not exactly one of the three; {@link ValueError} numbers out of range.
 */
export function sparse(options: SparseOptions): Structure {
  checkKeys("sparse", options, keys);
  checkFlags("sparse", options, ["selfConnections"]);
  const sizes = checkSizes("sparse", options);
  const seed = checkSeed("sparse: seed", options.seed ?? 0);
  const masks: Partial<Record<MaskedWeight, Float32Array>> = {};
  for (const name of matrices) {
    const withoutDiagonal = name === "weightHH" && options.selfConnections !== true;
    const sparsity = options[name] ?? { density: 1 };
    if (options[name] === undefined && !withoutDiagonal) continue;
    masks[name] = drawSparse(
      `sparse: ${name}`,
      structureRandom(seed, name),
      sparsity,
      weightShape(sizes, name),
      withoutDiagonal,
    );
  }
  return { ...sizes, areas: [], masks, signs: {}, seed };
}
