import { ShapeError } from "../errors.ts";
import { activitySubspace, projectColumns } from "./activity-subspace.ts";
import { circulantPart, type Lattice } from "./circulant.ts";
import { correlate, offDiagonal } from "./correlate.ts";
import { hiddenPaths } from "./hidden-paths.ts";
import { blockOf, checkLearned, checkTruth, type LearnedNetwork, type TrueConnectivity } from "./learned-network.ts";

/** What connectivity is compared with, and over what. */
export interface ConnectivityOptions {
  /** Absent for recorded activity, whose connectivity nobody knows: the scores that need it are `undefined`. */
  readonly truth?: TrueConnectivity | undefined;
  /** Rates [rows, K] of the observed units, of a recording that was held out; absent = no score within the subspace. */
  readonly rates?: ArrayLike<number> | undefined;
  /** Share of the variance of the rates that the subspace explains; default 0.99. */
  readonly share?: number | undefined;
  /** Where the observed units stand (by their place in `observed`); default a ring in their order. */
  readonly lattice?: Lattice | undefined;
  /** Mean f' of each hidden unit [N - K], see `meanGains`; absent = no score with gains. */
  readonly gains?: ArrayLike<number> | undefined;
}

/**
 * How near learned connectivity is to the true one. Correlations are Pearson's over entries off the diagonal, lists have
 * an entry for each velocity component, and `undefined` stands where a network, or what is known, has no such score.
 */
export interface ConnectivityScores {
  /** Of the learned block of the observed units with the true weights W. */
  readonly weightCorrelation: number | undefined;
  /** The same with what goes through the hidden units added, W_rr + W_rh diag(g) W_hr. */
  readonly effectiveCorrelation: number | undefined;
  /** Of W P with the truth's, all entries, P the projection of presynaptic activity to the subspace it visits. */
  readonly subspaceCorrelation: number | undefined;
  /** |(learned - W) P| / |W P| (Frobenius). */
  readonly subspaceError: number | undefined;
  /** Slope of learned on true within the subspace: 1 where the weights have the true size. */
  readonly subspaceScale: number | undefined;
  /** Principal components of the subspace. */
  readonly subspaceDimensions: number | undefined;
  /** Of the mean circulant profiles without displacement 0. */
  readonly profileCorrelation: number | undefined;
  /** Share of the learned block's variance that is circulant. */
  readonly circulantShare: number | undefined;
  /** Share of its variance in its antisymmetric part (W - Wᵀ) / 2: 0 symmetric, 1/2 independent, 1 antisymmetric. */
  readonly antisymmetricShare: number | undefined;
  /** Of that antisymmetric part with the shift kernel. */
  readonly antisymmetricCorrelation: readonly (number | undefined)[] | undefined;
  /** Of the product W_rh W_hr with the shift kernel: nsi's, which leaves w_in out. */
  readonly plainProduct: readonly (number | undefined)[] | undefined;
  /** Of the velocity-weighted product W_rh diag(w_in) W_hr with the shift kernel. */
  readonly weightedProduct: readonly (number | undefined)[] | undefined;
  /** The same with gains, W_rh diag(g w_in) W_hr. */
  readonly gainWeightedProduct: readonly (number | undefined)[] | undefined;
  /** Of the mean circulant profile of the weighted product with the shift kernel's. */
  readonly productProfile: readonly (number | undefined)[] | undefined;
  /** Share of the weighted product's variance in its antisymmetric part. */
  readonly productAntisymmetricShare: readonly (number | undefined)[] | undefined;
  /** Of the velocity weights of a multiplicative network with the shift kernel. */
  readonly velocityWeights: readonly (number | undefined)[] | undefined;
  /** [K]: mean circulant profile of the learned block, and of the truth. */
  readonly profile: Float64Array;
  readonly trueProfile: Float64Array | undefined;
}

/**
 * Scores of learned connectivity against the true one (the identification of liuyuezhang/nsi, which judged it by eye; Das
 * & Fiete 2020 for the subspace).
 * @throws ShapeError, ValueError naming the array.
 */
