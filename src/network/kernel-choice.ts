import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import { timeDispatches } from "../gpu/timing.ts";
import { groupsFor } from "../ops/grid.ts";
import type { Layout } from "../ops/layout.ts";
import type { Family, RecurrentKernels } from "../ops/recurrence.ts";
import { hasQuads, plainTile, type Tile, tileName, tilesOf } from "../ops/tiles.ts";

/** Up to here one workgroup is always enough for all units; beyond the other, never. In between it is measured. */
const surelyPersistent = 96;
const surelyStepwise = 1024;
/** Products of a forward pass, steps × trials × units², below which no tile is worth a measurement. */
const leastWork = 2 ** 22;
const rounds = 2;

/** What may be asked for by name instead of being chosen. */
export type PinnedKernels = { readonly [Choice in keyof RecurrentKernels]?: RecurrentKernels[Choice] | undefined };

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
 * each shape and device, first the families, then the tiles of the faster one. All give the same bits, so the choice never
 * shows in a result.
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
  const { hidden, batch, replicas, gates } = layout;
  const names = [...families, ...tiles.map(tileName)].join(", ");
  const key = `kernels ${names} of ${gates} ${hidden} ${batch} ${replicas}`;
  const known = device.measurements.get(key) as Promise<RecurrentKernels> | undefined;
  if (known !== undefined) return known;
  const measured = fastest(device, families, tiles, forward);
  device.measurements.set(key, measured);
  measured.catch(() => device.measurements.delete(key));
  return measured;
}

async function fastest(
  device: Device,
  families: readonly Family[],
  tiles: readonly Tile[],
  forward: (kernels: RecurrentKernels) => Promise<readonly Dispatch[]>,
): Promise<RecurrentKernels> {
  const [firstFamily = "persistent"] = families;
  const [tile = plainTile] = tiles;
  const isNull = device.info.backend === "null";
  if (isNull) return { family: firstFamily, tile };
  const byFamily = families.map((family) => ({ family, tile }));
  const { family } = await fastestOf(device, byFamily, forward);
  return fastestOf(
    device,
    tiles.map((each) => ({ family, tile: each })),
    forward,
  );
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
