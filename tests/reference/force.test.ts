import { expect, test } from "vitest";
import { forward } from "./ctrnn.ts";
import { force } from "./force.ts";
import { generateModel, generateTrials } from "./generate.ts";
import { add, at, largestDifference } from "./numbers.ts";

const sizes = { inputs: 2, hidden: 5, outputs: 2, seed: 4 };
const model = generateModel({ ...sizes, activation: "tanh" });
const trials = generateTrials({ ...sizes, time: 12, batch: 2 });

/** x in A x = b, by elimination; A [n, n] is positive definite. */
function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  const a = matrix.slice();
  const x = right.slice();
  for (let pivot = 0; pivot < n; pivot += 1) {
    for (let row = pivot + 1; row < n; row += 1) {
      const factor = at(a, row * n + pivot) / at(a, pivot * n + pivot);
      for (let k = pivot; k < n; k += 1) add(a, row * n + k, -factor * at(a, pivot * n + k));
      add(x, row, -factor * at(x, pivot));
    }
  }
  for (let row = n - 1; row >= 0; row -= 1) {
    for (let k = row + 1; k < n; k += 1) add(x, row, -at(a, row * n + k) * at(x, k));
    x[row] = at(x, row) / at(a, row * n + row);
  }
  return x;
}

test("without feedback, recursive least squares ends where ridge regression does", () => {
  const { hidden, outputs } = sizes;
  const regularisation = 0.7;
  const learned = (t: number): boolean => t % 3 > 0;
  const { weightHO, inverse } = force(model, { ...trials, learned }, { regularisation });
  const { r } = forward(model, trials);
  const correlation = new Float64Array(hidden * hidden);
  for (let i = 0; i < hidden; i += 1) correlation[i * hidden + i] = regularisation;
  const rows: number[] = [];
  for (let t = 0; t < trials.time; t += 1) {
    for (let b = 0; b < trials.batch; b += 1) if (learned(t)) rows.push(t * trials.batch + b);
  }
  for (const row of rows)
    for (let i = 0; i < hidden; i += 1)
      for (let j = 0; j < hidden; j += 1)
        add(correlation, i * hidden + j, at(r, row * hidden + i) * at(r, row * hidden + j));
  for (let o = 0; o < outputs; o += 1) {
    // (sum r r' + a) (w - w0) = sum r (f - b - w0 r)
    const { weightHO: first, biasO } = model.parameters;
    const right = new Float64Array(hidden);
    for (const row of rows) {
      let missing = at(trials.targets, row * outputs + o) - at(biasO, o);
      for (let j = 0; j < hidden; j += 1) missing -= at(first, o * hidden + j) * at(r, row * hidden + j);
      for (let j = 0; j < hidden; j += 1) add(right, j, missing * at(r, row * hidden + j));
    }
    const change = solve(correlation, right);
    const expected = change.map((value, j) => value + at(first, o * hidden + j));
    expect(largestDifference(weightHO.slice(o * hidden, (o + 1) * hidden), expected)).toBeLessThan(1e-10);
  }
  // P is the inverse of the correlation matrix.
  for (let column = 0; column < hidden; column += 1) {
    const unit = Float64Array.from({ length: hidden }, (_, i) => (i === column ? 1 : 0));
    const own = Float64Array.from({ length: hidden }, (_, i) => at(inverse, i * hidden + column));
    expect(largestDifference(own, solve(correlation, unit))).toBeLessThan(1e-10);
  }
});

test("an error after the update is the one before over 1 + r'Pr, and nothing is learned where it is 0", () => {
  const one = { ...trials, batch: 1, learned: (t: number) => t > 3 };
  const { errors, changes, outputs } = force(model, one, {
    regularisation: 1,
    feedback: new Float64Array(10).fill(0.3),
  });
  for (let t = 0; t < one.time; t += 1) {
    const after = Math.hypot(...[0, 1].map((o) => at(outputs, t * 2 + o) - at(one.targets, t * 2 + o))) / Math.SQRT2;
    if (one.learned(t)) expect(after).toBeLessThan(at(errors, t));
    else expect(after).toBeCloseTo(at(errors, t), 12);
    expect(at(changes, t) > 0).toBe(one.learned(t));
  }
});
