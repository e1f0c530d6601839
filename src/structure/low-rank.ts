import { ConfigError, ValueError } from "../errors.ts";
import type { Area } from "../io/model-schema.ts";
import { type NamedChannels, readChannelPlaces } from "./block-places.ts";
import { structureRandom } from "./draw.ts";
import { drawBlock, visitBlock } from "./draw-block.ts";
import { checkCount, checkFlags, checkFraction, checkKeys, checkPositive, checkSeed } from "./options.ts";
import { checkSizes, type Structure } from "./structure.ts";

/** Options of {@link lowRank}. */
export interface LowRankOptions {
  /** Input channels, or groups of them by name; they reach the neurons. */
  readonly inputs: number | readonly NamedChannels[];
  /** The number of neurons N; the latent units come on top of them. */
  readonly hidden: number;
  /** Output channels, or groups of them by name. */
  readonly outputs: number | readonly NamedChannels[];
  /** The rank R of the recurrent connectivity: the number of latent units. */
  readonly rank: number;
  /** Time constant of the neurons in milliseconds; 100 unless given. */
  readonly tauMs?: number;
  /** Probability of each direct synapse between neurons, a part of full rank beside M Nᵀ; 0 unless given. */
  readonly background?: number;
  /** Whether the background may have a synapse of a neuron onto itself; false unless given. */
  readonly selfConnections?: boolean;
  /** What is read out: the neurons unless given. */
  readonly readout?: "neurons" | "latents";
  /** Unsigned 32-bit integer; 0 unless given. Only the background is drawn. */
  readonly seed?: number;
}

const sizeKeys = ["inputs", "hidden", "outputs", "rank"];
const keys = [...sizeKeys, "tauMs", "background", "selfConnections", "readout", "seed"];

/**
 * Recurrent connectivity W = M Nᵀ of rank R, M and N [N, R], that keeps its rank while it trains (Mastrogiuseppe & Ostojic
 * 2018; Dubreuil et al. 2022; Valente et al. 2022). Beside the area `neurons` there is an area `latents` of R linear units
 * without time constant and noise, in a second layer. The synapses neurons → latents are Nᵀ and act within the time step, so
 * that the rates of the latents are κ[t] = Nᵀ r[t]; the synapses latents → neurons are M and act one step later: the
 * neurons see M κ[t-1] = M Nᵀ r[t-1], the equation of the full network. There are no other recurrent synapses, unless a
 * `background` is asked for. Inputs reach the neurons only; the activation of the neurons is the network's.
 *
 * The first step sees κ[-1] = v0 of the latents. A bias of the latents adds to κ; it is learned like any other, unless it is
 * frozen (`network.freeze("biasH", …)`, and `"alpha"` likewise where alpha is learned). `lowRankConnectivity` of a model
 * gives W and the bias of the full network. Weights are drawn as usual unless `lowRankWeights` draws them in the scaling of
 * these papers; without a background, the spectral radius of the drawn matrix is the square root of that of M Nᵀ.
 * `lowRankPlasticity` fixes the background.
 *
 * @throws {@link ConfigError} unknown options, {@link ValueError} numbers out of range, or a rank above the number of
 * neurons.
 */
export function lowRank(options: LowRankOptions): Structure {
  checkKeys("lowRank", options, keys);
  checkFlags("lowRank", options, ["selfConnections"]);
  const inputs = readChannelPlaces("lowRank: inputs", options.inputs);
  const outputs = readChannelPlaces("lowRank: outputs", options.outputs);
  const size = checkCount("lowRank: hidden", options.hidden);
  const rank = checkCount("lowRank: rank", options.rank);
  if (rank > size)
    throw new ValueError(`lowRank: rank ${rank} is more than ${size} neurons can have; expected ${size} at most.`);
  const tauMs = checkPositive("lowRank: tauMs", options.tauMs ?? 100);
  const background = checkFraction("lowRank: background", options.background ?? 0);
  const { readout = "neurons", selfConnections = false } = options;
  if (readout !== "neurons" && readout !== "latents")
    throw new ConfigError(`lowRank: readout: expected "neurons" or "latents", got ${JSON.stringify(readout)}.`);
  const seed = checkSeed("lowRank: seed", options.seed ?? 0);
  const hidden = size + rank;
  checkSizes("lowRank", { inputs: inputs.count, hidden, outputs: outputs.count });
  const neurons: Area = { name: "neurons", from: 0, to: size };
  const latents: Area = { name: "latents", from: size, to: hidden };
  const masks = {
    weightIH: new Float32Array(hidden * inputs.count).fill(1, 0, size * inputs.count),
    weightHH: new Float32Array(hidden * hidden),
    weightHO: new Float32Array(outputs.count * hidden),
  };
  const connect = (mask: Float32Array, rows: Pick<Area, "from" | "to">, columns: Area): void =>
    visitBlock({ rows, columns, width: hidden }, (entry) => {
      mask[entry] = 1;
    });
  connect(masks.weightHH, latents, neurons);
  connect(masks.weightHH, neurons, latents);
  connect(masks.weightHO, { from: 0, to: outputs.count }, readout === "neurons" ? neurons : latents);
  const within = { rows: neurons, columns: neurons, width: hidden };
  drawBlock(masks.weightHH, within, structureRandom(seed, "weightHH"), background, (post, pre) => {
    return selfConnections || post !== pre;
  });
  const ofNeurons = <Value>(neuron: Value, latent: Value): Value[] =>
    Array.from({ length: hidden }, (_, unit) => (unit < size ? neuron : latent));
  return {
    inputs: inputs.count,
    hidden,
    outputs: outputs.count,
    areas: [neurons, latents],
    layers: [neurons, latents],
    masks,
    signs: {},
    ...(inputs.groups && { inputGroups: inputs.groups }),
    ...(outputs.groups && { outputGroups: outputs.groups }),
    units: {
      tauMs: Float32Array.from(ofNeurons(tauMs, 0)),
      activation: ofNeurons(null, "linear"),
      noisePre: Float32Array.from(ofNeurons(1, 0)),
      noisePost: Float32Array.from(ofNeurons(1, 0)),
    },
    seed,
  };
}
