import { describe, expect, it } from "vitest";
import { ShapeError, ValueError } from "../../src/errors.ts";
import { multiArea } from "../../src/structure/multi-area.ts";
import { excitatoryCount, multiAreaEI } from "../../src/structure/multi-area-ei.ts";
import { multiIO } from "../../src/structure/multi-io.ts";
import { inputUnits, readoutUnits } from "../../src/structure/query.ts";
import { randomInput } from "../../src/structure/random-input.ts";
import type { Structure } from "../../src/structure/structure.ts";
import firstFile from "../fixtures/golden/nn4n/structures.json" with { type: "json" };
import secondFile from "../fixtures/golden/nn4n/structures-multi-io.json" with { type: "json" };
import { blockSum, rowsOf } from "./statistics.ts";

interface GoldenStructure {
  readonly input_mask: number[][];
  readonly hidden_mask: number[][];
  readonly readout_mask: number[][];
  readonly input_idx: number[];
  readonly non_input_idx: number[];
  readonly readout_idx: number[];
  readonly area_idx: number[][];
}

/** A mask times its sign: nn4n's one-mask form. */
function signedRows(structure: Structure, name: "weightHH" | "weightHO", rows: number): number[][] {
  const mask = rowsOf(structure.masks[name], rows, structure.hidden);
  const sign = rowsOf(structure.signs[name], rows, structure.hidden);
  return mask.map((row, i) => row.map((value, j) => value * (sign[i]?.[j] ?? 1) + 0));
}

function expectGolden(structure: Structure, golden: GoldenStructure): void {
  const { inputs, hidden, outputs, masks } = structure;
  expect(rowsOf(masks.weightIH, hidden, inputs)).toEqual(golden.input_mask);
  expect(signedRows(structure, "weightHH", hidden)).toEqual(golden.hidden_mask);
  expect(signedRows(structure, "weightHO", outputs)).toEqual(golden.readout_mask);
  const reached = [...inputUnits(structure)];
  expect(reached).toEqual(golden.input_idx);
  expect([...Array(hidden).keys()].filter((unit) => !reached.includes(unit))).toEqual(golden.non_input_idx);
  expect([...readoutUnits(structure)]).toEqual(golden.readout_idx);
  const units = structure.areas.map(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index));
  expect(units).toEqual(golden.area_idx);
}

