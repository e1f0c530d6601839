import { describe, expect, it, test } from "vitest";
import { world } from "../../src/index.ts";
import { Random } from "../../src/random.ts";
import { pathIntegration } from "../../src/tasks/navigation/path-integration.ts";
import { range } from "../support/series.ts";

const corner = [
  [-1, -1],
  [1, -1],
  [1, 0],
  [0, 0],
  [0, 1],
  [-1, 1],
] as [number, number][];
const triangle = [
  [-0.8, -0.7],
  [-0.2, -0.7],
  [-0.5, -0.3],
] as [number, number][];
/** Its obstacle's corners go clockwise. */
const arena = world.arenaSchema.parse({
  walls: { type: "polygon", vertices: corner },
  obstacles: [{ type: "polygon", vertices: [...triangle].reverse() }],
});

/** The distance from the sides of a polygon, by trying many of their points, and whether a place is inside, by angles. */
function tried(vertices: readonly [number, number][], [x, y]: readonly [number, number]): number {
  let [least, turned] = [Number.POSITIVE_INFINITY, 0];
  vertices.forEach(([fromX, fromY], index) => {
    const [toX, toY] = vertices[(index + 1) % vertices.length] ?? [0, 0];
    for (const share of range(2001).map((point) => point / 2000))
      least = Math.min(least, Math.hypot(fromX + share * (toX - fromX) - x, fromY + share * (toY - fromY) - y));
    const turn = Math.atan2(toY - y, toX - x) - Math.atan2(fromY - y, fromX - x);
    turned += Math.atan2(Math.sin(turn), Math.cos(turn));
  });
  return Math.abs(turned) > Math.PI ? -least : least;
}

describe("a polygon", () => {
  it.each([
    ["with a notch", corner],
    ["whose corners go clockwise", [...triangle].reverse()],
  ] as const)("%s has a signed distance and its slope", (_, vertices) => {
    const random = new Random(2, 40);
    const region: world.Region = { type: "polygon", vertices: [...vertices] };
    for (const _turn of range(60)) {
      const place = [random.uniform(-1.5, 1.5), random.uniform(-1.5, 1.5)] as const;
      const { distance, outward } = world.boundaryOf(region, place);
      expect(Math.abs(distance - tried(vertices, place))).toBeLessThan(1e-3);
      const moved = [place[0] + 1e-6 * outward[0], place[1] + 1e-6 * outward[1]] as const;
      expect((world.boundaryOf(region, moved).distance - distance) / 1e-6).toBeCloseTo(1, 3);
    }
  });

  it("has a slope on its boundary, too", () => {
    const region: world.Region = { type: "polygon", vertices: corner };
    expect(world.boundaryOf(region, [1, -0.5])).toEqual({
      distance: expect.closeTo(0, 12),
      outward: [1, expect.closeTo(0, 12)],
    });
  });

  test("that crosses itself, or has no area, is refused", () => {
    const fault = (vertices: number[][]) => () =>
      world.arenaEnvironment({ walls: { type: "polygon", vertices: vertices as [number, number][] } });
    expect(
      fault([
        [0, 0],
        [1, 0],
        [1, 0],
        [0, 1],
      ]),
    ).toThrow("vertices 1 and 2 are the same place");
    expect(
      fault([
        [0, 0],
        [2, 2],
        [2, 0],
        [0, 2],
      ]),
    ).toThrow("sides 0 and 2 meet");
    expect(
      fault([
        [0, 0],
        [2, 0],
        [1, 0],
      ]),
    ).toThrow(/meet|no area/);
    expect(
      fault([
        [0, 0],
        [1, 0],
      ]),
    ).toThrow("vertices");
    expect(
      fault([
        [0, 0],
        [4, 0],
        [4, 4],
        [2, 0],
      ]),
    ).toThrow("meet");
  });
});

