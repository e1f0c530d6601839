import { ConfigError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import { timeDispatches } from "../gpu/timing.ts";
import { groupsFor } from "../ops/grid.ts";
import type { Layout } from "../ops/layout.ts";
import { type Family, type Products, productKinds, type RecurrentKernels } from "../ops/recurrence.ts";
import type { SparseLists } from "../ops/sparse-lists.ts";
import { hasQuads, plainTile, type Tile, tileName, tilesOf } from "../ops/tiles.ts";
import { isGated, withArticle } from "./cells.ts";
import type { Connections } from "./connections.ts";
import type { ModelSpec } from "./model.ts";

/** Up to here one workgroup is always enough for all units; beyond the other, never. In between it is measured. */
const surelyPersistent = 96;
const surelyStepwise = 1024;
/** Products of a forward pass, steps × trials × units², below which no tile is worth a measurement. */
const leastWork = 2 ** 22;
/** Sparse products are tried where the mask keeps less than this share of the synapses. */
const surelyDense = 0.1;
const rounds = 2;

/** What may be asked for by name instead of being chosen. */
export type PinnedKernels = { readonly [Choice in keyof RecurrentKernels]?: RecurrentKernels[Choice] | undefined };

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
  if (products !== undefined && !productKinds.includes(products))
    throw new ConfigError(`products: expected ${productKinds.join(" or ")}, got ${JSON.stringify(products)}.`);
  if (products === "dense") return undefined;
  if (products === "sparse") {
    if (isGated(cell)) throw new ConfigError(`products: ${withArticle(cell)} has dense products only; leave it out.`);
    if (connections === undefined) throw new ConfigError('products: "sparse" needs the connections of the network.');
    return connections.lists;
  }
  const isWide = hidden > surelyPersistent && device.info.backend !== "null";
  return isWide && connections !== undefined && connections.density < surelyDense ? connections.lists : undefined;
}

/** The tile that a device starts with. */
function firstTile(device: Device): Tile {
  return { ...plainTile, quads: hasQuads(device) };
}

/**
 * The tiles that are worth a measurement, the first one first: on hardware all that have rows to fill them. On a software
 * adapter, where a kernel takes longer to compile than to run, one more: the largest that leaves work for two cores. To pass
 * rows on is always cheaper there than to load them.
 */
function tilesFor(device: Device, layout: Layout): Tile[] {
  const { batch, replicas, hidden, steps, shortTermPlasticity } = layout;
  const first = firstTile(device);
  // With short-term plasticity an invocation keeps two sums for every element.
  if (shortTermPlasticity !== undefined || steps * batch * hidden ** 2 < leastWork) return [first];
  if (!device.info.isSoftware) {
    const others = tilesOf(device).filter(({ rows }) => batch > rows / 2);
    return [first, ...others.filter((tile) => tileName(tile) !== tileName(first))];
  }
  const larger = tilesOf(device).filter(
    ({ rows, quads }) => quads === first.quads && rows > first.rows && groupsFor(batch, rows) * replicas >= 2,
  );
  return [first, ...larger.slice(-1)];
}

function familiesFor(device: Device, { hidden }: Layout): Family[] {
  if (hidden <= surelyPersistent || device.info.backend === "null") return ["persistent"];
  return hidden > surelyStepwise ? ["stepwise"] : ["persistent", "stepwise"];
}

/**
 * Chooses the kernels of the recurrence: by the network's width where that is clear, else by timing forward passes once for
 * each shape and device, first the families, then the tiles of the faster one, then sparse products against it where there
 * are lists. All give the same bits, so the choice never shows in a result.
 * @param forward makes the dispatches of one choice, on the buffers they will run on.
 */
export async function chooseKernels(
  device: Device,
  layout: Layout,
  pinned: PinnedKernels,
  forward: (kernels: RecurrentKernels) => Promise<readonly Dispatch[]>,
): Promise<RecurrentKernels> {
  const families = pinned.family === undefined ? familiesFor(device, layout) : [pinned.family];
  const tiles = pinned.tile === undefined ? tilesFor(device, layout) : [pinned.tile];
  const { hidden, batch, replicas, gates, lists4 } = layout;
  const unpinned: readonly Products[] = lists4 > 0 ? ["dense", "sparse"] : ["dense"];
  const kinds = pinned.products === undefined ? unpinned : [pinned.products];
  const names = [...families, ...tiles.map(tileName), ...kinds].join(", ");
  const key = `kernels ${names} of ${gates} ${hidden} ${batch} ${replicas} ${lists4}`;
  const known = device.measurements.get(key) as Promise<RecurrentKernels> | undefined;
  if (known !== undefined) return known;
  const measured = fastest(device, families, tiles, kinds, forward);
  device.measurements.set(key, measured);
  measured.catch(() => device.measurements.delete(key));
  return measured;
}

async function fastest(
  device: Device,
  families: readonly Family[],
  tiles: readonly Tile[],
  kinds: readonly Products[],
  forward: (kernels: RecurrentKernels) => Promise<readonly Dispatch[]>,
): Promise<RecurrentKernels> {
  const [firstFamily = "persistent"] = families;
  const [tile = plainTile] = tiles;
  const [products = "dense"] = kinds;
  if (device.info.backend === "null") return { family: firstFamily, tile, products };
  const byFamily = kinds.map((kind) => families.map((family) => ({ family, tile, products: kind })));
  const [first = [], sparse = []] = byFamily;
  const best = await fastestOf(device, first, forward);
  if (best.products === "sparse") return best;
  const byTile = tiles.map((each) => ({ ...best, tile: each }));
  const dense = await fastestOf(device, byTile, forward);
  return fastestOf(device, [dense, ...sparse], forward);
}

async function fastestOf(
  device: Device,
  choices: readonly RecurrentKernels[],
  forward: (kernels: RecurrentKernels) => Promise<readonly Dispatch[]>,
): Promise<RecurrentKernels> {
  const [first] = choices;
  if (first === undefined) throw new RangeError("No kernels to choose from.");
  if (choices.length === 1) return first;
  const candidates: { kernels: RecurrentKernels; dispatches: readonly Dispatch[]; best: number }[] = [];
  for (const kernels of choices) {
    candidates.push({ kernels, dispatches: await forward(kernels), best: Number.POSITIVE_INFINITY });
  }
  // One more round than is counted, to warm up; in turns, so that a busy machine disturbs all alike.
  for (let round = 0; round <= rounds; round += 1) {
    for (const candidate of candidates) {
      const { milliseconds } = await timeDispatches(device, candidate.dispatches);
      if (round > 0) candidate.best = Math.min(candidate.best, milliseconds);
    }
  }
  return candidates.reduce((winner, candidate) => (candidate.best < winner.best ? candidate : winner)).kernels;
}
