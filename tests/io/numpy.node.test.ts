import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ArrayData } from "../../src/io/array.ts";
import { decodeNpy } from "../../src/io/npy.ts";
import { decodeNpz } from "../../src/io/npz.ts";
import { decodeTrials } from "../../src/io/trials.ts";
import { expectEveryByteGuarded, expectEveryTruncationRefused } from "./hostile.ts";

// The files were written by NumPy 2.4: tests/fixtures/make-numpy-fixtures.py.
const fixtures = new URL("../fixtures/numpy/", import.meta.url);
const shared = new URL("../../../shared/data/", import.meta.url);
const hasShared = existsSync(shared);
const reason = hasShared ? "" : " (skipped: ../shared/data is absent)";

function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, fixtures)));
}

function sharedFile(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, shared)));
}

/** Element i (C order) is 1.5 i - 2, as `ramp` of the script that made the files. */
function ramp(...shape: number[]): ArrayData {
  const length = shape.reduce((product, axis) => product * axis, 1);
  return { shape, data: Float32Array.from({ length }, (_, i) => i * 1.5 - 2) };
}

function vector(...values: number[]): ArrayData {
  return { shape: [values.length], data: Float32Array.from(values) };
}

function sum(array: ArrayData | undefined): number {
  return array?.data.reduce((total, value) => total + value, 0) ?? Number.NaN;
}

describe(".npy files that NumPy wrote", () => {
  test.each<[string, ArrayData]>([
    ["c-order.npy", ramp(2, 3)],
    ["fortran.npy", ramp(2, 3, 4)],
    ["float64-exact.npy", ramp(5)],
    ["float16.npy", vector(0, 1, -2.5, 65504, 2 ** -24, Number.POSITIVE_INFINITY)],
    ["uint8.npy", { shape: [2, 2], data: Float32Array.of(0, 1, 128, 255) }],
    ["bool.npy", vector(1, 0, 1)],
    ["int16.npy", vector(-32768, 32767)],
    ["big-endian.npy", ramp(2, 2)],
    ["big-endian-int32.npy", vector(1, -70000)],
    ["scalar.npy", { shape: [], data: Float32Array.of(4.25) }],
    ["empty.npy", { shape: [0, 3], data: new Float32Array(0) }],
    ["version2.npy", ramp(3)],
    ["version3.npy", ramp(3)],
    ["python2.npy", ramp(2, 3)],
  ])("%s is read exactly, without a notice", (name, expected) => {
    const notices: string[] = [];
    expect(decodeNpy(fixture(name), name, (message) => notices.push(message))).toEqual(expected);
    expect(notices).toEqual([]);
  });

  test.each<[string, ArrayData, string]>([
    [
      "float64.npy",
      vector(0.5, 0.1, Number.NEGATIVE_INFINITY, Number.NaN, Number.POSITIVE_INFINITY),
      "float64.npy: float64 read as float32; 1 of 5 values were rounded and 1 became infinite",
    ],
    [
      "int64.npy",
      vector(0, -3, 2 ** 24, 2 ** 24, -(2 ** 62)),
      "int64.npy: int64 read as float32; 2 of 5 values were rounded",
    ],
    ["uint64.npy", vector(0, 2 ** 64), "uint64.npy: uint64 read as float32; 1 of 2 values were rounded"],
  ])("%s is read with a notice of what float32 cannot hold", (name, expected, notice) => {
    const notices: string[] = [];
    expect(decodeNpy(fixture(name), name, (message) => notices.push(message))).toEqual(expected);
    expect(notices).toEqual([notice]);
  });

  test.each([
    ["text.npy", "dtype <U2 is not a plain number"],
    ["record.npy", "dtype record is not a plain number"],
    ["complex.npy", "dtype <c16 is not a plain number"],
    ["pickled.npy", "holds pickled Python objects (dtype |O), which are never decoded"],
  ])("%s is refused", (name, message) => {
    expect(() => decodeNpy(fixture(name), name)).toThrow(`${name}: ${message}`);
  });
});

