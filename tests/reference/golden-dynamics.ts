import type { Model } from "../../src/network/model.ts";
import dynamicsFile from "../fixtures/golden/analysis/dynamics.json" with { type: "json" };
import stepsFile from "../fixtures/golden/psychrnn/train-steps.json" with { type: "json" };
import { flatten, float32, goldenModel, timeFirst } from "./golden-model.ts";

/** Ω of a network of five units, whose mean squared error leaves out the first three steps. */
export interface OmegaCase {
  readonly activation: "tanh" | "relu";
  readonly model: Model;
  readonly trials: {
    readonly time: number;
    readonly batch: number;
    readonly inputs: Float32Array;
    readonly targets: Float32Array;
    readonly mask: Float32Array;
  };
  /** The same in float64. */
  readonly weightHH: Float64Array;
  /** dE/dv [time, batch, hidden]. */
  readonly stateGradients: Float64Array;
  readonly bound: number;
  /** Ω, and its immediate derivative by weightHH, by differences, with each slope. */
  readonly expected: Readonly<Record<"before" | "after", { readonly value: number; readonly byWeights: Float64Array }>>;
}

/** The cases of `analysis/dynamics.json`, on the arrays of `psychrnn/train-steps.json`. */
export function omegaCases(): OmegaCase[] {
  const { raw, u, y, alpha } = stepsFile;
  const [time, batch] = [u[0]?.length ?? 0, u.length];
  const isScored = (index: number): boolean => Math.floor(index / (batch * 2)) >= 3;
  return (["tanh", "relu"] as const).map((activation): OmegaCase => {
    const entry = dynamicsFile[`omega_${activation}`];
    const paper = entry["paper f'(x_t)"];
    const pycog = entry["pycog-code f'(x_{t+1})"];
    return {
      activation,
      model: goldenModel(
        { inputs: 2, hidden: 5, outputs: 2, activation },
        {
          weightIH: raw.W_in,
          weightHH: raw.W_rec,
          biasH: raw.b_rec,
          weightHO: raw.W_out,
          biasO: raw.b_out,
          alpha,
          v0: raw.init_state,
        },
      ),
      trials: {
        ...{ time, batch, inputs: float32(timeFirst(u)), targets: float32(timeFirst(y)) },
        mask: Float32Array.from({ length: time * batch * 2 }, (_, index) => (isScored(index) ? 1 : 0)),
      },
      weightHH: flatten(raw.W_rec),
      stateGradients: timeFirst(entry.dE_dx),
      bound: entry.bound,
      expected: {
        before: { value: paper.Omega, byWeights: flatten(paper.immediate_dOmega_dWrec_fd) },
        after: { value: pycog.Omega, byWeights: flatten(pycog.immediate_dOmega_dWrec_fd) },
      },
    };
  });
}
