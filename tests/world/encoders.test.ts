import { describe, expect, it, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { world } from "../../src/index.ts";
import { Random } from "../../src/random.ts";
import { range } from "../support/series.ts";

const ring = world.runAgent({
  agent: { type: "gaussMomentum" },
  environment: { type: "circle" },
  steps: 30,
  trials: 3,
  seed: 1,
});
const line = world.runAgent({
  agent: { type: "drift" },
  environment: { type: "line", length: 2 },
  steps: 30,
  trials: 3,
  seed: 1,
});
const torus = world.runAgent({
  agent: { type: "drift", sd: 1 },
  environment: { type: "circle", dimensions: 2, length: 2 },
  steps: 20,
  trials: 2,
  seed: 1,
});
const room = world.runAgent({
  agent: { type: "walk", speed: 1 },
  environment: { type: "arena", obstacles: [{ type: "circle", radius: 0.3, centre: [0.5, 0.5] }] },
  steps: 60,
  trials: 2,
  dtMs: 50,
  seed: 1,
});

describe("observations", () => {
  it("are cosines and sines", () => {
    const found = world.encode(ring, world.cosineSine());
    expect(found).toHaveLength(180);
    for (const row of range(90)) {
      expect(found[2 * row]).toBeCloseTo(Math.cos(ring.headings?.[row] ?? 0), 6);
      expect(found[2 * row + 1]).toBeCloseTo(Math.sin(ring.headings?.[row] ?? 0), 6);
    }
    const places = world.observe(torus, [{ type: "cosineSine", of: "position" }]);
    expect(places.names).toEqual(["positionXCos", "positionYCos", "positionXSin", "positionYSin"]);
    for (const row of range(40))
      for (const axis of [0, 1]) {
        const angle = Math.PI * (torus.positions[2 * row + axis] ?? 0);
        expect(places.values[4 * row + axis]).toBeCloseTo(Math.cos(angle), 5);
        expect(places.values[4 * row + 2 + axis]).toBeCloseTo(Math.sin(angle), 5);
      }
  });

  it("are Gaussian receptive fields around a ring", () => {
    const units = 7;
    const found = world.encode(ring, world.populationCode({ units, width: 0.5, height: 3 }));
    for (const row of range(90))
      for (const unit of range(units)) {
        const offset = (ring.headings?.[row] ?? 0) - (2 * Math.PI * unit) / units;
        const distance = Math.min(...[-2, -1, 0, 1, 2].map((turns) => Math.abs(offset + 2 * Math.PI * turns)));
        expect(found[row * units + unit]).toBeCloseTo(3 * Math.exp(-(distance ** 2) / 0.5), 5);
      }
  });

  it("are Gaussian receptive fields on a line with one at both ends, as nsi's", () => {
    const found = world.encode(line, world.populationCode({ of: "position", units: 5, width: 0.3 }));
    for (const row of range(90))
      for (const unit of range(5)) {
        const distance = (line.positions[row] ?? 0) - unit / 2;
        expect(found[row * 5 + unit]).toBeCloseTo(Math.exp(-(distance ** 2) / 0.18), 5);
      }
    const velocity = world.encode(line, { type: "populationCode", of: "velocity", units: 1, width: 2, range: [-4, 4] });
    expect(velocity[5]).toBeCloseTo(Math.exp(-((line.velocities[5] ?? 0) ** 2) / 8), 6);
  });

  it("are Gaussian receptive fields on a grid and on a torus", () => {
    const onTorus = world.encode(torus, { type: "populationCode", of: "position", units: 4, width: 0.3 });
    const inRoom = world.encode(room, { type: "populationCode", of: "position", units: 3, width: 0.5 });
    for (const row of range(40))
      for (const unit of range(16)) {
        const offsets = [unit % 4, Math.floor(unit / 4)].map((place, axis) => {
          const offset = Math.abs((torus.positions[2 * row + axis] ?? 0) - 0.5 * place);
          return Math.min(offset, 2 - offset);
        });
        expect(onTorus[16 * row + unit]).toBeCloseTo(Math.exp(-(Math.hypot(...offsets) ** 2) / 0.18), 5);
      }
    for (const row of range(120))
      for (const unit of range(9)) {
        const [dx, dy] = [unit % 3, Math.floor(unit / 3)].map(
          (place, axis) => (room.positions[2 * row + axis] ?? 0) - 1.1 * (place - 1),
        ) as [number, number];
        expect(inRoom[9 * row + unit]).toBeCloseTo(Math.exp(-(dx ** 2 + dy ** 2) / 0.5), 5);
      }
  });

  it("are place cells", () => {
    const cells = world.placeCellsIn(world.arenaSchema.parse(pick(room)), 12, 0.3, new Random(4, 2));
    const softmax = world.encode(room, world.placeCells({ cells: 12, width: 0.3, seed: 4 }));
    const single = world.encode(room, world.placeCells({ cells: 12, width: 0.3, seed: 4, activity: "gaussian" }));
    for (const row of range(120)) {
      const [x, y] = [room.positions[2 * row] ?? 0, room.positions[2 * row + 1] ?? 0];
      const own = range(12).map((cell) =>
        Math.exp(-((x - (cells.centres[2 * cell] ?? 0)) ** 2 + (y - (cells.centres[2 * cell + 1] ?? 0)) ** 2) / 0.18),
      );
      const sum = own.reduce((total, value) => total + value, 0);
      own.forEach((value, cell) => {
        expect(single[12 * row + cell]).toBeCloseTo(value, 6);
        expect(softmax[12 * row + cell]).toBeCloseTo(value / sum, 6);
      });
    }
  });

  it("are distances of walls along rays", () => {
    const found = world.encode(room, world.wallDistances({ rays: 4 }));
    const near = world.encode(room, world.wallDistances({ range: 0.5 }));
    for (const row of range(120)) {
      const place = [room.positions[2 * row] ?? 0, room.positions[2 * row + 1] ?? 0] as const;
      const heading = room.headings?.[row] ?? 0;
      for (const ray of range(4)) {
        const distance = found[4 * row + ray] ?? Number.NaN;
        const angle = heading + (Math.PI * ray) / 2;
        // Until there it is free, and there a wall is.
        const at = (share: number) =>
          [place[0] + share * distance * Math.cos(angle), place[1] + share * distance * Math.sin(angle)] as const;
        const wall = (share: number) => world.nearestWall(world.arenaSchema.parse(pick(room)), at(share)).distance;
        expect(Math.abs(wall(1))).toBeLessThan(2e-6);
        for (const share of [0.1, 0.5, 0.9]) expect(wall(share)).toBeGreaterThan(-2e-6);
      }
      expect(near[row]).toBeCloseTo(Math.min(0.5, found[4 * row] ?? 0), 6);
    }
    const compass = world.encode(room, { type: "wallDistances", rays: 2, allocentric: true });
    expect(compass.every((distance) => distance >= 0 && distance <= 2.2 + 1e-6)).toBe(true);
  });

  it("are velocities", () => {
    expect(world.encode(room, world.velocityCode())).toEqual(room.velocities);
    const theirs = world.encode(room, world.velocityCode({ form: "speedHeading" }));
    const turns = world.encode(room, world.velocityCode({ form: "speedTurn" }));
    for (const row of range(118)) {
      const speed = Math.hypot(room.velocities[2 * row] ?? 0, room.velocities[2 * row + 1] ?? 0);
      expect(theirs[2 * row]).toBeCloseTo(speed, 6);
      expect(theirs[2 * row + 1]).toBe(room.headings?.[row]);
      const turn = (room.headings?.[row + 2] ?? 0) - (room.headings?.[row] ?? 0);
      const angular = Math.atan2(Math.sin(turn), Math.cos(turn)) / 0.05;
      expect(turns[3 * (row + 2) + 1]).toBeCloseTo(Math.cos(angular), 4);
      expect(turns[3 * (row + 2) + 2]).toBeCloseTo(Math.sin(angular), 4);
    }
  });

  it("stand beside each other", () => {
    const both = world.observe(room, [{ type: "velocity" }, { type: "cosineSine" }]);
    expect(both.names).toEqual(["velocityX", "velocityY", "headingCos", "headingSin"]);
    expect(both.values[4 * 17 + 1]).toBe(room.velocities[2 * 17 + 1]);
    expect(both.values[4 * 17 + 2]).toBeCloseTo(Math.cos(room.headings?.[17] ?? 0), 6);
  });

  test("errors", () => {
    const encode = (walk: world.Trajectories, encoder: world.EncoderInput) => () => world.encode(walk, encoder);
    expect(encode(line, { type: "cosineSine" })).toThrow("cosineSine: expected a circle or two dimensions");
    expect(encode(ring, { type: "placeCells" })).toThrow("placeCells: expected an arena, got circle");
    expect(encode(ring, { type: "velocity", form: "speedTurn" })).toThrow("expected two dimensions, got 1");
    expect(encode(room, { type: "cosineSine", of: "position" })).toThrow("period: expected a number");
    expect(encode(ring, { type: "populationCode", of: "velocity" })).toThrow("range: expected [low, high]");
    expect(encode(ring, { type: "populationCode", range: [1, 0] })).toThrow("expected [low, high] with low < high");
    expect(() => world.populationCode({ unit: 3 } as never)).toThrow('did you mean "units"');
    expect(() => world.observe(ring, [])).toThrow(ConfigError);
  });
});

function pick({ environment }: world.Trajectories): unknown {
  if (environment.type !== "arena") throw new RangeError("expected an arena");
  return { walls: environment.walls, obstacles: environment.obstacles };
}
