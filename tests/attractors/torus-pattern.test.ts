import { describe, expect, test } from "vitest";
import { gridScore } from "../../src/analysis/spatial/grid-score.ts";
import { torusAttractor } from "../../src/attractors/torus.ts";
import { exploreTorus } from "../../src/attractors/torus-explore.ts";
import { torusVelocityGain } from "../../src/attractors/torus-gain.ts";
import { latticeVectors } from "../../src/attractors/torus-kernel.ts";
import { PatternTracker, patternOf } from "../../src/attractors/torus-pattern.ts";
import { runTorus, simulateTorus } from "../../src/attractors/torus-simulate.ts";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
type Vector = readonly [number, number];

/** Bumps at the places where three waves meet, moved by some units. */
function bumps(sheet: ReturnType<typeof torusAttractor>, waves: readonly Vector[], moved: Vector): Float64Array {
  const { side } = sheet;
  const [right, up] = latticeVectors(sheet);
  return Float64Array.from({ length: side * side }, (_, unit) => {
    const [column, row] = [unit % side, Math.floor(unit / side)];
    const x = column * right[0] + row * up[0] - moved[0];
    const y = column * right[1] + row * up[1] - moved[1];
    return Math.max(
      0,
      waves.reduce((sum, [a, b]) => sum + Math.cos(2 * Math.PI * (a * x + b * y)), 0),
    );
  });
}

/** Trials go from the middle of a box up and down two lanes each, which together cover it, at 1 m/s: [rows, trials, 2]. */
function sweepBox(rows: number, trials: number, box: number, rowMs: number): Float32Array {
  const velocities = new Float32Array(rows * trials * 2);
  for (let trial = 0; trial < trials; trial += 1) {
    const [left, right] = [0.25, 0.75].map((part) => ((trial + part) / trials) * box) as [number, number];
    const [bottom, top] = [0.02 * box, 0.98 * box];
    let [x, y] = [box / 2, box / 2];
    const goals = [
      [left, bottom],
      [left, top],
      [right, top],
      [right, bottom],
    ] as Vector[];
    for (let row = 0; row < rows; row += 1) {
      const [goalX, goalY] = goals[0] ?? [x, y];
      const far = Math.hypot(goalX - x, goalY - y);
      const reached = far <= rowMs / 1000;
      const speed = reached ? (1000 * far) / rowMs : 1;
      if (reached) goals.shift();
      const velocity = far === 0 ? [0, 0] : [(speed * (goalX - x)) / far, (speed * (goalY - y)) / far];
      velocities.set(velocity, 2 * (row * trials + trial));
      x += ((velocity[0] ?? 0) * rowMs) / 1000;
      y += ((velocity[1] ?? 0) * rowMs) / 1000;
    }
  }
  return velocities;
}

describe("the pattern of a sheet", () => {
  test("of three waves on the twisted torus is a regular hexagon", () => {
    const sheet = torusAttractor({ side: 32, lattice: "rhombic" });
    const [, up] = latticeVectors(sheet);
    const one: Vector = [2 / 32, 0];
    const two: Vector = [1 / 32, (2 / 32 - up[0] / 32) / up[1]];
    const rates = bumps(sheet, [one, two, [two[0] - one[0], two[1] - one[1]]], [0, 0]);
    const pattern = patternOf(sheet, rates);
    // Rows of bumps are 1 / (|k| cos 30°) apart.
    expect(pattern.spacing).toBeCloseTo(16 / Math.cos(Math.PI / 6), 9);
    expect(pattern.stretch).toBeCloseTo(1, 9);
    expect(pattern.orientation).toBeCloseTo(Math.PI / 6, 9);
    expect(pattern.share).toBeGreaterThan(0.6);
    expect(pattern.share).toBeLessThan(1);
  });

  test("on a square torus is stretched; one of an aperiodic sheet is found, too", () => {
    const square = torusAttractor({ side: 32 });
    const waves: readonly Vector[] = [
      [0, 2 / 32],
      [2 / 32, 1 / 32],
      [2 / 32, -1 / 32],
    ];
    const pattern = patternOf(square, bumps(square, waves, [0, 0]));
    expect(pattern.stretch).toBeCloseTo(Math.sqrt(5) / 2, 6);
    const aperiodic = torusAttractor({ side: 40, boundary: "aperiodic" });
    const angles = [0.2, 0.2 + Math.PI / 3, 0.2 + (2 * Math.PI) / 3];
    const turned = angles.map((angle): Vector => [0.09 * Math.cos(angle), 0.09 * Math.sin(angle)]);
    const found = patternOf(aperiodic, bumps(aperiodic, turned, [3, 1]));
    expect(Math.abs(found.spacing - 1 / (0.09 * Math.cos(Math.PI / 6)))).toBeLessThan(0.7);
  });

  test("is followed over many periods by the phases of its waves", () => {
    const sheet = torusAttractor({ side: 16, lattice: "rhombic" });
    const wave = 1 / 16;
    const rows: readonly Vector[] = [
      [wave, -wave / Math.sqrt(3)],
      [0, (2 * wave) / Math.sqrt(3)],
      [wave, wave / Math.sqrt(3)],
    ];
    const way = (frame: number): Vector => [0.9 * frame, 8 * Math.sin(frame / 9)];
    const tracker = new PatternTracker(sheet, patternOf(sheet, bumps(sheet, rows, [0, 0])), 2);
    for (let frame = 0; frame < 60; frame += 1) {
      const moved = way(frame);
      const back: Vector = [-moved[0], -moved[1]];
      const both = [moved, back].flatMap((each) => Array.from(bumps(sheet, rows, each)));
      const result = tracker.next(both);
      for (const [index, value] of [...moved, ...back].entries()) expect(result[index]).toBeCloseTo(value, 1);
    }
  });

  test("that is none is refused", () => {
    const sheet = torusAttractor({ side: 16 });
    expect(() => patternOf(sheet, new Float32Array(256))).toThrow(/all rates are the same/);
    const stripes = Float32Array.from({ length: 256 }, (_, unit) => 1 + Math.cos((Math.PI * unit) / 4));
    expect(() => patternOf(sheet, stripes)).toThrow(/one direction only/);
    expect(() => patternOf(sheet, new Float32Array(9))).toThrow(ShapeError);
    const { waves } = {
      waves: [
        [0, 1 / 8],
        [1 / 8, 0],
        [1 / 8, -1 / 8],
      ],
    } as const;
    expect(() => new PatternTracker(sheet, { waves }, 2).next(new Float32Array(256))).toThrow(ShapeError);
  });
});

