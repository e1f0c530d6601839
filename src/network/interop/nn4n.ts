import { ConfigError, FileFormatError } from "../../errors.ts";
import type { Model, WeightName } from "../model.ts";
import { rateFunction } from "../rate.ts";
import { assembleModel, checkInteropOptions, type InteropDefaults, type InteropOptions } from "./assemble.ts";
import { type ArraySource, ForeignArrays } from "./foreign-arrays.ts";
import { type Readout, type StackedLayer, stackLayers } from "./stack.ts";

/** {@link InteropOptions}; dt and tau are nn4n's defaults, 10 and 100 ms, unless given or learned. */
export interface Nn4nFileOptions extends InteropOptions {
  /** Which synapses may exist, [postsynaptic, presynaptic]; see `splitSignedMask` for nn4n 1.0.3's signed masks. */
  readonly masks?: Readonly<Partial<Record<WeightName, Float32Array>>>;
  /** +1 excitatory, -1 inhibitory, 0 free, of the same shapes. */
  readonly signs?: Readonly<Partial<Record<WeightName, Float32Array>>>;
}

/** Where the parts of one layer are. */
interface LayerNames {
  readonly input: string;
  readonly own: string;
  readonly alpha: string;
}

/** The three ways in which versions of nn4n name a layer. */
const layouts: readonly ((layer: number) => LayerNames | undefined)[] = [
  // CTRNN of 1.0.3, 1.1.1 and 1.2.0
  (layer) =>
    layer > 0
      ? undefined
      : {
          input: "recurrent_layer.input_layer",
          own: "recurrent_layer.hidden_layer",
          alpha: "recurrent_layer.alpha",
        },
  // RNNLayer of 1.2.0
  (layer) => ({
    input: `hidden_layers.${layer}.input_layer`,
    own: `hidden_layers.${layer}.linear_layer`,
    alpha: `hidden_layers.${layer}.alpha`,
  }),
  // RNNLayer of 1.2.1
  (layer) => ({
    input: `recurrent_layers.${layer}.projection_layer`,
    own: `recurrent_layers.${layer}.leaky_layer.linear_layer`,
    alpha: `recurrent_layers.${layer}.leaky_layer.alpha`,
  }),
];

function readBias(file: ForeignArrays, { input, own }: LayerNames, units: number): Float32Array {
  const parts = [input, own].map((name) => file.readIfThere(`${name}.bias`, [units], "hidden"));
  return new Float32Array(units).map((_, unit) => (parts[0]?.[unit] ?? 0) + (parts[1]?.[unit] ?? 0));
}

/**
 * The sparsity mask of 1.2.1, a buffer. It is stored as the transpose of what acts on the weights; later versions differ,
 * so that of the two the one that the weights keep is taken.
 */
function readMask(file: ForeignArrays, own: string, weights: Float32Array, units: number): Float32Array | undefined {
  const stored = file.readIfThere(`${own}.sparsity_mask`, [units, units], "hidden, hidden");
  if (stored === undefined) return undefined;
  const straight = stored.map((value) => (value > 0 ? 1 : 0));
  const transposed = straight.map((_, index) => straight[(index % units) * units + Math.floor(index / units)] ?? 0);
  const keeps = (mask: Float32Array): boolean => weights.every((weight, index) => weight === 0 || mask[index] === 1);
  if (keeps(transposed)) return transposed;
  if (keeps(straight)) return straight;
  file.notice(`${own}.sparsity_mask is broken by the weights, this way and transposed: it is not used; give masks`);
  return undefined;
}

function readLayers(file: ForeignArrays) {
  const layout = layouts.find((names) => file.has(`${names(0)?.own}.weight`));
  if (layout === undefined)
    throw new FileFormatError(
      `${file.label}: no layer of nn4n 1.0.3 to 1.2.1 (such as recurrent_layer.hidden_layer.weight); it holds ${file.names.slice(0, 12).join(", ")}.`,
    );
  const first = layout(0) as LayerNames;
  const [, inputs = 0] = file.shapeOf(`${first.input}.weight`);
  const layers: StackedLayer[] = [];
  const alphas: (Float32Array | undefined)[] = [];
  for (;;) {
    const names = layout(layers.length);
    if (names === undefined || !file.has(`${names.own}.weight`)) break;
    const [units = 0] = file.shapeOf(`${names.own}.weight`);
    const before = layers.at(-1)?.units ?? inputs;
    const weightOwn = file.read(`${names.own}.weight`, [units, units], "hidden, hidden");
    alphas.push(file.readIfThere(names.alpha, [units], "hidden"));
    layers.push({
      name: `layer_${layers.length + 1}`,
      units,
      weightIn: file.read(`${names.input}.weight`, [units, before], "hidden, inputs of the layer"),
      weightOwn,
      bias: readBias(file, names, units),
      maskOwn: readMask(file, names.own, weightOwn, units),
    });
  }
  return { inputs, layers, alphas, isCtrnn: layout === layouts[0], first };
}

