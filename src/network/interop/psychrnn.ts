import { ConfigError, ValueError } from "../../errors.ts";
import type { Model, WeightName } from "../model.ts";
import { assembleModel, checkInteropOptions, type InteropOptions } from "./assemble.ts";
import { type ArraySource, ForeignArrays } from "./foreign-arrays.ts";
import { isPsychRNNLstm, readPsychRNNLstm } from "./psychrnn-lstm.ts";

/** {@link InteropOptions}, of which PsychRNN's dt and tau (or alpha) must be given but for an LSTM: its files lack them. */
export interface PsychRNNFileOptions extends InteropOptions {
  /**
   * Whether Dale's law was applied. Unless given: where Dale_rec has an inhibitory unit and the weights keep its signs.
   */
  readonly dale?: boolean;
}

type Weights = Record<WeightName, Float32Array>;

/** The diagonal of a matrix that is 0 elsewhere. @throws ValueError */
function diagonalOf(label: string, matrix: Float32Array, size: number, allowed: readonly number[]): Float32Array {
  const wrong = matrix.findIndex((value, index) => index % (size + 1) !== 0 && value !== 0);
  const diagonal = Float32Array.from({ length: size }, (_, unit) => matrix[unit * (size + 1)] ?? 0);
  if (wrong >= 0 || !diagonal.every((value) => allowed.includes(value)))
    throw new ValueError(`${label}: expected a diagonal matrix of ${allowed.join(" or ")}.`);
  return diagonal;
}

/** Whether the effective weights are what Dale's law leaves: W_in and W_out not negative, each column of W_rec its sign. */
function keepsDale({ weightIH, weightHH, weightHO }: Weights, signs: Float32Array): boolean {
  return (
    weightHH.every((value, index) => value * (signs[index % signs.length] ?? 0) >= 0) &&
    weightIH.every((value) => value >= 0) &&
    weightHO.every((value) => value >= 0)
  );
}

/** 1 where PsychRNN's connectivity lets a weight through; undefined where it lets all through. */
function maskOf(file: ForeignArrays, name: string, shape: readonly number[], axes: string): Float32Array | undefined {
  const factors = file.readIfThere(name, shape, axes);
  if (factors === undefined || factors.every((factor) => factor === 1)) return undefined;
  if (factors.some((factor) => factor !== 0 && factor !== 1))
    file.notice(`${name} has factors other than 0 and 1; the weights hold them already, and updates are not scaled`);
  return factors.map((factor) => (factor === 0 ? 0 : 1));
}

/**
 * A model of the weights that PsychRNN 1.0 saved (`model.save("weights.npz")`, `Basic` or `BasicScan`): init_state → v0,
 * W_in, W_rec, W_out (effective, as PsychRNN saves them), b_rec, b_out, the three connectivities → masks, Dale_rec and
 * Dale_out → signs and the readout's mask. Under Dale's law the constraint is `abs`, PsychRNN's own. The optimiser's slots
 * (`W_rec/Adam`) are not read; pickled entries never are: the transfer function is relu unless `activation` is given.
 * PsychRNN's `LSTM` becomes an lstm with `lstmOutput: "sigmoid"`, which needs no times.
 * @param source bytes of the `.npz`, or its arrays.
 * @throws ConfigError where no times are given; FileFormatError, ShapeError, ValueError naming the array.
 */
