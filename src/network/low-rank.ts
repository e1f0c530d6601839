import { ConfigError, ConstraintError, ValueError } from "../errors.ts";
import type { ArrayData } from "../io/array.ts";
import type { Area } from "../io/model-schema.ts";
import { Random, streams } from "../random.ts";
import { checkKeys, checkSeed } from "../structure/options.ts";
import type { Structure } from "../structure/structure.ts";
import type { Model } from "./model.ts";
import { effectiveWeights } from "./validate.ts";

/** What a low-rank network of N neurons and rank R is as a full one. */
export interface LowRankConnectivity {
  /** M Nᵀ, and the background where there is one, [N, N] (postsynaptic, presynaptic). */
  readonly weights: ArrayData;
  /** M [N, R]: what each latent sends to the neurons. */
  readonly m: ArrayData;
  /** N [N, R]: what each neuron sends to the latents. */
  readonly n: ArrayData;
  /** b + M bκ [N]: the bias of the neurons, with what the latents' bias adds to it. */
  readonly bias: Float32Array;
}

/** What a structure and a model's `spec` both say. */
interface LowRankPlaces {
  readonly hidden: number;
  readonly areas: readonly Area[];
  readonly layers?: readonly Area[] | undefined;
}

/** The sizes of a `lowRank` structure. @throws {@link ConfigError} for another one. */
function lowRankSizes(label: string, { areas, layers, hidden }: LowRankPlaces): { size: number; rank: number } {
  const [neurons, latents] = ["neurons", "latents"].map((name) => areas.find((area) => area.name === name));
  const isLayered = layers?.length === 2 && layers[0]?.to === neurons?.to;
  if (neurons?.from !== 0 || latents?.from !== neurons.to || latents.to !== hidden || !isLayered)
    throw new ConfigError(`${label}: expected the areas and layers "neurons" and "latents" of a lowRank structure.`);
  return { size: neurons.to, rank: latents.to - latents.from };
}

/**
 * The full network that a low-rank network computes: its effective connectivity W = M Nᵀ [N, N], M, N and bias, from the
 * effective weights. Sums are in float64.
 * @param model of a `lowRank` structure, such as `await network.read()`.
 * @throws {@link ConfigError} for another structure, {@link ConstraintError} for synapses between latents.
 */
export function lowRankConnectivity(model: Model): LowRankConnectivity {
  const { hidden } = model.spec;
  const { size, rank } = lowRankSizes("lowRankConnectivity", model.spec);
  const all = effectiveWeights(model, "weightHH");
  const { biasH } = model.parameters;
  const entry = (post: number, pre: number): number => all[post * hidden + pre] as number;
  for (let post = size; post < hidden; post += 1)
    for (let pre = size; pre < hidden; pre += 1)
      if (entry(post, pre) !== 0)
        throw new ConstraintError(
          `lowRankConnectivity: weightHH[${post}, ${pre}] is ${entry(post, pre)}, from latent to latent: no full network of the neurons computes the same.`,
        );
  const m = Float32Array.from({ length: size * rank }, (_, i) => entry(Math.floor(i / rank), size + (i % rank)));
  const n = Float32Array.from({ length: size * rank }, (_, i) => entry(size + (i % rank), Math.floor(i / rank)));
  const weights = new Float32Array(size * size);
  const bias = new Float32Array(size);
  for (let post = 0; post < size; post += 1) {
    for (let pre = 0; pre < size; pre += 1) {
      let sum = entry(post, pre);
      for (let k = 0; k < rank; k += 1) sum += (m[post * rank + k] as number) * (n[pre * rank + k] as number);
      weights[post * size + pre] = sum;
    }
    let sum = biasH[post] as number;
    for (let k = 0; k < rank; k += 1) sum += (m[post * rank + k] as number) * (biasH[size + k] as number);
    bias[post] = sum;
  }
  return {
    weights: { shape: [size, size], data: weights },
    m: { shape: [size, rank], data: m },
    n: { shape: [size, rank], data: n },
    bias,
  };
}

