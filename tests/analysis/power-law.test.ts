import { describe, expect, test } from "vitest";
import { statistics } from "../../src/index.ts";
import { Random } from "../../src/random.ts";
import { zetaNumber } from "../reference/synthetic.ts";

const random = new Random(7, 901);
const draws = (count: number, one: () => number): number[] => Array.from({ length: count }, one);

describe("the exponent", () => {
  test("of zeta-distributed numbers is found within its error", () => {
    for (const exponent of [1.6, 2.5, 3.5]) {
      const fit = statistics.fitPowerLaw(
        draws(20_000, () => zetaNumber(exponent, random)),
        { xMin: 1 },
      );
      expect(Math.abs(fit.exponent - exponent), `${exponent}`).toBeLessThan(4 * fit.standardError);
      expect(fit.standardError).toBeLessThan(0.03);
      expect(fit.distance).toBeLessThan(0.012);
      expect([fit.count, fit.edge]).toEqual([20_000, undefined]);
    }
  });

  test("of a law that is cut off, below 1 too, is found within its error, and what lies above is left out", () => {
    for (const exponent of [0.7, 1.27, 1.45]) {
      const draw = statistics.powerLawSampler({ exponent, xMin: 6, xMax: 1500 });
      const values = draws(10_000, () => draw(random));
      const fit = statistics.fitPowerLaw([...values, 1501, 9e9], { xMin: 6, xMax: 1500 });
      expect(Math.abs(fit.exponent - exponent)).toBeLessThan(4 * fit.standardError);
      expect(fit.count).toBe(10_000);
    }
  });

  test("makes the likelihood largest, which is the sum of its logarithms", () => {
    const values = [2, 2, 2, 3, 3, 4, 5, 8, 20];
    const fit = statistics.fitPowerLaw(values, { xMin: 2, xMax: 30 });
    const likelihood = (exponent: number): number => {
      let norm = 0;
      for (let k = 2; k <= 30; k += 1) norm += k ** -exponent;
      return values.reduce((sum, value) => sum - exponent * Math.log(value) - Math.log(norm), 0);
    };
    expect(fit.logLikelihood).toBeCloseTo(likelihood(fit.exponent), 10);
    expect(likelihood(fit.exponent + 1e-3)).toBeLessThan(fit.logLikelihood);
    expect(likelihood(fit.exponent - 1e-3)).toBeLessThan(fit.logLikelihood);
    let [law, norm, distance] = [0, 0, 0];
    for (let k = 2; k <= 30; k += 1) norm += k ** -fit.exponent;
    for (let k = 2; k <= 30; k += 1) {
      law += k ** -fit.exponent / norm;
      distance = Math.max(distance, Math.abs(law - values.filter((value) => value <= k).length / 9));
    }
    expect(fit.distance).toBeCloseTo(distance, 12);
  });

  test("xMin is found where the law begins", () => {
    const draw = statistics.powerLawSampler({ exponent: 2.5, xMin: 12 });
    const values = draws(8000, () => (random.uniform() < 0.4 ? 1 + random.integer(11) : draw(random)));
    const fit = statistics.fitPowerLaw(values);
    expect(fit.xMin).toBeGreaterThanOrEqual(11);
    expect(fit.xMin).toBeLessThanOrEqual(20);
    expect(Math.abs(fit.exponent - 2.5)).toBeLessThan(4 * fit.standardError);
    expect(statistics.fitPowerLaw(values, { xMin: { from: 3, to: 5 } }).xMin).toBeLessThanOrEqual(5);
  });

  test("an edge is said: values that are almost all alike, and values that rise", () => {
    expect(statistics.fitPowerLaw([...Array(99_999).fill(1), 2], { xMin: 1 }).edge).toBe("high");
    const rising = draws(500, () => 100 - random.integer(3));
    expect(statistics.fitPowerLaw(rising, { xMin: 1, xMax: 100 }).edge).toBe("low");
  });
});

test("draws have the chances of the law, in the table and beyond it", () => {
  const exponent = 1.8;
  const draw = statistics.powerLawSampler({ exponent, xMin: 1 });
  const values = draws(40_000, () => draw(random));
  const share = (from: number) => values.filter((value) => value >= from).length / values.length;
  // ζ(1.8) = 1.882229616…; ζ(1.8, n) by the integral from n - 1/2 on.
  for (const from of [2, 10, 5000]) {
    const expected = from === 2 ? 1 - 1 / 1.8822296181 : (from - 0.5) ** (1 - exponent) / (exponent - 1) / 1.8822296181;
    expect(Math.abs(share(from) - expected)).toBeLessThan(5 * Math.sqrt(expected / values.length));
  }
  expect(share(100_000)).toBeGreaterThan(0);
});

