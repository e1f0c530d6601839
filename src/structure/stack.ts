import { ConfigError } from "../errors.ts";
import type { Area } from "../io/model-schema.ts";
import { Random, streams } from "../random.ts";
import { type NamedChannels, readChannelPlaces } from "./block-places.ts";
import { checkMask, flatten, type MatrixInput } from "./check.ts";
import { withSigns } from "./compose.ts";
import { type BlockPlace, drawBlock, setBlock } from "./draw-block.ts";
import { fromInputs, type LayerProjection, layerPlaces, readFeedback, readReadout, readSkip } from "./layer-places.ts";
import { checkFlags, checkFraction, checkKeys, checkSeed, checkShare } from "./options.ts";
import { checkSizes, type Structure } from "./structure.ts";
import { readUnitGroups, type UnitGroup, unitGroupKeys } from "./unit-groups.ts";

/** One layer of a {@link stack}. */
export interface StackLayer extends UnitGroup {
  /** `layer1`, `layer2`, … unless given. */
  readonly name?: string;
  /** Probability of each synapse from the layer before, or from the inputs onto the first layer; 1 unless given. */
  readonly density?: number;
  /** In place of `density`: these synapses, [size, units of the layer before or inputs]. */
  readonly mask?: MatrixInput;
  /** Probability of each synapse inside the layer; `true`, which is 1, unless given. */
  readonly recurrent?: boolean | number;
}

/** Options of {@link stack}. */
export interface StackOptions {
  /** Input channels, or groups of them by name. They reach the first layer; see `skip`. */
  readonly inputs: number | readonly NamedChannels[];
  /** Output channels, or groups of them by name. */
  readonly outputs: number | readonly NamedChannels[];
  readonly layers: readonly StackLayer[];
  /** Projections onto an earlier layer, one step later: a density, `true` = 1, from each layer onto the one before, or a list. */
  readonly feedback?: boolean | number | readonly LayerProjection[];
  /** Projections that pass over a layer: `true` = the inputs onto every layer, or a list, from layers or `"inputs"`. */
  readonly skip?: boolean | readonly LayerProjection[];
  /** The layers that are read out; the last one unless given. */
  readonly readout?: "last" | "all" | readonly (number | string)[];
  /** Whether a unit may have a synapse onto itself; true unless given, as in nn4n. */
  readonly selfConnections?: boolean;
  /** Whether inhibitory units act inside their layer only, and are not read out; false unless given. */
  readonly localInhibition?: boolean;
  /** Unsigned 32-bit integer; 0 unless given. */
  readonly seed?: number;
}

const layerKeys = ["name", "density", "mask", "recurrent", ...unitGroupKeys];
const choiceKeys = ["feedback", "skip", "readout", "selfConnections", "localInhibition"];
const keys = ["inputs", "outputs", "layers", ...choiceKeys, "seed"];
/** Stands for the outputs where pairs of places are numbered. */
const toOutputs = 0xfffe;

/** A mask of one's own as flat entries of 0 and 1. @throws {@link ShapeError}, {@link ValueError}. */
export function readMask(label: string, mask: MatrixInput, rows: number, columns: number): Float32Array {
  const flat = flatten(label, mask, rows, columns);
  checkMask(label, flat, columns);
  return flat;
}

