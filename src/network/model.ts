import type { Cell, ModelJson } from "../io/model-schema.ts";
import { gateCount, hasParameter } from "./cells.ts";

/** The three weight matrices: input→hidden, hidden→hidden, hidden→output. */
export const weightNames = ["weightIH", "weightHH", "weightHO"] as const;
export type WeightName = (typeof weightNames)[number];

/** Every trainable tensor, in the order in which they lie in the flat parameter buffer. */
export const parameterNames = [
  "weightIH",
  "weightHH",
  "biasH",
  "weightHO",
  "biasO",
  "alpha",
  "v0",
  "biasN",
  "r0",
] as const;
export type ParameterName = (typeof parameterNames)[number];

/** What a network computes with, without its numbers: `model.json` less its file header. */
export type ModelSpec = Omit<ModelJson, "format" | "tauMs" | "alpha">;

/**
 * A recurrent network as plain data: no GPU object, safe to copy, save and compare.
 * Shapes, with I inputs, H hidden units and O outputs: weightIH [H, I], weightHH [H, H], biasH [H], weightHO [O, H],
 * biasO [O], alpha [H], v0 [H]; row-major, rows postsynaptic. An LSTM or a GRU has G blocks of H rows in the first three, one
 * for each gate (`gateNames`), in place of one, and r0 [H], the first rates; the LSTM's v0 is its first cell state; the GRU
 * has biasN [H], the recurrent bias of its candidate. A tensor that the cell does not have is an empty array.
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

/** What the shapes of the tensors follow from; without a cell, a CTRNN's. */
export type ShapeSizes = Pick<ModelSpec, "inputs" | "hidden" | "outputs"> & { readonly cell?: Cell | undefined };

/** The shape of one trainable tensor; [0] where the cell does not have it. */
export function parameterShape(spec: ShapeSizes, name: ParameterName): readonly number[] {
  const { inputs, hidden, outputs, cell = "ctrnn" } = spec;
  if (!hasParameter(cell, name)) return [0];
  const rows = gateCount(cell) * hidden;
  switch (name) {
    case "weightIH":
      return [rows, inputs];
    case "weightHH":
      return [rows, hidden];
    case "weightHO":
      return [outputs, hidden];
    case "biasO":
      return [outputs];
    case "biasH":
      return [rows];
    case "alpha":
    case "v0":
    case "biasN":
    case "r0":
      return [hidden];
  }
}
