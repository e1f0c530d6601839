import { ConfigError, ValueError } from "../errors.ts";
import type { Cell, Constraint } from "../io/model-schema.ts";
import { suggestName } from "../io/nearest.ts";
import { Random, streams } from "../random.ts";
import { checkKeys, checkSeed } from "../structure/options.ts";
import { type Structure, weightShape } from "../structure/structure.ts";
import { gateCount, gateNames, hasParameter } from "./cells.ts";
import { drawChecked } from "./initialise-draw.ts";
import { checkInitialiser, type Initialiser } from "./initialiser.ts";
import { type ParameterName, parameterNames, parameterShape, type WeightName, weightNames } from "./model.ts";

/**
 * How an LSTM or a GRU starts. `standard`: PyTorch's weights, uniform in ±1/√H (onto and from hidden units ±1/√fan-in, which is
 * the same where no synapse is missing), biases 0, the forget gate's `forgetBias`. `psychrnn`, of an LSTM: weights onto gates
 * and initial states normal with standard deviation 0.1, biases of gates 1, readout `glorotNormal` (PsychRNN 1.0's LSTM).
 */
export const gatedInitialisations = ["standard", "psychrnn"] as const;
export type GatedInitialisation = (typeof gatedInitialisations)[number];

/** How the first weights of an LSTM or a GRU are drawn. */
export interface GatedWeightOptions {
  /** Unsigned 32-bit integer; 0 unless given. */
  readonly seed?: number;
  readonly initialisation?: GatedInitialisation;
  /** Bias of an LSTM's forget gate; 1 unless given, so that a new network remembers (Jozefowicz et al. 2015). */
  readonly forgetBias?: number;
  /** How each matrix is drawn, one gate after the other; in place of what `initialisation` says. */
  readonly weights?: Readonly<Partial<Record<WeightName, Initialiser>>>;
  /** Decides which raw values stand for the effective weights; `project` unless given. */
  readonly constraint?: Constraint;
}

/** Keys of {@link GatedWeightOptions} that a CTRNN does not have. */
export const gatedDrawKeys = ["initialisation", "forgetBias"] as const;

/** The step of stream `weights` that each tensor is drawn from; those of weights are as in a CTRNN. */
const steps = { weightIH: 0, weightHH: 1, weightHO: 2, v0: 3, r0: 4 } as const;
const psychrnnDeviation = 0.1;

function checkOptions(cell: Cell, options: GatedWeightOptions): void {
  const { weights = {}, initialisation, forgetBias } = options;
  checkKeys("initialWeights", options, ["seed", ...gatedDrawKeys, "weights", "constraint"]);
  checkKeys("initialWeights: weights", weights, weightNames);
  for (const name of weightNames) {
    const initialiser = weights[name];
    if (initialiser !== undefined) checkInitialiser(`weights.${name}`, initialiser);
  }
  if (initialisation !== undefined && !gatedInitialisations.includes(initialisation)) {
    const suggestion = suggestName(String(initialisation), gatedInitialisations);
    throw new ConfigError(`initialisation: unknown "${String(initialisation)}"; ${suggestion}`);
  }
  if (initialisation === "psychrnn" && cell !== "lstm")
    throw new ConfigError("initialisation: psychrnn is how PsychRNN starts an lstm; it has no gru. Use standard.");
  if (forgetBias === undefined) return;
  if (cell !== "lstm") throw new ConfigError("forgetBias: only an lstm has a forget gate; leave it out.");
  if (initialisation === "psychrnn")
    throw new ConfigError("forgetBias: initialisation psychrnn sets all biases of gates to 1; give one of the two.");
  if (!Number.isFinite(forgetBias))
    throw new ValueError(`forgetBias: expected a finite number, got ${String(forgetBias)}.`);
}

/** What draws each matrix where the options do not say. */
function usualInitialiser(name: WeightName, hidden: number, initialisation: GatedInitialisation): Initialiser {
  if (initialisation === "psychrnn")
    return name === "weightHO" ? { type: "glorotNormal" } : { type: "normal", sd: psychrnnDeviation };
  const bound = 1 / Math.sqrt(hidden);
  return name === "weightIH" ? { type: "uniform", low: -bound, high: bound } : { type: "uniform" };
}

/** Every gate's rows, one gate after the other, each under the structure's mask and signs. */
function drawWeight(
  structure: Structure,
  name: WeightName,
  blocks: number,
  initialiser: Initialiser,
  options: GatedWeightOptions,
): Float32Array {
  const [rows, columns] = weightShape(structure, name);
  const random = new Random(options.seed ?? 0, streams.weights, steps[name]);
  const signs = structure.signs[name];
  const draw = { rows, columns, mask: structure.masks[name], signs, random, label: `weights.${name}` };
  const all = new Float32Array(blocks * rows * columns);
  for (let block = 0; block < blocks; block += 1) all.set(drawChecked(initialiser, draw), block * rows * columns);
  if (signs === undefined || (options.constraint ?? "project") === "project") return all;
  // Under abs and rectify, a signed synapse gets the magnitude.
  return all.map((value, index) => (signs[index % signs.length] === 0 ? value : Math.abs(value)));
}

/**
 * The first parameters of an LSTM or a GRU: plain arrays in the shapes of `parameterShape`, the same for the same structure,
 * seed and options. Masks and signs of the structure hold for every gate; measured strengths are not used.
 * @throws {@link ConfigError} for an unknown option or one that the cell does not have, {@link ValueError} for a value outside
 * its range, {@link ConstraintError} for an identity whose diagonal is masked.
 */
export function gatedWeights(
  cell: Cell,
  structure: Structure,
  options: GatedWeightOptions = {},
): Record<ParameterName, Float32Array> {
  checkOptions(cell, options);
  const seed = checkSeed("initialWeights: seed", options.seed ?? 0);
  const { initialisation = "standard", forgetBias = 1, weights = {} } = options;
  const { inputs, hidden, outputs } = structure;
  const parameters = Object.fromEntries(
    parameterNames.map((name) => {
      const shape = parameterShape({ cell, inputs, hidden, outputs }, name);
      return [name, new Float32Array(shape.reduce((product, length) => product * length, 1))];
    }),
  ) as Record<ParameterName, Float32Array>;
  for (const name of weightNames) {
    const initialiser = weights[name] ?? usualInitialiser(name, hidden, initialisation);
    parameters[name] = drawWeight(structure, name, name === "weightHO" ? 1 : gateCount(cell), initialiser, options);
  }
  if (initialisation === "psychrnn") {
    parameters.biasH.fill(1);
    for (const name of ["v0", "r0"] as const) {
      const random = new Random(seed, streams.weights, steps[name]);
      if (hasParameter(cell, name)) parameters[name] = parameters[name].map(() => random.normal(0, psychrnnDeviation));
    }
    return parameters;
  }
  const forget = gateNames[cell].indexOf("f");
  if (forget >= 0) parameters.biasH.fill(forgetBias, forget * hidden, (forget + 1) * hidden);
  return parameters;
}
