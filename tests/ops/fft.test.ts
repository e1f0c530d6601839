import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/errors.ts";
import { fft2d, separateSpectra } from "../../src/ops/fft.ts";
import { Random } from "../../src/random.ts";
import { plainFourier } from "../reference/fourier.ts";
import { relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

function randomImages(count: number, seed: number): Float32Array {
  const random = new Random(seed, 5);
  return Float32Array.from({ length: count }, () => random.normal());
}

describe("the transform of images on the GPU", () => {
  const shapes = [
    { images: 1, height: 8, width: 8 },
    { images: 3, height: 16, width: 8 },
    { images: 5, height: 8, width: 64 },
    { images: 2, height: 32, width: 32 },
    { images: 1, height: 128, width: 16 },
    { images: 1, height: 16, width: 256 },
  ];
  for (const shape of shapes)
    test(`is the plain sum in float64, there and back: ${Object.values(shape).join(" x ")}`, async () => {
      const { images, height, width } = shape;
      const values = randomImages(2 * images * height * width, height + width);
      const spectrum = await fft2d(gpu.device, values, shape);
      const inverse = await fft2d(gpu.device, values, shape, { inverse: true });
      const size = 2 * height * width;
      for (let image = 0; image < images; image += 1) {
        const own = values.subarray(image * size, (image + 1) * size);
        const [there, back] = [spectrum, inverse].map((all) => all.subarray(image * size, (image + 1) * size));
        expect(relative(there ?? [], plainFourier(own, height, width))).toBeLessThan(4e-7);
        expect(relative(back ?? [], plainFourier(own, height, width, true), 1e-6)).toBeLessThan(4e-7);
      }
      const again = await fft2d(gpu.device, spectrum, shape, { inverse: true });
      expect(relative(again, values)).toBeLessThan(1e-6);
    });

  test("of one wave is one number, at its wave vector", async () => {
    const [height, width] = [16, 32];
    const values = new Float32Array(2 * height * width);
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) {
        const angle = 2 * Math.PI * ((3 * y) / height + (5 * x) / width);
        values.set([Math.cos(angle), Math.sin(angle)], 2 * (y * width + x));
      }
    const spectrum = await fft2d(gpu.device, values, { images: 1, height, width });
    const expected = new Float64Array(values.length);
    expected[2 * (3 * width + 5)] = height * width;
    expect(relative(spectrum, expected)).toBeLessThan(3e-7);
  });

  test("two real images go as one complex one", async () => {
    const [height, width] = [16, 8];
    const values = randomImages(2 * height * width, 3);
    const spectrum = await fft2d(gpu.device, values, { images: 1, height, width });
    const spectra = separateSpectra(spectrum, height, width);
    for (const [part, own] of spectra.entries()) {
      const real = Float64Array.from(values, (_, index) => (index % 2 === 0 ? (values[index + part] ?? 0) : 0));
      expect(relative(own, plainFourier(real, height, width))).toBeLessThan(4e-7);
    }
  });
});

describe("what is refused, before anything is made", () => {
  const values = new Float32Array(2 * 8 * 8);
  const refusals = [
    [
      { images: 1, height: 8, width: 40 },
      "fft: width: expected a power of two from 8 to 256 for the Fourier transform, got 40. The nearest: 32 or 64.",
    ],
    [{ images: 1, height: 512, width: 8 }, "got 512. The nearest: 256."],
    [{ images: 1, height: 8, width: 4 }, "got 4. The nearest: 8."],
    [{ images: 2, height: 8, width: 8 }, "fft: expected [2, 8, 8, 2] values (image, row, column, part), got 128."],
    [{ images: 0, height: 8, width: 8 }, "fft: expected [0, 8, 8, 2] values"],
  ] as const;
  for (const [shape, message] of refusals)
    test(message, async () => {
      const before = { ...gpu.device.counters };
      await expect(fft2d(gpu.device, values, shape)).rejects.toThrow(ShapeError);
      await expect(fft2d(gpu.device, values, shape)).rejects.toThrow(message);
      expect(gpu.device.counters).toEqual(before);
    });
});
