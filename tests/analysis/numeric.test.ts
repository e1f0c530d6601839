import { expect, test } from "vitest";
import { erfc, findRoot, normalCdf, normalHazard } from "../../src/analysis/numeric.ts";
import { powerSums } from "../../src/analysis/power-sums.ts";

const close = (actual: number, expected: number, digits = 12): void => {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(10 ** -digits);
};

test("power sums are the zeta function and its derivative (mpmath)", () => {
  const rows = [
    [1.05, 20.580844302037, 399.927671191731, 16.707621938224214, 394.2555467188911],
    [1.5, 2.612375348685488, 3.932239737431101, 0.33103459181335837, 1.8529246814234988],
    [2.5, 1.341487257250917, 0.3873419503262099, 0.003022863408650079, 0.012889803891635536],
    [3.7, 1.1062882414646793, 0.09220632335339041, 0.00002240319033314682, 0.00008889323062549242],
  ] as const;
  for (const [exponent, one, oneLogs, far, farLogs] of rows) {
    const [first, second] = [powerSums(exponent, 1, Infinity), powerSums(exponent, 37, Infinity, 1)];
    close(first.total, one);
    close(first.logs, oneLogs);
    close(second.total, far);
    close(second.logs, farLogs);
  }
  close(powerSums(2, 1, Infinity).total, Math.PI ** 2 / 6);
});

test("and those of a finite range are its terms, added up, for α below 1, of 1, and large", () => {
  for (const [exponent, from, to] of [
    ...([
      [1.5, 6, 60],
      [1, 10, 100_000],
      [0.3, 5, 5000],
      [0, 3, 50],
      [2.5, 100, 300_000],
      [11, 1, 90],
    ] as const),
    ...([
      [11, 40, 4000],
      [1.00001, 25, 9000],
      [4, 7, 7],
    ] as const),
  ]) {
    let [total, logs] = [0, 0];
    for (let k = to; k >= from; k -= 1) {
      total += (k / from) ** -exponent;
      logs += Math.log(k) * (k / from) ** -exponent;
    }
    const sums = powerSums(exponent, from, to);
    close(sums.total, total, 10);
    close(sums.logs, logs, 10);
  }
});

test("erfc is that of mpmath; the hazard is its derivative's", () => {
  for (const [x, value] of [
    ...([
      [0.1, 0.887537083981715],
      [0.9, 0.20309178757716786],
      [1.9, 0.00720957076474253],
    ] as const),
    ...([
      [2.1, 0.0029794666563329854],
      [5, 1.537459794428035e-12],
      [10, 2.088487583762545e-45],
    ] as const),
    [-1.3, 1.9340079449406524] as const,
  ])
    close(erfc(x), value, 12);
  expect(normalCdf(0)).toBe(0.5);
  for (const h of [-3, 0.2, 2.9, 3.1, 8]) {
    const log = (x: number) => Math.log(1 - normalCdf(x) > 1e-9 ? 1 - normalCdf(x) : normalCdf(-x));
    expect(normalHazard(h)).toBeCloseTo(-(log(h + 1e-5) - log(h - 1e-5)) / 2e-5, 5);
  }
});

test("roots of rising and falling functions", () => {
  expect(findRoot((x) => x ** 3 - 2, 0, 5)).toBeCloseTo(2 ** (1 / 3), 12);
  expect(findRoot((x) => Math.exp(-x) - 0.01, -10, 100)).toBeCloseTo(Math.log(100), 11);
  expect(() => findRoot((x) => x * x + 1, 0, 1)).toThrow("no change of sign");
});
