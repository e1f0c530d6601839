import { describe, expect, it, test } from "vitest";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { world } from "../../src/index.ts";
import { Random, streams } from "../../src/random.ts";
import file from "../fixtures/golden/nsi/ring-and-identification.json" with { type: "json" };
import { range } from "../support/series.ts";

const golden = file.agent_env;
const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: ArrayLike<number>): number => {
  const middle = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - middle) ** 2)));
};
const column = (values: ArrayLike<number>, width: number, index: number): number[] =>
  Array.from({ length: values.length / width }, (_, row) => values[row * width + index] as number);

describe("nsi's agent on a circle", () => {
  it("has its velocities and its true positions, given its innovations", () => {
    // v ← σ ξ + momentum v, from the agent's own loop: its numbers are replaced by the given ones.
    const innovations = [...golden.innovations];
    const random = new Random(1, 1);
    random.normal = () => innovations.shift() ?? Number.NaN;
    const agent = world.gaussMomentumAgent();
    expect(agent).toEqual({ type: "gaussMomentum", sigma: golden.sigma, momentum: golden.momentum });
    const next = world.intentions(agent, { dimensions: 1, dtMs: 25, steps: 30, trials: 1, trial: 0, random });
    const environment = world.circleEnvironment();
    let state = world.startState(environment, random);
    expect(state.place[0]).toBeCloseTo(golden.x0, 12);
    for (const step of range(30)) {
      const stepped = world.stepAgent(environment, state, next(), 1000 * golden.dt);
      state = stepped.state;
      expect(stepped.velocity[0]).toBeCloseTo(golden.v[step] ?? Number.NaN, 12);
      expect(state.place[0]).toBeCloseTo(golden.x[step] ?? Number.NaN, 12);
    }
  });

  it("does the same by script, in float32", () => {
    const found = world.runAgent({
      agent: world.scriptedAgent({ velocities: golden.v }),
      environment: world.circleEnvironment(),
      steps: 30,
      trials: 2,
      dtMs: 25,
      seed: 1,
    });
    expect([found.dimensions, found.velocities.length, found.positions.length]).toEqual([1, 60, 60]);
    for (const step of range(30))
      for (const trial of range(2)) {
        const at = 2 * step + trial;
        expect(Math.abs((found.velocities[at] ?? 0) - (golden.v[step] ?? 0))).toBeLessThan(1e-6);
        expect(Math.abs((found.positions[at] ?? 0) - (golden.x[step] ?? 0))).toBeLessThan(1e-6);
        expect(found.headings?.[at]).toBe(found.positions[at]);
      }
  });

  it("has a velocity of 2 rad/s and an autocorrelation of 0.8 a step", () => {
    const { velocities } = world.runAgent({
      agent: { type: "gaussMomentum" },
      environment: { type: "circle", dimensions: 2 },
      steps: 400,
      trials: 50,
      seed: 3,
    });
    const late = velocities.subarray(50 * 100);
    expect(Math.abs(deviation(late) - 2)).toBeLessThan(0.06);
    const width = 100;
    const product = mean(range(late.length - width).map((at) => (late[at] ?? 0) * (late[at + width] ?? 0)));
    expect(Math.abs(product / deviation(late) ** 2 - 0.8)).toBeLessThan(0.02);
  });
});

