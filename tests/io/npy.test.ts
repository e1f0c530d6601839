import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FileFormatError, ShapeError } from "../../src/errors.ts";
import { elementCount } from "../../src/io/array.ts";
import { decodeNpy, encodeNpy } from "../../src/io/npy.ts";
import { arrays, ramp } from "./arbitrary.ts";
import { expectEveryByteGuarded, expectEveryTruncationRefused } from "./hostile.ts";

/** A `.npy` of version 1 with this header and payload. */
function npy(header: string, payload: ArrayLike<number> = []): Uint8Array {
  const length = header.length;
  const text = [...header].map((character) => character.charCodeAt(0));
  return Uint8Array.from([
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    length & 255,
    length >> 8,
    ...text,
    ...Array.from(payload),
  ]);
}

function header(descr: string, shape: string, order = "False"): string {
  return `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
}

describe("npy", () => {
  test("arrays come back as they were", () => {
    fc.assert(
      fc.property(arrays, (array) => {
        expect(decodeNpy(encodeNpy(array), "a.npy")).toEqual(array);
      }),
    );
  });

  test("elements are aligned to 64 bytes and the header ends in a line break", () => {
    fc.assert(
      fc.property(arrays, (array) => {
        const bytes = encodeNpy(array);
        const dataOffset = bytes.length - 4 * array.data.length;
        expect(dataOffset % 64).toBe(0);
        expect(bytes[dataOffset - 1]).toBe(10);
      }),
    );
  });

  test("a header too long for version 1 is written as version 2", () => {
    const array = { shape: Array.from({ length: 30_000 }, () => 1), data: Float32Array.of(7) };
    expect([...encodeNpy(array).subarray(6, 8)]).toEqual([2, 0]);
  });

  test("a header may have another order, other quotes and no last comma", () => {
    const bytes = npy(`{"shape":(1,),"fortran_order":False,"descr":"|u1"}`, [9]);
    expect(decodeNpy(bytes, "a.npy")).toEqual({ shape: [1], data: Float32Array.of(9) });
  });

  test("reads from the middle of a larger buffer, at any alignment", () => {
    const file = encodeNpy(ramp(2, 3));
    const larger = new Uint8Array(file.length + 7);
    larger.set(file, 3);
    expect(decodeNpy(larger.subarray(3, 3 + file.length), "a.npy")).toEqual(ramp(2, 3));
  });

  test.each([
    ["an object array", header("'|O'", "()"), /a\.npy: holds pickled Python objects/],
    ["a record with an object", header("[('a', '|O')]", "(1,)"), /pickled Python objects/],
    ["a record in a record", header("[('a', [('b', '<i4'), ('c', '|O')]), ('d', '<f4')]", "(1,)"), /pickled Python/],
    ["a header of brackets", header("[[[]]".repeat(20_000).slice(0, 60_000), "(1,)"), /header: expected/],
    ["a record", header("[('a', '<i4')]", "(1,)"), /dtype record is not a plain number/],
    ["text", header("'<U3'", "(1,)"), /dtype <U3 is not a plain number/],
    ["a date", header("'<M8[ns]'", "(1,)"), /not a plain number/],
    ["a product that overflows", header("'<f4'", "(4294967296, 4294967296)"), /more elements than can be counted/],
    ["a size the file does not have", header("'<f4'", "(1000000000,)"), /needs 4000000000 bytes, the file holds 0/],
    ["a negative axis", header("'<f4'", "(-1,)"), /expected a tuple of integers/],
    ["an axis that is no number", header("'<f4'", "(1, , 2)"), /axis lengths/],
    ["a missing key", "{'descr': '<f4', 'shape': (1,), }", /keys descr, fortran_order and shape/],
    ["a key given twice", "{'descr': '<f4', 'descr': '<f8', }", /once \(found descr\)/],
    ["an unknown key", "{'descr': '<f4', 'evil': 1, }", /once \(found evil\)/],
    ["code after the header", `${header("'<f4'", "()").trim()}; import os`, /nothing after '}'/],
    ["nothing", "", /expected '\{'/],
  ])("refuses %s", (_, text, message) => {
    expect(() => decodeNpy(npy(text), "a.npy")).toThrow(FileFormatError);
    expect(() => decodeNpy(npy(text), "a.npy")).toThrow(message);
  });

  test("refuses bytes after the last element", () => {
    const bytes = npy(header("'|u1'", "(1,)"), [1, 2]);
    expect(() => decodeNpy(bytes, "a.npy")).toThrow("a.npy: uint8 [1] needs 1 bytes, the file holds 2 bytes");
  });

  test("refuses other files and unknown versions", () => {
    expect(() => decodeNpy(new TextEncoder().encode("PK\x03\x04 and so on"), "a.npy")).toThrow(/not a \.npy file/);
    const bytes = encodeNpy(ramp(1));
    bytes[6] = 4;
    expect(() => decodeNpy(bytes, "a.npy")).toThrow(/version 4 is not known/);
  });

  test("any truncation and any changed byte is refused or read, never worse", () => {
    const bytes = encodeNpy(ramp(2, 3));
    expectEveryTruncationRefused(bytes, (changed) => decodeNpy(changed, "a.npy"));
    expectEveryByteGuarded(bytes, (changed) => decodeNpy(changed, "a.npy"));
  });

  test("an array that does not fill its shape is not written", () => {
    expect(() => encodeNpy({ shape: [2, 2], data: new Float32Array(3) })).toThrow(ShapeError);
    expect(() => encodeNpy({ shape: [0.5, 2], data: new Float32Array(1) })).toThrow(ShapeError);
  });

  test("elementCount counts, and refuses what is no shape", () => {
    expect(elementCount([])).toBe(1);
    expect(elementCount([2, 0, 2 ** 52])).toBe(0);
    expect(() => elementCount([-1])).toThrow(ShapeError);
    expect(() => elementCount([2 ** 30, 2 ** 30])).toThrow(ShapeError);
  });
});
