import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError, ValueError } from "../../src/errors.ts";
import { blocks } from "../../src/structure/blocks.ts";
import { distanceDependent } from "../../src/structure/distance-dependent.ts";
import { lowRank } from "../../src/structure/low-rank.ts";
import { mlp } from "../../src/structure/mlp.ts";
import { multiArea } from "../../src/structure/multi-area.ts";
import { multiAreaEI } from "../../src/structure/multi-area-ei.ts";
import { inputUnits, readoutUnits } from "../../src/structure/query.ts";
import { randomInput } from "../../src/structure/random-input.ts";
import { sparse } from "../../src/structure/sparse.ts";
import { stack } from "../../src/structure/stack.ts";
import { blockSum, expectProbability } from "./statistics.ts";

const seeds = Array.from({ length: 200 }, (_, seed) => seed);
const sizes = { inputs: 3, hidden: 20, outputs: 2 };
const none = new Float32Array();
const first = [0, 10] as const;
const second = [10, 20] as const;
const all = [0, 20] as const;

describe("densities lie within 3 standard errors over 200 seeds", () => {
  it("multiArea: within, forward, backward", () => {
    const connectivity = { within: 0.5, forward: 0.1, backward: 0.05 };
    const masks = seeds.map((seed) => multiArea({ ...sizes, connectivity, seed }).masks.weightHH ?? none);
    const sum = (rows: readonly [number, number], columns: readonly [number, number]) =>
      masks.reduce((total, mask) => total + blockSum(mask, 20, rows, columns), 0);
    expectProbability(sum(first, first), 200 * 100, 0.5);
    expectProbability(sum(second, second), 200 * 100, 0.5);
    expectProbability(sum(second, first), 200 * 100, 0.1);
    expectProbability(sum(first, second), 200 * 100, 0.05);
  });

  it("multiAreaEI: the pathways between areas", () => {
    const interAreaPathways = { EE: 0.5, EI: 1, IE: false, II: 0.25 };
    const options = { ...sizes, connectivity: { forward: 0.4 }, interAreaPathways };
    const masks = seeds.map((seed) => multiAreaEI({ ...options, excitatory: 0.5, seed }).masks.weightHH ?? none);
    const sum = (rows: readonly [number, number], columns: readonly [number, number]) =>
      masks.reduce((total, mask) => total + blockSum(mask, 20, rows, columns), 0);
    expectProbability(sum([10, 15], [0, 5]), 200 * 25, 0.2);
    expectProbability(sum([15, 20], [0, 5]), 200 * 25, 0.4);
    expect(sum([10, 15], [5, 10])).toBe(0);
    expectProbability(sum([15, 20], [5, 10]), 200 * 25, 0.1);
  });

  it("randomInput: recurrent synapses, and each unit is as likely as any other", () => {
    let synapses = 0;
    const reached = new Float64Array(20);
    for (const seed of seeds) {
      const structure = randomInput({ ...sizes, hiddenDensity: 0.3, inputDensity: 0.25, seed });
      synapses += blockSum(structure.masks.weightHH ?? none, 20, all, all);
      for (const unit of inputUnits(structure)) reached[unit] = (reached[unit] ?? 0) + 1;
    }
    expectProbability(synapses, 200 * 400, 0.3);
    // χ² of 20 counts with 19 degrees of freedom: 43.8 is its 0.1 % tail.
    const chiSquared = reached.reduce((sum, count) => sum + (count - 50) ** 2 / 50, 0);
    expect(chiSquared).toBeLessThan(43.8);
  });

  it("sparse: each matrix at its own density", () => {
    const totals = { weightIH: 0, weightHH: 0, weightHO: 0 };
    for (const seed of seeds) {
      const { masks } = sparse({
        ...sizes,
        weightIH: { density: 0.5 },
        weightHH: { density: 0.1 },
        weightHO: { density: 0.9 },
        seed,
      });
      for (const name of ["weightIH", "weightHH", "weightHO"] as const)
        totals[name] += masks[name]?.reduce((sum, value) => sum + value, 0) ?? Number.NaN;
    }
    expectProbability(totals.weightIH, 200 * 60, 0.5);
    expectProbability(totals.weightHH, 200 * 380, 0.1);
    expectProbability(totals.weightHO, 200 * 40, 0.9);
  });

  it("distanceDependent: at each distance on the ring, exponential and Gaussian", () => {
    const shape = { exponential: (x: number) => Math.exp(-x), gaussian: (x: number) => Math.exp((-x * x) / 2) };
    for (const profile of ["exponential", "gaussian"] as const) {
      const counts = new Float64Array(20);
      for (const seed of seeds) {
        const options = { ...sizes, layout: "ring", profile, peak: 0.8, lengthScale: 0.2, seed } as const;
        const mask = distanceDependent(options).masks.weightHH ?? none;
        mask.forEach((value, index) => {
          const lag = (Math.floor(index / 20) - (index % 20) + 20) % 20;
          counts[lag] = (counts[lag] ?? 0) + value;
        });
      }
      expect(counts[0]).toBe(0);
      for (let lag = 1; lag <= 10; lag += 1)
        expectProbability(counts[lag] ?? 0, 200 * 20, 0.8 * shape[profile](lag / 20 / 0.2));
    }
  });

  it("blocks: a projection", () => {
    const sum = seeds.reduce((total, seed) => {
      const structure = blocks({
        inputs: 1,
        outputs: 1,
        populations: [
          { name: "a", size: 10 },
          { name: "b", size: 10 },
        ],
        projections: [
          { from: "inputs", to: "a" },
          { from: "a", to: "b", density: 0.35 },
        ],
        seed,
      });
      return total + blockSum(structure.masks.weightHH ?? none, 20, second, first);
    }, 0);
    expectProbability(sum, 200 * 100, 0.35);
  });
});

