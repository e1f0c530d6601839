import { ConfigError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import { timeDispatches } from "../gpu/timing.ts";
import type { Layout } from "../ops/layout.ts";
import type { Family, Products, RecurrentKernels } from "../ops/recurrence.ts";
import type { SparseLists } from "../ops/sparse-lists.ts";
import { isGated, withArticle } from "./cells.ts";
import type { Connections } from "./connections.ts";
import type { ModelSpec } from "./model.ts";

/** Up to here one workgroup is always enough for all units; beyond the other, never. In between it is measured. */
const surelyPersistent = 96;
const surelyStepwise = 1024;
/** Sparse products are tried where the mask keeps less than this share of the synapses. */
const surelyDense = 0.1;
const rounds = 3;

/**
 * The lists of synapses that sparse products need: where they are asked for, or are not and are worth a try, because the
 * network is wide and its mask keeps less than a tenth of the synapses in every replica.
 * @throws ConfigError where they are asked for and cannot be had.
 */
export function listsFor(
  device: Device,
  { cell, hidden }: ModelSpec,
  connections: Connections | undefined,
  products: Products | undefined,
): SparseLists | undefined {
  if (products === "dense") return undefined;
  if (products === "sparse") {
    if (isGated(cell)) throw new ConfigError(`products: ${withArticle(cell)} has dense products only; leave it out.`);
    if (connections === undefined) throw new ConfigError('products: "sparse" needs the connections of the network.');
    return connections.lists;
  }
  const isWide = hidden > surelyPersistent && device.info.backend !== "null";
  return isWide && connections !== undefined && connections.density < surelyDense ? connections.lists : undefined;
}

/**
 * Chooses the kernels of the recurrence: by the network's width where that is clear, else by timing forward passes of all
 * that are left once for each shape and device. All give the same bits, so the choice never shows in a result.
 * @param pinned what is not to be chosen. @param forward makes the dispatches of a choice, on the buffers they will run on.
 */
export async function chooseKernels(
  device: Device,
  layout: Layout,
  pinned: { readonly family?: Family | undefined; readonly products?: Products | undefined },
  forward: (kernels: RecurrentKernels) => Promise<readonly Dispatch[]>,
): Promise<RecurrentKernels> {
  const { hidden, batch, replicas, gates, lists4 } = layout;
  const families = pinned.family === undefined ? familiesFor(device, hidden) : [pinned.family];
  const kinds: readonly Products[] =
    lists4 === 0 ? ["dense"] : pinned.products === undefined ? ["dense", "sparse"] : [pinned.products];
  const candidates = kinds.flatMap((products) => families.map((family) => ({ family, products })));
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  const names = candidates.map(({ family, products }) => `${family} ${products}`).join(", ");
  const key = `${names} of ${gates} ${hidden} ${batch} ${replicas} ${lists4}`;
  const known = device.measurements.get(key) as Promise<RecurrentKernels> | undefined;
  if (known !== undefined) return known;
  const measured = fastest(device, candidates, forward);
  device.measurements.set(key, measured);
  measured.catch(() => device.measurements.delete(key));
  return measured;
}

function familiesFor(device: Device, hidden: number): readonly Family[] {
  if (hidden <= surelyPersistent || device.info.backend === "null") return ["persistent"];
  return hidden > surelyStepwise ? ["stepwise"] : ["persistent", "stepwise"];
}

async function fastest(
  device: Device,
  candidates: readonly RecurrentKernels[],
  forward: (kernels: RecurrentKernels) => Promise<readonly Dispatch[]>,
): Promise<RecurrentKernels> {
  const runs: { readonly kernels: RecurrentKernels; readonly dispatches: readonly Dispatch[]; best: number }[] = [];
  for (const kernels of candidates)
    runs.push({ kernels, dispatches: await forward(kernels), best: Number.POSITIVE_INFINITY });
  // One more round than is counted, to warm up; in turns, so that a busy machine disturbs all alike.
  for (let round = 0; round <= rounds; round += 1) {
    for (const run of runs) {
      const { milliseconds } = await timeDispatches(device, run.dispatches);
      if (round > 0) run.best = Math.min(run.best, milliseconds);
    }
  }
  return runs.reduce((best, run) => (run.best < best.best ? run : best)).kernels;
}
