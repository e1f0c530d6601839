import { ConfigError } from "../errors.ts";
import { evaluator } from "../io/expression.ts";
import { parseExpression } from "../io/expression-parser.ts";
import type { ModelSpec } from "./model.ts";

function activationValue(activation: string, custom: ModelSpec["customActivations"], x: number): number {
  const own = custom?.[activation];
  if (own !== undefined) return evaluator(parseExpression(own.value, ["x"]), ["x"])([x]);
  switch (activation) {
    case "relu":
      return Math.max(x, 0);
    case "tanh":
      return Math.tanh(x);
    case "sigmoid":
      return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
    case "retanh":
      return Math.max(Math.tanh(x), 0);
    case "softplus":
      return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    case "power":
      return Math.max(x, 0) ** 2;
    case "linear":
      return x;
    default:
      throw new ConfigError(`activation: there is no "${activation}" among the built-in and the custom ones.`);
  }
}

/** r = f(gain (v - threshold)) of one unit, in float64: what a unit does with its preactivation (shaders/lib/unit.wgsl). */
export function rateOf(
  { activation, customActivations, units }: Pick<ModelSpec, "activation" | "customActivations" | "units">,
  unit: number,
  v: number,
): number {
  const x = (units?.gain?.[unit] ?? 1) * (v - (units?.threshold?.[unit] ?? 0));
  return activationValue(units?.activation?.[unit] ?? activation, customActivations, x);
}
