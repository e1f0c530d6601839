import fc from "fast-check";
import { deflateSync } from "fflate";
import { describe, expect, test } from "vitest";
import { FileFormatError, ValueError } from "../../src/errors.ts";
import { encodeNpy } from "../../src/io/npy.ts";
import { decodeNpz, encodeNpz } from "../../src/io/npz.ts";
import { arrays, names, ramp } from "./arbitrary.ts";
import { expectEveryByteGuarded, expectEveryTruncationRefused } from "./hostile.ts";
import { buildZip, concatenate, type RawEntry } from "./zip-builder.ts";

const contents = encodeNpy(ramp(3));
const checksum = checksumOf(contents);
const sound: RawEntry = { name: "a.npy", stored: contents, checksum };

/** The checksum that an archive written by fflate has in its first local header. */
function checksumOf(bytes: Uint8Array): number {
  const archive = encodeNpz(new Map([["a", ramp(3)]]));
  expect(archive.subarray(35, 35 + bytes.length)).toEqual(bytes);
  return new DataView(archive.buffer).getUint32(14, true);
}

describe("npz", () => {
  test("arrays come back as they were, stored or deflated, in their order", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(names, arrays), { maxLength: 5 }), fc.boolean(), (entries, compress) => {
        const map = new Map(entries);
        const read = decodeNpz(encodeNpz(map, { compress }), "a.npz");
        expect(new Set(read.keys())).toEqual(new Set(map.keys()));
        for (const [name, array] of map) expect(read.get(name)).toEqual(array);
      }),
    );
  });

  test("the same arrays give the same bytes", () => {
    const map = new Map([["a", ramp(4, 4)]]);
    expect(encodeNpz(map, { compress: true })).toEqual(encodeNpz(map, { compress: true }));
  });

  test("an archive built by hand is read, whatever precedes its directory", () => {
    const other: RawEntry = { ...sound, name: "b.npy" };
    expect([...decodeNpz(buildZip([sound, other]), "a.npz").keys()]).toEqual(["a", "b"]);
  });

  test("sizes in a ZIP64 field are read", () => {
    const size = contents.length;
    const extra = Uint8Array.from([1, 0, 16, 0, size, 0, 0, 0, 0, 0, 0, 0, size, 0, 0, 0, 0, 0, 0, 0]);
    const entry: RawEntry = { ...sound, originalSize: 0xffffffff, storedSize: 0xffffffff, extra };
    expect(decodeNpz(buildZip([entry]), "a.npz").get("a")).toEqual(ramp(3));
    expect(() => decodeNpz(buildZip([{ ...entry, extra: extra.slice(0, 12) }]), "a.npz")).toThrow(/no size/);
  });

  test("entries that are not arrays of numbers are skipped with a notice", () => {
    const notices: string[] = [];
    const readme: RawEntry = { name: "readme.txt", stored: Uint8Array.of(65) };
    const folder: RawEntry = { name: "sub/", stored: new Uint8Array() };
    const read = decodeNpz(buildZip([readme, folder, sound]), "a.npz", (message) => notices.push(message));
    expect([...read.keys()]).toEqual(["a"]);
    expect(notices).toEqual([
      "a.npz: skipped readme.txt, which is not a .npy array",
      "a.npz: skipped sub/, which is not a .npy array",
    ]);
  });

  test.each<[string, readonly RawEntry[], RegExp]>([
    ["two entries of one name", [sound, sound], /two entries are named a\.npy/],
    ["a name that leads out of the folder", [{ ...sound, name: "../a.npy" }], /not a plain relative name/],
    ["an absolute name", [{ ...sound, name: "/a.npy" }], /not a plain relative name/],
    ["a drive letter", [{ ...sound, name: "C:a.npy" }], /not a plain relative name/],
    ["a backslash", [{ ...sound, name: "x\\a.npy" }], /not a plain relative name/],
    ["a control character", [{ ...sound, name: "a\0.npy" }], /not a plain relative name/],
    ["another name in the local header", [{ ...sound, localName: "b.npy" }], /another name/],
    ["an encrypted entry", [{ ...sound, flags: 1 }], /is encrypted/],
    ["another compression method", [{ ...sound, method: 12 }], /compression method 12/],
    ["a stored size that lies", [{ ...sound, originalSize: 1 }], /declares 1 bytes/],
    ["a stored size beyond the file", [{ ...sound, storedSize: 9999, originalSize: 9999 }], /reaches beyond/],
    ["an offset beyond the file", [{ ...sound, offset: 5000 }], /has no local header/],
    ["an offset to no header", [{ ...sound, offset: 1 }], /has no local header/],
    ["a wrong checksum", [{ ...sound, checksum: checksum ^ 1 }], /wrong checksum/],
  ])("refuses %s", (_, entries, message) => {
    expect(() => decodeNpz(buildZip(entries), "a.npz")).toThrow(FileFormatError);
    expect(() => decodeNpz(buildZip(entries), "a.npz")).toThrow(message);
  });

  test("refuses a bomb by its declared size, before inflating", () => {
    const stored = deflateSync(contents);
    const bomb: RawEntry = { ...sound, stored, method: 8, originalSize: 0xfffffff0 };
    expect(() => decodeNpz(buildZip([bomb]), "a.npz")).toThrow(/declares 4294967280 bytes but \d+ stored bytes/);
  });

  test("refuses a stream that inflates to more or less than it declares", () => {
    const stored = deflateSync(new Uint8Array(200_000));
    for (const originalSize of [10, 199_999, 200_001]) {
      const liar: RawEntry = { ...sound, stored, method: 8, originalSize };
      expect(() => decodeNpz(buildZip([liar]), "a.npz")).toThrow(/inflates to something else|cannot be inflated/);
    }
  });

  test("refuses entries that share bytes", () => {
    const longer: RawEntry = { ...sound, storedSize: contents.length + 40, originalSize: contents.length + 40 };
    expect(() => decodeNpz(buildZip([longer, { ...sound, name: "b.npy" }]), "a.npz")).toThrow(/b\.npy overlaps/);
  });

  test("refuses damaged deflate data", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(2000), (stored, originalSize) => {
        const entry: RawEntry = { ...sound, stored, method: 8, originalSize };
        expect(() => decodeNpz(buildZip([entry]), "a.npz")).toThrow(FileFormatError);
      }),
    );
  });

  test("any truncation and any changed byte is refused or read, never worse", () => {
    const map = new Map([
      ["a", ramp(2)],
      ["b", { shape: [40], data: new Float32Array(40) }],
    ]);
    for (const compress of [false, true]) {
      const bytes = encodeNpz(map, { compress });
      expectEveryTruncationRefused(bytes, (changed) => decodeNpz(changed, "a.npz"));
      expectEveryByteGuarded(bytes, (changed) => decodeNpz(changed, "a.npz"));
    }
  });

  test("a comment after the end record is allowed, other trailing bytes are not", () => {
    const archive = encodeNpz(new Map([["a", ramp(2)]]));
    const commented = concatenate([archive, Uint8Array.of(72, 105)]);
    expect(() => decodeNpz(commented, "a.npz")).toThrow(/no end record/);
    commented[archive.length - 2] = 2;
    expect(decodeNpz(commented, "a.npz").get("a")).toEqual(ramp(2));
  });

  test("a name that no entry may have is not written", () => {
    for (const name of ["", "../a", "/a", "a\\b", "x/../y", "a\n"]) {
      expect(() => encodeNpz(new Map([[name, ramp(1)]]))).toThrow(ValueError);
    }
  });
});
