import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FileFormatError } from "../../src/errors.ts";
import { parseEdgeListCsv, parseMatrixCsv } from "../../src/structure/csv.ts";

describe("parseMatrixCsv", () => {
  it("reads numbers with and without names, between commas, tabs, semicolons or spaces", () => {
    const plain = { shape: [2, 2], data: Float32Array.of(0, 1.5, -2, 3e2) };
    for (const text of [
      "0,1.5\n-2,3e2",
      "0\t1.5\r\n-2\t3e2\r\n",
      "\uFEFF# synapses\n0;1.5\n\n-2;3e2",
      " 0  1.5\n-2 3e2",
    ])
      expect(parseMatrixCsv(text)).toEqual(plain);
    const columnNames = ["AVA", "RIM, left"];
    expect(parseMatrixCsv('AVA,"RIM, left"\n0,1.5\n-2,3e2')).toEqual({ ...plain, columnNames });
    const named = { ...plain, rowNames: ["a", "b"], columnNames };
    expect(parseMatrixCsv(',AVA,"RIM, left"\na,0,1.5\nb,-2,3e2')).toEqual(named);
    expect(parseMatrixCsv('neuron,AVA,"RIM, left"\na,0,1.5\nb,-2,3e2')).toEqual(named);
    expect(parseMatrixCsv('AVA,"RIM, left"\na,0,1.5\nb,-2,3e2')).toEqual(named);
    expect(parseMatrixCsv("a,0,1.5\nb,-2,3e2")).toEqual({ ...plain, rowNames: ["a", "b"] });
    // As pandas writes a frame without names.
    expect(parseMatrixCsv(",0,1\n0,0,1.5\n1,-2,3e2")).toEqual({
      ...plain,
      rowNames: ["0", "1"],
      columnNames: ["0", "1"],
    });
    expect(parseMatrixCsv("7")).toEqual({ shape: [1, 1], data: Float32Array.of(7) });
    expect(parseMatrixCsv('"the ""a""",1\nb,2').rowNames).toEqual(['the "a"', "b"]);
  });

  it("names the line of what is wrong", () => {
    expect(() => parseMatrixCsv("")).toThrow(FileFormatError);
    expect(() => parseMatrixCsv("0,1\n# note\n2")).toThrow(/line 3: expected 2 cells as on line 1, got 1/);
    expect(() => parseMatrixCsv("0,1\n2,x")).toThrow(/line 2, cell 2: expected a number, got "x"/);
    expect(() => parseMatrixCsv("0,1\n2,")).toThrow(/line 2, cell 2: .*empty cell; write 0/);
    expect(() => parseMatrixCsv("a,b\n")).toThrow(/line 1: there are names, but no numbers/);
    expect(() => parseMatrixCsv(",a,b,c\nx,0,1")).toThrow(/line 1: 3 names for 2 columns/);
    expect(() => parseMatrixCsv('0,1\n"2,3', "w.csv")).toThrow(/w\.csv: line 2: a quoted cell is not closed/);
    expect(() => parseMatrixCsv("1,2\n3,Infinity")).toThrow(FileFormatError);
  });

  it("reads back what is written", () => {
    const cell = fc.float({ noNaN: true, noDefaultInfinity: true });
    const rows = fc
      .integer({ min: 1, max: 5 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 }),
      );
    fc.assert(
      fc.property(rows, fc.boolean(), (matrix, hasNames) => {
        const body = matrix.map((row, index) => [...(hasNames ? [`n${index}`] : []), ...row].join(","));
        const header = hasNames ? [["", ...(matrix[0] ?? []).map((_, index) => `c${index}`)].join(",")] : [];
        const { shape, data } = parseMatrixCsv([...header, ...body].join("\n"));
        expect(shape).toEqual([matrix.length, matrix[0]?.length]);
        expect([...data]).toEqual(matrix.flat().map((value) => value + 0));
      }),
    );
  });
});

describe("parseEdgeListCsv", () => {
  it("reads edges with and without titles and weights", () => {
    const edges = [
      { from: "AVA", to: "RIM", weight: 3 },
      { from: "RIM", to: "AVA", weight: 1 },
    ];
    expect(parseEdgeListCsv("AVA,RIM,3\nRIM,AVA,1")).toEqual(edges);
    expect(parseEdgeListCsv("Source\tTarget\tn\nAVA\tRIM\t3\nRIM\tAVA\t1")).toEqual(edges);
    expect(parseEdgeListCsv("type,weight,post,pre\nS,3,RIM,AVA\nS,1,AVA,RIM")).toEqual(edges);
    expect(parseEdgeListCsv("AVA RIM\nRIM AVA")).toEqual(edges.map(({ from, to }) => ({ from, to })));
    expect(parseEdgeListCsv("0,1,2.5\n1,0,1")).toEqual([
      { from: 0, to: 1, weight: 2.5 },
      { from: 1, to: 0, weight: 1 },
    ]);
    expect(parseEdgeListCsv("0,AVA")).toEqual([{ from: "0", to: "AVA" }]);
  });

  it("names the line of what is wrong", () => {
    expect(() => parseEdgeListCsv("")).toThrow(FileFormatError);
    expect(() => parseEdgeListCsv("a,b,1,2")).toThrow(/line 1: expected from, to and perhaps weight/);
    expect(() => parseEdgeListCsv("a,b,1\na,b")).toThrow(/line 2: expected 3 cells/);
    expect(() => parseEdgeListCsv("a,b,1\na,c,many")).toThrow(/line 2, cell 3: expected a number, got "many"/);
    expect(() => parseEdgeListCsv("from,to\n\n,b")).toThrow(/line 3: the name of a unit is empty/);
  });
});