describe("an arena of polygons", () => {
  it("stops steps, and leaves the part along the side", () => {
    expect(world.stepWithin(arena, [0.5, -0.5], [0.7, 0.5])).toEqual([expect.closeTo(0.7, 8), expect.closeTo(0, 8)]);
    // Around the corner of the notch nobody is carried, however far.
    expect(world.stepWithin(arena, [0.5, -0.5], [-0.5, 9])[1]).toBeLessThan(1 + 1e-9);
    expect(world.stepWithin(arena, [0.5, -0.1], [0.5, 9])).toEqual([0.5, expect.closeTo(0, 8)]);
    // Into a corner.
    expect(world.stepWithin(arena, [0.5, -0.5], [3, -3])).toEqual([expect.closeTo(1, 8), expect.closeTo(-1, 8)]);
    // Onto the obstacle from below, and along it.
    expect(world.stepWithin(arena, [-0.5, -0.9], [-0.4, 0.5])).toEqual([
      expect.closeTo(-0.4, 8),
      expect.closeTo(-0.7, 8),
    ]);
    expect(world.stepWithin(arena, [-0.4, -0.7], [-0.4, -0.8])).toEqual([-0.4, -0.8]);
  });

  it.each(["slide", "nsi"] as const)("is left by nobody, by the rule %s", (rule) => {
    for (const dtMs of [10, 100, 1000]) {
      const run = world.runAgent({
        agent: { type: "walk", speed: 0.8 },
        environment: { type: "arena", ...arena, rule },
        steps: 500,
        trials: 4,
        dtMs,
        seed: 9,
      });
      const places = range(2000).map((row) => [run.positions[2 * row] ?? 0, run.positions[2 * row + 1] ?? 0] as const);
      // Positions are float32.
      const nearest = Math.min(...places.map((place) => world.nearestWall(arena, place).distance));
      expect(nearest).toBeGreaterThan(-1e-7);
      const still = range(1996).filter((row) => (places[row] ?? [])[0] === (places[row + 4] ?? [])[0]).length;
      expect(still).toBeLessThan(dtMs > 100 ? 1996 : 900);
    }
  });

  it("of any shape is left by nobody, and nothing is jumped over", () => {
    const random = new Random(11, 41);
    /** A star around a place; it may not be convex. */
    const star = (x: number, y: number, least: number, most: number, turn: 1 | -1): world.Region => {
      const corners = 3 + random.integer(7);
      const vertices = range(corners).map((corner): [number, number] => {
        const angle = (turn * 2 * Math.PI * (corner + 0.8 * random.uniform())) / corners;
        const radius = random.uniform(least, most);
        return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
      });
      return { type: "polygon", vertices };
    };
    const obstacle = (): world.Region => {
      const centre: [number, number] = [random.uniform(-0.5, 0.5), random.uniform(-0.5, 0.5)];
      if (random.uniform() < 0.5) return star(...centre, 0.02, 0.3, -1);
      return random.uniform() < 0.5
        ? { type: "circle", radius: random.uniform(0.01, 0.2), centre }
        : { type: "box", width: random.uniform(0.01, 0.3), height: random.uniform(0.01, 0.3), centre };
    };
    let [worst, crossed] = [0, 0];
    for (const turn of range(60)) {
      const walls: world.Region =
        turn % 4 === 0 ? { type: "circle", radius: 0.8, centre: [0, 0] } : star(0, 0, 0.2, 1, 1);
      const shape: world.Arena = { walls, obstacles: range(random.integer(4)).map(obstacle) };
      // Stars of three corners that miss the middle have sides that cross.
      if (!world.arenaSchema.safeParse(shape).success) continue;
      let place = world.freePlace(shape, random);
      for (const _ of range(100)) {
        const length = 10 ** random.uniform(-6, 0.5);
        const angle = random.uniform() < 0.3 ? (random.integer(8) * Math.PI) / 4 : random.uniform(0, 2 * Math.PI);
        const goal: world.Vector = [place[0] + length * Math.cos(angle), place[1] + length * Math.sin(angle)];
        const next = world.stepWithin(shape, place, goal);
        worst = Math.min(worst, world.nearestWall(shape, next).distance);
        // Who reaches the goal has gone there straight.
        if (Math.hypot(next[0] - goal[0], next[1] - goal[1]) < 1e-12)
          for (const share of range(20).map((part) => part / 20)) {
            const between: world.Vector = [
              place[0] + share * (goal[0] - place[0]),
              place[1] + share * (goal[1] - place[1]),
            ];
            crossed = Math.min(crossed, world.nearestWall(shape, between).distance);
          }
        place = next;
      }
    }
    expect(worst).toBeGreaterThan(-1e-9);
    expect(crossed).toBeGreaterThan(-1e-7);
  });

  it("is a task", () => {
    const task = pathIntegration({ arena });
    const batch = task.batch({ trials: 10, seed: 3 });
    expect(task.accuracy(batch.targets, batch)).toBe(1);
    expect(task.chance).toBeGreaterThan(0);
    expect(() => pathIntegration({ arena, border: 1.1 })).toThrow(
      "border: expected less than half the width of the arena, 1",
    );
  });

  it("is seen along rays", () => {
    const ahead = (x: number, y: number, degrees: number) =>
      world.distanceAhead(arena, [x, y], (degrees * Math.PI) / 180);
    expect(ahead(0.5, -0.5, 0)).toBeCloseTo(0.5, 9);
    expect(ahead(0.5, -0.5, 90)).toBeCloseTo(0.5, 9);
    expect(ahead(-0.5, 0.5, 0)).toBeCloseTo(0.5, 9);
    expect(ahead(-0.5, 0.5, -90)).toBeCloseTo(0.8, 9);
    expect(ahead(0.5, -0.5, 180)).toBeCloseTo(0.85, 9);
    expect(ahead(-0.5, -0.9, 90)).toBeCloseTo(0.2, 9);
    // At a wall, and as float32 may have it a little beyond: nothing is in the way of who looks away.
    for (const x of [1, 1 + 1e-7]) {
      expect(ahead(x, -0.5, 180)).toBeCloseTo(1.35, 6);
      expect(ahead(x, -0.5, 0)).toBe(0);
      expect(ahead(x, -0.5, 90)).toBeCloseTo(0.5, 6);
    }
    const round = world.arenaSchema.parse({
      walls: { type: "circle", radius: 2, centre: [1, 0] },
      obstacles: [
        { type: "circle", radius: 0.5, centre: [2, 0] },
        { type: "box", width: 1, height: 1, centre: [0, 0] },
      ],
    });
    const found = (x: number, y: number, degrees: number) =>
      world.distanceAhead(round, [x, y], (degrees * Math.PI) / 180);
    expect(found(1, 0, 0)).toBeCloseTo(0.5, 12);
    expect(found(1, 0, 180)).toBeCloseTo(0.5, 12);
    expect(found(1, 0, 90)).toBeCloseTo(2, 12);
    expect(found(1.5, 0, 0)).toBe(0);
    expect(found(1.5, 0, 180)).toBeCloseTo(1, 12);
  });
});

