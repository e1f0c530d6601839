import { at, type Numbers, sum } from "./numbers.ts";

/** A term on mean rates, as in src/loss/mean-rate-terms.ts. */
export interface MeanRateOptions {
  readonly metric: "l1" | "l2" | "sd" | "cv" | "meanDeviation" | "maxDeviation";
  readonly absolute: boolean;
  readonly perTrial: boolean;
  readonly squared: boolean;
  readonly correction: number;
}

/** The mean rates that a term is about: one for each unit, or for each unit in each trial. */
function means(
  { absolute, perTrial }: MeanRateOptions,
  rates: Numbers,
  [time, batch, hidden]: readonly [number, number, number],
): Float64Array {
  const groups = perTrial ? batch : 1;
  const result = new Float64Array(groups * hidden);
  for (let t = 0; t < time; t += 1) {
    for (let b = 0; b < batch; b += 1) {
      for (let n = 0; n < hidden; n += 1) {
        const r = at(rates, (t * batch + b) * hidden + n);
        const place = (perTrial ? b : 0) * hidden + n;
        result[place] = at(result, place) + (absolute ? Math.abs(r) : r) / (time * (batch / groups));
      }
    }
  }
  return result;
}

/** The value of a term on rates [T, B, H], in plain loops. */
export function meanRateValue(
  options: MeanRateOptions,
  rates: Numbers,
  shape: readonly [number, number, number],
): number {
  const m = means(options, rates, shape);
  if (options.metric === "l1") return sum(m.map(Math.abs)) / m.length;
  if (options.metric === "l2") return sum(m.map((value) => value * value)) / m.length;
  const y = options.squared ? m.map((value) => value * value) : m;
  const mean = sum(y) / y.length;
  const sizes = y.map((value) => Math.abs(value - mean));
  const sd = Math.sqrt(sum(sizes.map((value) => value * value)) / (y.length - options.correction));
  switch (options.metric) {
    case "sd":
      return sd;
    case "cv":
      return sd / mean;
    case "meanDeviation":
      return sum(sizes) / sizes.length;
    case "maxDeviation":
      return Math.max(...sizes);
  }
}

/** Its gradient by every rate, by central differences. */
export function meanRateGradient(
  options: MeanRateOptions,
  rates: Numbers,
  shape: readonly [number, number, number],
): Float64Array {
  const moved = Float64Array.from(rates);
  const step = 1e-6;
  return Float64Array.from(rates, (rate, index) => {
    moved[index] = rate + step;
    const up = meanRateValue(options, moved, shape);
    moved[index] = rate - step;
    const down = meanRateValue(options, moved, shape);
    moved[index] = rate;
    return (up - down) / (2 * step);
  });
}
