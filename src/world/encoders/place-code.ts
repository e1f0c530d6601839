import { Random, streams } from "../../random.ts";
import { placeActivity, placeCellsIn } from "../place-cells.ts";
import type { Trajectories } from "../run.ts";
import { arenaOf, type Channels, fillChannels } from "./source.ts";

/** The activity of place cells at each position. */
export function encodePlaceCells(
  walk: Trajectories,
  given: {
    readonly cells: number;
    readonly width: number;
    readonly seed: number;
    readonly activity: "softmax" | "gaussian";
  },
): Channels {
  const arena = arenaOf(walk, "placeCells");
  const cells = placeCellsIn(arena, given.cells, given.width, new Random(given.seed, streams.structure));
  const names = Array.from({ length: given.cells }, (_, cell) => `place${cell}`);
  const { centres, width } = cells;
  return fillChannels(walk, names, (values, row) => {
    const [x, y] = [walk.positions[2 * row] as number, walk.positions[2 * row + 1] as number];
    if (given.activity === "softmax") {
      values.set(placeActivity(cells, x, y));
      return;
    }
    for (let cell = 0; cell < given.cells; cell += 1) {
      const [dx, dy] = [x - (centres[2 * cell] as number), y - (centres[2 * cell + 1] as number)];
      values[cell] = Math.exp(-(dx * dx + dy * dy) / (2 * width * width));
    }
  });
}