describe("nsi's rules", () => {
  const environment = world.arenaEnvironment({ rule: "nsi" });
  const step = (place: readonly [number, number], heading: number, speed: number, turn: number) =>
    world.stepAgent(environment, { place, heading }, { speed, turn }, 20);

  it("turn first and then move", () => {
    const { state, velocity } = step([0, 0], 1, 0.5, 0.2);
    expect(state.heading).toBeCloseTo(1.2, 12);
    expect(state.place[0]).toBeCloseTo(0.01 * Math.cos(1.2), 12);
    expect(velocity[1]).toBeCloseTo(0.5 * Math.sin(1.2), 12);
  });

  it("turn by π/5 more where the wall ahead is nearer than the border", () => {
    expect(step([1.08, 0], 0, 0, 0.1).state.heading).toBeCloseTo(Math.PI / 5 + 0.1, 12);
    expect(step([1.06, 0], 0, 0, 0.1).state.heading).toBeCloseTo(0.1, 12);
    expect(step([1.08, 0], Math.PI, 0, 0.1).state.heading).toBeCloseTo(Math.PI + 0.1, 12);
    // Headings are wrapped.
    expect(step([0, 0], 6, 0, 1).state.heading).toBeCloseTo(7 - 2 * Math.PI, 12);
  });

  it("leave nothing of a step that would end outside", () => {
    expect(step([1.09, 0.3], 0.1, 5, 0)).toEqual({
      state: { place: [1.09, 0.3], heading: expect.closeTo(0.1 + Math.PI / 5, 12) },
      velocity: [0, 0],
    });
  });
});
