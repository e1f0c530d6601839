import type { ModelJson } from "../io/model-schema.ts";

/** The three weight matrices: input→hidden, hidden→hidden, hidden→output. */
export const weightNames = ["weightIH", "weightHH", "weightHO"] as const;
export type WeightName = (typeof weightNames)[number];

/** Every trainable tensor, in the order in which they lie in the flat parameter buffer. */
export const parameterNames = ["weightIH", "weightHH", "biasH", "weightHO", "biasO", "alpha", "v0"] as const;
export type ParameterName = (typeof parameterNames)[number];

/** What a network computes with, without its numbers: `model.json` less its file header. */
export type ModelSpec = Omit<ModelJson, "format" | "cell" | "tauMs" | "alpha">;

/**
 * A recurrent network as plain data: no GPU object, safe to copy, save and compare.
 * Shapes, with I inputs, H hidden units and O outputs: weightIH [H, I], weightHH [H, H], biasH [H], weightHO [O, H],
 * biasO [O], alpha [H], v0 [H]; row-major, rows postsynaptic.
 */
export interface Model {
  readonly spec: ModelSpec;
  /** Raw values; equal to the effective ones unless `spec.constraint` is `abs` or `rectify`. */
  readonly parameters: Readonly<Record<ParameterName, Float32Array>>;
  /** 1 where a synapse may exist, 0 where it never does; absent = all 1. */
  readonly masks: Readonly<Partial<Record<WeightName, Float32Array>>>;
  /** +1 excitatory, -1 inhibitory, 0 free; absent = all 0. */
  readonly signs: Readonly<Partial<Record<WeightName, Float32Array>>>;
  /** 0…1, the factor on each weight's update; absent = all 1. */
  readonly plasticity: Readonly<Partial<Record<WeightName, Float32Array>>>;
  /** Distance between each two hidden units [H, H], >= 0, in the unit of the reader's choice; absent = not known. */
  readonly distances?: Float32Array;
}

/** The shape of one trainable tensor. */
export function parameterShape(
  spec: Pick<ModelSpec, "inputs" | "hidden" | "outputs">,
  name: ParameterName,
): readonly number[] {
  const { inputs, hidden, outputs } = spec;
  switch (name) {
    case "weightIH":
      return [hidden, inputs];
    case "weightHH":
      return [hidden, hidden];
    case "weightHO":
      return [outputs, hidden];
    case "biasO":
      return [outputs];
    case "biasH":
    case "alpha":
    case "v0":
      return [hidden];
  }
}
