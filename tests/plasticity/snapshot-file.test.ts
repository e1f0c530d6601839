import { expect, test } from "vitest";
import { ConfigError, FileFormatError } from "../../src/errors.ts";
import type { ArrayData } from "../../src/io/array.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/io/safetensors.ts";
import { drawState } from "../../src/plasticity/connect.ts";
import { sornParameters } from "../../src/plasticity/parameters.ts";
import { decodeSnapshot, encodeSnapshot } from "../../src/plasticity/snapshot-file.ts";
import type { SornSnapshot } from "../../src/plasticity/state.ts";
import { expectEveryByteGuarded, expectEveryTruncationRefused } from "../io/hostile.ts";

const parameters = sornParameters({ excitatory: 3, inhibitory: 2, inputs: 1, seed: 4 });
const snapshot: SornSnapshot = {
  ...{ format: "cortrain/sorn@1", step: 7, seeds: [4], settled: true, refused: [1] },
  replicas: [drawState(parameters)],
};
const bytes = encodeSnapshot(snapshot);
const decode = (file: Uint8Array): SornSnapshot => decodeSnapshot(file, "a.safetensors");

/** The file with one tensor or its metadata changed. */
function changed(name: string, change: (array: ArrayData) => ArrayData | undefined): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes, "a");
  const edited = new Map<string, ArrayData>();
  for (const [key, array] of tensors) {
    const next = key === name ? change(array) : array;
    if (next !== undefined) edited.set(key, next);
  }
  return encodeSafetensors(edited, metadata);
}

function withHead(change: (head: Record<string, unknown>) => unknown): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes, "a");
  const head = JSON.parse(metadata["cortrain/sorn"] ?? "{}") as Record<string, unknown>;
  return encodeSafetensors(tensors, { "cortrain/sorn": JSON.stringify(change(head)) });
}

const put =
  (at: number, value: number) =>
  ({ shape, data }: ArrayData): ArrayData => ({
    shape,
    data: data.map((own, index) => (index === at ? value : own)),
  });
const list = (...values: readonly number[]): ArrayData => ({
  shape: [values.length],
  data: Float32Array.from(values),
});

test("a snapshot comes back as it was", () => {
  expect(decode(bytes)).toEqual(snapshot);
});

test("every truncated file is refused, and no byte can do harm", () => {
  expectEveryTruncationRefused(bytes, decode);
  expectEveryByteGuarded(bytes, decode);
});

test.each([
  ["0.EE.weights", () => undefined, /the tensor 0\.EE\.weights is missing/],
  ["0.EE.weights", put(1, Number.NaN), /0\.EE\.weights\[1\] is NaN; expected a finite number/],
  ["0.thresholdE", put(2, Number.POSITIVE_INFINITY), /0\.thresholdE\[2\] is Infinity/],
  ["0.target", () => list(0.1, 0.1), /0\.target: expected shape \[3\], got \[2\]/],
  ["0.thresholdI", () => list(0, 0, 0), /0\.thresholdI: expected shape \[2\], got \[3\]/],
  ["0.x", put(0, 2), /0\.x\[0\] is 2; expected a whole number up to 1/],
  ["0.y", put(0, -1), /0\.y\[0\] is -1/],
  ["0.x", () => list(1, 0, 1, 0), /EE\.degrees: expected shape \[3|4\]/],
  ["0.IE.degrees", () => list(1), /0\.IE\.degrees: expected shape \[2\], got \[1\]/],
  ["0.EE.degrees", put(0, 2 ** 24), /0\.EE\.sources: expected shape \[167\d+\], got/],
  ["0.EE.degrees", put(0, 0.5), /0\.EE\.degrees\[0\] is 0\.5; expected a whole number/],
  ["0.EI.sources", put(0, Number.NaN), /0\.EI\.sources\[0\] is NaN/],
  ["0.EE.weights", ({ data }) => ({ shape: [1, data.length], data }), /expected shape \[\d\], got \[1, \d\]/],
] as [string, (array: ArrayData) => ArrayData | undefined, RegExp][])(
  "%s, case %#, is refused",
  (name, change, message) => {
    const file = changed(name, change);
    expect(() => decode(file)).toThrow(FileFormatError);
    expect(() => decode(file)).toThrow(message);
  },
);

test.each([
  [(head: object) => ({ ...head, format: "cortrain/sorn@2" }), /format/],
  [(head: object) => ({ ...head, step: -1 }), /step/],
  [(head: object) => ({ ...head, seeds: [] }), /seeds/],
  [(head: object) => ({ ...head, refused: [] }), /refused: expected one number for each of 1 seeds, got 0/],
  [(head: object) => ({ ...head, seed: 1 }), /seed: unknown key/],
  [() => [], /cortrain\/sorn/],
])("metadata, case %#, is refused", (change, message) => {
  const file = withHead(change);
  expect(() => decode(file)).toThrow(ConfigError);
  expect(() => decode(file)).toThrow(message);
});

test("more seeds than replicas ask for what is missing, and not for memory", () => {
  const seeds = Array.from({ length: 50_000 }, (_, seed) => seed);
  const file = withHead((head) => ({ ...head, seeds, refused: seeds }));
  expect(() => decode(file)).toThrow(/the tensor 1\.x is missing/);
});

test("a file of something else is refused", () => {
  expect(() => decode(encodeSafetensors(new Map([["w", list(1)]]), {}))).toThrow(
    /expected a snapshot of a self-organising network/,
  );
  expect(() => decode(new Uint8Array())).toThrow(FileFormatError);
});