for (const file of [firstFile, secondFile]) {
  describe(`nn4n ${file.version}: multiArea`, () => {
    it("two areas, forward only; backward only, nothing within", () => {
      const sizes = { inputs: 2, hidden: 6, outputs: 2, inputAreas: [0], readoutAreas: [1] };
      const forward = multiArea({ ...sizes, connectivity: { forward: 1, backward: 0 } });
      expectGolden(forward, file.ma_int2_fwd1_bwd0);
      const backward = { forward: 0, backward: 1, within: 0 };
      expectGolden(
        multiArea({ inputs: 1, hidden: 6, outputs: 1, connectivity: backward }),
        file.ma_int2_fwd0_bwd1_intra0,
      );
    });

    it("sizes of areas and a matrix by [to][from]", () => {
      const golden = file.ma_list_sizes_matrix;
      const structure = multiArea({
        inputs: 2,
        hidden: 6,
        outputs: 3,
        areas: golden.area_idx.map((units) => units.length),
        connectivity: golden.area_connectivities,
        inputAreas: [0],
        readoutAreas: [2],
      });
      expectGolden(structure, golden);
    });

    it("one area", () => {
      const sizes = { inputs: 2, hidden: 4, outputs: 2, areas: 1 };
      expectGolden(multiArea({ ...sizes, inputAreas: [0], readoutAreas: [0] }), file.ma_one_area_overrides_io);
      expectGolden(multiArea(sizes), file.ma_one_area_list_conn);
    });
  });

  describe(`nn4n ${file.version}: multiAreaEI`, () => {
    const all = { forward: 1, backward: 1, within: 1 };
    const options = { inputs: 1, hidden: 8, outputs: 2, excitatory: 0.75, connectivity: all, selfConnections: true };

    it.each(["TTTT", "FTTT", "TFTT", "TTFT", "TTTF", "TFFF"] as const)("pathways %s", (name) => {
      const golden = file[`ei_2areas_${name}`];
      const [EE, EI, IE, II] = [...name].map((letter) => letter === "T") as [boolean, boolean, boolean, boolean];
      const structure = multiAreaEI({
        ...options,
        interAreaPathways: { EE, EI, IE, II },
        inputAreas: [0, 1],
        readoutAreas: [0, 1],
        inhibitoryReadout: true,
      });
      expectGolden(structure, golden);
      const ofSign = (sign: number) =>
        golden.area_idx.map((units) => units.filter((unit) => structure.unitSigns?.[unit] === sign));
      expect(ofSign(1)).toEqual(golden.exc);
      expect(ofSign(-1)).toEqual(golden.inh);
    });

    it("no inhibitory readout", () => {
      const pathways = { EE: true, EI: true, IE: true, II: true };
      const structure = multiAreaEI({ ...options, interAreaPathways: pathways, inputAreas: [0], readoutAreas: [1] });
      expectGolden(structure, file.ei_no_inh_readout);
    });

    it("counts 29 excitatory units of 100 at 0.29, where nn4n truncates to 28", () => {
      expect(file["ei_exc_pct_0.29_of_100"].n_exc).toBe(28);
      expect(excitatoryCount(100, 0.29)).toBe(29);
    });
  });

  describe(`nn4n ${file.version}: errors`, () => {
    const sizes = { inputs: 1, hidden: 10, outputs: 1 };
    it("refuses what nn4n refuses", () => {
      const refused = [
        "err_sizes_do_not_sum",
        "err_conn_out_of_range",
        "err_conn_wrong_len",
        "err_input_area_out_of_range",
        "err_exc_pct_out",
        "err_random_no_overlap_too_many",
      ] as const;
      for (const name of refused) expect(file[name].ok).toBe(false);
      expect(() => multiArea({ ...sizes, areas: [4, 5] })).toThrow(ShapeError);
      expect(() => multiArea({ ...sizes, connectivity: { forward: 1.1 } })).toThrow(ValueError);
      expect(() => multiArea({ ...sizes, connectivity: [[1, 1, 1]] })).toThrow(ShapeError);
      expect(() => multiArea({ ...sizes, inputAreas: [2] })).toThrow(ValueError);
      expect(() => multiAreaEI({ ...sizes, excitatory: 1.1 })).toThrow(ValueError);
      const crowded = { ...sizes, inputDensity: 0.7, readoutDensity: 0.6, overlap: false };
      expect(() => randomInput(crowded)).toThrow(/7 input units and 6 readout units exceed 10/);
    });

    it("does better where nn4n's rules are accidents", () => {
      // 10 units in 3 areas: unequal by one, not an error. Integer densities, and the defaults, are no error.
      expect(file.err_hidden_not_divisible.ok).toBe(false);
      expect(multiArea({ ...sizes, areas: 3 }).areas.map(({ from, to }) => to - from)).toEqual([4, 3, 3]);
      expect(file.err_random_default.ok).toBe(false);
      expect(file.err_random_int_spar.ok).toBe(false);
      expect(inputUnits(randomInput(sizes))).toHaveLength(10);
      expect(randomInput({ ...sizes, inputDensity: 1 })).toEqual(randomInput(sizes));
      // A density of 2 is an error here, and passes there.
      expect(file.err_random_hidden_spar_2.ok).toBe(true);
      expect(() => randomInput({ ...sizes, hiddenDensity: 2 })).toThrow(ValueError);
    });

    it("chooses as many random input and readout units", () => {
      const golden = file.random_counts;
      const random = { inputs: 2, hidden: 20, outputs: 1, inputDensity: 0.35, readoutDensity: 0.25 };
      const structure = randomInput({ ...random, hiddenDensity: 0.5, overlap: false, seed: 4 });
      const [reached, read] = [inputUnits(structure), readoutUnits(structure)];
      expect(reached).toHaveLength(golden.input_idx_n);
      expect(read).toHaveLength(golden.readout_idx_n);
      expect([...reached].filter((unit) => read.includes(unit))).toHaveLength(golden.overlap);
      const mask = structure.masks.weightHH ?? new Float32Array();
      expect(Math.abs(blockSum(mask, 20, [0, 20], [0, 20]) / 400 - golden.hidden_density)).toBeLessThan(0.075);
    });
  });
}

describe(`nn4n ${secondFile.version}: multiIO`, () => {
  it("reaches chosen units from each group of channels", () => {
    const golden = secondFile.multiio;
    const [inputMask, hiddenMask, readoutMask] = golden["get_masks (in,hid),(hid,hid),(hid,out)"];
    const transpose = (rows: number[][] = []) => (rows[0] ?? []).map((_, column) => rows.map((row) => row[column]));
    const structure = multiIO({
      hidden: 6,
      inputs: { channels: [1, 2], table: golden.input_table },
      outputs: { channels: [2, 2], table: golden.readout_table },
    });
    expect(rowsOf(structure.masks.weightIH, 6, 3)).toEqual(transpose(inputMask));
    expect(rowsOf(structure.masks.weightHH, 6, 6)).toEqual(hiddenMask);
    expect(rowsOf(structure.masks.weightHO, 4, 6)).toEqual(transpose(readoutMask));
    // nn4n's own getters are not implemented for this structure.
    expect(secondFile.multiio_get_areas.ok).toBe(false);
    expect([...inputUnits(structure, "input1")]).toEqual([3, 4, 5]);
    expect([...readoutUnits(structure, "output1")]).toEqual([0, 1, 2]);
    expect([...readoutUnits(structure, "output2")]).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
