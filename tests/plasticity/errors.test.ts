import { expect, test } from "vitest";
import { ConfigError, DisposedError, LimitError, ShapeError, ValueError } from "../../src/errors.ts";
import { collect } from "../../src/plasticity/collect.ts";
import { describeSorn, sornParameters } from "../../src/plasticity/parameters.ts";
import { type SornNetworkOptions, sorn } from "../../src/plasticity/sorn.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const tiny = { excitatory: 10, seed: 1 } as const;

test("wrong options are refused before anything is made", () => {
  const { buffers } = gpu.device.counters;
  const refused: readonly (readonly [SornNetworkOptions, new (...args: never[]) => Error, RegExp])[] = [
    [{ preset: "zheng" } as never, ConfigError, /preset: expected one of .*"zheng2013".*got "zheng"/],
    [{ excitatry: 5 } as never, ConfigError, /excitatry: unknown key; did you mean "excitatory"/],
    [{ stdp: { rat: 1 } } as never, ConfigError, /stdp/],
    [{ ...tiny, inputs: 11 }, ConfigError, /11 inputs need 11 excitatory units.*there are 10/],
    [{ ...tiny, preset: "lazar2009" }, ConfigError, /6 inputs need 60 excitatory units/],
    [{ ...tiny, preset: "sorn-0.7", inputs: 6 }, ConfigError, /ip\.target "inputs" is 2 × 6 \/ 10/],
    [{ ...tiny, ip: { target: [0.1] } }, ConfigError, /one number for each of 10 excitatory units, got 1/],
    [{ ...tiny, sp: { rate: 11 } }, ConfigError, /more than one for each of 10 units/],
    [
      { ...tiny, connections: { EE: { type: "sparse" } } },
      ConfigError,
      /exactly one of inDegree, outDegree and density; 0/,
    ],
    [{ ...tiny, connections: { EE: { type: "dense", density: 0.1 } } }, ConfigError, /dense projection takes none of/],
    [{ ...tiny, inputs: 1, connections: { input: { type: "units" } } }, ConfigError, /needs units/],
    [
      { ...tiny, inputs: 1, connections: { input: { type: "units", units: [[10]] } } },
      ConfigError,
      /units 0 to 9, got 10/,
    ],
    [{ ...tiny, replicas: 0 }, ValueError, /replicas: expected an integer from 1/],
    [{ ...tiny, replicas: [] }, ConfigError, /at least one/],
    [
      { ...tiny, replicas: [{}, { excitatory: 9 } as never] },
      ConfigError,
      /replicas\[1\]\.excitatory: 9 differs from 10/,
    ],
    [
      { ...tiny, storage: "lists", slots: 4, connections: { EE: { type: "sparse", inDegree: 6 } } },
      LimitError,
      /6 excitatory synapses, and slots is 4/,
    ],
    [
      { ...tiny, connections: { EE: { type: "sparse", inDegree: 10 } } },
      ConfigError,
      /connections\.EE\.inDegree: 10 are more than the 9 units/,
    ],
    [
      { ...tiny, inhibitory: 3, connections: { EI: { type: "sparse", inDegree: 4 } } },
      ConfigError,
      /connections\.EI\.inDegree: 4 are more than the 3 units/,
    ],
    [
      { ...tiny, inhibitory: 3, connections: { IE: { type: "sparse", outDegree: 4 } } },
      ConfigError,
      /connections\.IE\.outDegree: 4 are more than the 3 units/,
    ],
    [
      {
        ...{ excitatory: 50_000, inputs: 50_000 },
        connections: {
          ...{ EE: { type: "sparse", inDegree: 2 }, IE: { type: "sparse", inDegree: 2 } },
          input: { type: "sparse", density: 1e-4 },
        },
      },
      LimitError,
      /connections\.input: sparse of 50000 inputs/,
    ],
    // Before the first is drawn: that of EE would take minutes.
    [
      { excitatory: 60_000, connections: { EE: { type: "sparse", inDegree: 8000 } } },
      LimitError,
      /IE: about 720000000 synapses/,
    ],
    [{ excitatory: 100_000, inhibitory: 10 }, LimitError, /EE: about 1000000000 synapses; .*constant inDegree/],
    [
      {
        excitatory: 70_000,
        connections: {
          EE: { type: "sparse", inDegree: 2 },
          EI: { type: "sparse", inDegree: 2 },
          IE: { type: "sparse", density: 0.3 },
        },
        inhibitory: 3,
        storage: "dense",
      },
      LimitError,
      /70000 slots for each unit; at most 65535/,
    ],
  ];
  for (const [options, kind, message] of refused) {
    expect(() => sorn(gpu.device, options), JSON.stringify(options)).toThrow(kind);
    expect(() => sorn(gpu.device, options)).toThrow(message);
  }
  expect(gpu.device.counters.buffers).toBe(buffers);
});

