import { describe, expect, it, test } from "vitest";
import { ConfigError, ValueError } from "../../src/errors.ts";
import { Random } from "../../src/random.ts";
import { headDirection } from "../../src/tasks/navigation/head-direction.ts";
import { pathIntegration } from "../../src/tasks/navigation/path-integration.ts";
import {
  type Arena,
  boundaryOf,
  freePlace,
  isFree,
  nearestWall,
  type Region,
  stepWithin,
  type Vector,
} from "../../src/world/arena.ts";
import { Drift } from "../../src/world/drift.ts";
import { decodePlace, placeActivity, placeCellsIn } from "../../src/world/place-cells.ts";
import { moveAgent, turnAlongWall } from "../../src/world/pose.ts";
import { walkInArena } from "../../src/world/walk.ts";
import { changed, conditionIn, periodIn, range, seriesOf } from "../support/series.ts";

const square = (side: number): Arena => ({
  walls: { type: "box", width: side, height: side, centre: [0, 0] },
  obstacles: [],
});
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("headDirection", () => {
  const task = headDirection();

  it.each([10, 20, 50])("asks for the integral of the velocity, at %d ms", (dtMs) => {
    const batch = task.batch({ trials: 10, seed: 1, dtMs });
    for (const trial of range(10)) {
      const velocity = seriesOf(task, batch, "inputs", "angularVelocity", trial);
      const cos = seriesOf(task, batch, "targets", "cos", trial);
      const sin = seriesOf(task, batch, "targets", "sin", trial);
      const { from, to } = periodIn(batch, "turn", trial);
      // The start as the network sees it.
      let angle = Math.atan2(
        seriesOf(task, batch, "inputs", "startSin", trial)[0] ?? Number.NaN,
        seriesOf(task, batch, "inputs", "startCos", trial)[0] ?? Number.NaN,
      );
      velocity.forEach((radiansPerSecond, step) => {
        angle += radiansPerSecond * dtMs * 1e-3;
        expect(Math.hypot((cos[step] ?? 0) - Math.cos(angle), (sin[step] ?? 0) - Math.sin(angle))).toBeLessThan(1e-5);
      });
      const start = seriesOf(task, batch, "inputs", "startCos", trial);
      expect(start.every((value, step) => (value === 0) === step >= from)).toBe(true);
      const mask = seriesOf(task, batch, "mask", "cos", trial);
      expect(mask).toEqual(range(batch.steps).map((step) => Number(step >= from && step < to)));
    }
    expect(task.accuracy(batch.targets, batch)).toBe(1);
  });

  it("has a velocity of the same size and memory at any time step", () => {
    for (const dtMs of [10, 30]) {
      const batch = task.batch({ trials: 200, seed: 2, dtMs, pause: "no" });
      const { from, to } = periodIn(batch, "turn", 0);
      const all = range(200).map((trial) => seriesOf(task, batch, "inputs", "angularVelocity", trial).slice(from, to));
      const variance = mean(all.flat().map((value) => value ** 2));
      const lag = 90 / dtMs;
      const products = all.flatMap((series) => series.slice(lag).map((value, step) => value * (series[step] ?? 0)));
      expect(Math.sqrt(variance)).toBeCloseTo(2.5, 0);
      expect(mean(products) / variance).toBeCloseTo(Math.exp(-1), 1);
    }
  });

  it("stops for as long as it is asked to, in half of the trials", () => {
    const batch = task.batch({ trials: 30, seed: 3, pause: "yes", pauseForMs: 400, pauseAt: 1 });
    for (const trial of range(30)) {
      const still = seriesOf(task, batch, "inputs", "angularVelocity", trial).slice(10);
      expect(still.lastIndexOf(0) - still.indexOf(0) + 1).toBe(20);
      expect(still.indexOf(0)).toBe(80);
    }
    const paused = task.batch({ trials: 1000, seed: 4 }).conditions.pause ?? [];
    expect(Math.abs(mean([...paused]) - 0.5)).toBeLessThan(0.06);
  });

  it("turns evenly where the velocity is fixed", () => {
    const batch = task.batch({ trials: 1, seed: 1, meanVelocity: Math.PI, speed: 0, startAngle: 0, pause: "no" });
    expect(seriesOf(task, batch, "targets", "cos", 0).at(-1)).toBeCloseTo(1, 5); // two seconds, once around
    expect(seriesOf(task, batch, "targets", "cos", 0)[10 + 49]).toBeCloseTo(-1, 5);
  });

  it("is judged by the angle, not by the length", () => {
    const batch = task.batch({ trials: 5, seed: 1 });
    expect(
      task.accuracy(
        changed(batch, (value) => 0.1 * value),
        batch,
      ),
    ).toBe(1);
    expect(
      task.accuracy(
        changed(batch, (value) => -value),
        batch,
      ),
    ).toBe(0);
    expect(
      task.accuracy(
        changed(batch, () => Number.NaN),
        batch,
      ),
    ).toBe(0);
  });

  test("errors", () => {
    expect(() => headDirection({ pauseMs: [5, 1] })).toThrow(/pauseMs: expected \[least, most\], got \[5, 1\]/);
    expect(() => headDirection({ pauses: 2 })).toThrow(ConfigError);
    expect(() => headDirection({ toleranc: 1 } as never)).toThrow(/did you mean "tolerance"/);
  });
});