describe("with the constants of Burak and Fiete", () => {
  const sheet = torusAttractor({ side: 32, lattice: "rhombic", dtMs: 1 });

  test("a hexagon forms from noise, follows the velocity, and makes grid cells", async () => {
    const gain = await torusVelocityGain(gpu.device, sheet, {
      speeds: [0.25, 1],
      directions: 3,
      settleMs: 600,
      measureMs: 200,
    });
    expect(gain.pattern.stretch).toBeCloseTo(1, 6);
    expect(gain.pattern.spacing).toBeCloseTo(32 / Math.sqrt(3), 9);
    expect(Math.min(...gain.gains) / Math.max(...gain.gains)).toBeGreaterThan(0.98);
    expect(Math.max(...gain.angles)).toBeLessThan(0.05);
    expect(gain.linearTo).toBe(1);

    const [trials, rowMs, rows, box] = [8, 20, 130, 0.9];
    const units = [0, 400, 777];
    const result = await exploreTorus(gpu.device, sheet, {
      ...{ velocities: sweepBox(rows, trials, box, rowMs), hold: rowMs, steps: rows * rowMs, every: rowMs },
      ...{
        initial: gain.state,
        start: new Float64Array(2 * trials).fill(box / 2),
        maps: { size: box, bins: 16, units },
      },
    });
    expect(result.unitsPerMetre / gain.unitsPerMetre).toBeGreaterThan(0.99);
    expect(result.unitsPerMetre / gain.unitsPerMetre).toBeLessThan(1.01);
    expect(result.errorM.at(-1)).toBeLessThan(0.03 * result.periodM);
    expect(result.seconds.at(-1)).toBeCloseTo(2.6, 9);
    const { maps } = result;
    expect(maps?.seconds.reduce((sum, time) => sum + time, 0)).toBeCloseTo(2.6 * trials, 6);
    for (const index of units.keys()) {
      const map = maps?.rates.subarray(index * 16 ** 2, (index + 1) * 16 ** 2) ?? [];
      expect(gridScore({ values: map, shape: [16, 16] }).score60).toBeGreaterThan(0.8);
    }
  });

  test("frames are the same however they are asked for", async () => {
    const sheet = torusAttractor({ side: 16, dtMs: 1 });
    const velocities = Float32Array.from({ length: 2 * 3 * 20 }, (_, index) => Math.sin(index));
    const run = { steps: 40, hold: 2, trials: 3, velocities, settleMs: 30, seed: 4 };
    const before = gpu.device.counters.dispatches;
    const whole = await simulateTorus(gpu.device, sheet, run);
    // Two a step, one a frame, one for the state that was written; 30 steps settle.
    expect(gpu.device.counters.dispatches - before).toBe(2 * (30 + 40) + 40 + 1);
    const some = await simulateTorus(gpu.device, sheet, { ...run, every: 7, units: [5, 250] });
    expect(some).toMatchObject({ steps: 5, units: 2, dtMs: 7 });
    for (let frame = 0; frame < 5; frame += 1)
      for (let trial = 0; trial < 3; trial += 1)
        for (const [index, unit] of [5, 250].entries())
          expect(some.rates[(frame * 3 + trial) * 2 + index]).toBe(
            whole.rates[((7 * frame + 6) * 3 + trial) * 256 + unit],
          );
    expect(some.state).toEqual(whole.state);
    expect(whole.rates.subarray(39 * 3 * 256)).toEqual(whole.state);
  });
});

