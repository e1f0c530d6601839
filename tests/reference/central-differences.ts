import { add, type Numbers } from "./numbers.ts";

/**
 * (f(x + h) - f(x - h)) / 2h for every entry of one list; `valueAt` gets the list with one entry moved. The
 * default step leaves about 1e-11 of rounding and 1e-10 of curvature in float64.
 */
export function centralDifferences(
  values: Numbers,
  valueAt: (moved: Float64Array) => number,
  stepSize = 1e-5,
): Float64Array {
  return Float64Array.from({ length: values.length }, (_, index) => {
    const up = Float64Array.from(values);
    const down = Float64Array.from(values);
    add(up, index, stepSize);
    add(down, index, -stepSize);
    return (valueAt(up) - valueAt(down)) / (2 * stepSize);
  });
}