describe("densities of layers lie within 3 standard errors over 200 seeds", () => {
  it("stack: from below, within, feedback, skipping, each by its own draws", () => {
    const masks = seeds.map((seed) => {
      const options = {
        layers: [
          { size: 6, density: 0.3, recurrent: 0.7 },
          { size: 8, density: 0.25, recurrent: 0.1 },
          { size: 6, recurrent: false },
        ],
        feedback: [{ from: 1, to: 0, density: 0.05 }],
        skip: [{ from: 0, to: 2, density: 0.6 }, { from: "inputs", to: 2, density: 0.8 }], // biome-ignore format: pair
      };
      return stack({ inputs: 3, outputs: 1, ...options, seed }).masks;
    });
    const sum = (rows: readonly [number, number], columns: readonly [number, number]) =>
      masks.reduce((total, { weightHH }) => total + blockSum(weightHH ?? none, 20, rows, columns), 0);
    const [low, middle, high] = [[0, 6], [6, 14], [14, 20]] as const; // biome-ignore format: rows
    expectProbability(sum(low, low), 200 * 36, 0.7);
    expectProbability(sum(middle, low), 200 * 48, 0.25);
    expectProbability(sum(middle, middle), 200 * 64, 0.1);
    expectProbability(sum(low, middle), 200 * 48, 0.05);
    expectProbability(sum(high, low), 200 * 36, 0.6);
    expect(sum(high, middle)).toBe(200 * 48);
    expect(sum([0, 14], high) + sum(high, high)).toBe(0);
    const inputs = (rows: readonly [number, number]) =>
      masks.reduce((total, { weightIH }) => total + blockSum(weightIH ?? none, 3, rows, [0, 3]), 0);
    expectProbability(inputs(low), 200 * 18, 0.3);
    expect(inputs(middle)).toBe(0);
    expectProbability(inputs(high), 200 * 18, 0.8);
  });

  it("mlp: a layer; lowRank: the background", () => {
    const layers = [5, { size: 10, density: 0.4 }];
    const dense = seeds.reduce((total, seed) => {
      const { weightHH } = mlp({ inputs: 1, outputs: 1, layers, seed }).masks;
      return total + blockSum(weightHH ?? none, 15, [5, 15], [0, 5]);
    }, 0);
    expectProbability(dense, 200 * 50, 0.4);
    const background = seeds.reduce((total, seed) => {
      const { weightHH } = lowRank({ ...sizes, hidden: 12, rank: 2, background: 0.15, seed }).masks;
      return total + blockSum(weightHH ?? none, 14, [0, 12], [0, 12]);
    }, 0);
    expectProbability(background, 200 * 132, 0.15);
  });
});

