import type { LossInput } from "../../src/loss/losses.ts";

/** nn4n's RNNLoss as a list of our terms, in its order. */
export function nn4nTerms(version: string, lambdas: Readonly<Record<string, number>>): LossInput[] {
  const weight = (name: string): number => lambdas[`lambda_${name}`] ?? 0;
  const old = version === "v1.0.3";
  return [
    { type: "meanSquaredError", weight: weight("mse") },
    { type: "weightL2", matrix: "weightIH", weight: weight("in") },
    { type: "weightL2", matrix: "weightHH", weight: weight("hid") },
    { type: "weightL2", matrix: "weightHO", weight: weight("out") },
    { type: "meanRate", weight: weight("fr") },
    { type: "rateSpread", weight: weight("fr_sd"), squared: old },
    {
      ...{ type: "rateSpread", metric: "cv", of: "absoluteRate", weight: weight("fr_cv") },
      per: old ? "trialUnit" : "unit",
    },
  ];
}
