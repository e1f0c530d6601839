import type { CustomActivation } from "../../src/io/activation-schema.ts";

/** x σ(x), written so that nothing overflows; its float64 twin is in tests/reference/activation.ts. */
export const swish: CustomActivation = {
  name: "swish",
  value: "x / (1.0 + exp(-x))",
  slope: "1.0 / (1.0 + exp(-x)) + x / (2.0 + exp(x) + exp(-x))",
};

/** x above 0, exp(x) - 1 below; float64 twin as above. */
export const elu: CustomActivation = {
  name: "elu",
  value: "select(exp(min(x, 0.0)) - 1.0, x, x > 0.0)",
  slope: "exp(min(x, 0.0))",
};

/** Custom activations as `model.json` has them. */
export function tableOf(...list: readonly CustomActivation[]): Record<string, Omit<CustomActivation, "name">> {
  return Object.fromEntries(list.map(({ name, ...formula }) => [name, formula]));
}
