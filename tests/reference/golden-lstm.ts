import type { Model } from "../../src/network/model.ts";
import type { InputSequence } from "./ctrnn.ts";
import { specOf } from "./generate.ts";
import { flatten, float32, type Nested, timeFirst } from "./golden-model.ts";
import { at } from "./numbers.ts";

type Matrix = readonly (readonly number[])[];
type Sequences = readonly Matrix[];

/** `psychrnn/lstm-forward.json`: each W_* is [hidden + inputs, hidden], for [h, u]; sequences are [batch, time, unit]. */
export interface LstmFile {
  readonly weights: Readonly<
    Record<"W_out" | "W_f" | "W_i" | "W_c" | "W_o" | "init_hidden" | "init_cell", Matrix> &
      Record<"b_out" | "b_f" | "b_i" | "b_c" | "b_o", readonly number[]>
  >;
  readonly u: Sequences;
  readonly hidden: Sequences;
  readonly cell: Sequences;
  readonly outputs: Sequences;
}

/** The file as a model, with inputs and what is expected. PsychRNN's simulator starts every trial at the first row of init_*. */
export function goldenLstm(file: LstmFile): {
  readonly model: Model;
  readonly sequence: InputSequence & { readonly inputs: Float32Array };
  readonly cells: Float64Array;
  readonly rates: Float64Array;
  readonly outputs: Float64Array;
} {
  const { W_i, W_f, W_c, W_o, W_out, b_i, b_f, b_c, b_o, b_out, init_hidden, init_cell } = file.weights;
  const [hidden, outputs, both] = [b_i.length, b_out.length, W_i.length];
  const gates = [W_i, W_f, W_c, W_o].map(flatten);
  /** Rows `from` to one before `to` of every W_*, transposed, one gate after the other. */
  const rows = (from: number, to: number): Float32Array =>
    Float32Array.from(
      gates.flatMap((weights) =>
        Array.from({ length: hidden * (to - from) }, (_, k) => {
          const [post, pre] = [Math.floor(k / (to - from)), from + (k % (to - from))];
          return at(weights, pre * hidden + post);
        }),
      ),
    );
  const model: Model = {
    spec: specOf({ cell: "lstm", lstmOutput: "sigmoid", inputs: both - hidden, hidden, outputs }),
    parameters: {
      weightIH: rows(hidden, both),
      weightHH: rows(0, hidden),
      biasH: Float32Array.from([b_i, b_f, b_c, b_o].flat()),
      weightHO: float32(W_out as Nested),
      biasO: Float32Array.from(b_out),
      alpha: new Float32Array(0),
      v0: Float32Array.from(init_cell[0] ?? []),
      biasN: new Float32Array(0),
      r0: Float32Array.from(init_hidden[0] ?? []),
    },
    ...{ masks: {}, signs: {}, plasticity: {} },
  };
  return {
    model,
    sequence: { time: file.u[0]?.length ?? 0, batch: file.u.length, inputs: float32(timeFirst(file.u)) },
    cells: timeFirst(file.cell),
    rates: timeFirst(file.hidden),
    outputs: timeFirst(file.outputs),
  };
}