export function modelFromPsychRNN(source: ArraySource, options: PsychRNNFileOptions): Model {
  checkInteropOptions("modelFromPsychRNN", options, ["dale"]);
  const { label = "PsychRNN weights", onNotice, dtMs, tauMs, alpha, dale: _dale, ...rest } = options;
  const file = new ForeignArrays(source, label, onNotice);
  const slots = file.names.filter((name) => name.includes("/"));
  if (slots.length > 0) file.notice(`${slots.length} optimiser slots (such as ${slots[0]}) are not read`);
  file.skip(slots);
  if (isPsychRNNLstm(file)) {
    if (tauMs !== undefined || alpha !== undefined)
      file.notice("an LSTM has no leak: tau (or alpha) has no part in it");
    return readPsychRNNLstm(file, { ...rest, ...(dtMs !== undefined && { dtMs }) });
  }
  if (alpha === undefined && (dtMs === undefined || tauMs === undefined))
    throw new ConfigError(`${label}: dt and tau are not in the file: give dtMs and tauMs, or alpha.`);

  const [hidden = 0] = file.shapeOf("W_rec");
  const [, inputs = 0] = file.shapeOf("W_in");
  const [outputs = 0] = file.shapeOf("W_out");
  const inAxes = "N_rec, N_in";
  const outAxes = "N_out, N_rec";
  const square = [hidden, hidden];
  const weights: Weights = {
    weightIH: file.read("W_in", [hidden, inputs], inAxes),
    weightHH: file.read("W_rec", square, "N_rec, N_rec"),
    weightHO: file.read("W_out", [outputs, hidden], outAxes),
  };
  const parameters = {
    biasH: file.read("b_rec", [hidden], "N_rec"),
    biasO: file.read("b_out", [outputs], "N_out"),
    v0: file.read("init_state", [hidden], "N_rec"),
  };
  const maskIH = maskOf(file, "input_connectivity", [hidden, inputs], inAxes);
  const maskHH = maskOf(file, "rec_connectivity", square, "N_rec, N_rec");
  const ownMaskHO = maskOf(file, "output_connectivity", [outputs, hidden], outAxes);
  const dale = readDale(file, weights, hidden, options.dale);
  const maskHO =
    dale?.reaches.includes(0) === true
      ? weights.weightHO.map((_, index) => (ownMaskHO?.[index] ?? 1) * (dale.reaches[index % hidden] ?? 0))
      : ownMaskHO;
  if (options.activation === undefined)
    file.notice("the transfer function is not read: relu, unless activation is given");
  file.noticeUnread();
  return assembleModel(
    label,
    {
      ...{ inputs, hidden, outputs },
      parameters: { ...parameters, ...(dale === undefined ? weights : absolute(weights)) },
      masks: {
        ...(maskIH && { weightIH: maskIH }),
        ...(maskHH && { weightHH: maskHH }),
        ...(maskHO && { weightHO: maskHO }),
      },
      ...(dale !== undefined && {
        constraint: "abs" as const,
        signs: {
          weightIH: weights.weightIH.map(() => 1),
          weightHH: weights.weightHH.map((_, index) => dale.signs[index % hidden] ?? 0),
          weightHO: weights.weightHO.map(() => 1),
        },
      }),
    },
    options,
    { activation: "relu", noise: { scale: "sqrt2alpha" }, learn: { v0: true } },
  );
}

/** Raw values behind effective ones under `abs`. */
function absolute(weights: Weights): Weights {
  return {
    weightIH: weights.weightIH.map(Math.abs),
    weightHH: weights.weightHH.map(Math.abs),
    weightHO: weights.weightHO.map(Math.abs),
  };
}

/** The sign of each unit, and whether it reaches the outputs (1 or 0), where Dale's law was applied. */
function readDale(
  file: ForeignArrays,
  weights: Weights,
  hidden: number,
  asked: boolean | undefined,
): { readonly signs: Float32Array; readonly reaches: Float32Array } | undefined {
  const square = [hidden, hidden];
  const recurrent = file.readIfThere("Dale_rec", square, "N_rec, N_rec");
  const readout = file.readIfThere("Dale_out", square, "N_rec, N_rec");
  if (recurrent === undefined) {
    if (asked === true) throw new ConfigError(`${file.label}: dale is asked for, but the file has no Dale_rec.`);
    return undefined;
  }
  const signs = diagonalOf(`${file.label}: Dale_rec`, recurrent, hidden, [1, -1]);
  const reaches =
    readout === undefined
      ? signs.map((sign) => (sign > 0 ? 1 : 0))
      : diagonalOf(`${file.label}: Dale_out`, readout, hidden, [1, 0]);
  if (asked === false || (asked === undefined && !signs.includes(-1))) return undefined;
  if (asked === undefined && !keepsDale(weights, signs)) {
    // PsychRNN does not apply a dale_ratio of 0, and before 1.0 it saved raw weights.
    file.notice("Dale_rec has inhibitory units, but the weights do not keep its signs: they stay free; see dale: true");
    return undefined;
  }
  return { signs, reaches };
}