export function connectivityScores(learned: LearnedNetwork, options: ConnectivityOptions = {}): ConnectivityScores {
  const { observed, hidden, dimensions } = checkLearned("learned", learned);
  const { truth, gains } = options;
  const units = observed.length;
  const components = truth === undefined ? 0 : checkTruth("truth", truth, units);
  if (components > 0 && dimensions > 0 && components !== dimensions)
    throw new ShapeError(
      `truth: velocityWeights are of ${components} velocity components, the learned network has ${dimensions}.`,
    );
  const lattice = options.lattice ?? { axes: [units] };
  const block = blockOf(learned.weights, learned.units, observed, observed);
  const part = circulantPart(block, lattice);
  const truePart = truth === undefined ? undefined : circulantPart(truth.weights, lattice);
  const split = antisymmetricPart(block, units);
  const paths = hiddenPaths(learned);
  const gained = gains === undefined || hidden.length === 0 ? undefined : hiddenPaths(learned, gains);
  const own =
    learned.velocityWeights === undefined
      ? undefined
      : matrices(learned.velocityWeights, learned.units).map((matrix) =>
          blockOf(matrix, learned.units, observed, observed),
        );
  const kernels =
    truth?.velocityWeights === undefined ? undefined : matrices(Float64Array.from(truth.velocityWeights), units);
  const weighted = paths?.weighted === undefined ? undefined : matrices(paths.weighted, units);
  const gainWeighted = gained?.weighted === undefined ? undefined : matrices(gained.weighted, units);
  /** A correlation for each velocity component. */
  const withKernels = (
    learnedOnes: readonly ArrayLike<number>[] | undefined,
    view: (matrix: ArrayLike<number>) => ArrayLike<number> = (matrix) => offDiagonal(matrix, units),
  ): (number | undefined)[] | undefined =>
    learnedOnes === undefined
      ? undefined
      : kernels?.map((kernel, component) => correlate(view(learnedOnes[component] as ArrayLike<number>), view(kernel)));
  const eachOf = (matrix: ArrayLike<number>): ArrayLike<number>[] => (kernels ?? []).map(() => matrix);
  return {
    weightCorrelation: truth && correlate(offDiagonal(block, units), offDiagonal(truth.weights, units)),
    effectiveCorrelation:
      truth &&
      gained &&
      correlate(
        offDiagonal(
          block.map((weight, index) => weight + (gained.plain[index] as number)),
          units,
        ),
        offDiagonal(truth.weights, units),
      ),
    ...subspaceScores(block, units, options),
    profileCorrelation: truePart && correlate(part.profile.subarray(1), truePart.profile.subarray(1)),
    circulantShare: part.share,
    antisymmetricShare: split.share,
    antisymmetricCorrelation: withKernels(eachOf(split.part)),
    plainProduct: paths && withKernels(eachOf(paths.plain)),
    weightedProduct: withKernels(weighted),
    gainWeightedProduct: withKernels(gainWeighted),
    productProfile: withKernels(weighted, (matrix) => circulantPart(matrix, lattice).profile.subarray(1)),
    productAntisymmetricShare: weighted?.map((matrix) => antisymmetricPart(matrix, units).share),
    velocityWeights: withKernels(own),
    profile: part.profile,
    trueProfile: truePart?.profile,
  };
}

function subspaceScores(
  block: Float64Array,
  units: number,
  { truth, rates, share }: ConnectivityOptions,
): Pick<ConnectivityScores, "subspaceCorrelation" | "subspaceError" | "subspaceScale" | "subspaceDimensions"> {
  const none = { subspaceCorrelation: undefined, subspaceError: undefined, subspaceScale: undefined };
  if (rates === undefined) return { ...none, subspaceDimensions: undefined };
  if (rates.length % units !== 0)
    throw new ShapeError(`rates: expected [rows, ${units}] of the observed units, got ${rates.length} values.`);
  const subspace = activitySubspace(rates, share === undefined ? { units } : { units, share });
  if (truth === undefined) return { ...none, subspaceDimensions: subspace.dimensions };
  const [seen, real] = [projectColumns(block, subspace), projectColumns(truth.weights, subspace)];
  let [errors, squares, products] = [0, 0, 0];
  for (let index = 0; index < seen.length; index += 1) {
    const [found, expected] = [seen[index] as number, real[index] as number];
    errors += (found - expected) ** 2;
    squares += expected ** 2;
    products += found * expected;
  }
  return {
    subspaceCorrelation: correlate(seen, real),
    subspaceError: squares > 0 ? Math.sqrt(errors / squares) : undefined,
    subspaceScale: squares > 0 ? products / squares : undefined,
    subspaceDimensions: subspace.dimensions,
  };
}

/** (W - Wᵀ) / 2, and its share of the variance of the entries off the diagonal, whose mean is symmetric. */
function antisymmetricPart(
  matrix: ArrayLike<number>,
  units: number,
): { readonly part: Float64Array; readonly share: number | undefined } {
  const part = Float64Array.from(
    { length: units * units },
    (_, index) =>
      ((matrix[index] as number) - (matrix[(index % units) * units + Math.floor(index / units)] as number)) / 2,
  );
  const entries = offDiagonal(matrix, units);
  const mean = entries.reduce((sum, weight) => sum + weight, 0) / Math.max(1, entries.length);
  const total = entries.reduce((sum, weight) => sum + (weight - mean) ** 2, 0);
  const own = part.reduce((sum, weight) => sum + weight ** 2, 0);
  return { part, share: total > 1e-26 * entries.length * mean ** 2 && total > 0 ? own / total : undefined };
}

/** Matrices [units, units] that follow each other. */
function matrices(values: ArrayLike<number>, units: number): Float64Array[] {
  const all = Float64Array.from(values);
  return Array.from({ length: all.length / units ** 2 }, (_, component) =>
    all.subarray(component * units ** 2, (component + 1) * units ** 2),
  );
}
