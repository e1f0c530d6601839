import { ConfigError, ConstraintError, ShapeError, ValueError } from "../errors.ts";
import type { ArrayData } from "../io/array.ts";
import { suggestName } from "../io/nearest.ts";
import { checkDale, checkSymmetric, columnSigns, type MatrixInput } from "./check.ts";
import { readEdges, readMatrix } from "./connectome-matrix.ts";
import type { Edge, NamedMatrix } from "./csv.ts";
import { type ChannelsInput, groupFields, inputMask, outputMask, readChannels, unitIndex } from "./groups.ts";
import { checkCount, checkFlags, checkKeys, checkSeed } from "./options.ts";
import type { Structure } from "./structure.ts";

/** A matrix as a person, `decodeNpy` or `parseMatrixCsv` gives it. */
export type ConnectomeMatrix = MatrixInput | ArrayData | NamedMatrix;

export interface ConnectomeOptions {
  /** Measured weights or synapse counts [H, H]; 0 = no synapse. Either this or `edges`. */
  readonly weights?: ConnectomeMatrix;
  /** The same as a list; the weights of an edge that is listed twice add up. */
  readonly edges?: readonly Edge[];
  /** What a row of `weights` is: `postsynaptic` unless given. */
  readonly rows?: "postsynaptic" | "presynaptic";
  /** One name for each unit; by default those of the matrix or, in order of appearance, of the edges. */
  readonly names?: readonly string[];
  /** +1 excitatory, -1 inhibitory, 0 free, for each unit [H] (its neurotransmitter). */
  readonly signs?: ArrayLike<number>;
  /** In place of `signs`: these units, by name or index, are inhibitory and all others excitatory. */
  readonly inhibitory?: readonly (string | number)[];
  /** Gap junctions [H, H], symmetric, not negative. */
  readonly gaps?: ConnectomeMatrix;
  /** A number of channels that reach every unit; groups of channels, each to chosen units by name or index. */
  readonly inputs: ChannelsInput;
  /** The same for the readout. */
  readonly outputs: ChannelsInput;
  /** Whether readout weights have the signs of their units; true unless given. */
  readonly signedReadout?: boolean;
  /** The number of units; needed only where edges name units by index and not all units have an edge. */
  readonly hidden?: number;
  /** Recorded only: nothing is drawn here. */
  readonly seed?: number;
}

const sources = ["weights", "edges", "rows", "names", "signs", "inhibitory", "gaps"];
const keys = [...sources, "inputs", "outputs", "signedReadout", "hidden", "seed"];

/** The sign of each unit [H], or `undefined` where nothing is said of signs. */
function readSigns(options: ConnectomeOptions, names: readonly string[], matrix: Float32Array, hidden: number) {
  const { signs, inhibitory } = options;
  if (signs !== undefined && inhibitory !== undefined)
    throw new ConfigError("fromConnectome: expected signs or inhibitory, not both.");
  if (inhibitory !== undefined) {
    const unitSigns = new Float32Array(hidden).fill(1);
    for (const unit of inhibitory) unitSigns[unitIndex("fromConnectome: inhibitory", unit, hidden, names)] = -1;
    return unitSigns;
  }
  if (signs !== undefined) {
    if (signs.length !== hidden)
      throw new ShapeError(`fromConnectome: signs: expected [${hidden}] (units), got ${signs.length} values.`);
    const unitSigns = Float32Array.from(signs);
    const wrong = unitSigns.findIndex((sign) => sign !== 0 && sign !== 1 && sign !== -1);
    if (wrong >= 0)
      throw new ValueError(
        `fromConnectome: signs[${wrong}] is ${unitSigns[wrong]}: expected +1 (excitatory), -1 (inhibitory) or 0 (free).`,
      );
    return unitSigns;
  }
  if (!matrix.some((weight) => weight < 0)) return undefined;
  const measured = matrix.map((weight) => Math.sign(weight) + 0);
  checkDale("fromConnectome: weights", measured, hidden, []);
  return columnSigns(measured, hidden);
}

/** Magnitudes with the largest 1. */
function relative(matrix: Float32Array): Float32Array {
  const largest = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largest === 0 ? matrix.slice() : matrix.map((value) => Math.abs(value) / largest);
}

