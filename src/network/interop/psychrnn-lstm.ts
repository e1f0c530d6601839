import type { Model } from "../model.ts";
import type { InteropOptions } from "./assemble.ts";
import { assembleGated } from "./assemble-gated.ts";
import type { ForeignArrays } from "./foreign-arrays.ts";
import { joinGates } from "./gates.ts";

/** PsychRNN's names of the gates i, f, g, o. */
const names = { i: "i", f: "f", g: "c", o: "o" } as const;

/** What PsychRNN's base class saves with every model, and its LSTM does not use. */
const unused = ["W_in", "W_rec", "b_rec", "init_state", "Dale_rec", "Dale_out"];

/**
 * PsychRNN's LSTM: each W_* [N_rec + N_in, N_rec] acts on [h, u] from the right, the output is o sigmoid(c), and the
 * initial states are rows of init_hidden and init_cell, one for each trial of a batch; the first row is taken, as PsychRNN's
 * simulator does.
 */
export function readPsychRNNLstm(file: ForeignArrays, options: InteropOptions): Model {
  const [outputs = 0, hidden = 0] = file.shapeOf("W_out");
  const [both = 0] = file.shapeOf("W_f");
  const inputs = both - hidden;
  const gateOf = (name: string) => {
    const weights = file.read(`W_${name}`, [both, hidden], "N_rec + N_in, N_rec");
    const rows = (from: number, count: number): Float32Array =>
      Float32Array.from({ length: hidden * count }, (_, index) => {
        const [post, pre] = [Math.floor(index / count), from + (index % count)];
        return weights[pre * hidden + post] ?? Number.NaN;
      });
    const bias = file.read(`b_${name}`, [hidden], "N_rec");
    return { weightIH: rows(hidden, inputs), weightHH: rows(0, hidden), bias };
  };
  const gates = { i: gateOf(names.i), f: gateOf(names.f), g: gateOf(names.g), o: gateOf(names.o) };
  const stacked = joinGates("lstm", gates);
  const firstRow = (name: string): Float32Array => {
    const [rows = 1] = file.shapeOf(name);
    return file.read(name, [rows, hidden], "N_batch, N_rec").slice(0, hidden);
  };
  const [trials = 1] = file.shapeOf("init_hidden");
  if (trials > 1)
    file.notice(`init_hidden and init_cell have ${trials} rows, one a trial of a batch: the first is taken`);
  const parameters = {
    weightIH: stacked.weightIH.data,
    weightHH: stacked.weightHH.data,
    biasH: stacked.biasIH.data,
    weightHO: file.read("W_out", [outputs, hidden], "N_out, N_rec"),
    biasO: file.read("b_out", [outputs], "N_out"),
    v0: firstRow("init_cell"),
    r0: firstRow("init_hidden"),
  };
  file.skip(unused.filter((name) => file.has(name)));
  file.skip(["input", "rec", "output"].map((name) => `${name}_connectivity`));
  file.noticeUnread();
  const sizes = { cell: "lstm", lstmOutput: "sigmoid", inputs, hidden, outputs } as const;
  return assembleGated(file.label, { ...sizes, parameters }, options, { v0: true, r0: true });
}

/** Whether a file holds PsychRNN's LSTM. */
export function isPsychRNNLstm(arrays: { has(name: string): boolean }): boolean {
  return arrays.has("W_f") && arrays.has("init_cell");
}
