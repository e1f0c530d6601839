import { ConfigError } from "../errors.ts";
import type { Activation, Area } from "../io/model-schema.ts";
import type { NamedChannels } from "./block-places.ts";
import type { MatrixInput } from "./check.ts";
import { setBlock } from "./draw-block.ts";
import { checkKeys } from "./options.ts";
import { assembleLayers, readMask, type StackLayer } from "./stack.ts";
import type { Structure } from "./structure.ts";

/** One layer of an {@link mlp}: as of a stack, without recurrence and time constant. */
export type MlpLayer = Omit<StackLayer, "recurrent" | "tauMs">;

/** Options of {@link mlp}. */
export interface MlpOptions {
  /** Input channels, or groups of them by name. */
  readonly inputs: number | readonly NamedChannels[];
  /** Output channels, or groups of them by name. */
  readonly outputs: number | readonly NamedChannels[];
  /** The hidden layers, first to last: sizes, or sizes with more. */
  readonly layers: readonly (number | MlpLayer)[];
  /** Of the layers that have none of their own; the network's unless given. */
  readonly activation?: Activation;
  /** The readout's synapses [outputs, size of the last layer]; all unless given. */
  readonly readoutMask?: MatrixInput;
  /** Unsigned 32-bit integer; 0 unless given. */
  readonly seed?: number;
}

const keys = ["inputs", "outputs", "layers", "activation", "readoutMask", "seed"];
const layerKeys = ["name", "size", "density", "mask", "activation", "noise", "excitatory"];

/**
 * A multilayer perceptron of any depth: no synapses inside a layer and no time constants, so that each time step is a
 * pass of its own. With W of each layer, and r of the layer before or the inputs: v = W r + b + noise,
 * r = f(v) + noise; the readout is linear and has no noise (nn4n's MLP). Run it with one step, trials as samples.
 *
 * nn4n's noise on v is σξ: the network's noise scale `"unit"` (with alpha 1, `"alpha"` is the same, `"sqrt2alpha"` √2σξ).
 * nn4n's first weights are drawn as `weights: { weightHH: { type: "uniform" } }` does, ±1/√fan-in.
 *
 * @throws {@link ConfigError} unknown options or names, {@link ShapeError} a mask's size, {@link ValueError} numbers out
 * of range.
 */
export function mlp(options: MlpOptions): Structure {
  checkKeys("mlp", options, keys);
  if (!Array.isArray(options.layers) || options.layers.length === 0)
    throw new ConfigError("mlp: layers: expected at least one size or { size }.");
  const { inputs, outputs, activation, seed } = options;
  const layers = (options.layers as MlpOptions["layers"]).map((given, index): StackLayer => {
    const layer = typeof given === "number" ? { size: given } : given;
    checkKeys(`mlp: layers[${index}]`, layer, layerKeys);
    return { ...(activation && { activation }), ...layer, tauMs: 0, recurrent: false };
  });
  const structure = assembleLayers("mlp", { inputs, outputs, layers, ...(seed !== undefined && { seed }) });
  if (options.readoutMask === undefined) return structure;
  const last = structure.areas[layers.length - 1] as Area;
  const weightHO = new Float32Array(structure.outputs * structure.hidden);
  setBlock(
    weightHO,
    { rows: { from: 0, to: structure.outputs }, columns: last, width: structure.hidden },
    readMask("mlp: readoutMask", options.readoutMask, structure.outputs, last.to - last.from),
  );
  return { ...structure, masks: { ...structure.masks, weightHO } };
}