describe("pathIntegration", () => {
  const task = pathIntegration();

  it.each([10, 20, 100])("asks for the integral of the velocity, which stays in the arena, at %d ms", (dtMs) => {
    const batch = task.batch({ trials: 20, seed: 1, dtMs });
    for (const trial of range(20)) {
      const series = (array: "inputs" | "targets", name: string) => seriesOf(task, batch, array, name, trial);
      for (const [velocity, start, target] of [
        ["velocityX", "startX", "x"],
        ["velocityY", "startY", "y"],
      ] as const) {
        let place = series("inputs", start)[0] ?? Number.NaN;
        const right = series("targets", target);
        series("inputs", velocity).forEach((metresPerSecond, step) => {
          place += (metresPerSecond * dtMs) / 1000;
          expect(Math.abs((right[step] ?? Number.NaN) - place)).toBeLessThan(1e-5);
          expect(Math.abs(place)).toBeLessThan(1.1 + 1e-5);
        });
        expect(conditionIn(batch, start, trial)).toBeCloseTo(series("inputs", start)[0] ?? 0, 6);
      }
      const { from, to } = periodIn(batch, "walk", trial);
      const mask = seriesOf(task, batch, "mask", "x", trial);
      expect(mask).toEqual(range(batch.steps).map((step) => Number(step >= from && step < to)));
    }
    expect(task.accuracy(batch.targets, batch)).toBe(1);
  });

  it("gives places as place cells, which say where the agent is", () => {
    const cells = pathIntegration({ code: "placeCells", placeCells: 200, placeWidth: 0.15 });
    const options = { trials: 6, seed: 1 };
    const [batch, plain] = [cells.batch(options), task.batch(options)];
    for (const trial of range(6))
      for (const step of [0, 40, 109]) {
        const row = cells.outputNames.map((name) => seriesOf(cells, batch, "targets", name, trial)[step] ?? 0);
        expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
        const [x, y] = decodePlace(placeCellsIn(square(2.2), 200, 0.15, new Random(0, 2)), row);
        const right = ["x", "y"].map((name) => seriesOf(task, plain, "targets", name, trial)[step] ?? 0);
        expect(Math.hypot(x - (right[0] ?? 0), y - (right[1] ?? 0))).toBeLessThan(0.25);
      }
    expect(cells.accuracy(batch.targets, batch)).toBe(1);
    const elsewhere = changed(batch, (_value, { channel }) => Number(channel === 0));
    expect(cells.accuracy(elsewhere, batch)).toBeLessThan(0.4);
  });

  it("counts steps that are near enough", () => {
    const batch = task.batch({ trials: 5, seed: 1 });
    expect(
      task.accuracy(
        changed(batch, (value) => value + 0.17),
        batch,
      ),
    ).toBe(1); // 0.24 m
    expect(
      task.accuracy(
        changed(batch, (value) => value + 0.18),
        batch,
      ),
    ).toBe(0);
    expect(
      task.accuracy(
        changed(batch, () => Number.NaN),
        batch,
      ),
    ).toBe(0);
  });

  test("errors", () => {
    expect(() => task.batch({ trials: 1, seed: 1, startX: 2 })).toThrow(ValueError);
    expect(() => task.batch({ trials: 1, seed: 1, startX: 2 })).toThrow(
      /expected a start inside the walls and outside the obstacles, got \(2,/,
    );
    expect(() => pathIntegration({ border: 2 })).toThrow(
      /border: expected less than half the width of the arena, 1.1, got 2/,
    );
    expect(() => pathIntegration({ code: "grid" } as never)).toThrow(/code/);
  });
});

describe("the arena", () => {
  const motion = { speed: 0.5, speedMs: 300, turning: 2, border: 0.05 };
  const walk = (dtMs: number, steps: number, seed = 1) =>
    walkInArena(square(1), motion, { place: [0, 0], heading: 1 }, steps, dtMs, new Random(seed, 1));

  it("is filled, and left by nobody, whatever the time step", () => {
    for (const dtMs of [5, 20, 200]) {
      const { positions } = walk(dtMs, 20000);
      expect(Math.max(...positions.map(Math.abs))).toBeLessThanOrEqual(0.5);
      const quarters = new Set(
        range(20000).map((step) => `${(positions[2 * step] ?? 0) > 0},${(positions[2 * step + 1] ?? 0) > 0}`),
      );
      expect(quarters.size).toBe(4);
      const atWall = mean(range(40000).map((index) => Number(Math.abs(positions[index] ?? 0) > 0.499)));
      expect(atWall).toBeLessThan(0.3);
    }
  });

  it("sums velocities to positions", () => {
    const { velocities, positions } = walk(50, 300);
    let [x, y] = [0, 0];
    for (const step of range(300)) {
      x += 0.05 * (velocities[2 * step] ?? 0);
      y += 0.05 * (velocities[2 * step + 1] ?? 0);
      expect(Math.hypot(x - (positions[2 * step] ?? 0), y - (positions[2 * step + 1] ?? 0))).toBeLessThan(1e-9);
    }
  });

  it("has Rayleigh distributed speeds away from the walls", () => {
    const speeds = range(300).map((seed) => {
      const { velocities } = walkInArena(
        square(1e6),
        motion,
        { place: [0, 0], heading: 0 },
        5,
        100,
        new Random(seed, 9),
      );
      return Math.hypot(velocities[8] ?? 0, velocities[9] ?? 0);
    });
    expect(mean(speeds)).toBeCloseTo(0.5 * Math.sqrt(Math.PI / 2), 1);
    expect(mean(speeds.map((speed) => speed ** 2))).toBeCloseTo(0.5, 1);
  });

  it("has place cells whose activity is a softmax of distances", () => {
    const cells = { centres: Float64Array.from([0, 0, 1, 0, 0, 2]), width: 0.5 };
    const powers = [0, 1, 4].map((squared) => Math.exp(-squared / 0.5));
    const sum = powers.reduce((total, power) => total + power, 0);
    placeActivity(cells, 0, 0).forEach((value, cell) => {
      expect(value).toBeCloseTo((powers[cell] ?? 0) / sum, 12);
    });
    // Far from all of them there is no 0 / 0.
    expect(placeActivity(cells, 1e3, 0).every(Number.isFinite)).toBe(true);
    expect(decodePlace(cells, [0.2, 0.5, 0.1])).toEqual([1 / 3, 2 / 3]);
  });

  test("a drift keeps its standard deviation", () => {
    const values = range(2000).map((seed) => {
      const drift = new Drift(2, 100, 20, new Random(seed, 3));
      return range(5).map(() => drift.next())[4] ?? 0;
    });
    expect(Math.sqrt(mean(values.map((value) => value ** 2)))).toBeCloseTo(2, 0);
  });
});

describe("walls by signed distance", () => {
  const box = { type: "box" as const, width: 2, height: 1, centre: [0.5, -0.25] as [number, number] };
  const disc = { type: "circle" as const, radius: 0.7, centre: [-0.2, 0.1] as [number, number] };
  const random = new Random(5, 1);
  const somewhere = (): Vector => [random.uniform(-3, 3), random.uniform(-3, 3)];
  /** The distance from the boundary, by trying its points. */
  const tried = (region: Exclude<Region, { readonly type: "polygon" }>, [x, y]: Vector): number => {
    const points = range(4000).map((point): Vector => {
      if (region.type === "circle") {
        const angle = (2 * Math.PI * point) / 4000;
        return [region.centre[0] + region.radius * Math.cos(angle), region.centre[1] + region.radius * Math.sin(angle)];
      }
      const along = (point % 1000) / 1000 - 0.5;
      const corner = [[along, 0.5] as const, [along, -0.5] as const, [0.5, along] as const, [-0.5, along] as const];
      const [right, up] = corner[Math.floor(point / 1000)] ?? [0, 0];
      return [region.centre[0] + right * region.width, region.centre[1] + up * region.height];
    });
    return Math.min(...points.map(([px, py]) => Math.hypot(px - x, py - y)));
  };

  it.each([box, disc])("is the distance from the nearest point of a $type, and its slope", (region) => {
    for (const _ of range(100)) {
      const place = somewhere();
      const { distance, outward } = boundaryOf(region, place);
      expect(Math.abs(Math.abs(distance) - tried(region, place))).toBeLessThan(2e-3);
      const inside =
        region.type === "circle"
          ? Math.hypot(place[0] + 0.2, place[1] - 0.1) < 0.7
          : Math.abs(place[0] - 0.5) < 1 && Math.abs(place[1] + 0.25) < 0.5;
      expect(distance < 0).toBe(inside);
      const slope = [0, 1].map((axis) => {
        const [more, less] = [1e-6, -1e-6].map((by) => {
          const moved: Vector = axis === 0 ? [place[0] + by, place[1]] : [place[0], place[1] + by];
          return boundaryOf(region, moved).distance;
        }) as [number, number];
        return (more - less) / 2e-6;
      });
      expect(outward[0]).toBeCloseTo(slope[0] ?? Number.NaN, 4);
      expect(outward[1]).toBeCloseTo(slope[1] ?? Number.NaN, 4);
    }
  });

  const arena: Arena = {
    walls: { type: "circle", radius: 1, centre: [0, 0] },
    obstacles: [
      { type: "box", width: 0.02, height: 0.8, centre: [0.3, 0] },
      { type: "circle", radius: 0.2, centre: [-0.5, 0.2] },
    ],
  };

  it("is the nearest of the wall and the obstacles that counts", () => {
    expect(nearestWall(arena, [0.95, 0])).toEqual({ distance: expect.closeTo(0.05, 12), towards: [1, 0] });
    expect(nearestWall(arena, [0.25, 0])).toEqual({ distance: expect.closeTo(0.04, 12), towards: [1, -0] });
    expect(nearestWall(arena, [-0.5, -0.2]).distance).toBeCloseTo(0.2, 12);
    expect(isFree(arena, [1, 0])).toBe(true);
    for (const taken of [[1.001, 0] as const, [0.3, 0.2] as const, [-0.5, 0.2] as const])
      expect(isFree(arena, taken)).toBe(false);
  });

  it("stops steps at walls and obstacles, and leaves the part along them", () => {
    // Through a thin wall, however long the step is.
    expect(stepWithin(arena, [0, 0], [0.9, 0])).toEqual([expect.closeTo(0.29, 8), expect.closeTo(0, 8)]);
    const [x, y] = stepWithin(arena, [0.2, 0], [0.4, 0.1]);
    expect([x, y]).toEqual([expect.closeTo(0.29, 8), expect.closeTo(0.1, 8)]);
    // Past its end.
    expect(stepWithin(arena, [0.2, 0.45], [0.4, 0.45])).toEqual([0.4, 0.45]);
    // Along it, and away from it.
    expect(stepWithin(arena, [0.29, 0], [0.29, 0.3])).toEqual([0.29, 0.3]);
    expect(stepWithin(arena, [0.29, 0], [0.1, 0])).toEqual([0.1, 0]);
    expect(Math.hypot(...stepWithin(arena, [0, 0.9], [0.5, 1.2]))).toBeCloseTo(1, 12);
    expect(stepWithin(arena, [0.1, 0.1], [0.1, 0.1])).toEqual([0.1, 0.1]);
  });

  it("keeps a walk inside, and out of every obstacle", () => {
    for (const dtMs of [5, 20, 300]) {
      const start = { place: [0, 0.6] as const, heading: 1 };
      const motion = { speed: 0.8, speedMs: 300, turning: 2, border: 0.05 };
      const { positions, velocities } = walkInArena(arena, motion, start, 5000, dtMs, new Random(1, 1));
      let [x, y] = start.place as readonly number[];
      for (const step of range(5000)) {
        const place: Vector = [positions[2 * step] ?? Number.NaN, positions[2 * step + 1] ?? Number.NaN];
        expect(isFree(arena, place)).toBe(true);
        x = (x ?? 0) + ((velocities[2 * step] ?? 0) * dtMs) / 1000;
        y = (y ?? 0) + ((velocities[2 * step + 1] ?? 0) * dtMs) / 1000;
        expect(Math.hypot(place[0] - x, place[1] - y)).toBeLessThan(1e-8);
      }
      const still = range(4999).filter((step) => positions[2 * step] === positions[2 * step + 2]).length;
      expect(still).toBeLessThan(500);
    }
  });

  it("turns an agent along the wall that it faces, to the side to which it looks", () => {
    const nearWall: Vector = [0.97, 0];
    expect(turnAlongWall(arena, { place: nearWall, heading: 0.3 }, 0.05)).toBeCloseTo(Math.PI / 2 - 0.3, 12);
    expect(turnAlongWall(arena, { place: nearWall, heading: 2 * Math.PI - 0.3 }, 0.05)).toBeCloseTo(
      0.3 - Math.PI / 2,
      12,
    );
    expect(turnAlongWall(arena, { place: nearWall, heading: 2 }, 0.05)).toBe(0);
    expect(turnAlongWall(arena, { place: nearWall, heading: 0.3 }, 0.02)).toBe(0);
    // Left of the thin wall, which is to its right.
    expect(turnAlongWall(arena, { place: [0.27, 0], heading: -0.1 }, 0.05)).toBeCloseTo(0.1 - Math.PI / 2, 12);
  });

  it("moves an agent as it is told: a script, or the keys of a keyboard", () => {
    const room = square(2);
    let agent = { place: [0, 0] as Vector, heading: Math.PI / 2 };
    for (const turn of [-Math.PI / 2, 0, 0]) agent = moveAgent(room, agent, { speed: 2, turn }, 0.4);
    expect(agent).toEqual({ place: [1, expect.closeTo(0.8, 12)], heading: 0 });
    agent = moveAgent(room, agent, { speed: -1, turn: 0 }, 0.5);
    expect(agent.place[0]).toBeCloseTo(0.5, 12);
  });

  it("draws free places evenly", () => {
    const places = range(4000).map(() => freePlace(arena, random));
    expect(places.every((place) => isFree(arena, place))).toBe(true);
    const right = mean(places.map(([x]) => Number(x > 0)));
    const [left, other] = [Math.PI / 2 - 0.04 * Math.PI, Math.PI / 2 - 0.016];
    expect(Math.abs(right - other / (left + other))).toBeLessThan(0.03);
    expect(freePlace(arena, random, 0.5)[0]).toBe(0.5);
    expect(() => freePlace(arena, random, 1.5)).toThrow(/none of 10000 places at x = 1.5 was free/);
  });

  it("is a task in any arena", () => {
    for (const code of ["position", "placeCells"] as const) {
      const task = pathIntegration({ arena, code, placeCells: 40 });
      const batch = task.batch({ trials: 20, seed: 3 });
      expect(task.accuracy(batch.targets, batch)).toBe(1);
      expect(task.chance).toBeCloseTo((Math.PI * 0.25 ** 2 - 0.01) / (Math.PI * 0.96 - 0.016), 1);
    }
    const task = pathIntegration({ arena });
    const batch = task.batch({ trials: 20, seed: 3 });
    for (const trial of range(20)) {
      const [x, y] = ["x", "y"].map((name) => seriesOf(task, batch, "targets", name, trial)) as [number[], number[]];
      expect(x.every((value, step) => nearestWall(arena, [value, y[step] ?? Number.NaN]).distance > -1e-6)).toBe(true);
    }
    const fixed = task.batch({ trials: 50, seed: 3, startX: -0.5 });
    expect(range(50).every((trial) => isFree(arena, [-0.5, conditionIn(fixed, "startY", trial)]))).toBe(true);
    expect(() => task.batch({ trials: 1, seed: 1, startX: 0.3, startY: 0 })).toThrow(/outside the obstacles/);
    expect(pathIntegration({ arena: { walls: { type: "circle", radius: 2 } } }).chance).toBeCloseTo(1 / 64, 12);
    expect(pathIntegration({ arena: { walls: { type: "box", width: 1, height: 2 } } }).chance).toBeCloseTo(0.0982, 4);
    expect(() => pathIntegration({ side: 1, arena })).toThrow(/expected a side or an arena, got both/);
    expect(() => pathIntegration({ arena: { walls: { type: "circle", radius: -1 } } })).toThrow(/radius/);
    expect(() => pathIntegration({ arena: { walls: { type: "disc" } } } as never)).toThrow(ConfigError);
  });
});