/** {@link stack} for options whose keys have been checked; `label` is what messages begin with. */
export function assembleLayers(label: string, options: StackOptions): Structure {
  const seed = checkSeed(`${label}: seed`, options.seed ?? 0);
  checkFlags(label, options, ["selfConnections", "localInhibition"]);
  const { selfConnections = true, localInhibition = false } = options;
  if (!Array.isArray(options.layers) || options.layers.length === 0)
    throw new ConfigError(`${label}: layers: expected at least one { size }.`);
  const given = options.layers as readonly StackLayer[];
  const { unitSigns, units, noise } = readUnitGroups(given, (index) => `${label}: layers[${index}]`);
  const layers = layerPlaces(label, given);
  const inputs = readChannelPlaces(`${label}: inputs`, options.inputs);
  const outputs = readChannelPlaces(`${label}: outputs`, options.outputs);
  const hidden = unitSigns.length;
  checkSizes(label, { inputs: inputs.count, hidden, outputs: outputs.count });
  const masks = {
    weightIH: new Float32Array(hidden * inputs.count),
    weightHH: new Float32Array(hidden * hidden),
    weightHO: new Float32Array(outputs.count * hidden),
  };
  const place = (from: number, to: number): BlockPlace => ({
    rows: to === toOutputs ? { from: 0, to: outputs.count } : (layers[to] as Area),
    columns: from === fromInputs ? { from: 0, to: inputs.count } : (layers[from] as Area),
    width: from === fromInputs ? inputs.count : hidden,
  });
  const matrix = (from: number, to: number): Float32Array =>
    from === fromInputs ? masks.weightIH : to === toOutputs ? masks.weightHO : masks.weightHH;
  /** Each pair of places draws for itself, so that a change of one projection changes no other. */
  const connect = (from: number, to: number, density: number): void => {
    const random = new Random(seed, streams.structure, (to + 1) * 0x10000 + from + 1);
    drawBlock(matrix(from, to), place(from, to), random, density, (post, pre) => {
      if (from === to) return selfConnections || post !== pre;
      return from === fromInputs || !localInhibition || (unitSigns[pre] as number) >= 0;
    });
  };
  given.forEach((layer, to) => {
    const path = `${label}: layers[${to}]`;
    const { density, mask, recurrent = true } = layer;
    if (mask !== undefined) {
      if (density !== undefined) throw new ConfigError(`${path}: expected density or mask, got both.`);
      const width = to === 0 ? inputs.count : (given[to - 1] as StackLayer).size;
      setBlock(matrix(to - 1, to), place(to - 1, to), readMask(`${path}.mask`, mask, layer.size, width));
    } else {
      connect(to - 1, to, checkFraction(`${path}.density`, density ?? 1));
    }
    connect(to, to, checkShare(`${path}.recurrent`, recurrent));
  });
  const others = [
    ...readSkip(label, options.skip ?? false, layers),
    ...readFeedback(label, options.feedback ?? false, layers),
  ];
  for (const { from, to, density } of others) connect(from, to, density);
  for (const layer of readReadout(label, options.readout ?? "last", layers)) connect(layer, toOutputs, 1);
  const structure: Structure = {
    inputs: inputs.count,
    hidden,
    outputs: outputs.count,
    areas: layers,
    layers,
    masks,
    signs: {},
    ...(inputs.groups && { inputGroups: inputs.groups }),
    ...(outputs.groups && { outputGroups: outputs.groups }),
    ...(units && { units }),
    ...(noise && { noise }),
    seed,
  };
  return unitSigns.some((sign) => sign !== 0) ? withSigns(structure, unitSigns) : structure;
}

/**
 * Layers one above the other, as nn4n's RNNLayer stacks them: the inputs reach the first layer, each layer the next one
 * within the time step (layer i sees the rate that layer i-1 has just got), and itself one step later; the last layer is
 * read out. Areas are the layers. Options add feedback onto earlier layers, one step later, projections that pass over
 * layers, within the step, and more layers in the readout. Layers with `excitatory` obey Dale's law, onto the readout
 * too; `localInhibition` keeps their inhibitory synapses inside the layer. Entries below density 1 are independent draws.
 *
 * @throws {@link ConfigError} unknown options or names, projections of the wrong direction; {@link ShapeError} a mask's
 * size; {@link ValueError} numbers out of range.
 */
export function stack(options: StackOptions): Structure {
  checkKeys("stack", options, keys);
  if (Array.isArray(options.layers))
    options.layers.forEach((layer, index) => {
      checkKeys(`stack: layers[${index}]`, layer, layerKeys);
    });
  return assembleLayers("stack", options);
}
