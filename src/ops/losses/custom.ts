import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel } from "../../gpu/kernel.ts";
import { fillPlaces } from "../../gpu/places.ts";
import { toWgsl } from "../../io/expression.ts";
import { customOutputTerm, customRateTerm } from "../../wgsl/generated.ts";
import { confirmFormula } from "../confirm-formula.ts";
import type { Formula } from "../formula.ts";
import type { Layout } from "../layout.ts";
import {
  type LossBuffers,
  outputResources,
  perRow,
  placeOverrides,
  rateResources,
  type TermPlace,
  type UnitRange,
} from "./place.ts";

/** What the formula's variables are called in the two shaders. */
const names = { y: "y", target: "goal", mask: "mask", r: "r" };

function linesOf({ value, slope }: Formula): { readonly value: string; readonly slope: string } {
  return { value: `  value = ${toWgsl(value, names)};`, slope: `  slope = ${toWgsl(slope, names)};` };
}

/** A user's term on the outputs: shaders/custom_output_term.wgsl. @throws ValueError as {@link confirmFormula}. */
export async function customOutputOp(
  device: Device,
  layout: Layout,
  place: TermPlace,
  formula: Formula,
  buffers: LossBuffers,
): Promise<Dispatch> {
  await confirmFormula(device, formula);
  const kernel = await Kernel.create(device, fillPlaces(customOutputTerm, linesOf(formula)), placeOverrides(place));
  return kernel.dispatch(outputResources(buffers), perRow(layout));
}

/** A user's term on the rates of some units: shaders/custom_rate_term.wgsl. @throws ValueError as {@link confirmFormula}. */
export async function customRateOp(
  device: Device,
  layout: Layout,
  place: TermPlace,
  options: { readonly formula: Formula; readonly units: UnitRange },
  buffers: LossBuffers,
): Promise<Dispatch> {
  const { formula, units } = options;
  await confirmFormula(device, formula);
  const overrides = { ...placeOverrides(place), UNIT_FIRST: units.first, UNIT_END: units.end };
  const kernel = await Kernel.create(device, fillPlaces(customRateTerm, linesOf(formula)), overrides);
  return kernel.dispatch(rateResources(buffers), perRow(layout));
}
