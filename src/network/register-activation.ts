import type { Device } from "../gpu/device.ts";
import { type CustomActivation, namedActivationSchema } from "../io/activation-schema.ts";
import { parseWith } from "../io/config.ts";
import { confirmFormula } from "../ops/confirm-formula.ts";
import { activationFormula } from "../ops/custom-activations.ts";

/**
 * Checks an activation of your own on a device, and gives it back as plain data for `activation` or `units.activation`.
 *
 * Value and slope are each one WGSL expression in `x`, the preactivation after gain and threshold: numbers, + - * / %,
 * comparisons, && || !, and WGSL's functions of single numbers (exp, log, sqrt, pow, tanh, abs, min, max, clamp, select,
 * …). Slope is compared with central differences of value, in float64, for x from -8 to 8 and at ±16, ±32, ±64 and ±100;
 * at a kink any slope between those of the two sides is right. Then both are computed on the device and must be what they
 * are in float64: nothing may overflow. Slopes as they are usually written often do: that of x / (1 + exp(-x)) over
 * (1 + exp(-x))² is NaN below -44, which the example avoids. A model file brings its custom activations with it; they pass the same check.
 *
 * ```ts
 * import { ctrnn, dense, openDevice, registerActivation } from "cortrain";
 *
 * const device = await openDevice();
 * const swish = await registerActivation(device, {
 *   name: "swish",
 *   value: "x / (1.0 + exp(-x))",
 *   slope: "1.0 / (1.0 + exp(-x)) + x / (2.0 + exp(x) + exp(-x))",
 * });
 * const structure = dense({ inputs: 2, hidden: 4, outputs: 1 });
 * const network = ctrnn(device, {
 *   structure,
 *   activation: swish,
 *   units: { activation: [swish, swish, "tanh", "relu"] },
 * });
 * const { rates } = await network.run({ steps: 3, trials: 1, inputs: Float32Array.of(1, 0, 1, 0, 1, 0) });
 * ```
 *
 * @throws ConfigError for a wrong name or expression, naming the column; ValueError where slope is wrong or the device
 * computes something else, saying where and by how much.
 */
export async function registerActivation(device: Device, activation: CustomActivation): Promise<CustomActivation> {
  const checked = parseWith(namedActivationSchema, activation, "registerActivation");
  await confirmFormula(device, activationFormula(checked));
  return checked;
}