function readGaps(given: ConnectomeMatrix, hidden: number): Float32Array {
  const gaps = readMatrix("fromConnectome: gaps", given).data;
  if (gaps.length !== hidden * hidden)
    throw new ShapeError(`fromConnectome: gaps: expected [${hidden}, ${hidden}], got ${gaps.length} values.`);
  const negative = gaps.findIndex((value) => value < 0);
  if (negative >= 0)
    throw new ValueError(
      `fromConnectome: gaps[${Math.floor(negative / hidden)}, ${negative % hidden}] is ${gaps[negative]}: expected 0 or more.`,
    );
  checkSymmetric("fromConnectome: gaps", gaps, hidden, "gap junctions are symmetric");
  return relative(gaps);
}

/**
 * A measured connectome as the recurrent structure. The mask is 1 where a weight is not 0; `strengths.weightHH` is the
 * weight's magnitude with the largest 1; signs are those of the presynaptic units, from `signs` or `inhibitory`, or from
 * the weights where some are negative, and are free where nothing says them. Names stand in `units.names`, gap junctions
 * in `gapsHH`.
 * @throws {@link ConfigError} unknown options or names, {@link ShapeError} sizes, {@link ValueError} entries,
 * {@link ConstraintError} for signs against Dale's law, or gap junctions that are not symmetric.
 */
export function fromConnectome(options: ConnectomeOptions): Structure {
  checkKeys("fromConnectome", options, keys);
  checkFlags("fromConnectome", options, ["signedReadout"]);
  const { weights, edges, rows = "postsynaptic" } = options;
  if ((weights === undefined) === (edges === undefined))
    throw new ConfigError("fromConnectome: expected weights or edges, one of the two.");
  if (rows !== "postsynaptic" && rows !== "presynaptic")
    throw new ConfigError(
      `fromConnectome: rows: unknown "${String(rows)}"; ${suggestName(String(rows), ["postsynaptic", "presynaptic"])}`,
    );
  if (options.hidden !== undefined) checkCount("fromConnectome: hidden", options.hidden);
  const read =
    weights === undefined
      ? readEdges(edges ?? [], options.names, options.hidden)
      : readMatrix("fromConnectome: weights", weights, rows === "presynaptic");
  const { data: matrix, size: hidden } = read;
  if (options.hidden !== undefined && options.hidden !== hidden)
    throw new ShapeError(`fromConnectome: there are ${hidden} units, but hidden is ${options.hidden}.`);
  const names = options.names ?? read.names;
  const unnamed = names?.findIndex((name) => typeof name !== "string") ?? -1;
  if (unnamed >= 0)
    throw new ConfigError(
      `fromConnectome: names[${unnamed}]: expected a text, got ${JSON.stringify(names?.[unnamed])}.`,
    );
  if (names !== undefined && (names.length !== hidden || new Set(names).size !== hidden))
    throw new ShapeError(
      `fromConnectome: names: expected ${hidden} different names, got ${names.length}, of which ${new Set(names).size} differ.`,
    );
  const unitSigns = readSigns(options, names ?? [], matrix, hidden);
  const isSigned = matrix.some((weight) => weight < 0);
  matrix.forEach((weight, index) => {
    const [post, pre] = [Math.floor(index / hidden), index % hidden];
    const sign = unitSigns?.[pre] ?? 0;
    if (isSigned && weight * sign < 0)
      throw new ConstraintError(
        `fromConnectome: weights[${post}, ${pre}] (postsynaptic, presynaptic) is ${weight}, but unit ${pre} has sign ${sign}.`,
      );
  });
  const inputs = readChannels("fromConnectome: inputs", "input", options.inputs, hidden, names);
  const outputs = readChannels("fromConnectome: outputs", "output", options.outputs, hidden, names);
  const columns = (length: number): Float32Array =>
    Float32Array.from({ length }, (_, index) => unitSigns?.[index % hidden] ?? 0);
  const signs =
    unitSigns === undefined
      ? {}
      : {
          weightHH: columns(hidden * hidden),
          ...(options.signedReadout === false ? {} : { weightHO: columns(outputs.count * hidden) }),
        };
  return {
    inputs: inputs.count,
    hidden,
    outputs: outputs.count,
    areas: [],
    masks: {
      weightIH: inputMask(inputs, hidden),
      weightHH: matrix.map((weight) => (weight === 0 ? 0 : 1)),
      weightHO: outputMask(outputs, hidden),
    },
    signs,
    ...(unitSigns === undefined ? {} : { unitSigns }),
    strengths: { weightHH: relative(matrix) },
    ...(options.gaps === undefined ? {} : { gapsHH: readGaps(options.gaps, hidden) }),
    ...(names === undefined ? {} : { units: { names: [...names] } }),
    ...groupFields(inputs, outputs),
    seed: checkSeed("fromConnectome: seed", options.seed ?? 0),
  };
}
