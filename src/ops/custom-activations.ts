import { ConfigError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { fillPlaces } from "../gpu/places.ts";
import type { Shader } from "../gpu/shader.ts";
import { activations, type CustomActivation, customVariables, unknownActivation } from "../io/activation-schema.ts";
import { toWgsl } from "../io/expression.ts";
import { parseExpression } from "../io/expression-parser.ts";
import type { ModelSpec } from "../network/model.ts";
import { confirmFormula } from "./confirm-formula.ts";
import { checkSlope, type Formula } from "./formula.ts";

/** The part of a model that says what its units' activations are. */
export type Activations = Pick<ModelSpec, "activation" | "units" | "customActivations">;

/** The code that says that each unit has its own activation; those of custom ones follow it. */
export const mixedCode = activations.length;

/** The number of an activation in shaders/lib/activation.wgsl. */
export function activationCode(name: string, { customActivations = {} }: Activations): number {
  const custom = Object.keys(customActivations).indexOf(name);
  if (custom >= 0) return mixedCode + 1 + custom;
  return (activations as readonly string[]).indexOf(name);
}

/** A custom activation as a formula. @throws {@link ConfigError} where an expression is wrong. */
export function activationFormula({ name, value, slope }: CustomActivation): Formula {
  const label = `activation "${name}"`;
  const read = (text: string, what: string) => {
    try {
      return parseExpression(text, customVariables);
    } catch (cause) {
      throw new ConfigError(`${label}: ${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  };
  return {
    label,
    variables: customVariables,
    value: read(value, "value"),
    slope: read(slope, "slope"),
    ranges: [[-8, 8]],
    unbounded: true,
  };
}

function formulas({ customActivations = {} }: Activations): Formula[] {
  return Object.entries(customActivations).map(([name, custom]) => activationFormula({ name, ...custom }));
}

/**
 * Checks that every activation of a model is known, and that custom ones are what they say.
 * @throws {@link ConfigError} for an unknown name, naming the nearest known one, or an expression that is wrong;
 * {@link ValueError} for a slope that is not the derivative of its value.
 */
export function checkActivations(spec: Activations): void {
  const fault = unknownActivation(spec);
  if (fault !== undefined) throw new ConfigError(`${fault.path.join(".")}: ${fault.text}`);
  for (const formula of formulas(spec)) checkSlope(formula);
}

/** Checks a model's custom activations on a device, once. @throws {@link ValueError} as {@link confirmFormula}. */
export async function confirmActivations(device: Device, spec: Activations): Promise<void> {
  for (const formula of formulas(spec)) await confirmFormula(device, formula);
}

/** A shader that includes lib/activation.wgsl, with a model's custom activations in it; itself where there are none. */
export function withActivations<S extends Shader>(shader: S, spec: Activations): S {
  const all = formulas(spec);
  if (all.length === 0) return shader;
  const names = { x: "x" };
  const lanes = (name: string): string =>
    `vec4f(${["x", "y", "z", "w"].map((lane) => `${name}(v.${lane})`).join(", ")})`;
  const each = (line: (formula: Formula, code: number) => string): string =>
    all.map((formula, index) => line(formula, mixedCode + 1 + index)).join("\n");
  return fillPlaces(shader, {
    activation_functions: each(
      ({ value, slope }, code) =>
        `fn custom_value_${code}(x: f32) -> f32 { return ${toWgsl(value, names)}; }\n` +
        `fn custom_slope_${code}(x: f32) -> f32 { return ${toWgsl(slope, names)}; }`,
    ),
    activation_values: each((_, code) => `    case ${code}u: { return ${lanes(`custom_value_${code}`)}; }`),
    activation_slopes: each((_, code) => `    case ${code}u: { return ${lanes(`custom_slope_${code}`)}; }`),
  });
}
