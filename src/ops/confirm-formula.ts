import { ValueError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { Kernel, read, readWrite } from "../gpu/kernel.ts";
import { fillPlaces } from "../gpu/places.ts";
import { Readback } from "../gpu/readback.ts";
import { Tensor } from "../gpu/tensor.ts";
import { evaluator, toWgsl } from "../io/expression.ts";
import { formulaCheck } from "../wgsl/generated.ts";
import {
  checkSlope,
  type Formula,
  formatPoint,
  formulaPoints,
  isFar,
  neighbours,
  type Point,
  short,
} from "./formula.ts";
import { elementwiseSize, gridFor } from "./grid.ts";

/** Values beyond this may be infinite on the GPU, and are compared only within the range. */
const largeValue = 1e37;
const components = ["x", "y", "z", "w"] as const;

/**
 * Checks a formula once for each device: its slope against central differences (see {@link checkSlope}), then that the
 * device computes value and slope as float64 does, neither NaN nor infinite.
 * @throws {@link ValueError} saying where they differ and by how much.
 */
export function confirmFormula(device: Device, formula: Formula): Promise<void> {
  const names = Object.fromEntries(
    formula.variables.map((variable, index) => [variable, `point.${components[index]}`]),
  );
  const lines = {
    value: `  value = ${toWgsl(formula.value, names)};`,
    slope: `  slope = ${toWgsl(formula.slope, names)};`,
  };
  const key = `formula ${lines.value}${lines.slope} ${JSON.stringify(formula.ranges)} ${formula.unbounded}`;
  const known = device.measurements.get(key) as Promise<void> | undefined;
  if (known !== undefined) return known;
  const confirmed = confirm(device, formula, lines);
  device.measurements.set(key, confirmed);
  confirmed.catch(() => device.measurements.delete(key));
  return confirmed;
}

async function confirm(
  device: Device,
  formula: Formula,
  lines: { readonly value: string; readonly slope: string },
): Promise<void> {
  checkSlope(formula);
  const kernel = await Kernel.create(device, fillPlaces(formulaCheck, lines), { WORKGROUP_SIZE: elementwiseSize });
  if (device.info.backend === "null") return;
  const points = formulaPoints(formula).flat();
  const tensors = {
    points: new Tensor(device, "formula points", [points.length, 4]),
    results: new Tensor(device, "formula results", [points.length, 2]),
  };
  const readback = new Readback(device);
  try {
    tensors.points.write(Float32Array.from(points.flatMap((point) => components.map((_, index) => point[index] ?? 0))));
    const resources = { points: read(tensors.points), results: readWrite(tensors.results) };
    const dispatch = kernel.dispatch(resources, gridFor(points.length, elementwiseSize, 1));
    const [results] = (await readback.read([{ tensor: tensors.results }], [dispatch])) as [Float32Array];
    compare(device, formula, points, results);
  } finally {
    readback.dispose();
    for (const tensor of Object.values(tensors)) tensor.dispose();
  }
}

/** @throws {@link ValueError} for the first value, then the first slope that is not as in float64. */
function compare(device: Device, formula: Formula, points: readonly Point[], results: Float32Array): void {
  for (const [offset, name] of (["value", "slope"] as const).entries()) {
    const exact = evaluator(formula[name], formula.variables);
    const usual = Math.max(...points.map((point) => (isFar(formula, point) ? 0 : Math.abs(exact(point)))));
    for (const [index, point] of points.entries()) {
      const here = exact(point);
      // Rounding may take an intermediate value over the edge of a step, so the neighbours are right, too.
      const right = [here, ...neighbours(formula, point).map(exact)];
      const [least, most] = [Math.min(...right), Math.max(...right)];
      const size = Math.max(Math.abs(least), Math.abs(most));
      if (isFar(formula, point) && size > largeValue) continue;
      // sin and cos may be off by 2^-11; a difference of large numbers loses the digits that they share.
      const allowed = 2e-3 * size + 1e-4 * usual;
      const got = results[2 * index + offset] as number;
      if (got >= least - allowed && got <= most + allowed) continue;
      const advice = Number.isFinite(got)
        ? "float32 loses too many digits in it, or a function in it is coarse here"
        : "something in it overflows float32; write it so that nothing does, for instance with exp(-abs(x))";
      throw new ValueError(
        `${formula.label}: at ${formatPoint(formula, point)} this device (${device.info.description || device.info.vendor || device.label}) gives ${short(got)} for ${name}, float64 ${short(here)}: ${advice}.`,
      );
    }
  }
}