describe(".npz files that NumPy wrote", () => {
  test("stored and deflated", () => {
    expect(decodeNpz(fixture("stored.npz"), "s")).toEqual(
      new Map([
        ["a", ramp(2, 2)],
        ["b", ramp(3)],
      ]),
    );
    const zeros = { shape: [40, 5], data: new Float32Array(200) };
    expect(decodeNpz(fixture("deflated.npz"), "d")).toEqual(
      new Map([
        ["a", zeros],
        ["b", ramp(3)],
      ]),
    );
  });

  test("pickled and text entries are skipped with a notice", () => {
    const notices: string[] = [];
    const arrays = decodeNpz(fixture("with-pickle.npz"), "p.npz", (message) => notices.push(message));
    expect(arrays).toEqual(new Map([["weight", ramp(2)]]));
    expect(notices).toEqual([
      "p.npz: settings: holds pickled Python objects (dtype |O), which are never decoded; skipped",
      'p.npz: names: dtype <U1 is not a plain number; save it with .astype("float32"); skipped',
    ]);
  });

  test("trials", () => {
    const notices: string[] = [];
    const trials = decodeTrials(fixture("trials.npz"), "t.npz", (message) => notices.push(message));
    expect(trials.inputs).toEqual(ramp(4, 2, 3));
    expect(trials.mask?.shape).toEqual([4, 2, 1]);
    expect(trials.v0?.shape).toEqual([2, 5]);
    expect(notices).toEqual(["t.npz: note is not used"]);
  });

  test.each(["stored.npz", "deflated.npz", "with-pickle.npz"])("%s, truncated or changed, is guarded", (name) => {
    expectEveryTruncationRefused(fixture(name), (bytes) => decodeNpz(bytes, name));
    expectEveryByteGuarded(fixture(name), (bytes) => decodeNpz(bytes, name));
  });
});

describe.skipIf(!hasShared)(`published data${reason}`, () => {
  test("a PsychRNN network, all but its pickled entry", () => {
    const notices: string[] = [];
    const arrays = decodeNpz(sharedFile("psychrnn/saved_weights.npz"), "w", (message) => notices.push(message));
    expect(arrays.size).toBe(23);
    expect(arrays.get("W_rec")?.shape).toEqual([50, 50]);
    expect(sum(arrays.get("W_rec"))).toBeCloseTo(-0.6325089, 4);
    expect(arrays.has("W_rec/Adam")).toBe(true);
    expect(notices).toEqual([
      "w: dale_ratio: holds pickled Python objects (dtype |O), which are never decoded; skipped",
    ]);
  });

  test("motor cortex recordings, in Fortran order and deflated", () => {
    const arrays = decodeNpz(sharedFile("motor-cortex/reaching.npz"), "r");
    expect(arrays.get("rates")?.shape).toEqual([803, 187]);
    expect(sum(arrays.get("rates"))).toBe(537450);
    const rates = arrays.get("rates")?.data;
    expect([...(rates?.subarray(500 * 187 + 90, 500 * 187 + 95) ?? [])]).toEqual([10, 0, 10, 0, 0]);
    expect(rates?.filter((_, i) => i % 187 === 7).reduce((total, rate) => total + rate, 0)).toBe(3310);
    const velocity = arrays.get("velocity")?.data;
    expect(velocity?.subarray(800, 802)).toEqual(Float32Array.of(0.15887731, -0.70542294));
    expect(sum(arrays.get("target"))).toBe(3681);
  });

  test("the worm's synapses, with headers of Python 2", () => {
    const synapses = decodeNpy(sharedFile("celegans/Gs.npy"), "Gs.npy");
    expect(synapses.shape).toEqual([279, 279]);
    expect(sum(synapses)).toBe(6932);
    expect(synapses.data.filter((count) => count > 0).length).toBe(2305);
    expect(sum(decodeNpy(sharedFile("celegans/emask.npy"), "emask.npy"))).toBe(26);
  });
});
