import { expect, test } from "vitest";
import { Kernel, read, readWrite } from "../../src/gpu/kernel.ts";
import { Readback } from "../../src/gpu/readback.ts";
import type { Shader } from "../../src/gpu/shader.ts";
import { Tensor } from "../../src/gpu/tensor.ts";
import { normalPair, streams, threefry2x32 } from "../../src/random.ts";
import { ctrnnForwardPersistent } from "../../src/wgsl/generated.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

/** shaders/lib/random.wgsl as the kernels have it. */
function randomLibrary(): string {
  const { code } = ctrnnForwardPersistent;
  const start = code.indexOf("fn rotate_left");
  const end = code.indexOf("\n}\n", code.indexOf("fn normal_pair(")) + 3;
  if (start < 0 || end <= start) throw new Error("shaders/lib/random.wgsl is not where it was.");
  return code.slice(start, end);
}

const randomNumbers = {
  name: "test_random_numbers",
  entryPoint: "test_random_numbers",
  overrides: { WORKGROUP_SIZE: "u32" },
  bindings: {
    counters: { group: 0, binding: 0, kind: "storage", access: "read" },
    bits: { group: 0, binding: 1, kind: "storage", access: "readWrite" },
    normals: { group: 0, binding: 2, kind: "storage", access: "readWrite" },
  },
  code: `${randomLibrary()}
@group(0) @binding(0) var<storage, read> counters: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> bits: array<vec2u>;
@group(0) @binding(2) var<storage, read_write> normals: array<vec2f>;
override WORKGROUP_SIZE: u32;
@compute @workgroup_size(WORKGROUP_SIZE)
fn test_random_numbers(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= arrayLength(&counters)) { return; }
  let c = counters[id.x];
  bits[id.x] = threefry2x32(c.xy, c.zw);
  normals[id.x] = normal_pair(threefry2x32(c.xy, c.zw));
}`,
} as const satisfies Shader;

/** Keys and counters [n, 4] → their random bits and normal numbers, [n, 2]. */
async function onGpu(counters: Uint32Array): Promise<{ bits: Uint32Array; normals: Float32Array }> {
  const { device } = gpu;
  const count = counters.length / 4;
  const given = new Tensor(device, "counters", [count, 4]);
  const bits = new Tensor(device, "bits", [count, 2]);
  const normals = new Tensor(device, "normals", [count, 2]);
  const readback = new Readback(device);
  given.write(counters);
  const kernel = await Kernel.create(device, randomNumbers, { WORKGROUP_SIZE: 64 });
  const dispatch = kernel.dispatch({ counters: read(given), bits: readWrite(bits), normals: readWrite(normals) }, [
    Math.ceil(count / 64),
    1,
    1,
  ]);
  const [raw, floats] = (await readback.read([{ tensor: bits }, { tensor: normals }], [dispatch])) as [
    Float32Array,
    Float32Array,
  ];
  for (const tensor of [given, bits, normals]) tensor.dispose();
  readback.dispose();
  return { bits: new Uint32Array(raw.buffer), normals: floats };
}

test("threefry gives the known answers of Random123 on the GPU", async () => {
  const ones = [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff];
  const pi = [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3];
  const { bits } = await onGpu(Uint32Array.of(0, 0, 0, 0, ...ones, ...pi));
  expect(Array.from(bits)).toEqual([0x6b200159, 0x99ba4efe, 0x1cb996fc, 0xbb002be7, 0xc4923a9c, 0x483df7a0]);
});

/**
 * How far a normal number may be off: 1e-5, but for tiny radii. There the logarithm of a number next to 1 is as coarse as
 * float32 is, and WGSL allows the built-in one an error of 2^-21 besides.
 */
function allowed(bits0: number, value: number): number {
  const [radius] = normalPair(bits0, 0);
  return Math.max(1e-5 * Math.max(1, Math.abs(value)), Math.min(1e-3, 1e-6 / radius));
}

test("threefry is bit-equal to its TypeScript twin, and the normal numbers are close", async () => {
  const count = 20_000;
  const counters = new Uint32Array(4 * count);
  for (let n = 0; n < count; n += 1) {
    // Small counters, as the noise has them, and ones with all bits in use.
    const [a, b] = threefry2x32(1, 2, 3, n);
    const key = n % 2 === 0 ? [n % 7, streams.noise, n % 100, n] : [a, b, (a * 3) >>> 0, b ^ n];
    counters.set(key, 4 * n);
  }
  const { bits, normals } = await onGpu(counters);
  const expected = new Uint32Array(2 * count);
  let [worst, plain, sum, squares] = [0, 0, 0, 0];
  for (let n = 0; n < count; n += 1) {
    const [k0 = 0, k1 = 0, c0 = 0, c1 = 0] = counters.subarray(4 * n, 4 * n + 4);
    const pair = threefry2x32(k0, k1, c0, c1);
    expected.set(pair, 2 * n);
    for (const [side, value] of normalPair(...pair).entries()) {
      const actual = normals[2 * n + side] ?? Number.NaN;
      const error = Math.abs(actual - value);
      worst = Math.max(worst, error / allowed(pair[0], value));
      if (error > 1e-5 * Math.max(1, Math.abs(value))) plain += 1;
      sum += actual;
      squares += actual * actual;
    }
  }
  expect(bits).toEqual(expected);
  expect(worst).toBeLessThan(1);
  expect(plain / count).toBeLessThan(1e-3);
  expect(Math.abs(sum / (2 * count))).toBeLessThan(0.02);
  expect(squares / (2 * count)).toBeGreaterThan(0.98);
  expect(squares / (2 * count)).toBeLessThan(1.02);
});

test("the normal numbers are finite at the ends of the range", async () => {
  // The library's own normal_pair at the smallest and largest integers, through a key whose bits are near them.
  let [low, high] = [0, 0];
  let [smallest, largest] = [0xffffffff, 0];
  for (let n = 0; n < 200_000; n += 1) {
    const [bits] = threefry2x32(7, 7, 7, n);
    if (bits < smallest) [smallest, low] = [bits, n];
    if (bits > largest) [largest, high] = [bits, n];
  }
  const { normals } = await onGpu(Uint32Array.of(7, 7, 7, low, 7, 7, 7, high));
  for (const [side, n] of [low, high].entries()) {
    const pair = threefry2x32(7, 7, 7, n);
    for (const [which, value] of normalPair(...pair).entries()) {
      const error = Math.abs((normals[2 * side + which] ?? Number.NaN) - value);
      expect(error).toBeLessThan(allowed(pair[0], value));
    }
  }
});
