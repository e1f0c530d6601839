import { activations, customVariables } from "../io/activation-schema.ts";
import { evaluator } from "../io/expression.ts";
import { parseExpression } from "../io/expression-parser.ts";
import type { Activation } from "../io/model-schema.ts";
import type { ModelSpec } from "./model.ts";

function builtIn(activation: Activation, x: number): number {
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
  }
}

/** What units do with their preactivation, r = f(gain (v - threshold)) in float64: the twin of shaders/lib/unit.wgsl. */
export function rateFunction({
  activation,
  units,
  customActivations = {},
}: Pick<ModelSpec, "activation" | "units" | "customActivations">): (unit: number, v: number) => number {
  const custom = Object.fromEntries(
    Object.entries(customActivations).map(([name, { value }]) => {
      const evaluate = evaluator(parseExpression(value, customVariables), customVariables);
      return [name, (x: number) => evaluate([x])];
    }),
  );
  return (unit, v) => {
    const x = (units?.gain?.[unit] ?? 1) * (v - (units?.threshold?.[unit] ?? 0));
    const name = units?.activation?.[unit] ?? activation;
    const known = activations.find((one) => one === name);
    return known === undefined ? (custom[name]?.(x) ?? Number.NaN) : builtIn(known, x);
  };
}
