import { fourier2d, reverseBits } from "../analysis/fourier.ts";
import { fieldSide, type TorusParameters } from "./torus.ts";

export type Vector = readonly [x: number, y: number];

/** The steps from a unit to its neighbours along a row and along a column, in units of their distance. */
export function latticeVectors({ lattice }: Pick<TorusParameters, "lattice">): readonly [Vector, Vector] {
  return lattice === "square"
    ? [
        [1, 0],
        [0, 1],
      ]
    : [
        [1, 0],
        [0.5, Math.sqrt(3) / 2],
      ];
}

/** Directions that units prefer, by 2 (row mod 2) + column mod 2: west, north, south, east. */
export const directions: readonly [Vector, Vector, Vector, Vector] = [
  [-1, 0],
  [0, 1],
  [0, -1],
  [1, 0],
];

/** The weight from a unit to one at a distance, and its derivative by the distance, divided by the distance. */
function profileOf({ kernel, side }: TorusParameters): {
  readonly value: (squared: number) => number;
  readonly slope: (squared: number) => number;
} {
  if (kernel.type === "difference") {
    const { strength, excitation } = kernel;
    const beta = 3 / kernel.wavelength ** 2;
    const gamma = kernel.ratio * beta;
    return {
      value: (squared) => strength * (excitation * Math.exp(-gamma * squared) - Math.exp(-beta * squared)),
      slope: (squared) =>
        2 * strength * (beta * Math.exp(-beta * squared) - gamma * excitation * Math.exp(-gamma * squared)),
    };
  }
  const scale = 90 / side ** 2;
  const sharpness = 1 / (kernel.width * side) ** 2;
  return {
    value: (squared) => scale * (kernel.strength * Math.exp(-sharpness * squared) - kernel.offset),
    slope: (squared) => -2 * scale * sharpness * kernel.strength * Math.exp(-sharpness * squared),
  };
}

/** Displacements that are equally short within this count as one; what they give is averaged. */
const tie = 1e-9;

/**
 * A kernel on the field: [row, column] is the displacement from the presynaptic unit to the postsynaptic one, in steps of
 * the lattice, negative ones at the end.
 * @param offset the kernel's centre, in units.
 * @param along "value": the weight; "x", "y": minus its derivative, by the nearest image of the displacement.
 */
export function kernelOnField(torus: TorusParameters, offset: Vector, along: "value" | "x" | "y"): Float64Array {
  const { side, boundary } = torus;
  const field = fieldSide(torus);
  const [first, second] = latticeVectors(torus);
  const { value, slope } = profileOf(torus);
  const periodic = boundary === "periodic";
  const turns = periodic ? [-1, 0, 1] : [0];
  const signed = (index: number): number => (index < field / 2 ? index : index - field);
  const result = new Float64Array(field * field);
  for (let row = 0; row < field; row += 1)
    for (let column = 0; column < field; column += 1) {
      const [i, j] = [signed(column), signed(row)];
      if (!periodic && (Math.abs(i) >= side || Math.abs(j) >= side)) continue;
      let [shortest, sum, count] = [Number.POSITIVE_INFINITY, 0, 0];
      for (const down of turns)
        for (const right of turns) {
          const [a, b] = [i + right * side, j + down * side];
          const x = a * first[0] + b * second[0] - offset[0];
          const y = a * first[1] + b * second[1] - offset[1];
          const squared = x * x + y * y;
          if (squared > shortest + tie) continue;
          if (squared < shortest - tie) [shortest, sum, count] = [squared, 0, 0];
          sum += along === "value" ? value(squared) : -(along === "x" ? x : y) * slope(squared);
          count += 1;
        }
      result[row * field + column] = sum / count;
    }
  return result;
}

/**
 * What shaders/torus_spectrum.wgsl multiplies with, at the bit-reversed places of the wave numbers, divided by the number of
 * points of the field: [row, column, 4, 2].
 */
export function kernelSpectra(torus: TorusParameters): Float32Array {
  const field = fieldSide(torus);
  const bits = Math.log2(field);
  const area = field * field;
  const { velocity } = torus;
  const spectrum = (offset: Vector, along: "value" | "x" | "y") =>
    fourier2d(kernelOnField(torus, offset, along), field, field);
  const none: Vector = [0, 0];
  const parts =
    velocity.type === "directions"
      ? directions.map(([x, y]) => spectrum([velocity.shift * x, velocity.shift * y], "value"))
      : velocity.type === "derivative"
        ? (["value", "x", "y"] as const).map((along) => spectrum(none, along))
        : [spectrum(none, "value")];
  const table = new Float32Array(8 * area);
  for (let place = 0; place < area; place += 1) {
    const [row, column] = [reverseBits(Math.floor(place / field), bits), reverseBits(place % field, bits)];
    const wave = row * field + column;
    for (const [part, { real, imaginary }] of parts.entries()) {
      const [a, b] = [real[wave] as number, imaginary[wave] as number];
      // The transform of an interleaved part begins at its own first unit.
      const shifted = velocity.type === "directions" ? (part % 2) * column + (part >> 1) * row : 0;
      const angle = (-2 * Math.PI * (shifted % field)) / field;
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
      table.set([(a * cosine - b * sine) / area, (a * sine + b * cosine) / area], 8 * place + 2 * part);
    }
    if (velocity.type === "shift") {
      const signed = (index: number): number => (index < field / 2 ? index : index - field) / field;
      table.set(cartesianWave(torus, [signed(column), signed(row)]), 8 * place + 2);
    }
  }
  return table;
}

/** The wave vector whose product with a displacement is that of `wave` with the displacement in steps of the lattice. */
export function cartesianWave(torus: Pick<TorusParameters, "lattice">, [i, j]: Vector): Vector {
  const [, [x, y]] = latticeVectors(torus);
  return [i, (j - x * i) / y];
}

/** Envelope and preferred direction of every unit: [side, side, 4], the last number 0. */
export function unitTable(torus: TorusParameters): Float32Array {
  const { side, boundary, envelope, velocity } = torus;
  const radius = side / 2;
  const taper = envelope.taper * radius;
  const table = new Float32Array(4 * side * side);
  for (let row = 0; row < side; row += 1)
    for (let column = 0; column < side; column += 1) {
      const beyond = Math.hypot(column - side / 2, row - side / 2) - radius + taper;
      const open = boundary === "periodic" || beyond <= 0;
      const [x, y] =
        velocity.type === "directions" ? (directions[2 * (row % 2) + (column % 2)] as Vector) : ([0, 0] as const);
      const height = open ? 1 : Math.exp(-envelope.steepness * (beyond / taper) ** 2);
      table.set([height, x, y], 4 * (row * side + column));
    }
  return table;
}
