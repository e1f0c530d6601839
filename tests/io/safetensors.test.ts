import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FileFormatError, ShapeError, ValueError } from "../../src/errors.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/io/safetensors.ts";
import { arrays, names, ramp } from "./arbitrary.ts";
import { expectEveryByteGuarded, expectEveryTruncationRefused } from "./hostile.ts";
import { concatenate } from "./zip-builder.ts";

/** A file with this header text and these bytes of data. */
function file(header: string, data: readonly number[] = []): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return concatenate([length, text, Uint8Array.from(data)]);
}

function entry(dtype: string, shape: string, offsets: string): string {
  return `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
}

describe("safetensors", () => {
  test("tensors and metadata come back as they were", () => {
    const texts = fc.dictionary(fc.string(), fc.string({ unit: "grapheme" }), { maxKeys: 4, noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(names, arrays), { maxLength: 5 }), texts, (entries, metadata) => {
        const tensors = new Map(entries);
        const bytes = encodeSafetensors(tensors, metadata);
        const read = decodeSafetensors(bytes, "a.safetensors");
        expect(read.metadata).toEqual(metadata);
        expect(read.tensors.size).toBe(tensors.size);
        for (const [name, tensor] of tensors) expect(read.tensors.get(name)).toEqual(tensor);
        expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
      }),
    );
  });

  test.each<[string, readonly number[], readonly number[]]>([
    ["BOOL", [0, 1, 7], [0, 1, 1]],
    ["I8", [0xff, 5], [-1, 5]],
    ["U8", [0xff, 5], [255, 5]],
    ["I16", [0xfe, 0xff], [-2]],
    ["U16", [0xfe, 0xff], [65534]],
    ["I32", [0xff, 0xff, 0xff, 0xff], [-1]],
    ["U32", [0, 0, 0, 0x80], [2 ** 31]],
    ["I64", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [-1]],
    ["U64", [0, 1, 0, 0, 0, 0, 0, 0], [256]],
    ["F16", [0x00, 0x3c, 0x01, 0x00, 0x00, 0xfc], [1, 2 ** -24, Number.NEGATIVE_INFINITY]],
    ["BF16", [0x80, 0x3f, 0x20, 0xc1], [1, -10]],
    ["F32", [0, 0, 0xc0, 0x3f], [1.5]],
    ["F64", [0, 0, 0, 0, 0, 0, 0xf8, 0x3f], [1.5]],
  ])("reads %s", (dtype, data, expected) => {
    const notices: string[] = [];
    const bytes = file(`{"x":${entry(dtype, `[${expected.length}]`, `[0,${data.length}]`)}}`, data);
    const { tensors } = decodeSafetensors(bytes, "a", (message) => notices.push(message));
    expect(tensors.get("x")).toEqual({ shape: [expected.length], data: Float32Array.from(expected) });
    expect(notices).toEqual([]);
  });

  test("a value that float32 cannot hold is announced", () => {
    const notices: string[] = [];
    const data = [...new Uint8Array(Float64Array.of(0.1, 1, 1e300, Number.NaN).buffer)];
    decodeSafetensors(file(`{"x":${entry("F64", "[4]", "[0,32]")}}`, data), "a", (message) => notices.push(message));
    expect(notices).toEqual(["a: x: float64 read as float32; 1 of 4 values were rounded and 1 became infinite"]);
  });

  test.each<[string, string, readonly number[], RegExp]>([
    [
      "a key twice",
      `{"x":${entry("U8", "[1]", "[0,1]")},"\\u0078":${entry("U8", "[1]", "[1,2]")}}`,
      [1, 2],
      /"x" appears twice/,
    ],
    ["dtype twice", `{"x":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, [1], /"dtype" appears twice/],
    ["a list", "[1]", [], /does not begin with "\{"/],
    ["a space before the header", " {}", [], /does not begin with "\{"/],
    ["no header", "", [], /does not begin with "\{"/],
    ["broken JSON", `{"x":`, [], /header: not valid JSON/],
    ["an unknown dtype", `{"x":${entry("F8_E4M3", "[1]", "[0,1]")}}`, [1], /a: x: dtype "F8_E4M3" is not read/],
    ["no dtype", `{"x":{"shape":[1],"data_offsets":[0,1]}}`, [1], /x: dtype undefined/],
    ["no shape", `{"x":{"dtype":"U8","data_offsets":[0,1]}}`, [1], /x: shape is not/],
    [
      "a shape that lies",
      `{"x":${entry("F32", "[3]", "[0,8]")}}`,
      [0, 0, 0, 0, 0, 0, 0, 0],
      /x: F32 \[3\] needs 12 bytes/,
    ],
    ["a shape that overflows", `{"x":${entry("U8", "[9007199254740991,3]", "[0,1]")}}`, [1], /is not a shape/],
    ["a negative axis", `{"x":${entry("U8", "[-1]", "[0,1]")}}`, [1], /is not a shape/],
    ["offsets out of range", `{"x":${entry("U8", "[5]", "[0,5]")}}`, [1], /x: ends at byte 5 of 1/],
    ["offsets reversed", `{"x":${entry("U8", "[1]", "[1,0]")}}`, [1], /not 0 ≤ begin ≤ end/],
    ["offsets that are fractions", `{"x":${entry("U8", "[1]", "[0.5,1.5]")}}`, [1], /not 0 ≤ begin ≤ end/],
    ["three offsets", `{"x":${entry("U8", "[1]", "[0,1,1]")}}`, [1], /not two numbers/],
    ["an overlap", `{"x":${entry("U8", "[2]", "[0,2]")},"y":${entry("U8", "[2]", "[1,3]")}}`, [1, 2, 3], /y: overlaps/],
    [
      "a hole",
      `{"x":${entry("U8", "[1]", "[0,1]")},"y":${entry("U8", "[1]", "[2,3]")}}`,
      [1, 2, 3],
      /y: leaves a hole/,
    ],
    ["a hole at the start", `{"x":${entry("U8", "[1]", "[1,2]")}}`, [1, 2], /x: leaves a hole/],
    ["bytes of no tensor", `{"x":${entry("U8", "[1]", "[0,1]")}}`, [1, 2], /1 bytes at the end belong to no tensor/],
    ["an entry that is no object", `{"x":3}`, [], /x: its entry/],
    ["metadata that is no object", `{"__metadata__":[]}`, [], /__metadata__ is not an object/],
    ["metadata that is no text", `{"__metadata__":{"a":1}}`, [], /__metadata__: a is not a string/],
  ])("refuses %s", (_, header, data, message) => {
    expect(() => decodeSafetensors(file(header, data), "a")).toThrow(FileFormatError);
    expect(() => decodeSafetensors(file(header, data), "a")).toThrow(message);
  });

  test("refuses a header longer than the file, or than 100 MB, without reading it", () => {
    const bytes = file("{}");
    new DataView(bytes.buffer).setBigUint64(0, 99_000_000n, true);
    expect(() => decodeSafetensors(bytes, "a")).toThrow(/header needs 99000000 bytes, 2 are left/);
    new DataView(bytes.buffer).setBigUint64(0, 2n ** 64n - 1n, true);
    expect(() => decodeSafetensors(bytes, "a")).toThrow(/header of 18446744073709551615 bytes/);
  });

  test("any truncation and any changed byte is refused or read, never worse", () => {
    const bytes = encodeSafetensors(
      new Map([
        ["x", ramp(2)],
        ["y", ramp(1, 1)],
      ]),
      { note: "é" },
    );
    expectEveryTruncationRefused(bytes, (changed) => decodeSafetensors(changed, "a"));
    expectEveryByteGuarded(bytes, (changed) => decodeSafetensors(changed, "a"));
  });

  test("what could not be read again is not written", () => {
    expect(() => encodeSafetensors(new Map([["__metadata__", ramp(1)]]))).toThrow(ValueError);
    expect(() => encodeSafetensors(new Map([["x", { shape: [2], data: new Float32Array(1) }]]))).toThrow(ShapeError);
  });
});
