import type { Activation } from "../io/model-schema.ts";
import type { ModelSpec } from "./model.ts";

function activationValue(activation: Activation, x: number): number {
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

/** r = f(gain (v - threshold)) of one unit, in float64: what a unit does with its preactivation (shaders/lib/unit.wgsl). */
export function rateOf(
  { activation, units }: Pick<ModelSpec, "activation" | "units">,
  unit: number,
  v: number,
): number {
  const x = (units?.gain?.[unit] ?? 1) * (v - (units?.threshold?.[unit] ?? 0));
  return activationValue(units?.activation?.[unit] ?? activation, x);
}
