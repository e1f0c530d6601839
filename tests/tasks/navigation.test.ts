import { describe, expect, it, test } from "vitest";
import { ConfigError, ValueError } from "../../src/errors.ts";
import { Random } from "../../src/random.ts";
import { decodePlace, placeActivity, placeCellsIn, walkInArena } from "../../src/tasks/navigation/arena.ts";
import { Drift } from "../../src/tasks/navigation/drift.ts";
import { headDirection } from "../../src/tasks/navigation/head-direction.ts";
import { pathIntegration } from "../../src/tasks/navigation/path-integration.ts";
import { changed, conditionIn, periodIn, range, seriesOf } from "../support/series.ts";

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
        const [x, y] = decodePlace(placeCellsIn(2.2, 200, 0.15, new Random(0, 2)), row);
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
    expect(() => task.batch({ trials: 1, seed: 1, startX: 2 })).toThrow(/expected a start within ±1.1 m, got \(2,/);
    expect(() => pathIntegration({ border: 2 })).toThrow(/border: expected less than half the side/);
    expect(() => pathIntegration({ code: "grid" } as never)).toThrow(/code/);
  });
});

describe("the arena", () => {
  const motion = { side: 1, speed: 0.5, speedMs: 300, turning: 2, border: 0.05 };
  const walk = (dtMs: number, steps: number, seed = 1) =>
    walkInArena(motion, { x: 0, y: 0, heading: 1 }, steps, dtMs, new Random(seed, 1));

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
    const open = { ...motion, side: 1e6 };
    const speeds = range(300).map((seed) => {
      const { velocities } = walkInArena(open, { x: 0, y: 0, heading: 0 }, 5, 100, new Random(seed, 9));
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
