import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";
import { populationKl, populationKlGradient } from "../../wgsl/generated.ts";
import { elementwiseSize, gridFor, powerOfTwo } from "../grid.ts";
import type { Layout } from "../layout.ts";
import { type LossBuffers, placeOverrides, rateResources, type TermPlace, type UnitRange } from "./place.ts";

/** What is known of each unit between the two kernels: shapes in shaders/population_kl.wgsl. */
export interface PopulationBuffers {
  readonly populationFactors: Tensor;
  readonly populationShares: Tensor;
}

/** Floats that {@link PopulationBuffers} take for every four units: six vec4f, and one. */
export const populationFloats = { factors: 24, shares: 1 } as const;

const mostInvocations = 64;

/** The divergence between two sets of trials and its gradient: shaders/population_kl.wgsl, population_kl_gradient.wgsl. */
export async function populationKLOps(
  device: Device,
  layout: Layout,
  place: TermPlace,
  options: {
    readonly units: UnitRange;
    /** Trials of each set, from `first` to one before `end`. */
    readonly sets: readonly [UnitRange, UnitRange];
    readonly symmetric: boolean;
    /** Factor on the mean squared length, in terms of what the divergences are multiplied with. */
    readonly squares: number;
    readonly floor: number;
  },
  buffers: LossBuffers & PopulationBuffers,
): Promise<Dispatch[]> {
  const { units, sets, symmetric, squares, floor } = options;
  const { steps, batch, hidden4, replicas } = layout;
  const { WORKGROUP_SIZE, ...where } = placeOverrides(place);
  const common = {
    ...{ UNIT_FIRST: units.first, UNIT_END: units.end, SQUARES: squares },
    ...{ FIRST_0: sets[0].first, END_0: sets[0].end, FIRST_1: sets[1].first, END_1: sets[1].end },
  };
  const value = await Kernel.create(device, populationKl, {
    ...common,
    ...{ TERM: where.TERM, SYMMETRIC: symmetric, FLOOR: floor },
    WORKGROUP_SIZE: powerOfTwo(steps * batch, 1, mostInvocations),
  });
  const gradient = await Kernel.create(device, populationKlGradient, { ...common, ...where, WORKGROUP_SIZE });
  const { shape, settings, rates, populationFactors, populationShares } = buffers;
  return [
    value.dispatch(
      {
        ...{ shape, settings: read(settings), rates: read(rates) },
        factors: readWrite(populationFactors),
        shares: readWrite(populationShares),
      },
      [hidden4, 1, replicas],
    ),
    gradient.dispatch(
      { ...rateResources(buffers), factors: read(populationFactors), shares: read(populationShares) },
      gridFor(steps * batch * hidden4, elementwiseSize, replicas),
    ),
  ];
}