describe("a run", () => {
  const environments: world.EnvironmentInput[] = [
    { type: "line", start: "random" },
    { type: "circle", dimensions: 2, start: "random" },
    { type: "arena", obstacles: [{ type: "circle", radius: 0.3, centre: [0.4, 0.2] }] },
  ];

  it("has the same trial b in a batch of any size, and other ones for another seed", () => {
    for (const environment of environments) {
      const agent: world.AgentInput = environment.type === "arena" ? { type: "walk" } : { type: "drift" };
      const run = (trials: number, seed = 7) => world.runAgent({ agent, environment, steps: 20, trials, seed });
      const [many, few, other] = [run(5), run(2), run(2, 8)];
      const width = many.dimensions;
      for (const name of ["positions", "velocities"] as const) {
        for (const step of range(20))
          expect(many[name].slice(step * 5 * width, (step * 5 + 2) * width)).toEqual(
            few[name].slice(step * 2 * width, (step + 1) * 2 * width),
          );
        expect(other[name]).not.toEqual(few[name]);
      }
      const trial = (b: number) => column(many.velocities, 5 * width, b * width);
      expect(trial(0)).not.toEqual(trial(1));
    }
  });

  it("keeps the moves when the start is another one", () => {
    const run = (start: "middle" | "random") =>
      world.runAgent({
        agent: { type: "drift" },
        environment: { type: "circle", start },
        steps: 9,
        trials: 3,
        seed: 1,
      });
    expect(run("random").velocities).toEqual(run("middle").velocities);
    expect(run("random").positions).not.toEqual(run("middle").positions);
  });

  it("draws from its own stream", () => {
    expect(Object.values(streams).filter((stream) => stream === streams.world)).toHaveLength(1);
  });

  it("has positions that are the sums of the velocities", () => {
    for (const environment of environments)
      for (const dtMs of [10, 200]) {
        const agent: world.AgentInput =
          environment.type === "arena" ? { type: "rayleigh", speed: 2 } : { type: "drift", sd: 4 };
        const run = world.runAgent({ agent, environment, steps: 60, trials: 4, dtMs, seed: 5 });
        const row = 4 * run.dimensions;
        for (const at of range(run.positions.length - row)) {
          const change = (run.positions[at + row] ?? 0) - (run.positions[at] ?? 0);
          const moved = ((run.velocities[at + row] ?? 0) * dtMs) / 1000;
          const off = environment.type === "circle" ? Math.sin((change - moved) / 2) : change - moved;
          expect(Math.abs(off)).toBeLessThan(2e-6);
        }
        expect(run.velocities.some((velocity) => velocity !== 0)).toBe(true);
      }
  });

  it("stops at the ends of a line, and goes around a circle", () => {
    const run = (type: "line" | "circle", velocity: number) =>
      world.runAgent({
        agent: world.constantAgent({ velocity }),
        environment: { type, length: 4, start: [3] },
        steps: 5,
        dtMs: 500,
        seed: 1,
      });
    expect([...run("line", 1).positions]).toEqual([3.5, 4, 4, 4, 4]);
    expect([...run("line", 1).velocities]).toEqual([1, 1, 0, 0, 0]);
    expect([...run("line", -4).positions]).toEqual([1, 0, 0, 0, 0]);
    expect([...run("line", -4).velocities]).toEqual([-4, -2, 0, 0, 0]);
    expect(run("line", 1).headings).toBeUndefined();
    const around = run("circle", 1);
    expect([...around.positions]).toEqual([3.5, 0, 0.5, 1, 1.5]);
    expect([...around.velocities]).toEqual([1, 1, 1, 1, 1]);
    expect(around.headings?.[0]).toBeCloseTo((2 * Math.PI * 3.5) / 4, 6);
  });

  it("has the heading of a plane's agent after the move", () => {
    const turning = world.runAgent({
      agent: {
        type: "scripted",
        motion: "heading",
        velocities: [
          [1, 0],
          [1, Math.PI],
          [2, Math.PI],
          [0, -Math.PI],
        ],
      },
      environment: { type: "arena", start: "middle", heading: 0 },
      steps: 4,
      dtMs: 500,
      seed: 1,
    });
    const expected = [
      [0.5, 0],
      [1, 0],
      [1, 1],
      [1, 1],
    ].flat();
    turning.positions.forEach((value, at) => {
      expect(value).toBeCloseTo(expected[at] ?? Number.NaN, 6);
    });
    [0, Math.PI / 2, Math.PI, Math.PI / 2].forEach((angle, step) => {
      expect(turning.headings?.[step]).toBeCloseTo(angle, 6);
    });
    const straight = world.runAgent({
      agent: {
        type: "scripted",
        velocities: [
          [0, 0],
          [1, 1],
          [0, 0],
          [0, -1],
        ],
      },
      environment: { type: "circle", dimensions: 2, heading: 3 },
      steps: 4,
      seed: 1,
    });
    [3, Math.PI / 4, Math.PI / 4, (3 * Math.PI) / 2].forEach((angle, step) => {
      expect(straight.headings?.[step]).toBeCloseTo(angle, 6);
    });
  });

  it("has places and headings around a circle that are below its length in float32, too", () => {
    // 2π - 1e-9 is 2π and more in float32.
    const { positions, headings } = world.runAgent({
      agent: { type: "constant", velocity: 0 },
      environment: { type: "circle", start: [2 * Math.PI - 1e-9] },
      steps: 1,
      seed: 1,
    });
    expect([positions[0], headings?.[0]]).toEqual([0, 0]);
  });

  it("takes a script for each trial", () => {
    const run = world.runAgent({
      agent: {
        type: "scripted",
        velocities: [
          [[1], [2]],
          [[3], [4]],
        ],
      },
      environment: { type: "circle" },
      steps: 2,
      trials: 2,
      seed: 1,
    });
    expect([...run.velocities]).toEqual([1, 2, 3, 4]);
  });

  it("has Rayleigh speeds and Gaussian turns, drawn anew at every step", () => {
    const run = world.runAgent({
      agent: { type: "rayleigh", ...world.nsiRayleigh },
      environment: { type: "circle", dimensions: 2, length: 1000 },
      steps: 300,
      trials: 20,
      dtMs: 20,
      seed: 2,
    });
    const speeds = range(6000).map((row) => Math.hypot(run.velocities[2 * row] ?? 0, run.velocities[2 * row + 1] ?? 0));
    expect(Math.abs(mean(speeds) - 0.2 * Math.sqrt(Math.PI / 2))).toBeLessThan(0.006);
    expect(Math.abs(mean(speeds.map((speed) => speed ** 2)) - 0.08)).toBeLessThan(0.004);
    const turns = range(5980).map((at) => {
      const turn = (run.headings?.[at + 20] ?? 0) - (run.headings?.[at] ?? 0);
      return Math.atan2(Math.sin(turn), Math.cos(turn)) / 0.02;
    });
    expect(Math.abs(deviation(turns) - 3)).toBeLessThan(0.12);
    expect(world.rayleighAgent()).toEqual({ type: "rayleigh", speed: 0.13 * 2 * Math.PI, turning: 11.52 });
  });

  test("errors", () => {
    const run =
      (agent: world.AgentInput, environment: world.EnvironmentInput, steps = 3) =>
      () =>
        world.runAgent({ agent, environment, steps, trials: 2, seed: 1 });
    expect(run({ type: "walk" }, { type: "circle" })).toThrow('agent "walk": expected two dimensions, got 1');
    expect(run({ type: "constant", velocity: [1, 2] }, { type: "line" })).toThrow(
      "expected 1 numbers, one a dimension, got 2",
    );
    expect(run({ type: "scripted", velocities: [1, 2] }, { type: "line" })).toThrow(ShapeError);
    expect(run({ type: "scripted", velocities: [1, 2, 3] }, { type: "arena" })).toThrow(
      "step 0: expected 2 numbers, got 1",
    );
    expect(run({ type: "scripted", velocities: [[[1]]] }, { type: "line" }, 1)).toThrow("expected 2 trials, got 1");
    expect(run({ type: "drift" }, { type: "arena", rule: "nsi" })).toThrow('rule "nsi": expected an agent that turns');
    expect(run({ type: "drift" }, { type: "arena", start: [2, 0] })).toThrow(ValueError);
    expect(run({ type: "drift" }, { type: "line", start: [1, 1] })).toThrow("start: expected 1 numbers");
    expect(run({ type: "drift" }, { type: "line", start: [-1] })).toThrow("expected places in [0,");
    expect(() => world.gaussMomentumAgent({ momentum: 1 })).toThrow(ConfigError);
    expect(() => world.rayleighAgent({ sped: 1 } as never)).toThrow('did you mean "speed"');
    expect(run({ type: "brownian" } as never, { type: "line" })).toThrow("agent.type");
    const vertices = [
      [0, 0],
      [1, 1],
      [1, 0],
      [0, 1],
    ] as [number, number][];
    expect(() => world.arenaEnvironment({ walls: { type: "polygon", vertices } })).toThrow("sides 0 and 2 meet");
  });
});

describe("the keys", () => {
  const move = (options: Parameters<typeof world.keyboardAgent>[0], ...keys: string[]) =>
    world.keyboardIntention(world.keyboardAgent({ speed: 2, turning: 3, ...options }), keys, 100);

  it("move along a line, over the plane, or forwards and around", () => {
    expect(move({}, "d")).toEqual({ velocity: [2] });
    expect(move({}, "A", "w")).toEqual({ velocity: [-2] });
    expect(move({}, "a", "ArrowRight")).toEqual({ velocity: [0] });
    expect(move({})).toEqual({ velocity: [0] });
    expect(move({ motion: "plane" }, "s")).toEqual({ velocity: [0, -2] });
    expect(move({ motion: "plane" }, "w", "d")).toEqual({
      velocity: [Math.SQRT2, Math.SQRT2].map((v) => expect.closeTo(v, 12)),
    });
    expect(move({ motion: "heading" }, "ArrowUp", "a")).toEqual({ speed: 2, turn: expect.closeTo(0.3, 12) });
    expect(move({ motion: "heading" }, "s", "d")).toEqual({ speed: -2, turn: expect.closeTo(-0.3, 12) });
  });
});