test("wrong runs are refused at once", async () => {
  const network = sorn(gpu.device, { ...tiny, inputs: 2 });
  const { submits } = gpu.device.counters;
  const refused: readonly (readonly [Record<string, unknown>, new (...args: never[]) => Error, RegExp])[] = [
    [{ steps: 5, freeze: ["stpd"] }, ConfigError, /freeze: unknown rule "stpd"; did you mean "stdp"/],
    [{ steps: 5, recrd: [] }, ConfigError, /unknown option recrd; did you mean "record"/],
    [{ steps: 5, record: ["WII"] }, ConfigError, /unknown name "WII"; did you mean "WEI"|unknown name "WII"/],
    [{ steps: 5, record: ["TE", { name: "TE", stride: 2 }] }, ConfigError, /TE is asked for twice/],
    [{ steps: 5, record: [{ name: "TE", stride: 0 }] }, ValueError, /stride: expected a positive integer, got 0/],
    [{ steps: 5, record: [{ name: "TI", units: [2] }] }, ValueError, /units: expected some of 0 to 1, got 2/],
    [{ steps: 5, record: [{ name: "excitatoryRate", units: [2] }] }, ConfigError, /one number a step/],
    [{}, ConfigError, /give steps/],
    [{ steps: 0 }, ValueError, /steps: expected a positive integer, got 0/],
    [{ steps: 5, inputs: new Float32Array(9) }, ShapeError, /inputs: expected \[5, 2\], got 9 values/],
    [{ inputs: new Float32Array([0, Number.NaN]) }, ValueError, /inputs\[1\] is NaN/],
    [
      { steps: 5, noise: { excitatory: new Float32Array(3), inhibitory: new Float32Array(10) } },
      ShapeError,
      /noise.excitatory: expected \[5, 10\]/,
    ],
    [{ steps: 5, freeze: ["sp"], newSynapses: [] }, ConfigError, /off or frozen/],
    [{ steps: 5, newSynapses: [{ step: 5, post: 1, pre: 2 }] }, ValueError, /step: expected 0 to 4, got 5/],
    [{ steps: 5, newSynapses: [{ step: 1, post: 2, pre: 2 }] }, ValueError, /may not be connected with itself/],
  ];
  for (const [options, kind, message] of refused) {
    expect(() => network.run(options as never), JSON.stringify(options)).toThrow(kind);
    expect(() => network.run(options as never)).toThrow(message);
  }
  expect(gpu.device.counters.submits).toBe(submits);
  await expect(
    collect(network.run({ steps: 3, inputs: (step, row) => row.fill(step === 2 ? Number.POSITIVE_INFINITY : 0) })),
  ).rejects.toThrow(/input 0 of step 2 is Infinity/);
  network.dispose();
});

test("a snapshot of another shape is refused, and the network stays as it was", async () => {
  const network = sorn(gpu.device, tiny);
  const other = sorn(gpu.device, { ...tiny, excitatory: 11 });
  const two = sorn(gpu.device, { ...tiny, replicas: 2 });
  const before = await network.snapshot();
  const wrong = await other.snapshot();
  expect(() => network.restore(wrong)).toThrow(ShapeError);
  expect(() => network.restore(wrong)).toThrow(/x: expected 10 values .*got 11. Is it the state of another network/);
  expect(() => two.restore(before)).toThrow(/1 replicas and 1 seeds; this network has 2/);
  expect(() => network.restore({ ...before, seeds: [Number.NaN] })).toThrow(/seeds\[0\] is NaN/);
  expect(() => network.restore({ ...before, refused: [-1] })).toThrow(/refused\[0\] is -1/);
  expect(() => network.restore({ format: "x" } as never)).toThrow(
    /expected a snapshot of format "cortrain\/sorn@1", got x/,
  );
  const [state] = before.replicas;
  if (state === undefined) throw new Error("no state");
  const broken = structuredClone(before) as typeof before;
  (broken.replicas[0] as typeof state).synapses.EE.weights[3] = Number.NaN;
  expect(() => network.restore(broken)).toThrow(ValueError);
  expect(() => network.restore(broken)).toThrow(/EE: the weight from \d+ to \d+ is NaN/);
  const crowded = sorn(gpu.device, {
    ...tiny,
    storage: "lists",
    slots: 2,
    connections: { EE: { type: "sparse", inDegree: 2 } },
  });
  const full = sorn(gpu.device, { ...tiny, connections: { EE: { type: "dense" } } });
  const crowd = await full.snapshot();
  expect(() => crowded.restore(crowd)).toThrow(LimitError);
  expect(() => crowded.restore(crowd)).toThrow(/a unit has 9 excitatory synapses, and slots is 2/);
  expect(await network.snapshot()).toEqual(before);
  for (const each of [network, other, two, crowded, full]) each.dispose();
  expect(() => network.run({ steps: 1 })).toThrow(DisposedError);
  network.dispose();
});

test("one network does not run twice at once", async () => {
  const network = sorn(gpu.device, tiny);
  const blocks = network.run({ steps: 6, block: 2 });
  await blocks.next();
  await expect(network.run({ steps: 1 }).next()).rejects.toThrow(/already running/);
  const between = await network.snapshot();
  expect(between.step).toBe(2);
  expect(() => network.restore(between)).toThrow(/running/);
  const next = blocks.next();
  await expect(network.snapshot()).rejects.toThrow(/computing/);
  await next;
  await blocks.return();
  await collect(network.run({ steps: 1 }));
  network.dispose();
});

test("what is easily mistaken is said: the noise's variance, the target rate, the rules", () => {
  expect(describeSorn(sornParameters())).toMatch(/standard deviation 0\.2236.*\(variance 0\.05/);
  expect(describeSorn(sornParameters({ preset: "sorn-0.7" }))).toMatch(
    /variance 0\.0016.*\n.*stdp, ip, sp, istdp, ss; target rate 0\.1/,
  );
  expect(describeSorn(sornParameters({ preset: "lazar2009" }))).toMatch(/rules: stdp, ip, ss/);
});