describe("other published sheets", () => {
  test("nsi's: active fraction, peak and phase per metre as its own code gives", async () => {
    // Measured with a numpy port of liuyuezhang/nsi @7b09931: 15.5 % active, peak 0.475, 3.90 rad/m on the mode (0, 2).
    const sheet = torusAttractor({ preset: "nsi" });
    const gain = await torusVelocityGain(gpu.device, sheet, {
      speeds: [0.25, 0.5],
      directions: 2,
      settleMs: 4000,
      seed: 4,
    });
    const active = gain.state.filter((rate) => rate > 0.01).length / 1024;
    expect(Math.abs(active - 0.155)).toBeLessThan(0.015);
    expect(Math.abs(Math.max(...gain.state) / 0.475 - 1)).toBeLessThan(0.03);
    expect(Math.abs((gain.unitsPerMetre * 2 * Math.PI * 2) / 32 / 3.9 - 1)).toBeLessThan(0.01);
    expect(gain.pattern.stretch).toBeCloseTo(Math.sqrt(5) / 2, 6);
  });

  test("the twisted torus of Guanella et al. moves by what shifts its weights, and has one bump", async () => {
    const sheet = torusAttractor({ preset: "guanella2007" });
    const gain = await torusVelocityGain(gpu.device, sheet, { speeds: [0.25, 1], directions: 3 });
    expect(gain.pattern.spacing).toBeCloseTo(16, 9);
    expect(gain.pattern.stretch).toBeCloseTo(1, 9);
    // 0.03 sides a step at 1 m/s, 50 steps a second.
    expect(gain.unitsPerMetre).toBeCloseTo(0.03 * 16 * 50, 1);
    expect(Math.max(...gain.angles)).toBeLessThan(0.01);
    expect(gain.drift).toBeLessThan(0.3);
  });
});

describe("what is refused, before any GPU work", () => {
  const refusals: readonly (readonly [object, string])[] = [
    [{ preset: "burak" }, 'torus: preset: expected one of "burak2009", "guanella2007", "nsi", got "burak"'],
    [{ sides: 32 }, "torus: sides: unknown key; did you mean"],
    [{ kernel: { wave: 1 } }, "torus: kernel.wave: unknown key"],
    [{ dtMs: 20 }, "torus: dtMs: expected at most tauMs, 10, got 20."],
    [{ boundary: "aperiodic", lattice: "rhombic" }, 'an aperiodic sheet is "square"'],
    [{ boundary: "aperiodic", side: 130 }, "an even number of at most 128 for an aperiodic sheet, got 130"],
    [{ boundary: "aperiodic", side: 41 }, "got 41"],
  ];
  for (const [options, message] of refusals)
    test(message, () => {
      expect(() => torusAttractor(options)).toThrow(message);
      expect(() => torusAttractor(options)).toThrow(ConfigError);
    });

  test("a side between powers of two, with the nearest", () => {
    expect(() => torusAttractor({ side: 40 })).toThrow(ShapeError);
    expect(() => torusAttractor({ side: 40 })).toThrow("The nearest: 32 or 64.");
  });

  const runs: readonly (readonly [object, string])[] = [
    [{ steps: 0 }, "torus run: steps: expected an integer from 1"],
    [{ steps: 4, trials: 2, velocities: [0, 0, 0] }, "torus run: velocities: expected [4, 2, 2]"],
    [{ steps: 1, velocities: [0, Number.NaN] }, "torus run: velocities: value 1 is NaN."],
    [{ steps: 1, initial: [1, 2, 3] }, "torus run: initial: expected [8, 8] or [1, 8, 8], got 3 values."],
    [{ steps: 1, units: [64] }, "torus run: units: expected numbers from 0 to 63, got 64."],
    [{ steps: 1, settleMs: -1 }, "torus run: settleMs"],
    [{ steps: 1, seed: 0.5 }, "torus run: seed"],
  ];
  for (const [options, message] of runs)
    test(message, () => {
      const before = { ...gpu.device.counters };
      const run = () => runTorus(gpu.device, torusAttractor({ side: 8 }), options as Parameters<typeof runTorus>[2]);
      expect(run).toThrow(message);
      expect(gpu.device.counters).toEqual(before);
    });

  test("an animal outside of its box, and a start that does not fit", async () => {
    const sheet = torusAttractor({ preset: "guanella2007", side: 8 });
    const explore = { steps: 30, velocities: new Float32Array(60).fill(0.5), settleMs: 400 };
    const maps = { size: 0.1, bins: 4, units: [0] };
    await expect(exploreTorus(gpu.device, sheet, { ...explore, maps })).rejects.toThrow(/outside of the box/);
    await expect(exploreTorus(gpu.device, sheet, { ...explore, start: [1] })).rejects.toThrow(ShapeError);
    const wrong = { ...maps, units: [64] };
    await expect(exploreTorus(gpu.device, sheet, { ...explore, maps: wrong })).rejects.toThrow(ValueError);
  });
});
