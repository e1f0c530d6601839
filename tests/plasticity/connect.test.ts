import { describe, expect, test } from "vitest";
import { drawState } from "../../src/plasticity/connect.ts";
import { sornStateFromPackage, sornStateToPackage } from "../../src/plasticity/package-state.ts";
import { type SornOptions, sornParameters } from "../../src/plasticity/parameters.ts";
import { sornPresets } from "../../src/plasticity/presets.ts";
import type { SornSynapses } from "../../src/plasticity/state.ts";

function draw(options: SornOptions) {
  return drawState(sornParameters(options));
}

function degrees({ starts }: SornSynapses): number[] {
  return [...starts.subarray(1)].map((end, row) => end - (starts[row] ?? 0));
}

function outDegrees({ sources }: SornSynapses, columns: number): number[] {
  const counts = new Array<number>(columns).fill(0);
  for (const source of sources) counts[source] = (counts[source] ?? 0) + 1;
  return counts;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function sumsOf({ starts, weights }: SornSynapses): number[] {
  return degrees({ starts, weights } as SornSynapses).map((_, row) =>
    weights.subarray(starts[row], starts[row + 1]).reduce((sum, weight) => sum + weight, 0),
  );
}

describe("the state that a preset starts from", () => {
  test("sorn-0.7: whole parts of normal degrees, as the package's initialiser draws them", () => {
    const states = [1, 2, 3, 4, 5].map((seed) => draw({ preset: "sorn-0.7", seed }));
    // The whole part of N(20, 1) is 19.5 in the mean, as measured of the package.
    expect(mean(states.flatMap(({ synapses }) => degrees(synapses.EE)))).toBeCloseTo(19.5, 1);
    expect(mean(states.flatMap(({ synapses }) => outDegrees(synapses.EI, 40)))).toBeCloseTo(39.5, 0);
    for (const { synapses, x, y } of states) {
      expect(degrees(synapses.IE)).toEqual(new Array(40).fill(200));
      expect([...x, ...y].every((fires) => fires === 0)).toBe(true);
      expect(degrees(synapses.EU)).toEqual(Array.from({ length: 200 }, (_, unit) => Number(unit < 10)));
    }
  });

  test("zheng2013: pairs of density 0.1 and 0.2, thresholds in their ranges", () => {
    const states = [1, 2, 3, 4, 5].map((seed) => draw({ seed }));
    expect(Math.abs(mean(states.flatMap(({ synapses }) => degrees(synapses.EE))) - 19.9)).toBeLessThan(0.6);
    expect(Math.abs(mean(states.flatMap(({ synapses }) => degrees(synapses.EI))) - 8)).toBeLessThan(0.4);
    const thresholds = states.flatMap(({ thresholdE }) => [...thresholdE]);
    expect(mean(thresholds)).toBeCloseTo(0.5, 1);
    expect(Math.max(...states.flatMap(({ thresholdI }) => [...thresholdI]))).toBeLessThan(0.5);
    expect(Math.abs(mean(states.flatMap(({ x }) => [...x])) - 0.1)).toBeLessThan(0.04);
  });

  for (const preset of Object.keys(sornPresets) as (keyof typeof sornPresets)[]) {
    test(`${preset}: every unit's weights sum to 1, no unit connects with itself, sources rise`, () => {
      const { synapses } = draw({ preset, seed: 9 });
      for (const name of ["EE", "EI", "IE"] as const) {
        const { starts, sources, weights } = synapses[name];
        for (const sum of sumsOf(synapses[name])) expect(sum).toBeCloseTo(1, 5);
        expect(weights.every((weight) => weight > 0)).toBe(true);
        for (let row = 0; row + 1 < starts.length; row += 1) {
          const own = [...sources.subarray(starts[row], starts[row + 1])];
          expect(own).toEqual([...new Set(own)].sort((a, b) => a - b));
          if (name === "EE") expect(own).not.toContain(row);
        }
      }
    });
  }

  test("a unit that would have no synapse gets some", () => {
    const { synapses } = draw({ excitatory: 60, seed: 1, connections: { EE: { type: "sparse", density: 0.01 } } });
    expect(Math.min(...degrees(synapses.EE))).toBeGreaterThan(0);
  });

  test("one projection, or the number of inputs, changes no other draw", () => {
    const plain = draw({ seed: 2 });
    const other = draw({ seed: 2, inputs: 3, connections: { EE: { type: "sparse", inDegree: 5 } } });
    expect(other.synapses.EI).toEqual(plain.synapses.EI);
    expect(other.thresholdE).toEqual(plain.thresholdE);
    expect(draw({ seed: 3 }).synapses.EI).not.toEqual(plain.synapses.EI);
  });
});

describe("inputs", () => {
  const base = { excitatory: 30, inputs: 4, seed: 1 } as const;
  const sourcesOf = (options: SornOptions["connections"]) =>
    draw({ ...base, ...(options && { connections: options }) }).synapses.EU;

  test("pools are disjoint, of the asked size and gain", () => {
    const pools = sourcesOf({ input: { type: "pools", size: 7, gain: 0.5 } });
    expect(outDegrees(pools, 4)).toEqual([7, 7, 7, 7]);
    expect(Math.max(...degrees(pools))).toBe(1);
    expect([...new Set(pools.weights)]).toEqual([0.5]);
  });

  test("chosen units, also of several inputs", () => {
    const chosen = sourcesOf({ input: { type: "units", units: [[3, 5], [5], [], [29]] } });
    expect(degrees(chosen).flatMap((degree, unit) => new Array(degree).fill(unit))).toEqual([3, 5, 5, 29]);
    expect([...chosen.sources]).toEqual([0, 0, 1, 3]);
  });

  test("sparse and dense have weights of their own, up to the gain", () => {
    const dense = sourcesOf({ input: { type: "dense", gain: 2 } });
    expect(degrees(dense)).toEqual(new Array(30).fill(4));
    expect(mean([...dense.weights])).toBeCloseTo(1, 0);
    expect(Math.max(...dense.weights)).toBeLessThan(2);
    const sparse = sourcesOf({ input: { type: "sparse", density: 0.5 } });
    expect(Math.abs(sparse.sources.length - 60)).toBeLessThan(20);
  });
});

test("target rates: of all units, of each, drawn, or from the number of inputs", () => {
  const target = (ip: SornOptions["ip"], inputs = 0) => [...draw({ excitatory: 20, inputs, ip }).target];
  expect(target({ target: 0.25 })).toEqual(new Array(20).fill(0.25));
  expect(target({ target: "inputs" }, 5)).toEqual(new Array(20).fill(0.5));
  const drawn = target({ target: { low: 0.09, high: 0.11 } });
  expect(Math.min(...drawn)).toBeGreaterThan(0.0899);
  expect(new Set(drawn).size).toBeGreaterThan(15);
});

test("the package's state goes there and back", () => {
  const parameters = sornParameters({ preset: "sorn-0.7", excitatory: 12, inhibitory: 3, inputs: 2, connections: {} });
  const state = drawState(parameters);
  expect(sornStateFromPackage(sornStateToPackage(state), parameters)).toEqual(state);
  const { Wee, ...rest } = sornStateToPackage(state);
  expect(() => sornStateFromPackage({ ...rest, Wee: Wee.slice(1) }, parameters)).toThrow(
    /Wee: expected \[12\]\[12\] \(pre, post\), got \[11\]/,
  );
});

test("presets are plain data, with the published numbers", () => {
  expect(JSON.parse(JSON.stringify(sornPresets))).toEqual(sornPresets);
  const parameters = sornParameters({ preset: "delpapa2017", excitatory: 400 });
  expect(parameters.inhibitory).toBe(80);
  expect(parameters.noise.excitatory ** 2).toBeCloseTo(0.05, 12);
  expect(sornParameters({ stdp: false, ss: { inhibitory: true } })).toMatchObject({
    stdp: false,
    ss: { excitatory: true, inhibitory: true },
    istdp: { floor: 0.001 },
    threshold: ">=",
  });
  expect(sornParameters({ preset: "lazar2009", sp: true })).toMatchObject({ sp: { rate: 0.1 }, inhibition: "current" });
});

test("a unit that is alone has no synapse, and none with itself", () => {
  const { synapses } = draw({ excitatory: 1, inhibitory: 1, seed: 3 });
  expect([...synapses.EE.sources]).toEqual([]);
  expect([...synapses.EI.sources, ...synapses.IE.sources]).toEqual([0, 0]);
  expect([
    ...draw({ excitatory: 2, connections: { EE: { type: "sparse", density: 1e-9 } } }).synapses.EE.sources,
  ]).toEqual([1, 0]);
});
