import { describe, expect, it } from "vitest";
import {
  blocks,
  distanceDependent,
  fromConnectome,
  fromMasks,
  inputChannelsOf,
  inputUnits,
  multiArea,
  multiAreaEI,
  multiIO,
  outputChannelsOf,
  parseMatrixCsv,
  randomInput,
  type StructureJson,
  splitSignedMask,
  stack,
  structureFromJson,
  structureToJson,
} from "../../src/index.ts";

const sizes = { inputs: 2, hidden: 6, outputs: 1 };
const channels = { inputs: 1, outputs: 1 };

/** What plain JavaScript and JSON may bring, past the types. */
function untyped<Options, Result>(make: (options: Options) => Result): (options: unknown) => Result {
  return (options) => make(options as Options);
}

const areas = untyped(multiArea);
const withSigns = untyped(multiAreaEI);
const random = untyped(randomInput);
const layers = untyped(stack);
const groups = untyped(multiIO);

describe("options that have no meaning are refused, not guessed", () => {
  it.each<readonly [string, () => unknown, string]>([
    ["an area without meaning", () => areas({ ...sizes, areas: [null, 6] }), "areas[0]: expected an object"],
    ["a misspelt key of an area", () => areas({ ...sizes, areas: [{ name: "a", size: 6, dale: true }] }), '"dale"'],
    ["one area in place of a list", () => areas({ ...sizes, inputAreas: 0 }), "expected a list of area indices"],
    ["a row with a hole", () => areas({ ...sizes, connectivity: [Array(2), [0, 1]] }), "connectivity[0][0]"],
    ["a flag that is a word", () => areas({ ...sizes, selfConnections: "false" }), "expected true or false"],
    ["a flag that is a number", () => withSigns({ ...sizes, inhibitoryReadout: 1 }), "inhibitoryReadout"],
    ["overlap 0", () => random({ ...sizes, overlap: 0 }), "overlap: expected true or false, got 0"],
    ["a fraction that is null", () => withSigns({ ...sizes, excitatory: null }), "excitatory: expected a fraction"],
    ["a pathway that is a text", () => withSigns({ ...sizes, interAreaPathways: { EE: "0.5" } }), 'got "0.5"'],
    ["recurrence null", () => layers({ ...channels, layers: [{ size: 2, recurrent: null }] }), "got null"],
    [
      "feedback by a word",
      () => layers({ ...channels, layers: [{ size: 2 }], feedback: "all" }),
      "list of projections",
    ],
    ["skip by a number", () => layers({ ...channels, layers: [{ size: 2 }], skip: 1 }), "list of projections"],
    ["units null", () => groups({ hidden: 4, inputs: [{ channels: 1, units: null }], outputs: 1 }), "units"],
    [
      "a typed array of units",
      () => groups({ hidden: 4, inputs: [{ channels: 1, units: Uint8Array.of(1) }], outputs: 1 }),
      "Array.from",
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(message);
    expect(make).not.toThrow(TypeError);
  });

  it("a population whose fraction is null is not inhibitory, and a projection needs both names", () => {
    const one = { ...channels, populations: [{ name: "a", size: 2 }] };
    const make = untyped(blocks);
    expect(() => make({ ...one, populations: [{ name: "a", size: 2, excitatory: null }], projections: [] })).toThrow(
      "blocks: populations[0].excitatory: expected a number in [0, 1], got null",
    );
    expect(() => make({ ...one, projections: [{ to: "a" }] })).toThrow("projections[0].from: expected a name");
  });

  it("areas of fromMasks have a name and no other keys; a signed mask is a matrix", () => {
    const make = untyped(fromMasks);
    expect(() => make({ ...sizes, areas: [{ from: 0, to: 3 }] })).toThrow("an area's name is undefined");
    expect(() => make({ ...sizes, areas: [{ name: "a", from: 0, to: 3, sign: 1 }] })).toThrow('"sign"');
    expect(() => make({ ...sizes, areas: [null] })).toThrow("areas[0]: expected an object");
    expect(() => untyped(splitSignedMask)(null)).toThrow("the mask is empty");
  });

  it("matrices that no GPU holds, and distances that float32 does not", () => {
    for (const make of [
      () => multiArea({ ...sizes, hidden: 1e6 }),
      () => stack({ ...channels, layers: [{ size: 1e6 }] }),
      () => blocks({ ...channels, populations: [{ name: "a", size: 1e6 }], projections: [] }),
      () => multiIO({ hidden: 1e6, inputs: 1, outputs: 1 }),
      () => fromConnectome({ ...channels, edges: [{ from: 0, to: 1e7 }] }),
    ])
      expect(make).toThrow("no GPU buffer holds more than");
    const ring = { ...sizes, layout: "ring", lengthScale: 1 } as const;
    expect(() => distanceDependent({ ...ring, extent: 1e39 })).toThrow("distances are float32");
    expect(() => distanceDependent({ ...ring, extent: 1e-39 })).toThrow("distances are float32");
  });
});

describe("measured data that is not what it seems is refused", () => {
  it("weights that are texts or null, indices that are none, names that are no texts", () => {
    const make = untyped(fromConnectome);
    const edge =
      (other: object): (() => unknown) =>
      () =>
        make({ ...channels, edges: [{ from: 0, to: 1, ...other }] });
    expect(edge({ weight: "3" })).toThrow('edges[0].weight: expected a number, got "3"');
    expect(edge({ weight: null })).toThrow("got null");
    expect(edge({ weight: Number.NaN })).toThrow("got NaN");
    expect(edge({ from: 1.5 })).toThrow("edges[0].from: expected a unit by name or index, got 1.5");
    expect(edge({ to: undefined })).toThrow("edges[0].to");
    expect(() => make({ ...channels, weights: null })).toThrow("expected a list of rows, got null");
    expect(() => make({ ...channels, weights: [[1]], names: [1] })).toThrow("names[0]: expected a text");
    expect(() => make({ ...channels, weights: [[1]], inhibitory: ["x"] })).toThrow("have no names");
  });

  it("a first line of a CSV with NaN or infinity is no title", () => {
    for (const word of ["NaN", "inf", "-Infinity", "1e400", "1e39"])
      expect(() => parseMatrixCsv(`1,${word}\n3,4`)).toThrow(`line 1, cell 2: "${word}" is no finite float32`);
    expect(parseMatrixCsv("1,n\n3,4").columnNames).toEqual(["1", "n"]);
  });
});

describe("structureFromJson checks every field", () => {
  const spatial = structureToJson(distanceDependent({ ...sizes, layout: "ring", lengthScale: 1 }));
  const signed = structureToJson(multiAreaEI(sizes));
  const square = (value: number): number[] => Array<number>(36).fill(value);
  const each = (value: number): number[] => Array<number>(6).fill(value);
  it.each<readonly [string, StructureJson, string]>([
    ["distances below 0", { ...spatial, distances: square(-1) }, "distances[0] is -1"],
    ["distances past float32", { ...spatial, distances: square(1e39) }, "distances[0] is Infinity"],
    ["positions past float32", { ...spatial, units: { positions: each(1e39) } }, "units.positions[0] is Infinity"],
    ["strengths above 1", { ...signed, strengths: { weightHH: square(5) } }, "strengths.weightHH[0] is 5"],
    ["strengths below 0", { ...signed, strengths: { weightHH: square(-1) } }, "strengths.weightHH[0] is -1"],
    ["gap junctions below 0", { ...signed, gapsHH: square(-1) }, "gapsHH[0] is -1"],
    ["gap junctions one way", { ...signed, gapsHH: [0, 1, ...square(0).slice(2)] }, "gap junctions are symmetric"],
    ["times below 0", { ...signed, units: { tauMs: each(-1) } }, "units.tauMs[0] is -1"],
    ["noise below 0", { ...signed, units: { noisePre: each(-1) } }, "units.noisePre[0] is -1"],
    [
      "signs of units against those of their synapses",
      { ...signed, signs: { weightHH: signed.signs.weightHH }, unitSigns: each(-1) },
      'unit 0 (area "area1") has sign -1, but 1 onto hidden units',
    ],
  ])("%s", (_, json, message) => expect(() => structureFromJson(json)).toThrow(message));
});

it("channels without groups answer to the names that run takes", () => {
  const structure = multiArea({ ...sizes, inputAreas: [0] });
  expect(inputChannelsOf(structure, "inputs")).toEqual({ from: 0, to: 2 });
  expect(outputChannelsOf(structure, "outputs")).toEqual({ from: 0, to: 1 });
  expect([...inputUnits(structure, "inputs")]).toEqual([0, 1, 2]);
});