/** How {@link lowRankWeights} draws. */
export interface LowRankWeightOptions {
  /** Unsigned 32-bit integer; 0 unless given. */
  readonly seed?: number;
  /** Expected overlap nᵀm / N of each rank's own pair, which is its eigenvalue of M Nᵀ; 0 unless given. */
  readonly overlap?: number;
  /** g of the background: standard deviation g / √(mean number of synapses onto a neuron); 0.8 unless given. */
  readonly gain?: number;
}

/**
 * First recurrent weights in the scaling of Mastrogiuseppe & Ostojic (2018), W = g χ + M Nᵀ / N: entries of M are standard
 * normal, weights neurons → latents are n / N with n = overlap · m + standard normal (independent of m with overlap 0, as
 * Dubreuil et al. 2022 and Valente et al. 2022 start), so that κ does not grow with the number of neurons. To be given as
 * `initial` of `ctrnn` (all replicas then start from it) or `createModel`. Weights of order 1/N need small steps: with
 * Adam, a learning rate around 1/N.
 * @param structure of `lowRank`.
 * @returns weightHH [H, H].
 * @throws {@link ConfigError} another structure, unknown options, or a gain where there is no background;
 * {@link ValueError} a number that is not finite.
 */
export function lowRankWeights(
  structure: Structure,
  options: LowRankWeightOptions = {},
): { readonly weightHH: Float32Array } {
  checkKeys("lowRankWeights", options, ["seed", "overlap", "gain"]);
  const { hidden, masks } = structure;
  const { size, rank } = lowRankSizes("lowRankWeights", structure);
  const seed = checkSeed("lowRankWeights: seed", options.seed ?? 0);
  const { overlap = 0, gain } = options;
  for (const [name, value] of Object.entries({ overlap, gain: gain ?? 0 }))
    if (!Number.isFinite(value))
      throw new ValueError(`lowRankWeights: ${name}: expected a finite number, got ${String(value)}.`);
  const exists = (post: number, pre: number): boolean => masks.weightHH?.[post * hidden + pre] !== 0;
  const background = countSynapses(size, exists);
  if (gain !== undefined && background === 0)
    throw new ConfigError(
      "lowRankWeights: gain: the structure has no background; make it with lowRank({ background }).",
    );
  const random = new Random(seed, streams.weights, 1);
  const weightHH = new Float32Array(hidden * hidden);
  for (let neuron = 0; neuron < size; neuron += 1)
    for (let k = 0; k < rank; k += 1) {
      const m = random.normal();
      weightHH[neuron * hidden + size + k] = m;
      weightHH[(size + k) * hidden + neuron] = (overlap * m + random.normal()) / size;
    }
  const deviation = (gain ?? 0.8) / Math.sqrt(background / size);
  for (let post = 0; post < size; post += 1)
    for (let pre = 0; pre < size; pre += 1)
      if (exists(post, pre)) weightHH[post * hidden + pre] = random.normal(0, deviation);
  return { weightHH };
}

/**
 * Factors on the update of the recurrent weights [H, H] under which only M and N learn and the background stays as it was
 * drawn: 0 from neuron to neuron, 1 elsewhere. To be given as `plasticity` of `ctrnn` or `createModel`.
 * @param structure of `lowRank`. @throws {@link ConfigError} for another structure.
 */
export function lowRankPlasticity(structure: Structure): { readonly weightHH: Float32Array } {
  const { hidden } = structure;
  const { size } = lowRankSizes("lowRankPlasticity", structure);
  const learns = (index: number): boolean => Math.floor(index / hidden) >= size || index % hidden >= size;
  return { weightHH: Float32Array.from({ length: hidden * hidden }, (_, index) => (learns(index) ? 1 : 0)) };
}

function countSynapses(size: number, exists: (post: number, pre: number) => boolean): number {
  let count = 0;
  for (let post = 0; post < size; post += 1) for (let pre = 0; pre < size; pre += 1) if (exists(post, pre)) count += 1;
  return count;
}