describe("goodness and alternatives", () => {
  test("a power law is not refused, an exponential is; the ratio agrees", () => {
    // Of data that are of the law, p is uniform.
    const options = { xMin: { from: 1, to: 10 }, samples: 25 } as const;
    const goodness = Array.from({ length: 12 }, (_, seed) => {
      const values = draws(800, () => zetaNumber(2.2, random));
      return statistics.powerLawGoodness(values, new Random(seed, 902), options).p;
    });
    const mean = goodness.reduce((sum, p) => sum + p, 0) / goodness.length;
    expect([mean > 0.25, mean < 0.75, Math.max(...goodness) > 0.5]).toEqual([true, true, true]);
    const law = draws(1500, () => zetaNumber(2.2, random));
    const fit = statistics.fitPowerLaw(law, { xMin: 1 });
    const better = statistics.comparePowerLaw(law, fit);
    expect(better.exponential.ratio).toBeGreaterThan(100);
    expect(better.exponential.p).toBeLessThan(1e-3);
    expect(better.logNormal.ratio).toBeLessThanOrEqual(0);
    expect(better.logNormal.ratio).toBeGreaterThan(-6);

    const decay = draws(1500, () => 1 + Math.floor(-Math.log(1 - random.uniform()) / 0.3));
    const bad = statistics.powerLawGoodness(decay, new Random(1, 903), { xMin: 1, samples: 60 });
    expect(bad.p).toBe(0);
    const worse = statistics.comparePowerLaw(decay, bad.fit);
    expect(worse.exponential.ratio).toBeLessThan(-50);
    expect(worse.exponential.p).toBeLessThan(1e-3);
    expect(Math.abs((worse.exponential.parameters.rate ?? 0) - 0.3)).toBeLessThan(0.04);
  });

  test("the same seed gives the same p", () => {
    const values = draws(300, () => zetaNumber(2.5, random));
    const p = (seed: number) => statistics.powerLawGoodness(values, new Random(seed, 1), { samples: 30 });
    expect(p(4)).toEqual(p(4));
  });

  test("exponentials and log-normals of a range are those of most likelihood, by search", () => {
    const values = draws(400, () => Math.max(1, Math.min(60, Math.round(Math.exp(1.5 + 0.6 * random.normal())))));
    for (const xMax of [60, Infinity]) {
      const fit = statistics.fitPowerLaw(values, { xMin: 1, xMax });
      const { exponential, logNormal } = statistics.comparePowerLaw(values, fit);
      const likelihood = (log: (k: number) => number): number => {
        let norm = 0;
        for (let k = 1; k <= Math.min(xMax, 20_000); k += 1) norm += Math.exp(log(k));
        return values.reduce((sum, value) => sum + log(value) - Math.log(norm), 0);
      };
      const { rate = 0 } = exponential.parameters;
      const decay = (by: number) => likelihood((k) => -(rate + by) * k);
      expect(fit.logLikelihood - decay(0)).toBeCloseTo(exponential.ratio, 6);
      expect(Math.max(decay(1e-3), decay(-1e-3))).toBeLessThan(decay(0));
      const { mu = 0, sigma = 1 } = logNormal.parameters;
      const bell = (m: number, s: number) =>
        likelihood((k) => -Math.log(k) - (Math.log(k) - mu - m) ** 2 / (2 * (sigma + s) ** 2));
      expect(fit.logLikelihood - bell(0, 0)).toBeCloseTo(logNormal.ratio, 6);
      for (const [m, s] of [
        ...([
          [1e-3, 0],
          [-1e-3, 0],
          [0, 1e-3],
          [0, -1e-3],
        ] as const),
      ])
        expect(bell(m, s)).toBeLessThan(bell(0, 0));
      expect([Math.abs(mu - 1.5) < 0.12, Math.abs(sigma - 0.6) < 0.08]).toEqual([true, true]);
      expect(logNormal.ratio).toBeLessThan(-20);
      expect(logNormal.p).toBeLessThan(0.01);
    }
  });

  test("a broad log-normal beyond the terms that are added one by one", () => {
    const values = draws(2000, () => Math.max(1, Math.round(Math.exp(8 + random.normal()))));
    const fit = statistics.fitPowerLaw(values, { xMin: 1 });
    const { mu = 0, sigma = 0 } = statistics.comparePowerLaw(values, fit).logNormal.parameters;
    expect(Math.abs(mu - 8)).toBeLessThan(0.1);
    expect(Math.abs(sigma - 1)).toBeLessThan(0.07);
  });
});

test("a tail so heavy that its sums reach beyond the largest float still has a ratio", () => {
  const values = draws(300, () => Math.floor(Math.exp(30 * random.uniform())));
  const fit = statistics.fitPowerLaw(values, { xMin: 1 });
  expect(fit.exponent).toBeLessThan(1.1);
  const { logNormal } = statistics.comparePowerLaw(values, fit);
  expect(logNormal.ratio).toBeLessThan(0);
  expect(Number.isFinite(logNormal.ratio)).toBe(true);
});

test("bad input is refused by name", () => {
  const fitted = statistics.fitPowerLaw;
  expect(() => fitted([])).toThrow("expected at least two values, got none");
  expect(() => fitted([1, 2.5])).toThrow("value 1 is 2.5; expected a positive whole number");
  expect(() => fitted([3, 0])).toThrow("value 1 is 0");
  expect(() => fitted([1, 2, 3])).toThrow("no xMin leaves 50 values of at least two kinds of the 3 given");
  expect(() => fitted([4, 4, 4], { xMin: 1 })).toThrow("at least two kinds");
  expect(() => fitted([1, 2], { xMin: 0.5 })).toThrow("xMin: expected a whole number from 1 on, got 0.5");
  expect(() => fitted([1, 2], { xMin: 3, xMax: 2 })).toThrow("xMax: expected a whole number from 4 on, got 2");
  expect(() => fitted([1, 2], { xMin: 1, exponents: [0.5, 3] })).toThrow("above 1 where there is no xMax");
  expect(() => statistics.powerLawSampler({ exponent: 1, xMin: 1 })).toThrow("above 1 where there is no xMax");
  expect(() => statistics.powerLawGoodness([1, 2], random, { samples: 0 })).toThrow("samples: expected a positive");
  expect(() => statistics.comparePowerLaw([1, 2, 3], fitted([1, 2], { xMin: 1 }))).toThrow(
    "Give the values that were fitted",
  );
});
