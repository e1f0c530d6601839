import { describe, expect, test } from "vitest";
import { rateMaps } from "../../src/analysis/spatial/rate-maps.ts";
import { torusAttractor } from "../../src/attractors/torus.ts";
import { latticeVectors } from "../../src/attractors/torus-kernel.ts";
import { ShapeError, ValueError } from "../../src/errors.ts";
import { degrees, dialPoint, signedDegrees, turnGain } from "../../src/playground/compass.ts";
import { FrameLoop } from "../../src/playground/frame-loop.ts";
import { boxFrame, fromPixels, sheetFrame, toPixels, unitAt } from "../../src/playground/frames-of-reference.ts";
import { PlaceMaps } from "../../src/playground/place-map.ts";
import { StepClock } from "../../src/playground/step-clock.ts";
import { rowsByHeading } from "../../src/playground/strip-view.ts";
import { TimeStrip } from "../../src/playground/time-strip.ts";
import { boxSize, obstacle, TorusWalk } from "../../src/playground/torus-walk.ts";
import { Random } from "../../src/random.ts";

describe("time strip", () => {
  test("keeps the last rows in their order", () => {
    const strip = new TimeStrip(3, 2);
    expect(strip.length).toBe(0);
    expect(strip.at(0, 0)).toBeNaN();
    for (let row = 1; row <= 5; row += 1) strip.push([row, -row]);
    expect(strip.length).toBe(3);
    expect([0, 1, 2].map((row) => [strip.at(row, 0), strip.at(row, 1)])).toEqual([
      [3, -3],
      [4, -4],
      [5, -5],
    ]);
    for (const [row, column] of [
      [-1, 0],
      [3, 0],
      [0, 2],
    ] as const)
      expect(strip.at(row, column)).toBeNaN();
    strip.clear();
    expect(strip.length).toBe(0);
    strip.push([7, 8]);
    expect(strip.at(0, 1)).toBe(8);
  });

  test("refuses what it cannot hold", () => {
    expect(() => new TimeStrip(0, 2)).toThrow(
      new ValueError("time strip: capacity: expected a positive integer, got 0."),
    );
    expect(() => new TimeStrip(1, 2).push([1])).toThrow(
      new ShapeError("time strip: expected rows of 2 numbers, got 1."),
    );
  });
});

test("a step clock keeps up with the wall, and forgets what is too much for a frame", () => {
  const clock = new StepClock(16, 4);
  // 60 frames of 1000 / 60 ms are 1000 ms: 62.5 steps.
  const taken = Array.from({ length: 60 }, () => clock.take(1000 / 60));
  expect(taken.reduce((sum, steps) => sum + steps, 0)).toBe(62);
  expect(Math.max(...taken)).toBe(2);
  expect(clock.take(5000)).toBe(4);
  expect(clock.take(0)).toBe(1);
  expect(clock.take(0)).toBe(0);
  expect(() => new StepClock(0, 1)).toThrow(ValueError);
});