describe("nn4n's fault 9: density only in expectation, and no seed", () => {
  it("gives the same structure for the same seed, another for another", () => {
    const makers = [
      (seed: number) => multiArea({ ...sizes, seed }),
      (seed: number) => multiAreaEI({ ...sizes, seed }),
      (seed: number) => randomInput({ ...sizes, hiddenDensity: 0.5, inputDensity: 0.5, seed }),
      (seed: number) => sparse({ ...sizes, weightHH: { inDegree: 4 }, seed }),
      (seed: number) => distanceDependent({ ...sizes, layout: "sphere", lengthScale: 0.5, seed }),
      (seed: number) => stack({ inputs: 3, outputs: 2, layers: [{ size: 9, recurrent: 0.5 }], seed }),
      (seed: number) => mlp({ inputs: 3, outputs: 2, layers: [9, { size: 9, density: 0.5 }], seed }),
      (seed: number) => lowRank({ ...sizes, rank: 2, background: 0.5, seed }),
    ];
    for (const make of makers) {
      expect(make(7)).toEqual(make(7));
      expect(make(7).masks.weightHH).not.toEqual(make(8).masks.weightHH);
    }
  });

  it("counts exactly, where that is asked for", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.nat(),
        fc.nat(),
        fc.boolean(),
        fc.nat(0xffffffff),
        (hidden, countSeed, degreeSeed, selfConnections, seed) => {
          const free = selfConnections ? hidden : hidden - 1;
          const count = countSeed % (hidden * free + 1);
          const inDegree = degreeSeed % (free + 1);
          const own = { inputs: 5, hidden, outputs: 2, selfConnections, seed };
          const counted = sparse({ ...own, weightHH: { count }, weightIH: { inDegree: 3 } }).masks;
          expect(counted.weightHH?.reduce((sum, value) => sum + value, 0)).toBe(count);
          for (let unit = 0; unit < hidden; unit += 1) {
            expect(blockSum(counted.weightIH ?? none, 5, [unit, unit + 1], [0, 5])).toBe(3);
            if (!selfConnections) expect(counted.weightHH?.[unit * hidden + unit]).toBe(0);
          }
          const regular = sparse({ ...own, weightHH: { inDegree } }).masks.weightHH ?? none;
          for (let unit = 0; unit < hidden; unit += 1)
            expect(blockSum(regular, hidden, [unit, unit + 1], [0, hidden])).toBe(inDegree);
        },
      ),
      { numRuns: 50 },
    );
    for (const seed of seeds) {
      const options = { ...sizes, inputDensity: 0.29, readoutDensity: 0.6, overlap: false, seed };
      const structure = randomInput(options);
      expect(inputUnits(structure)).toHaveLength(6);
      expect(readoutUnits(structure)).toHaveLength(12);
      expect([...inputUnits(structure)].filter((unit) => readoutUnits(structure).includes(unit))).toEqual([]);
    }
  });

  it("draws each matrix for itself: one density never changes another matrix", () => {
    const make = (density: number) => sparse({ ...sizes, weightIH: { density }, weightHH: { density: 0.3 }, seed: 1 });
    expect(make(0.1).masks.weightHH).toEqual(make(0.9).masks.weightHH);
  });
});

describe("multiArea", () => {
  it("is multiAreaEI without signs", () => {
    const shared = { ...sizes, areas: 3, connectivity: { within: 0.6, forward: 0.4, backward: 0.3 }, seed: 5 };
    const pathways = { EE: true, EI: true, IE: true, II: true };
    for (const selfConnections of [true, false]) {
      const signed = multiAreaEI({ ...shared, interAreaPathways: pathways, selfConnections });
      const plain = multiArea({ ...shared, selfConnections });
      expect(plain.masks.weightHH).toEqual(signed.masks.weightHH);
      expect(plain.areas).toEqual(signed.areas);
      expect(plain.signs).toEqual({});
      expect(plain.unitSigns).toBeUndefined();
    }
  });

  it("has self-connections unless told, as nn4n", () => {
    const diagonal = (options: object) =>
      multiArea({ ...sizes, ...options }).masks.weightHH?.filter((_, index) => index % 21 === 0);
    expect(diagonal({})).toEqual(new Float32Array(20).fill(1));
    expect(diagonal({ selfConnections: false })).toEqual(new Float32Array(20));
  });
});

