import { ShapeError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import { Readback } from "../gpu/readback.ts";
import { Tensor } from "../gpu/tensor.ts";
import { fftLines } from "../wgsl/generated.ts";
import { allocate } from "./buffers.ts";
import { groupsFor, powerOfTwo } from "./grid.ts";

/** Sides that the transforms take: powers of two between these. */
export const fftSides = { least: 8, most: 256 } as const;

/** What a workgroup that transforms lines is specialised by: `overrides` of shaders/lib/fft.wgsl. */
export type LineShape = { readonly SIDE: number; readonly LINES: number; readonly POINTS: number } & {
  readonly WORKGROUP_SIZE: number;
};

/** @throws ShapeError for a side that is no power of two between 8 and 256, with the nearest ones. */
export function checkFftSide(label: string, side: number): void {
  const { least, most } = fftSides;
  if (Number.isInteger(side) && side >= least && side <= most && Number.isInteger(Math.log2(side))) return;
  const below = powerOfTwo(side / 2 + 0.5, least, most);
  const near = [...new Set([below, powerOfTwo(side, least, most)])].join(" or ");
  throw new ShapeError(
    `${label}: expected a power of two from ${least} to ${most} for the Fourier transform, got ${side}. The nearest: ${near}.`,
  );
}

/**
 * Lines and invocations of a workgroup. On a software adapter a barrier costs as much as some hundred sums for every four
 * invocations, so that few of them do much; elsewhere each has four points or so.
 */
export function lineShape(device: Device, side: number, lines: number): LineShape {
  const LINES = Math.min(lines, powerOfTwo((device.info.isSoftware ? 512 : 1024) / side, 2, 8));
  const POINTS = side * LINES;
  const WORKGROUP_SIZE = device.info.isSoftware ? 4 : Math.min(256, POINTS / 4);
  return { SIDE: side, LINES, POINTS, WORKGROUP_SIZE };
}

/** [side] complex numbers e^{-2πi m / side}, rounded once from float64. */
export function twiddleTable(side: number): Float32Array {
  return Float32Array.from({ length: 2 * side }, (_, index) => {
    const angle = (-2 * Math.PI * (index >> 1)) / side;
    return index % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
  });
}

/** The twiddle factors of a side on the GPU. The caller disposes of them. */
export function twiddleTensor(device: Device, side: number): Tensor {
  const tensor = new Tensor(device, "twiddles", [side, 2]);
  tensor.write(twiddleTable(side));
  return tensor;
}

/** What a two-dimensional transform works on. */
export interface FftShape {
  readonly images: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Two-dimensional Fourier transforms of a batch of complex images in place, two dispatches whatever their number:
 * shaders/fft_lines.wgsl. X[k] = Σ p[x] e^{-2πi k·x}; the inverse has the factor 1 / (height · width).
 * @param images [images, height, width, 2] real and imaginary parts, in natural order before and after.
 * @throws ShapeError for a side that is no power of two from 8 to 256. The caller disposes of `twiddles`.
 */
export async function fftOps(
  device: Device,
  { images, height, width }: FftShape,
  tensor: Tensor,
  inverse: boolean,
): Promise<{ readonly dispatches: readonly Dispatch[]; readonly twiddles: readonly Tensor[] }> {
  checkFftSide("fft: height", height);
  checkFftSide("fft: width", width);
  const axes = [
    { side: width, across: height, columns: false },
    { side: height, across: width, columns: true },
  ];
  const parts = await Promise.all(
    axes.map(async ({ side, across, columns }) => {
      const shape = lineShape(device, side, across);
      const overrides = { ...shape, INVERSE: inverse, COLUMNS: columns, ACROSS: across };
      const kernel = await Kernel.create(device, fftLines, overrides);
      const twiddles = twiddleTensor(device, side);
      const resources = { twiddles: read(twiddles), images: readWrite(tensor) };
      return { twiddles, dispatch: kernel.dispatch(resources, [groupsFor(across, shape.LINES), 1, images]) };
    }),
  );
  return { dispatches: parts.map(({ dispatch }) => dispatch), twiddles: parts.map(({ twiddles }) => twiddles) };
}

/**
 * Transforms a batch of complex images on the GPU. Two real images go as the real and the imaginary part of one:
 * {@link separateSpectra} tells theirs apart.
 * @param values [images, height, width, 2].
 * @returns the same shape.
 * @throws ShapeError for a side that is no power of two from 8 to 256, or another number of values.
 */
export async function fft2d(
  device: Device,
  values: Float32Array,
  shape: FftShape,
  { inverse = false }: { readonly inverse?: boolean } = {},
): Promise<Float32Array> {
  checkFftSide("fft: height", shape.height);
  checkFftSide("fft: width", shape.width);
  const sizes = [shape.images, shape.height, shape.width, 2];
  const expected = sizes.reduce((product, size) => product * size, 1);
  if (values.length !== expected || expected === 0)
    throw new ShapeError(
      `fft: expected [${sizes.join(", ")}] values (image, row, column, part), got ${values.length}.`,
    );
  const { images } = allocate(device, { images: sizes });
  const readback = new Readback(device);
  images.write(values);
  const { dispatches, twiddles } = await fftOps(device, shape, images, inverse);
  try {
    const [result] = await readback.read([{ tensor: images }], dispatches);
    return result as Float32Array;
  } finally {
    readback.dispose();
    for (const tensor of [images, ...twiddles]) tensor.dispose();
  }
}

/**
 * The spectra of two real images from that of the first + i · the second, by the symmetry X[-k] = conj X[k] of real ones.
 * @param spectrum [height, width, 2].
 */
export function separateSpectra(
  spectrum: ArrayLike<number>,
  height: number,
  width: number,
): readonly [Float64Array, Float64Array] {
  const first = new Float64Array(2 * height * width);
  const second = new Float64Array(2 * height * width);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const at = 2 * (y * width + x);
      const mirror = 2 * (((height - y) % height) * width + ((width - x) % width));
      const [a, b] = [spectrum[at] as number, spectrum[at + 1] as number];
      const [c, d] = [spectrum[mirror] as number, -(spectrum[mirror + 1] as number)];
      first.set([(a + c) / 2, (b + d) / 2], at);
      second.set([(b - d) / 2, (c - a) / 2], at);
    }
  return [first, second];
}
