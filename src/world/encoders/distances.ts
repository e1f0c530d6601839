import { distanceAhead } from "../rays.ts";
import type { Trajectories } from "../run.ts";
import { arenaOf, type Channels, fillChannels, headingsOf } from "./source.ts";

/** Metres to what is first met along each ray. */
export function encodeDistances(
  walk: Trajectories,
  {
    rays,
    range = Number.POSITIVE_INFINITY,
    allocentric,
  }: { readonly rays: number; readonly range?: number | undefined; readonly allocentric: boolean },
): Channels {
  const arena = arenaOf(walk, "wallDistances");
  const headings = headingsOf(walk, "wallDistances");
  const names = Array.from({ length: rays }, (_, ray) => `distance${ray}`);
  return fillChannels(walk, names, (values, row) => {
    const [x, y] = [walk.positions[2 * row] as number, walk.positions[2 * row + 1] as number];
    const ahead = allocentric ? 0 : (headings[row] as number);
    for (let ray = 0; ray < rays; ray += 1)
      values[ray] = Math.min(range, distanceAhead(arena, [x, y], ahead + (2 * Math.PI * ray) / rays));
  });
}
