import { ConfigError, ShapeError, ValueError } from "../errors.ts";
import { describeChoice } from "../io/config.ts";
import { type Activation, activations } from "../io/model-schema.ts";

/**
 * A network whose input multiplies its state (second order; Zhang 1996, J Neurosci 16:2112): r = f(W u + Σ_d x_d W_d u + bias),
 * u ← (1 - alpha) u + alpha r. Plain data; weights are [post, pre].
 */
export interface BilinearNetwork {
  /** N. */
  readonly units: number;
  /** W [N, N]. */
  readonly weights: Float32Array;
  /** W_1 … W_D, [D, N, N], D up to 2. */
  readonly velocityWeights: Float32Array;
  /** [N]; default 0. */
  readonly bias?: Float32Array | undefined;
  /** Leak of a step, in (0, 1], one number or one per unit; default 1. */
  readonly alpha?: number | Float32Array | undefined;
  /** f; default `retanh`, max(tanh, 0). */
  readonly activation?: Activation | undefined;
  /** Strength g of divisive inhibition: r = f(…) / (1 + g Σ f(…)); default 0, none. */
  readonly inhibition?: number | undefined;
}

/** D: how many inputs multiply the state. */
export function inputsOf({ units, velocityWeights }: BilinearNetwork): number {
  return velocityWeights.length / units ** 2;
}

/** The parameters in the order of shaders/lib/bilinear.wgsl: W, W_1 … W_D, bias, alpha. */
export function flatParameters({ units, weights, velocityWeights, bias, alpha = 1 }: BilinearNetwork): Float32Array {
  const matrices = weights.length + velocityWeights.length;
  const flat = new Float32Array(matrices + 2 * units);
  flat.set(weights);
  flat.set(velocityWeights, weights.length);
  if (bias !== undefined) flat.set(bias, matrices);
  if (typeof alpha === "number") flat.fill(alpha, matrices + units);
  else flat.set(alpha, matrices + units);
  return flat;
}

/**
 * Checks shapes and values.
 * @throws ShapeError for a wrong length; ValueError for a value that is not finite, or an alpha outside (0, 1];
 * ConfigError for an unknown activation.
 */
export function checkBilinearNetwork(label: string, network: BilinearNetwork): void {
  const { units, weights, velocityWeights, bias, alpha = 1, activation = "retanh", inhibition = 0 } = network;
  if (!Number.isInteger(units) || units < 1)
    throw new ValueError(`${label}: units: expected a positive integer, got ${units}.`);
  checkArray(`${label}: weights`, weights, [units, units], "post, pre");
  const inputs = inputsOf(network);
  if (![0, 1, 2].includes(inputs))
    throw new ShapeError(
      `${label}: velocityWeights: expected [D, ${units}, ${units}] (input, post, pre) with D up to 2, got ${velocityWeights.length} values.`,
    );
  checkArray(`${label}: velocityWeights`, velocityWeights, [inputs, units, units], "input, post, pre");
  if (bias !== undefined) checkArray(`${label}: bias`, bias, [units], "unit");
  if (typeof alpha !== "number") checkArray(`${label}: alpha`, alpha, [units], "unit");
  const wrong = (typeof alpha === "number" ? [alpha] : [...alpha]).find((value) => !(value > 0 && value <= 1));
  if (wrong !== undefined) throw new ValueError(`${label}: alpha: expected numbers in (0, 1], got ${wrong}.`);
  if (!(activations as readonly string[]).includes(activation))
    throw new ConfigError(`${label}: activation: ${describeChoice(activations, activation)}`);
  if (!(inhibition >= 0 && Number.isFinite(inhibition)))
    throw new ValueError(`${label}: inhibition: expected a number of at least 0, got ${inhibition}.`);
}

/** @throws ShapeError for another length; ValueError naming the first value that is not finite. */
export function checkArray(label: string, values: ArrayLike<number>, shape: readonly number[], axes: string): void {
  const size = shape.reduce((product, length) => product * length, 1);
  if (values.length !== size)
    throw new ShapeError(`${label}: expected [${shape.join(", ")}] (${axes}), got ${values.length} values.`);
  for (let index = 0; index < size; index += 1)
    if (!Number.isFinite(values[index]))
      throw new ValueError(`${label}: expected finite numbers, got ${values[index]} at ${index}.`);
}
