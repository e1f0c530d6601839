import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { describeStructure } from "../../src/structure/describe.ts";
import { excitatoryCount, multiAreaEI } from "../../src/structure/multi-area-ei.ts";
import { dense } from "../../src/structure/structure.ts";

const sizes = { inputs: 1, hidden: 8, outputs: 2 };
const full = { forward: 1, backward: 1, within: 1 };

/** mask ∘ sign as rows: nn4n's one-mask form. */
function signed(mask: Float32Array | undefined, sign: Float32Array | undefined, columns: number): number[][] {
  const flat = Array.from(mask ?? [], (value, index) => value * (sign?.[index] ?? 1) + 0);
  return Array.from({ length: flat.length / columns }, (_, row) => flat.slice(row * columns, (row + 1) * columns));
}

function blockDensity(mask: Float32Array, hidden: number, rows: number[], columns: number[]): number {
  let count = 0;
  for (let i = rows[0] ?? 0; i < (rows[1] ?? 0); i += 1)
    for (let j = columns[0] ?? 0; j < (columns[1] ?? 0); j += 1) count += mask[i * hidden + j] ?? Number.NaN;
  return count / (((rows[1] ?? 0) - (rows[0] ?? 0)) * ((columns[1] ?? 0) - (columns[0] ?? 0)));
}

