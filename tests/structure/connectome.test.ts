import { describe, expect, it } from "vitest";
import { ConfigError, ConstraintError, ShapeError, ValueError } from "../../src/errors.ts";
import { type ConnectomeOptions, fromConnectome } from "../../src/structure/connectome.ts";
import { parseEdgeListCsv, parseMatrixCsv } from "../../src/structure/csv.ts";
import { inputUnits, readoutUnits } from "../../src/structure/query.ts";

const io = { inputs: 1, outputs: 1 };
const counts = [
  [0, 2, 0],
  [4, 0, 1],
  [0, 8, 0],
];
const names = ["AVA", "RIM", "DD1"];

describe("fromConnectome", () => {
  it("gives mask, sign and relative strength", () => {
    const structure = fromConnectome({
      weights: counts,
      names,
      inhibitory: ["DD1"],
      gaps: [[0, 1, 0], [1, 0, 2], [0, 2, 0]], // biome-ignore format: rows
      inputs: [{ name: "touch", channels: 2, units: ["AVA"] }],
      outputs: [{ name: "muscle", channels: 1, units: ["DD1", 1] }],
    });
    expect([...(structure.masks.weightHH ?? [])]).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0]);
    expect([...(structure.strengths?.weightHH ?? [])]).toEqual([0, 0.25, 0, 0.5, 0, 0.125, 0, 1, 0]);
    expect(structure.unitSigns).toEqual(Float32Array.of(1, 1, -1));
    expect([...(structure.signs.weightHH ?? [])]).toEqual([1, 1, -1, 1, 1, -1, 1, 1, -1]);
    expect([...(structure.signs.weightHO ?? [])]).toEqual([1, 1, -1]);
    expect([...(structure.gapsHH ?? [])]).toEqual([0, 0.5, 0, 0.5, 0, 1, 0, 1, 0]);
    expect(structure.units?.names).toEqual(names);
    expect([...inputUnits(structure, "touch")]).toEqual([0]);
    expect([...readoutUnits(structure, "muscle")]).toEqual([1, 2]);
    expect([structure.inputs, structure.hidden, structure.outputs]).toEqual([2, 3, 1]);
  });

  it("reads rows as presynaptic, flat arrays, and edges, alike", () => {
    const transposed = counts.map((_, row) => counts.map((line) => line[row] ?? 0));
    const expected = fromConnectome({ ...io, weights: counts, names });
    expect(fromConnectome({ ...io, weights: transposed, rows: "presynaptic", names })).toEqual(expected);
    expect(fromConnectome({ ...io, weights: Float32Array.from(counts.flat()), names })).toEqual(expected);
    const edges = counts.flatMap((row, to) => row.map((weight, from) => ({ from, to, weight })));
    expect(fromConnectome({ ...io, edges: edges.filter(({ weight }) => weight > 0), names })).toEqual(expected);
    const named = edges.map(({ from, to, weight }) => ({ from: names[from] ?? "", to: names[to] ?? "", weight }));
    expect(fromConnectome({ ...io, edges: named, names })).toEqual(expected);
    const text = `from,to,n\n${named.map(({ from, to, weight }) => `${from},${to},${weight}`).join("\n")}`;
    expect(fromConnectome({ ...io, edges: parseEdgeListCsv(text) })).toEqual(expected);
    const table = [["", ...names], ...counts.map((row, index) => [names[index], ...row])].join("\n");
    expect(fromConnectome({ ...io, weights: parseMatrixCsv(table) })).toEqual(expected);
  });

  it("adds up edges that are listed twice, and counts units by the largest index or by hidden", () => {
    const edges = [{ from: 0, to: 1 }, { from: 0, to: 1, weight: 2 }, { from: 1, to: 2 }]; // biome-ignore format: list
    const structure = fromConnectome({ ...io, edges });
    expect(structure.hidden).toBe(3);
    expect(structure.strengths?.weightHH?.[3]).toBe(1);
    expect(structure.strengths?.weightHH?.[7]).toBeCloseTo(1 / 3, 6);
    expect(structure.units).toBeUndefined();
    expect(fromConnectome({ ...io, edges, hidden: 5 }).hidden).toBe(5);
  });

  it("takes signs from negative weights, and leaves counts free", () => {
    const free = fromConnectome({ ...io, weights: counts });
    expect(free.signs).toEqual({});
    expect(free.unitSigns).toBeUndefined();
    const signed = fromConnectome({ ...io, weights: [[0, -2], [3, 0]], signedReadout: false }); // biome-ignore format: rows
    expect(signed.unitSigns).toEqual(Float32Array.of(1, -1));
    expect(signed.signs.weightHO).toBeUndefined();
    expect(() => fromConnectome({ ...io, weights: [[1, 0], [-1, 0]] })).toThrow(/unit 0 breaks Dale's law/); // biome-ignore format: rows
    expect(() => fromConnectome({ ...io, weights: [[0, -2], [3, 0]], signs: [1, 1] })).toThrow(/weights\[0, 1\].*is -2/); // biome-ignore format: rows
  });

  it("names what is wrong", () => {
    const make = (options: Partial<ConnectomeOptions>) => () => fromConnectome({ ...io, ...options });
    expect(make({})).toThrow(/weights or edges/);
    expect(make({ weights: counts, edges: [] })).toThrow(ConfigError);
    expect(make({ weights: [[1, 2]] })).toThrow(ShapeError);
    expect(make({ weights: [[Number.NaN]] })).toThrow(ValueError);
    expect(make({ weights: counts, names: ["a", "b"] })).toThrow(/3 different names, got 2/);
    expect(make({ weights: counts, names: ["a", "b", "b"] })).toThrow(ShapeError);
    expect(make({ weights: counts, signs: [1, 1] })).toThrow(ShapeError);
    expect(make({ weights: counts, signs: [1, 1, 0.5] })).toThrow(/signs\[2\] is 0.5/);
    expect(make({ weights: counts, signs: [1, 1, 1], inhibitory: [0] })).toThrow(/not both/);
    expect(make({ weights: counts, names, inhibitory: ["DD2"] })).toThrow(/"DD2"; did you mean "DD1"/);
    expect(make({ weights: counts, gaps: [[0, 1, 0], [0, 0, 0], [0, 0, 0]] })).toThrow(ConstraintError); // biome-ignore format: rows
    expect(make({ weights: counts, hidden: 4 })).toThrow(ShapeError);
    expect(make({ edges: [{ from: "a", to: 0 }] })).toThrow(/by name and some by index/);
    expect(make({ edges: [{ from: "a", to: "c" }], names: ["a", "b"] })).toThrow(/edges\[0\]\.to/);
    expect(make({ weights: counts, rows: "pre" as "presynaptic" })).toThrow(ConfigError);
    const swapped = parseMatrixCsv(",a,b\nb,0,1\na,1,0");
    expect(make({ weights: swapped })).toThrow(/row 0 is named "b" and column 0 "a"/);
    expect(make({ weights: counts, inputs: [{ channels: 1, units: [9] }] })).toThrow(ValueError);
  });
});
