import type { Numbers } from "./numbers.ts";

/** The two-dimensional Fourier transform of complex numbers [height, width, 2] as its defining sum, in float64. */
export function plainFourier(values: Numbers, height: number, width: number, inverse = false): Float64Array {
  const sign = inverse ? 1 : -1;
  const lines = (source: Numbers, count: number, length: number, lineStep: number, pointStep: number): Float64Array => {
    const result = new Float64Array(source.length);
    for (let line = 0; line < count; line += 1)
      for (let k = 0; k < length; k += 1) {
        let [real, imaginary] = [0, 0];
        for (let x = 0; x < length; x += 1) {
          const angle = (sign * 2 * Math.PI * ((k * x) % length)) / length;
          const at = 2 * (line * lineStep + x * pointStep);
          const [a, b] = [source[at] ?? 0, source[at + 1] ?? 0];
          real += a * Math.cos(angle) - b * Math.sin(angle);
          imaginary += a * Math.sin(angle) + b * Math.cos(angle);
        }
        const scale = inverse ? 1 / length : 1;
        result.set([scale * real, scale * imaginary], 2 * (line * lineStep + k * pointStep));
      }
    return result;
  };
  return lines(lines(values, height, width, width, 1), width, height, 1, width);
}
