import { ShapeError } from "../errors.ts";

/** Complex numbers as two arrays of the same length. */
export interface ComplexArray {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** Bits of a number below 2^bits in reverse order. */
export function reverseBits(value: number, bits: number): number {
  let reversed = 0;
  for (let bit = 0; bit < bits; bit += 1) reversed |= ((value >> bit) & 1) << (bits - 1 - bit);
  return reversed;
}

/**
 * The two-dimensional Fourier transform of an image in float64: X[k] = Σ p[x] e^{-2πi k·x / sides}.
 * @param image [height, width], row-major.
 * @throws ShapeError for sides that are no powers of two, or another number of values.
 */
export function fourier2d(image: ArrayLike<number>, height: number, width: number): ComplexArray {
  for (const [name, side] of Object.entries({ height, width }))
    if (!Number.isInteger(Math.log2(side)))
      throw new ShapeError(`fourier: ${name}: expected a power of two, got ${side}.`);
  if (image.length !== height * width)
    throw new ShapeError(`fourier: expected [${height}, ${width}] values, got ${image.length}.`);
  const result = { real: Float64Array.from(image), imaginary: new Float64Array(image.length) };
  for (let row = 0; row < height; row += 1) transformLine(result, row * width, 1, width);
  for (let column = 0; column < width; column += 1) transformLine(result, column, width, height);
  return result;
}

/** Decimation in time (Cooley & Tukey 1965), in place. */
function transformLine({ real, imaginary }: ComplexArray, start: number, stride: number, length: number): void {
  const bits = Math.log2(length);
  const at = (point: number): number => start + point * stride;
  for (let point = 0; point < length; point += 1) {
    const other = reverseBits(point, bits);
    if (other > point) for (const part of [real, imaginary]) swap(part, at(point), at(other));
  }
  for (let half = 1; half < length; half *= 2)
    for (let place = 0; place < half; place += 1) {
      const angle = (-Math.PI * place) / half;
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
      for (let point = place; point < length; point += 2 * half) {
        const [near, far] = [at(point), at(point + half)];
        const [a, b] = [real[far] as number, imaginary[far] as number];
        const [x, y] = [a * cosine - b * sine, a * sine + b * cosine];
        const [u, v] = [real[near] as number, imaginary[near] as number];
        real[near] = u + x;
        imaginary[near] = v + y;
        real[far] = u - x;
        imaginary[far] = v - y;
      }
    }
}

function swap(values: Float64Array, one: number, other: number): void {
  const kept = values[one] as number;
  values[one] = values[other] as number;
  values[other] = kept;
}
