import type { Denominator, LossValue } from "./loss.ts";
import { add, at, type Numbers, sum } from "./numbers.ts";

/** `rows`: over the number of rows, time × trial. `mask`: over the sum of the rows' masks. */
export type RowDenominator = "rows" | "mask";

/** The mask of a row: that of its first output. */
function rowMask(mask: Numbers | undefined, width: number, row: number): number {
  return mask ? at(mask, row * width) : 1;
}

function rowDivisor(mask: Numbers | undefined, width: number, rows: number, denominator: RowDenominator): number {
  if (denominator === "rows" || !mask) return rows;
  let total = 0;
  for (let row = 0; row < rows; row += 1) total += rowMask(mask, width, row);
  return total;
}

/** Softmax cross-entropy -Σ_k target_k log softmax(output)_k of every row, and its derivative by the logits. */
export function crossEntropy(
  outputs: Numbers,
  targets: Numbers,
  width: number,
  mask?: Numbers,
  denominator: RowDenominator = "rows",
): LossValue {
  const rows = outputs.length / width;
  const divisor = rowDivisor(mask, width, rows, denominator);
  const gradient = new Float64Array(outputs.length);
  let value = 0;
  for (let row = 0; row < rows; row += 1) {
    const factor = rowMask(mask, width, row) / divisor;
    const logits = Array.from({ length: width }, (_, k) => at(outputs, row * width + k));
    const largest = Math.max(...logits);
    const logSum = largest + Math.log(sum(logits.map((z) => Math.exp(z - largest))));
    for (const [k, z] of logits.entries()) {
      const target = at(targets, row * width + k);
      value += factor * target * (logSum - z);
      for (const [j, other] of logits.entries()) {
        const softmax = Math.exp(other - logSum);
        add(gradient, row * width + j, factor * target * (softmax - (j === k ? 1 : 0)));
      }
    }
  }
  return { value, gradient };
}

/** -(y log σ(z) + (1 - y) log(1 - σ(z))) of every element, and its derivative by the logit z. */
export function binaryCrossEntropy(
  outputs: Numbers,
  targets: Numbers,
  mask?: Numbers,
  denominator: Denominator = "elements",
): LossValue {
  const divisor = denominator === "elements" || !mask ? outputs.length : sum(mask);
  const gradient = new Float64Array(outputs.length);
  let value = 0;
  for (let index = 0; index < outputs.length; index += 1) {
    const [z, y] = [at(outputs, index), at(targets, index)];
    const factor = (mask ? at(mask, index) : 1) / divisor;
    // -log σ(z) = log(1 + e^-z), -log(1 - σ(z)) = log(1 + e^z), with the exponent kept below 0.
    const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    value += factor * (y * softplus(-z) + (1 - y) * softplus(z));
    gradient[index] = factor * (1 / (1 + Math.exp(-z)) - y);
  }
  return { value, gradient };
}

/** 1 - y·t / (√(|y|² + ε²) |t|) of every row, 1 where t is 0, and its derivative by y. */
export function cosine(
  outputs: Numbers,
  targets: Numbers,
  width: number,
  epsilon: number,
  mask?: Numbers,
  denominator: RowDenominator = "rows",
): LossValue {
  const rows = outputs.length / width;
  const divisor = rowDivisor(mask, width, rows, denominator);
  const gradient = new Float64Array(outputs.length);
  let value = 0;
  for (let row = 0; row < rows; row += 1) {
    const factor = rowMask(mask, width, row) / divisor;
    let [product, outputSquare, targetSquare] = [0, 0, 0];
    for (let index = row * width; index < (row + 1) * width; index += 1) {
      product += at(outputs, index) * at(targets, index);
      outputSquare += at(outputs, index) ** 2;
      targetSquare += at(targets, index) ** 2;
    }
    const length = Math.sqrt(outputSquare + epsilon ** 2) * Math.sqrt(targetSquare);
    value += factor * (1 - (targetSquare === 0 ? 0 : product / length));
    for (let index = row * width; index < (row + 1) * width && targetSquare > 0; index += 1) {
      const byLength = (product * at(outputs, index)) / (outputSquare + epsilon ** 2);
      gradient[index] = (-factor * (at(targets, index) - byLength)) / length;
    }
  }
  return { value, gradient };
}