describe("multiAreaEI", () => {
  it("lays out areas and pathways as nn4n does (golden ei_2areas_*)", () => {
    // golden/nn4n/structures.json: 8 units, two areas of four, 0.75 excitatory, all densities 1; row 0 is in area 1.
    const rows = {
      TTTT: { EE: true, EI: true, IE: true, II: true },
      TTFT: { EE: true, EI: true, IE: false, II: true },
      FTTT: { EE: false, EI: true, IE: true, II: true },
    };
    const expected = {
      TTTT: [1, 1, 1, -1, 1, 1, 1, -1],
      TTFT: [1, 1, 1, -1, 1, 1, 1, 0],
      FTTT: [1, 1, 1, -1, 0, 0, 0, -1],
    };
    for (const name of ["TTTT", "TTFT", "FTTT"] as const) {
      const structure = multiAreaEI({
        ...sizes,
        excitatory: 0.75,
        connectivity: full,
        interAreaPathways: rows[name],
        selfConnections: true,
        inputAreas: [0, 1],
        readoutAreas: [0, 1],
        inhibitoryReadout: true,
      });
      expect(signed(structure.masks.weightHH, structure.signs.weightHH, 8)[0]).toEqual(expected[name]);
      expect(signed(structure.masks.weightHO, structure.signs.weightHO, 8)[0]).toEqual([1, 1, 1, -1, 1, 1, 1, -1]);
      expect([...(structure.masks.weightIH ?? [])]).toEqual(Array(8).fill(1));
    }
  });

  it("takes a matrix by [to][from] and unequal areas (golden ma_list_sizes_matrix)", () => {
    const structure = multiAreaEI({
      inputs: 2,
      hidden: 6,
      outputs: 3,
      areas: [1, 2, 3],
      excitatory: 1,
      selfConnections: true,
      connectivity: [
        [1, 0, 0],
        [1, 1, 0],
        [0, 1, 1],
      ],
    });
    const mask = signed(structure.masks.weightHH, undefined, 6);
    expect(mask).toEqual([
      [1, 0, 0, 0, 0, 0],
      [1, 1, 1, 0, 0, 0],
      [1, 1, 1, 0, 0, 0],
      [0, 1, 1, 1, 1, 1],
      [0, 1, 1, 1, 1, 1],
      [0, 1, 1, 1, 1, 1],
    ]);
    expect(structure.areas.map(({ name, from, to }) => [name, from, to])).toEqual([
      ["area1", 0, 1],
      ["area2", 1, 3],
      ["area3", 3, 6],
    ]);
    expect(signed(structure.masks.weightIH, undefined, 2).map((row) => row[0])).toEqual([1, 0, 0, 0, 0, 0]);
    expect(signed(structure.masks.weightHO, undefined, 6)[0]).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it("by default: only excitatory cells between areas, sparse feedback, no self-connections, excitatory readout", () => {
    const hidden = 200;
    const structure = multiAreaEI({ inputs: 4, hidden, outputs: 2, seed: 3 });
    const mask = structure.masks.weightHH ?? new Float32Array();
    expect(blockDensity(mask, hidden, [100, 200], [0, 80])).toBeCloseTo(0.5, 1);
    expect(blockDensity(mask, hidden, [0, 100], [100, 180])).toBeCloseTo(0.2, 1);
    expect(blockDensity(mask, hidden, [100, 200], [80, 100])).toBe(0);
    expect(blockDensity(mask, hidden, [0, 100], [0, 100])).toBe(0.99);
    expect(signed(structure.masks.weightHO, undefined, hidden)[1]?.map(Boolean)).toEqual(
      Array.from({ length: hidden }, (_, unit) => unit >= 100 && unit < 180),
    );
    expect(structure.signs.weightIH).toBeUndefined();
    expect(multiAreaEI({ ...sizes, excitatoryInputs: true }).signs.weightIH).toEqual(new Float32Array(8).fill(1));
  });

  it("draws each entry independently at its density, the same for the same seed, nested over densities", () => {
    const make = (forward: number, seed: number) =>
      multiAreaEI({ inputs: 1, hidden: 200, outputs: 1, seed, connectivity: { forward, backward: 0.05, within: 0.5 } });
    const sparse = make(0.1, 7).masks.weightHH ?? new Float32Array();
    expect(make(0.1, 7).masks.weightHH).toEqual(sparse);
    expect(make(0.1, 8).masks.weightHH).not.toEqual(sparse);
    // 8000 entries at 0.1: standard deviation 0.0034.
    expect(Math.abs(blockDensity(sparse, 200, [100, 200], [0, 80]) - 0.1)).toBeLessThan(0.015);
    const denser = make(0.3, 7).masks.weightHH ?? new Float32Array();
    expect(sparse.every((value, index) => value <= (denser[index] ?? 0))).toBe(true);
  });

  it("scales a pathway that is given as a fraction", () => {
    const options = { inputs: 1, hidden: 200, outputs: 1, connectivity: { forward: 0.5 } };
    const half = multiAreaEI({ ...options, interAreaPathways: { EE: 0.4 } }).masks.weightHH ?? new Float32Array();
    expect(Math.abs(blockDensity(half, 200, [100, 180], [0, 80]) - 0.2)).toBeLessThan(0.02);
    expect(Math.abs(blockDensity(half, 200, [180, 200], [0, 80]) - 0.5)).toBeLessThan(0.05);
  });

  it("keeps one unit of each kind, obeys Dale's law and covers every unit, for any sizes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 5 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (hidden, areas, excitatory) => {
          fc.pre(areas <= hidden);
          const structure = multiAreaEI({ inputs: 2, hidden, outputs: 1, areas, excitatory });
          expect(structure.areas.at(-1)?.to).toBe(hidden);
          const signs = structure.signs.weightHH ?? new Float32Array();
          signs.forEach((sign, index) => {
            if (sign !== structure.unitSigns?.[index % hidden]) throw new Error(`sign ${index}`);
          });
          for (const { from, to } of structure.areas) {
            const count = structure.unitSigns?.subarray(from, to).filter((sign) => sign === 1).length;
            expect(count).toBe(excitatoryCount(to - from, excitatory));
            if (excitatory > 0 && excitatory < 1 && to - from >= 2) {
              expect(count).toBeGreaterThan(0);
              expect(count).toBeLessThan(to - from);
            }
          }
        },
      ),
      { numRuns: 50 },
    );
    expect(excitatoryCount(100, 0.29)).toBe(29); // nn4n truncates to 28
    expect(multiAreaEI({ ...sizes, areas: [4, 4], excitatory: [1, 0] }).unitSigns).toEqual(
      Float32Array.of(1, 1, 1, 1, -1, -1, -1, -1),
    );
  });

  it("takes areas by name", () => {
    const areas = [
      { name: "sensory", size: 3 },
      { name: "pfc", size: 5 },
    ];
    const structure = multiAreaEI({ ...sizes, areas, inputAreas: ["pfc"], readoutAreas: ["sensory"] });
    expect([...(structure.masks.weightIH ?? [])]).toEqual([0, 0, 0, 1, 1, 1, 1, 1]);
    expect(() => multiAreaEI({ ...sizes, areas, inputAreas: ["pcf"] })).toThrow(/"pcf"; did you mean "pfc"/);
    expect(() => multiAreaEI({ ...sizes, areas: [areas[0], { name: "sensory", size: 5 }] as typeof areas })).toThrow(
      ConfigError,
    );
  });

  it("names what is wrong", () => {
    const make = (options: object) => () => multiAreaEI({ ...sizes, ...options });
    expect(make({ inh_output: true })).toThrow(ConfigError);
    expect(make({ excitatori: 0.8 })).toThrow(/"excitatori"; did you mean "excitatory"/);
    expect(make({ interAreaPathways: { XE: true } })).toThrow(ConfigError);
    expect(make({ connectivity: { fwd: 1 } })).toThrow(ConfigError);
    expect(make({ areas: [3, 4] })).toThrow(/add up to 7, but hidden is 8/);
    expect(make({ areas: 9 })).toThrow(ShapeError);
    expect(make({ connectivity: [[1]] })).toThrow(ShapeError);
    expect(make({ connectivity: { forward: 1.5 } })).toThrow(/forward: expected a number in \[0, 1\], got 1.5/);
    expect(make({ excitatory: -0.1 })).toThrow(ValueError);
    expect(make({ excitatory: [0.5] })).toThrow(ShapeError);
    expect(make({ inputAreas: [2] })).toThrow(ValueError);
    expect(make({ hidden: 0 })).toThrow(ValueError);
    expect(make({ seed: -1 })).toThrow(ValueError);
  });

  it("describes itself", () => {
    const text = describeStructure(multiAreaEI({ inputs: 6, hidden: 100, outputs: 2, seed: 1, connectivity: full }));
    expect(text).toContain("6 inputs, 100 hidden units, 2 outputs");
    expect(text).toContain("100 units: 80 E, 20 I, E/I 4.00");
    expect(text).toMatch(/area area1 \[0, 50\): 50 units: 40 E, 10 I/);
    expect(text).toMatch(/area2 +0\.800 +0\.980/);
    expect(text).toContain("self-connections: none");
    const plain = describeStructure(dense({ inputs: 1, hidden: 3, outputs: 1 }));
    expect(plain).toContain("self-connections: 3 of 3");
    expect(plain).not.toContain("without any incoming");
    const cut = multiAreaEI({ ...sizes, connectivity: { forward: 0, backward: 0, within: 0 } });
    expect(describeStructure(cut)).toContain("units without any incoming synapse: 4");
  });
});
