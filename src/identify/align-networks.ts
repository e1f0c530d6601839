import { ShapeError, ValueError } from "../errors.ts";
import { alignUnits, type UnitAlignment } from "./align-units.ts";
import { correlate, meanOf } from "./correlate.ts";
import { blockOf, checkLearned, type LearnedNetwork } from "./learned-network.ts";

/** How alike the weights of several networks are: the mean correlation of every two of them, block by block. */
export interface WeightConsistency {
  /** Observed to observed, observed to hidden, hidden to observed, hidden to hidden; `undefined` without hidden units. */
  readonly observed: number | undefined;
  readonly toHidden: number | undefined;
  readonly fromHidden: number | undefined;
  readonly hidden: number | undefined;
  /** Of the hidden units' input weights. */
  readonly inputs: number | undefined;
}

export interface AlignedNetworks {
  /** The networks, their hidden units in the order of the first network's. */
  readonly networks: readonly LearnedNetwork[];
  /** Of each network with the first. */
  readonly alignments: readonly UnitAlignment[];
  readonly consistency: WeightConsistency;
}

/**
 * Puts hidden units of several networks, such as seeds, into the order of the first network's, by their tuning.
 * @param tunings of each network: curves [hidden units, points] of its hidden units, ascending.
 * @throws ShapeError for networks of different sizes or observed units; ValueError for fewer than two, or none hidden.
 */
export function alignNetworks(
  networks: readonly LearnedNetwork[],
  tunings: readonly ArrayLike<number>[],
  { points }: { readonly points: number },
): AlignedNetworks {
  const [first] = networks;
  if (first === undefined || networks.length < 2)
    throw new ValueError(`alignNetworks: expected at least two networks, got ${networks.length}.`);
  if (tunings.length !== networks.length)
    throw new ShapeError(`alignNetworks: tunings: expected one for each of ${networks.length}, got ${tunings.length}.`);
  const parts = networks.map((network, index) => checkLearned(`networks[${index}]`, network));
  const { observed, hidden } = parts[0] as (typeof parts)[number];
  if (hidden.length === 0) throw new ValueError("alignNetworks: the networks have no hidden units to align.");
  parts.forEach((part, index) => {
    if (networks[index]?.units !== first.units || part.observed.some((unit, k) => unit !== observed[k]))
      throw new ShapeError(`networks[${index}]: expected the ${first.units} units and observed units of networks[0].`);
    if (tunings[index]?.length !== hidden.length * points)
      throw new ShapeError(
        `tunings[${index}]: expected [${hidden.length}, ${points}] of the hidden units, got ${tunings[index]?.length} values.`,
      );
  });
  const reference = tunings[0] as ArrayLike<number>;
  const alignments = tunings.map((tuning) => alignUnits(reference, tuning, { points }));
  const aligned = networks.map((network, index) => {
    const order = Uint32Array.from({ length: first.units }, (_, unit) => unit);
    hidden.forEach((unit, k) => {
      order[unit] = hidden[alignments[index]?.match[k] as number] as number;
    });
    return reorderUnits(network, order);
  });
  return { networks: aligned, alignments, consistency: weightConsistency(aligned) };
}

/** A network with unit order[k] at place k. The observed units keep theirs if the order does. */
function reorderUnits(network: LearnedNetwork, order: Uint32Array): LearnedNetwork {
  const { units, weights, inputWeights, velocityWeights, bias, alpha } = network;
  const rowsOf = (values: ArrayLike<number>, width: number): Float64Array =>
    Float64Array.from(
      { length: values.length },
      (_, index) => values[(order[Math.floor(index / width)] as number) * width + (index % width)] as number,
    );
  const components = (velocityWeights?.length ?? 0) / units ** 2;
  return {
    ...network,
    weights: blockOf(weights, units, order, order),
    inputWeights: inputWeights && rowsOf(inputWeights, inputWeights.length / units),
    velocityWeights:
      velocityWeights &&
      Float64Array.from(
        Array.from({ length: components }, (_, d) =>
          Array.from(blockOf(velocityWeights, units, order, order, d)),
        ).flat(),
      ),
    bias: bias && rowsOf(bias, 1),
    alpha: typeof alpha === "object" ? rowsOf(alpha, 1) : alpha,
  };
}

/**
 * How alike the weights of networks are whose units correspond (see {@link alignNetworks}).
 * @throws ShapeError for networks of different sizes; ValueError for fewer than two.
 */
export function weightConsistency(networks: readonly LearnedNetwork[]): WeightConsistency {
  if (networks.length < 2) throw new ValueError(`weightConsistency: expected two networks, got ${networks.length}.`);
  const blocks = networks.map((network, index) => {
    const { observed, hidden } = checkLearned(`networks[${index}]`, network);
    const { units, weights, inputWeights } = network;
    if (units !== networks[0]?.units || observed.length !== blockSize(networks[0]))
      throw new ShapeError(`networks[${index}]: expected as many units, and observed ones, as networks[0] has.`);
    const components = (inputWeights?.length ?? 0) / units;
    return {
      observed: blockOf(weights, units, observed, observed),
      toHidden: blockOf(weights, units, hidden, observed),
      fromHidden: blockOf(weights, units, observed, hidden),
      hidden: blockOf(weights, units, hidden, hidden),
      inputs: Float64Array.from(
        { length: hidden.length * components },
        (_, index) =>
          inputWeights?.[(hidden[Math.floor(index / components)] as number) * components + (index % components)] ?? 0,
      ),
    };
  });
  const over = (key: keyof WeightConsistency): number | undefined =>
    meanOf(blocks.flatMap((a, index) => blocks.slice(index + 1).map((b) => correlate(a[key], b[key]))));
  return {
    observed: over("observed"),
    toHidden: over("toHidden"),
    fromHidden: over("fromHidden"),
    hidden: over("hidden"),
    inputs: over("inputs"),
  };
}

function blockSize({ observed }: LearnedNetwork): number {
  return typeof observed === "number" ? observed : observed.length;
}
