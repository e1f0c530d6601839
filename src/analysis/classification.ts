import { ShapeError, ValueError } from "../errors.ts";
import { applyReadout, fitReadout, type Readout, type RidgeOptions } from "./ridge.ts";

/**
 * A linear classifier: ridge regression on one-hot classes, where the largest output names the class. Of several λ it takes
 * the one that names the fewest held-out rows wrongly.
 * @param states [rows, features], such as spikes; @param labels [rows], 0 … classes - 1.
 * @throws as `ridgeRegression`; ValueError for a label that is no class.
 */
export function ridgeClassification(
  states: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: RidgeOptions & { readonly features: number; readonly classes: number },
): Readout {
  const { classes } = options;
  const targets = new Uint8Array(labels.length * classes);
  for (let row = 0; row < labels.length; row += 1) {
    const label = labels[row] as number;
    if (!Number.isInteger(label) || label < 0 || label >= classes)
      throw new ValueError(`ridge: labels[${row}] is ${label}; expected an integer from 0 to ${classes - 1}.`);
    targets[row * classes + label] = 1;
  }
  const { classes: _, ...rest } = options;
  return fitReadout(states, targets, { ...rest, outputs: classes }, (predicted, first, rows) => {
    const named = largestOf(predicted, classes);
    let wrong = 0;
    for (let row = 0; row < rows; row += 1) wrong += Number(named[row] !== labels[first + row]);
    return wrong;
  });
}

/** The class [rows] that a readout names for each row of states [rows, features]; the first of several that are equal. */
export function classify(readout: Readout, states: ArrayLike<number>): Uint32Array {
  return largestOf(applyReadout(readout, states), readout.outputs);
}

function largestOf(values: Float64Array, width: number): Uint32Array {
  return Uint32Array.from({ length: values.length / width }, (_, row) => {
    let best = 0;
    for (let k = 1; k < width; k += 1)
      if ((values[row * width + k] as number) > (values[row * width + best] as number)) best = k;
    return best;
  });
}

/**
 * The share of rows that are named rightly.
 * @param counted [rows]: 0 = the row is left out; absent = all count.
 * @throws ShapeError; ValueError where no row counts.
 */
export function accuracyOf(named: ArrayLike<number>, labels: ArrayLike<number>, counted?: ArrayLike<number>): number {
  if (named.length !== labels.length || (counted !== undefined && counted.length !== labels.length))
    throw new ShapeError(
      `accuracyOf: ${named.length} answers, ${labels.length} labels${counted ? `, ${counted.length} rows that count or not` : ""}; expected as many of each.`,
    );
  let [right, rows] = [0, 0];
  for (let row = 0; row < labels.length; row += 1) {
    if (counted !== undefined && counted[row] === 0) continue;
    rows += 1;
    right += Number(named[row] === labels[row]);
  }
  if (rows === 0) throw new ValueError("accuracyOf: no row counts, so there is no accuracy.");
  return right / rows;
}