function readReadout(file: ForeignArrays, hidden: number): Readout {
  const [outputs = 0] = file.shapeOf("readout_layer.weight");
  return {
    outputs,
    weight: file.read("readout_layer.weight", [outputs, hidden], "outputs, hidden"),
    bias: file.readIfThere("readout_layer.bias", [outputs], "outputs") ?? new Float32Array(outputs),
  };
}

/**
 * A model of the state_dict of an nn4n network, saved as `.safetensors` or `.npz`: `CTRNN` of 1.0.3, 1.1.1 and 1.2.0, and
 * `RNNLayer` of 1.2.0 and 1.2.1, whose layers become `layers`. The two biases of a unit become one, their sum; a learned
 * initial state becomes v0, a learned alpha alpha. A state_dict holds neither activation (relu unless given), dt and tau
 * (10 and 100 ms unless given), nor, but for 1.2.1, masks; weights that nn4n's last step left on the wrong side of them
 * need `project`. The noise's scale is nn4n's: `alpha` of `CTRNN`, `unit` of `RNNLayer`.
 * @param source bytes of the file, or its arrays.
 * @throws FileFormatError, ShapeError, ValueError, ConstraintError naming the array; ConfigError.
 */
export function modelFromNn4n(source: ArraySource, options: Nn4nFileOptions = {}): Model {
  checkInteropOptions("modelFromNn4n", options, ["masks", "signs"]);
  const { label = "nn4n state_dict", onNotice } = options;
  const file = new ForeignArrays(source, label, onNotice);
  const { inputs, layers, alphas, isCtrnn, first } = readLayers(file);
  if (file.has(`${first.input}.bias`) && file.has(`${first.own}.bias`))
    file.notice(`${first.input}.bias and ${first.own}.bias act on the same units: their sum is one bias`);
  const parts = stackLayers(inputs, layers, readReadout(file, layers.at(-1)?.units ?? 0));
  const learnedAlpha = alphas.some((alpha) => alpha !== undefined);
  if (learnedAlpha && alphas.includes(undefined))
    throw new FileFormatError(`${label}: alpha is there for some layers only.`);
  if (learnedAlpha && (options.tauMs !== undefined || options.alpha !== undefined))
    throw new ConfigError(`${label}: alpha is in the file: leave tauMs and alpha out; dtMs may be given.`);
  const v0 = file.readIfThere("recurrent_layer.hidden_state", [parts.hidden], "hidden") ?? parts.parameters.v0;
  const hasTime = options.dtMs !== undefined || options.tauMs !== undefined || options.alpha !== undefined;
  if (!learnedAlpha && !hasTime) file.notice("dt and tau are not in a state_dict: 10 and 100 ms, nn4n's defaults");
  if (options.activation === undefined) file.notice("the activation is not in a state_dict: relu, unless it is given");
  if (!isCtrnn && rateFunction({ activation: options.activation ?? "relu" })(0, 0) !== 0)
    file.notice("RNNLayer starts at a rate of 0, this network at f(0): give the trials r0 (and v0) of zeros");
  file.noticeUnread();
  const defaults: InteropDefaults = {
    activation: "relu",
    noise: { scale: isCtrnn ? "alpha" : "unit" },
    learn: { alpha: learnedAlpha && isCtrnn, v0: v0.some((value) => value !== 0) },
    ...(!learnedAlpha && { dtMs: 10, tauMs: 100 }),
  };
  return assembleModel(
    label,
    {
      ...parts,
      parameters: { ...parts.parameters, v0 },
      masks: { ...parts.masks, ...options.masks },
      ...(options.signs && { signs: options.signs }),
      ...(learnedAlpha && { alpha: Float32Array.from(alphas.flatMap((alpha) => Array.from(alpha ?? []))) }),
    },
    options,
    defaults,
  );
}