describe("frame loop", () => {
  /** A host whose frames come when the test says so. */
  function hostOf() {
    let due: (now: number) => void = () => undefined;
    const host = {
      nextFrame: () =>
        new Promise<number>((resolve) => {
          due = resolve;
        }),
    };
    const turn = async (now: number): Promise<void> => {
      due(now);
      for (let wait = 0; wait < 5; wait += 1) await Promise.resolve();
    };
    return { host, turn };
  }

  test("has one step in flight, and counts a long pause as a short one", async () => {
    const { host, turn } = hostOf();
    const elapsed: number[] = [];
    let finish: () => void = () => undefined;
    const loop = new FrameLoop(host, (ms) => {
      elapsed.push(ms);
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    const ended = loop.run();
    await turn(1000);
    await turn(1016);
    await turn(1032);
    await turn(1048);
    expect(elapsed).toEqual([16]);
    finish();
    await turn(0);
    await turn(9000);
    expect(elapsed).toEqual([16, 100]);
    const stopped = loop.stop();
    finish();
    await turn(9016);
    await stopped;
    await ended;
    expect(elapsed).toHaveLength(2);
  });

  test("tells of what a step throws, and can be stopped then", async () => {
    const { host, turn } = hostOf();
    const loop = new FrameLoop(host, () => Promise.reject(new ValueError("no")));
    const ended = expect(loop.run()).rejects.toThrow("no");
    await turn(0);
    await turn(16);
    await ended;
    await loop.stop();
  });
});

describe("compass", () => {
  test("0 is up, headings grow clockwise, on a canvas whose y grows downwards", () => {
    for (const [heading, x, y] of [
      [0, 10, 15],
      [90, 15, 20],
      [180, 10, 25],
      [270, 5, 20],
    ] as const) {
      const point = dialPoint([10, 20], 5, (heading * Math.PI) / 180);
      expect(point[0]).toBeCloseTo(x, 12);
      expect(point[1]).toBeCloseTo(y, 12);
    }
  });

  test("degrees stay within a turn after rounding, too", () => {
    expect(degrees(-0.0001)).toBe(0);
    expect(degrees(2 * Math.PI - 0.0001)).toBe(0);
    expect(degrees(-Math.PI / 2)).toBe(270);
    expect(signedDegrees((3 * Math.PI) / 2)).toBe(-90);
  });

  test("the gain is the slope of turns, also past 0°, and unknown of a head that is still", () => {
    const heading = (step: number): number => (0.1 * step) % (2 * Math.PI);
    const follower = (step: number): number => (0.08 * step + 3) % (2 * Math.PI);
    expect(turnGain(100, heading, follower)).toBeCloseTo(0.8, 9);
    expect(turnGain(100, () => 1, follower)).toBeUndefined();
  });

  test("the strip has units in the order of their headings", () => {
    expect(Array.from(rowsByHeading([0, 4, 3, 1]))).toEqual([0, 3, 2, 1]);
  });
});

describe("frames of reference", () => {
  const surface = { width: 300, height: 200, margin: 10 };

  test("a box stands upright in the middle, as large as it can be", () => {
    const frame = boxFrame(1.2, surface);
    for (const [place, pixel] of [
      [
        [0, 0],
        [60, 190],
      ],
      [
        [1.2, 1.2],
        [240, 10],
      ],
      [
        [0.6, 0.6],
        [150, 100],
      ],
    ] as const)
      for (const axis of [0, 1] as const) expect(toPixels(frame, place)[axis]).toBeCloseTo(pixel[axis], 9);
  });

  for (const lattice of ["square", "rhombic"] as const)
    test(`units of a ${lattice} sheet lie on its lattice, within the margin`, () => {
      const { side } = torusAttractor({ side: 32, lattice });
      const frame = sheetFrame({ side, lattice }, surface);
      const corners = (
        [
          [0, 0],
          [side, 0],
          [side, side],
          [0, side],
        ] as const
      ).map((corner) => toPixels(frame, corner));
      for (const [x, y] of corners) {
        expect(x).toBeGreaterThan(10 - 1e-9);
        expect(x).toBeLessThan(290 + 1e-9);
        expect(y).toBeGreaterThan(10 - 1e-9);
        expect(y).toBeLessThan(190 + 1e-9);
      }
      const [origin, across, , up] = corners as [number, number][] as [
        [number, number],
        [number, number],
        [number, number],
        [number, number],
      ];
      const scale = (across[0] - origin[0]) / side;
      const [, [x, y]] = latticeVectors({ lattice });
      expect(across[1]).toBeCloseTo(origin[1], 9);
      expect((up[0] - origin[0]) / side).toBeCloseTo(scale * x, 9);
      expect((origin[1] - up[1]) / side).toBeCloseTo(scale * y, 9);
      for (const unit of [0, 31, 32, 528, 1023]) {
        const [column, row] = [unit % side, Math.floor(unit / side)];
        expect(unitAt(frame, side, toPixels(frame, [column + 0.5, row + 0.5]))).toBe(unit);
        // A copy of the sheet beyond its edges.
        expect(unitAt(frame, side, toPixels(frame, [column + 0.4 - side, row + 0.6 + 2 * side]))).toBe(unit);
      }
      const back = fromPixels(frame, toPixels(frame, [3.25, 7.5]));
      expect(back?.[0]).toBeCloseTo(3.25, 9);
      expect(back?.[1]).toBeCloseTo(7.5, 9);
    });
});

test("place maps that grow are those of all samples at once", () => {
  const [samples, units, bins] = [400, 3, 5];
  const random = new Random(3, 9);
  const places = Array.from({ length: samples }, () => [random.uniform(0, 1), random.uniform(0, 0.7)] as const);
  const values = Float32Array.from({ length: samples * units }, () => random.uniform(0, 1));
  const axis = { low: 0, high: 1, bins };
  const maps = new PlaceMaps(axis, units);
  expect(maps.visited).toBe(0);
  for (const [sample, place] of places.entries())
    maps.add(place, values.subarray(sample * units, (sample + 1) * units));
  const expected = rateMaps({ values, shape: [samples, units] }, [
    { ...axis, values: places.map(([, y]) => y) },
    { ...axis, values: places.map(([x]) => x) },
  ]);
  for (let unit = 0; unit < units; unit += 1) {
    const { values: own, shape } = maps.mapOf(unit);
    expect(shape).toEqual([bins, bins]);
    for (let bin = 0; bin < bins * bins; bin += 1) {
      const wanted = expected.values[unit * bins * bins + bin] as number;
      if (Number.isNaN(wanted)) expect(own[bin]).toBeNaN();
      else expect(own[bin]).toBeCloseTo(wanted, 12);
    }
  }
  expect(maps.visited).toBe(1 - expected.unvisited.length / bins ** 2);
  expect(() => maps.add([1.1, 0], [0, 0, 0])).toThrow("outside of the box");
  expect(() => maps.add([1, 0], [0])).toThrow(ShapeError);
  expect(() => maps.mapOf(3)).toThrow("expected a unit of 0 … 2, got 3");
});

describe("the animal of the torus", () => {
  test("goes where the keys say, and its displacement is the sum of its velocities", () => {
    const walk = new TorusWalk(1, false, 16);
    const sum = [0, 0] as [number, number];
    const velocities = Array.from({ length: 300 }, (_, step) => walk.advance(new Set([step < 50 ? "d" : "W"]), true));
    for (const [x, y] of velocities) {
      sum[0] += 0.016 * x;
      sum[1] += 0.016 * y;
    }
    expect(velocities[0]).toEqual([expect.closeTo(0.5, 9), expect.closeTo(0, 9)]);
    // At the wall.
    expect(walk.place[1]).toBeCloseTo(boxSize, 9);
    expect(velocities.at(-1)?.[1]).toBeCloseTo(0, 9);
    for (const axis of [0, 1] as const) expect(walk.displacement[axis]).toBeCloseTo(sum[axis], 9);
    expect(walk.walked).toBeCloseTo(sum[0] + sum[1], 9);
    expect(walk.path.length).toBe(300);
    expect(walk.path.at(299, 1)).toBeCloseTo(boxSize, 6);
  });

  test("walks by itself only if let, stays in the box, and out of the obstacle", () => {
    const walk = new TorusWalk(2, true, 16);
    expect(walk.advance(new Set(), false)).toEqual([0, 0]);
    let nearest = Number.POSITIVE_INFINITY;
    for (let step = 0; step < 5000; step += 1) {
      walk.advance(new Set(), true);
      const [x, y] = walk.place;
      nearest = Math.min(nearest, Math.hypot(x - obstacle.centre[0], y - obstacle.centre[1]));
      expect(Math.min(x, y, boxSize - x, boxSize - y)).toBeGreaterThan(-1e-9);
    }
    expect(nearest).toBeGreaterThan(obstacle.radius - 1e-6);
    expect(nearest).toBeLessThan(obstacle.radius + 0.1);
    expect(walk.walked).toBeGreaterThan(5);
  });
});
