import { describe, expect, test } from "vitest";
import { collect } from "../../src/plasticity/collect.ts";
import { sornStateFromPackage, sornStateToPackage } from "../../src/plasticity/package-state.ts";
import { sornParameters } from "../../src/plasticity/parameters.ts";
import type { SornRecord } from "../../src/plasticity/record.ts";
import { type Sorn, sorn } from "../../src/plasticity/sorn.ts";
import { sornPaths, sornSingleRules, sornTolerance } from "../reference/golden-sorn.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

function wordsOf(record: SornRecord | undefined): string[] {
  const [frames = 0, units = 0] = record?.shape ?? [];
  return Array.from({ length: frames }, (_, frame) =>
    [...(record?.values.subarray(frame * units, (frame + 1) * units) ?? [])].join(""),
  );
}

function expectClose(
  actual: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
  what: string,
): void {
  const worst = Math.max(
    ...expected.flatMap((row, i) => row.map((value, j) => Math.abs(value - (actual[i]?.[j] ?? Number.NaN)))),
  );
  expect(worst, what).toBeLessThan(sornTolerance);
}

const storages = ["dense", "lists"] as const;

describe.each(storages)("the package's paths, synapses as %s", (storage) => {
  for (const path of sornPaths()) {
    test(path.name, async () => {
      const network = sorn(gpu.device, {
        ...optionsOf(path.parameters),
        storage,
        slots: path.parameters.excitatory,
        state: path.state,
      });
      try {
        const {
          ExcitatoryActivation,
          InhibitoryActivation,
          RecurrentActivation,
          EEConnectionCounts,
          EIConnectionCounts,
        } = await collect(
          network.run({
            inputs: path.inputs,
            freeze: path.freeze,
            noise: false,
            ...(path.newSynapses.length > 0
              ? { newSynapses: path.newSynapses }
              : path.freeze.includes("sp")
                ? {}
                : { newSynapses: [] }),
            record: [
              ...(["ExcitatoryActivation", "InhibitoryActivation", "RecurrentActivation"] as const),
              ...(["EEConnectionCounts", "EIConnectionCounts"] as const),
            ],
          }),
        );
        expect(wordsOf(ExcitatoryActivation), "x").toEqual(path.x);
        expect(wordsOf(InhibitoryActivation), "y").toEqual(path.y);
        expect(wordsOf(RecurrentActivation), "r").toEqual(path.r);
        expect([...(EEConnectionCounts?.values ?? [])], "EE counts").toEqual(path.countsEE);
        expect([...(EIConnectionCounts?.values ?? [])], "EI counts").toEqual(path.countsEI);
        const final = await finalOf(network);
        expectClose(final.Wee, path.final.Wee, "Wee");
        expectClose(final.Wei, path.final.Wei, "Wei");
        expectClose(
          final.Te as readonly (readonly number[])[],
          path.final.Te.map((value) => [value]),
          "Te",
        );
      } finally {
        network.dispose();
      }
    });
  }
});

function optionsOf({ excitatory, inhibitory, inputs }: { excitatory: number; inhibitory: number; inputs: number }) {
  return { preset: "sorn-0.7", excitatory, inhibitory, inputs } as const;
}

async function finalOf(network: Sorn) {
  const { replicas } = await network.snapshot();
  const [state] = replicas;
  if (state === undefined) throw new Error("no replica");
  return sornStateToPackage(state);
}

// The spikes that a rule sees are made by thresholds that nothing else reaches, and given noise: x(t-1) is the state, and
// x(t) fires where its noise is large. The file's te and te after IP are tested on their own.
describe.each(storages)("each rule alone, synapses as %s", (storage) => {
  const rules = sornSingleRules;
  const allRules = ["stdp", "ip", "sp", "istdp", "ss"] as const;
  const size = optionsOf({ excitatory: 5, inhibitory: 2, inputs: 2 });

  async function apply(rule: (typeof allRules)[number], { rate, te }: { rate?: number; te?: readonly number[] } = {}) {
    const parameters = sornParameters(size);
    const network = sorn(gpu.device, {
      ...size,
      storage,
      slots: 5,
      ...(rate === undefined ? {} : { stdp: { rate } }),
      state: sornStateFromPackage(
        {
          ...{ Wee: rules.Wee, Wei: rules.Wei, Wie: Array.from({ length: 5 }, () => [0.2, 0.2]) },
          ...{ Te: te ?? [0, 0, 0, 0, 0], Ti: [0, 0], X: rules.x0, Y: rules.y0 },
        },
        parameters,
      ),
    });
    try {
      const noise = {
        excitatory: Float32Array.from(rules.x1, (fires) => (fires === 1 ? 100 : -100)),
        inhibitory: Float32Array.from(rules.y1, (fires) => (fires === 1 ? 100 : -100)),
      };
      const [post, pre] = [rules.sp_pair_used[1] ?? 0, rules.sp_pair_used[0] ?? 0];
      await collect(
        network.run({
          steps: 1,
          noise,
          freeze: allRules.filter((name) => name !== rule),
          ...(rule === "sp" ? { newSynapses: [{ step: 0, post, pre }] } : {}),
        }),
      );
      return await finalOf(network);
    } finally {
      network.dispose();
    }
  }

  test("STDP", async () => {
    expectClose((await apply("stdp")).Wee, rules.stdp_out, "Wee");
    expectClose((await apply("stdp", { rate: 0.5 })).Wee, rules["stdp_out_eta_0.5"], "Wee, rate 0.5");
  });

  test("intrinsic plasticity", async () => {
    const { Te } = await apply("ip", { te: rules.te });
    expectClose(
      Te as readonly (readonly number[])[],
      rules.ip_out.map((value) => [value]),
      "Te",
    );
  });

  test("inhibitory STDP", async () => {
    expectClose((await apply("istdp")).Wei, rules.istdp_out, "Wei");
  });

  test("structural plasticity", async () => {
    expectClose((await apply("sp")).Wee, rules.sp_out, "Wee");
  });

  test("scaling, of units without synapses, too", async () => {
    const { Wee, Wei } = await apply("ss");
    expectClose(Wee, rules.ss_Wee_out, "Wee");
    expectClose(Wei, rules.ss_Wei_out, "Wei");
  });

  test("a drive of exactly 0 does not fire", async () => {
    const { te, ti, u, x_next, y_next } = rules.strict_threshold;
    const strict = { ...optionsOf({ excitatory: 5, inhibitory: 1, inputs: 2 }), storage, slots: 5 } as const;
    const zeros = (rows: number, columns: number) =>
      Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
    const state = sornStateFromPackage(
      { Wee: zeros(5, 5), Wei: zeros(1, 5), Wie: zeros(5, 1), Te: te, Ti: ti, X: zeros(1, 5)[0] ?? [], Y: [0] },
      sornParameters(strict),
    );
    const run = async (threshold: ">" | ">=") => {
      const network = sorn(gpu.device, { ...strict, threshold, state });
      const { ExcitatoryActivation: x, InhibitoryActivation: y } = await collect(
        network.run({
          inputs: Float32Array.from(u),
          noise: false,
          freeze: allRules,
          record: ["ExcitatoryActivation", "InhibitoryActivation"],
        }),
      );
      network.dispose();
      return { x: [...(x?.values ?? [])], y: [...(y?.values ?? [])] };
    };
    expect(await run(">")).toEqual({ x: x_next, y: y_next });
    expect(await run(">=")).toEqual({ x: [1, 1, 0, 1, 1], y: [1] });
  });
});