describe("distanceDependent", () => {
  it("measures along the line, ring, sheet and sphere", () => {
    const make = (layout: "line" | "ring" | "sheet" | "sphere", hidden: number, extent?: number) => {
      const options = { inputs: 1, hidden, outputs: 1, layout, lengthScale: 1 };
      return distanceDependent(extent === undefined ? options : { ...options, extent });
    };
    const row = (structure: { distances: Float32Array }, hidden: number) => [...structure.distances.slice(0, hidden)];
    expect([...make("line", 4).units.positions]).toEqual([0.125, 0.375, 0.625, 0.875]);
    expect(row(make("line", 4, 8), 4)).toEqual([0, 2, 4, 6]);
    expect(row(make("ring", 6, 6), 6)).toEqual([0, 1, 2, 3, 2, 1]);
    expect(row(make("sheet", 9, 3), 9).map((d) => d * d)).toEqual(
      [0, 1, 4, 1, 2, 5, 4, 5, 8].map((squared) => expect.closeTo(squared, 5)),
    );
    const hidden = 200;
    const sphere = make("sphere", hidden, 2);
    for (let unit = 0; unit < hidden; unit += 1)
      expect(Math.hypot(...sphere.units.positions.slice(unit * 3, unit * 3 + 3))).toBeCloseTo(2, 5);
    // Evenly spread: each unit's nearest neighbour is about √(4π/H) radii away, and the mean of all distances is π/2 radii.
    let mean = 0;
    for (let unit = 0; unit < hidden; unit += 1) {
      const distances = sphere.distances.slice(unit * hidden, (unit + 1) * hidden);
      mean += distances.reduce((sum, value) => sum + value, 0) / hidden ** 2;
      const nearest = distances.filter((_, other) => other !== unit).reduce((a, b) => Math.min(a, b));
      expect(nearest / (2 * Math.sqrt((4 * Math.PI) / hidden))).toBeGreaterThan(0.7);
      expect(nearest / (2 * Math.sqrt((4 * Math.PI) / hidden))).toBeLessThan(1.1);
    }
    expect(mean).toBeCloseTo(Math.PI, 1);
  });

  it("connects near units more often, and names what is wrong", () => {
    const structure = distanceDependent({ ...sizes, hidden: 100, layout: "sheet", lengthScale: 0.1, seed: 2 });
    const mean = (present: number) => {
      const chosen = structure.distances.filter((_, index) => structure.masks.weightHH?.[index] === present);
      return chosen.reduce((sum, value) => sum + value, 0) / chosen.length;
    };
    expect(mean(1)).toBeLessThan(0.5 * mean(0));
    const make = (options: object) => () =>
      distanceDependent({ ...sizes, layout: "ring", lengthScale: 1, ...options } as Parameters<
        typeof distanceDependent
      >[0]);
    expect(make({ layout: "rings" })).toThrow(/"rings"; did you mean "ring"/);
    expect(make({ profile: "gausian" })).toThrow(/did you mean "gaussian"/);
    expect(make({ lengthScale: 0 })).toThrow(ValueError);
    expect(make({ peak: 2 })).toThrow(ValueError);
  });
});

describe("sparse", () => {
  it("names what is wrong", () => {
    const make = (options: object) => () => sparse({ ...sizes, ...options });
    expect(make({ weightHH: {} })).toThrow(/weightHH: expected exactly one of density, count and inDegree/);
    expect(make({ weightHH: { density: 0.1, count: 3 } })).toThrow(ConfigError);
    expect(make({ weightHH: { inDegree: 20 } })).toThrow(/in \[0, 19\], got 20/);
    expect(make({ weightIH: { count: 61 } })).toThrow(/in \[0, 60\], got 61/);
    expect(make({ weightIH: { degree: 1 } })).toThrow(ConfigError);
  });
});

describe("nn4n's fault 14: misspelt options are printed, not raised", () => {
  it("refuses every unknown option of every structure, and names the nearest", () => {
    const wrong = { ...sizes, areas: 2, positivity_constraintsssss: true };
    expect(() => multiArea(wrong)).toThrow(ConfigError);
    expect(() => multiAreaEI({ ...sizes, inhibitory_readout: true } as typeof sizes)).toThrow(/"inhibitoryReadout"/);
    expect(() => multiArea({ ...sizes, inputArea: [0] } as typeof sizes)).toThrow(/did you mean "inputAreas"/);
    expect(() => randomInput({ ...sizes, input_densty: 1 } as typeof sizes)).toThrow(/did you mean "inputDensity"/);
    expect(() => sparse({ ...sizes, weightHh: { density: 1 }, weights: 1 } as typeof sizes)).toThrow(ConfigError);
    const spatial = { ...sizes, layout: "ring", lengthScale: 1, lenghtScale: 2 } as const;
    expect(() => distanceDependent(spatial)).toThrow(/did you mean "lengthScale"/);
  });
});
