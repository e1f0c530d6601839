import { expect, test } from "vitest";
import { spatial, world } from "../../src/index.ts";
import { Random } from "../../src/random.ts";
import { hexagons } from "../reference/spatial.ts";

test("cells of an agent that walks are told apart: grid, border, head direction", () => {
  const walk = world.runAgent({
    agent: world.walkAgent(),
    environment: world.arenaEnvironment({ walls: { type: "box", width: 2, height: 2, centre: [1, 1] } }),
    steps: 12_000,
    dtMs: 50,
    seed: 3,
  });
  const { steps, trials, positions, headings = new Float32Array(0) } = walk;
  const grid = hexagons(0.7, 0.3);
  const random = new Random(1, 94);
  const rates = new Float32Array(3 * steps);
  for (let step = 0; step < steps; step += 1) {
    const [x, y] = [positions[2 * step] ?? 0, positions[2 * step + 1] ?? 0];
    rates[3 * step] = Math.max(0, grid(x, y) + 0.2 * random.normal());
    rates[3 * step + 1] = Math.exp(-x / 0.1);
    rates[3 * step + 2] = Math.exp(2 * Math.cos((headings[step] ?? 0) - 1));
  }
  const recording = { steps, trials, units: 3, rates, positions, headings };
  const axes = [0, 1].map((dimension) => ({ of: "position" as const, dimension, low: 0, high: 2, bins: 20 }));
  const maps = spatial.tuningCurves(recording, axes);
  expect(maps.outside).toBe(0);
  const smoothed = (unit: number) => spatial.smoothMap(spatial.mapOf(maps, unit), { sigma: 1 });
  const [gridMap, borderMap, headingMap] = [smoothed(0), smoothed(1), smoothed(2)];

  const [hexagonal, other] = [spatial.gridScore(gridMap).score60, spatial.gridScore(headingMap).score60];
  expect(hexagonal).toBeGreaterThan(1);
  expect(other).toBeLessThan(hexagonal - 0.5);
  const geometry = spatial.gridGeometry(gridMap, { binSize: 0.1 });
  expect(Math.abs((geometry?.spacing ?? 0) - 0.7)).toBeLessThan(0.05);

  const borders = [gridMap, borderMap].map((map) => spatial.borderScore(map)?.score ?? Number.NaN);
  expect(borders[1]).toBeGreaterThan(0.6);
  expect(borders[0]).toBeLessThan(0.2);

  const information = [gridMap, borderMap, headingMap].map((map) => spatial.spatialInformation(map, maps.counts));
  expect(information[1]).toBeGreaterThan(1);
  expect(information[2]).toBeLessThan(0.2);

  const curves = spatial.tuningCurves(recording, [{ of: "heading", bins: 24 }]);
  const modulations = [0, 2].map((unit) => spatial.headingModulation(spatial.mapOf(curves, unit).values));
  expect(modulations[0]?.vectorLength).toBeLessThan(0.1);
  // I₁(2) / I₀(2)
  expect(Math.abs((modulations[1]?.vectorLength ?? 0) - 0.6978)).toBeLessThan(0.02);
  expect(Math.abs((modulations[1]?.preferred ?? 0) - 1)).toBeLessThan(0.05);

  const own = Float64Array.from({ length: steps }, (_, step) => rates[3 * step] ?? 0);
  const shuffled = spatial.shuffledScore(
    own,
    (values) => {
      const map = spatial.mapOf(spatial.tuningCurves({ ...recording, units: 1, rates: values }, axes), 0);
      return spatial.gridScore(spatial.smoothMap(map, { sigma: 1 })).score60;
    },
    { random: new Random(2, 95), shuffles: 30 },
  );
  expect(shuffled.score).toBeCloseTo(hexagonal, 6);
  expect(shuffled.score).toBeGreaterThan(shuffled.threshold);
});
