import type { Model, ModelSpec, WeightName } from "../../network/model.ts";
import { effectiveWeights } from "../../network/validate.ts";
import { Random, streams } from "../../random.ts";

/** Of the stream of feedback weights: step 0 is that of local learning rules. */
const randomStep = 1;

/** W_fb [H, O], uniform in [-scale, scale]. */
export function drawFeedback(spec: Pick<ModelSpec, "hidden" | "outputs">, scale: number, seed: number): Float32Array {
  const random = new Random(seed, streams.feedback, randomStep);
  return Float32Array.from({ length: spec.hidden * spec.outputs }, () => random.uniform(-scale, scale));
}

/** Rows of `left` and of `right` side by side. */
function beside(left: Float32Array, right: Float32Array, rows: number): Float32Array {
  const [a, b] = [left.length / rows, right.length / rows];
  const both = new Float32Array(left.length + right.length);
  for (let row = 0; row < rows; row += 1) {
    both.set(left.subarray(row * a, (row + 1) * a), row * (a + b));
    both.set(right.subarray(row * b, (row + 1) * b), row * (a + b) + a);
  }
  return both;
}

/** The same network with O more inputs, which reach its hidden units through `feedback` [H, O]. */
export function withFeedbackInputs(model: Model, feedback: Float32Array): Model {
  const { spec, parameters, masks, signs, plasticity } = model;
  const { inputGroups: _names, ...rest } = spec;
  const wide = (
    side: Readonly<Partial<Record<WeightName, Float32Array>>>,
    fill: number,
  ): Partial<Record<WeightName, Float32Array>> => {
    const { weightIH, ...others } = side;
    if (weightIH === undefined) return others;
    return { ...others, weightIH: beside(weightIH, new Float32Array(feedback.length).fill(fill), spec.hidden) };
  };
  return {
    ...model,
    spec: { ...rest, inputs: spec.inputs + spec.outputs },
    parameters: { ...parameters, weightIH: beside(parameters.weightIH, feedback, spec.hidden) },
    masks: wide(masks, 1),
    signs: wide(signs, 0),
    plasticity: wide(plasticity, 1),
  };
}

/**
 * The loop from the outputs through `feedback` [H, O] as recurrent weights: what W_fb y[t-1] adds to a unit's drive is
 * W_fb W_ho r[t-1] + W_fb b_o, so W_hh + W_fb W_ho and b_h + W_fb b_o make an ordinary network that does the same. Every unit
 * then reaches every other, with either sign: the mask and the signs of W_hh are gone.
 */
export function foldFeedback(model: Model, feedback: Float32Array): Model {
  const { spec, parameters, masks, signs } = model;
  const { hidden, outputs } = spec;
  const weightHO = effectiveWeights(model, "weightHO");
  const at = (values: Float32Array, index: number): number => values[index] ?? Number.NaN;
  /** What the outputs' `column` [O] sends to one unit. */
  const through = (unit: number, column: (output: number) => number): number => {
    let sum = 0;
    for (let output = 0; output < outputs; output += 1) sum += at(feedback, unit * outputs + output) * column(output);
    return sum;
  };
  const weightHH = effectiveWeights(model, "weightHH").map((weight, index) => {
    const pre = index % hidden;
    return weight + through(Math.floor(index / hidden), (output) => at(weightHO, output * hidden + pre));
  });
  const biasH = parameters.biasH.map((bias, unit) => bias + through(unit, (output) => at(parameters.biasO, output)));
  const { weightHH: _mask, ...otherMasks } = masks;
  const { weightHH: _signs, ...otherSigns } = signs;
  return { ...model, parameters: { ...parameters, weightHH, biasH }, masks: otherMasks, signs: otherSigns };
}
