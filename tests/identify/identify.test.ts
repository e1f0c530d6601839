import { describe, expect, test } from "vitest";
import { isBilinear } from "../../src/identify/bilinear-engine.ts";
import { freeRun } from "../../src/identify/free-run.ts";
import { type FittedNetwork, type IdentifyReport, identify } from "../../src/identify/identify.ts";
import { preactivationOf } from "../../src/identify/inverse-activation.ts";
import { type IdentifyOptions, identifySettings } from "../../src/identify/options.ts";
import type { Recording } from "../../src/identify/recording.ts";
import { type Stretch, splitTrials, stretchTargets, stretchVelocities } from "../../src/identify/windows.ts";
import type { Model } from "../../src/network/model.ts";
import { fittedError, fittedForward } from "../reference/fitted.ts";
import { ringRecording } from "../reference/nsi-recording.ts";
import { at } from "../reference/numbers.ts";
import { relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const units = 16;
const recording = ringRecording({ units, steps: 30, trials: 6, noise: 0.05, seed: 1, settle: 40 });
const quick = { window: 5, updates: 6, every: 3, lr: 0.01 } as const;

async function reportsOf(
  options: IdentifyOptions & { signal?: AbortSignal },
  of: Recording = recording,
): Promise<IdentifyReport[]> {
  const reports: IdentifyReport[] = [];
  for await (const report of identify(gpu.device, of, options)) reports.push(report);
  return reports;
}

const lastOf = (reports: readonly IdentifyReport[]): IdentifyReport => {
  const last = reports.at(-1);
  if (last === undefined) throw new Error("no report");
  return last;
};

const networkOf = (report: IdentifyReport, replica = 0): FittedNetwork => {
  const network = report.networks[replica];
  if (network === undefined) throw new Error(`no network ${replica}`);
  return network;
};

/** A mask [N][N] without self-connections and without every third synapse. */
function maskOf(size: number): (0 | 1)[][] {
  return Array.from({ length: size }, (_, post) =>
    Array.from({ length: size }, (_, pre) => (post === pre || (post + 2 * pre) % 3 === 0 ? 0 : 1)),
  );
}

const signOf = (unit: number): 1 | -1 | 0 => (unit % 4 === 0 ? 0 : unit % 4 === 1 ? -1 : 1);

/** The network's free run in plain loops, of stretches of a recording. */
function plainRun(
  { learned, dynamics, plan }: FittedNetwork,
  of: Recording,
  stretches: readonly Stretch[],
  steps: number,
) {
  const { leak, activation } = dynamics;
  const start = stretches.flatMap(({ trial, from }) =>
    Array.from({ length: units }, (_, unit) => at(of.rates, (from * of.trials + trial) * units + unit)),
  );
  const velocities = stretchVelocities(of, stretches, steps, plan.dimensions);
  const inverse = (rate: number): number => preactivationOf(activation, rate);
  return fittedForward(
    { ...learned, activation },
    { steps, trials: stretches.length, start, velocities, leak, inverse },
  );
}

const modelOf = ({ model }: FittedNetwork): Model => {
  if (isBilinear(model)) throw new Error("expected a model");
  return model;
};

/** Every row of a matrix [rows, width] that has an entry other than 0. */
const filledRows = (values: ArrayLike<number>, width: number): number[] =>
  Array.from({ length: values.length / width }, (_, row) => row).filter((row) =>
    Array.from({ length: width }, (_, column) => at(values, row * width + column)).some((value) => value !== 0),
  );

/** Signs of outgoing synapses of the units of `count` units, -1, 0 or 1 where mixed. */
const outgoing = (weights: ArrayLike<number>, count: number): number[] =>
  Array.from({ length: count }, (_, pre) => {
    const own = new Set(
      Array.from({ length: count }, (_, post) => Math.sign(at(weights, post * count + pre))).filter(
        (sign) => sign !== 0,
      ),
    );
    return own.size === 1 ? ([...own][0] ?? 0) : 0;
  });

/** No unit sends to itself. */
const noLoops = (count: number): (0 | 1)[][] =>
  Array.from({ length: count }, (_, post) => Array.from({ length: count }, (_, pre) => (post === pre ? 0 : 1)));

/** Numbers + 0, so that -0 is 0. */
const diagonal = (weights: ArrayLike<number>, count: number): number[] =>
  Array.from({ length: count }, (_, unit) => at(weights, unit * (count + 1)) + 0);

describe("every kind of network", () => {
  const kinds: readonly [string, IdentifyOptions, (network: FittedNetwork) => void][] = [
    [
      "separated: velocity reaches hidden units alone",
      { network: { type: "separated", hidden: 8 }, alpha: 0.4 },
      ({ learned }) => {
        expect(filledRows(learned.inputWeights ?? [], 1)).toEqual([16, 17, 18, 19, 20, 21, 22, 23]);
        expect(filledRows(learned.weights, 24)).toHaveLength(24);
      },
    ],
    [
      "elman: velocity reaches all",
      { network: { type: "elman", hidden: 4 }, activation: "tanh" },
      ({ learned }) => expect(filledRows(learned.inputWeights ?? [], 1)).toHaveLength(20),
    ],
    [
      "low rank: a product of two narrow matrices",
      { network: { type: "lowRank", rank: 2, hidden: 4 }, initialScale: 0.5, alpha: 0.7 },
      ({ learned, ...fitted }) => {
        const { weightHH } = modelOf({ learned, ...fitted }).parameters;
        for (let post = 0; post < 22; post += 1)
          for (let pre = 0; pre < 22; pre += 1) if (post < 2 === pre < 2) expect(at(weightHH, post * 22 + pre)).toBe(0);
        // Minors of 3 x 3 of a matrix of rank 2 vanish.
        const w = (post: number, pre: number): number => at(learned.weights, 20 * post + pre);
        for (const [a, b, c] of [
          [0, 5, 17],
          [3, 11, 19],
        ] as const) {
          const products = [
            [w(a, a) * w(b, b) * w(c, c), w(a, b) * w(b, c) * w(c, a), w(a, c) * w(b, a) * w(c, b)],
            [w(a, c) * w(b, b) * w(c, a), w(a, b) * w(b, a) * w(c, c), w(a, a) * w(b, c) * w(c, b)],
          ].map((terms) => terms.reduce((sum, term) => sum + term, 0));
          expect(Math.abs((products[0] ?? 1) - (products[1] ?? 0))).toBeLessThan(
            1e-5 * Math.abs(products[0] ?? 0) + 1e-12,
          );
        }
        expect(filledRows(learned.inputWeights ?? [], 1)).toEqual([16, 17, 18, 19]);
      },
    ],
    [
      "Dale's law: every unit excites or inhibits",
      { network: { type: "separated", hidden: 8 }, excitatory: 0.75, observedScale: 0.5, initialScale: 0.5 },
      ({ learned }) => {
        const signs = outgoing(learned.weights, 24);
        expect(signs.slice(0, 8)).toEqual([-1, 1, 1, 1, -1, 1, 1, 1]);
        expect(signs.slice(16)).toEqual([-1, 1, 1, 1, -1, 1, 1, 1]);
      },
    ],
    [
      "a mask, and signs of single units",
      {
        ...{ network: { type: "separated", hidden: 2 }, mask: noLoops(18), observedScale: 0.5, initialScale: 0.5 },
        excitatory: Array.from({ length: 18 }, (_, unit) => (unit < 3 ? 1 : unit < 6 ? -1 : 0)),
      },
      ({ learned }) => {
        expect(diagonal(learned.weights, 18)).toEqual(new Array(18).fill(0));
        expect(outgoing(learned.weights, 18).slice(0, 6)).toEqual([1, 1, 1, -1, -1, -1]);
        expect(outgoing(learned.weights, 18).slice(6)).toContain(0);
      },
    ],
    [
      "multiplicative with a mask",
      { network: { type: "zhang" }, mask: noLoops(units) },
      ({ learned }) => {
        expect(diagonal(learned.weights, units)).toEqual(new Array(units).fill(0));
        expect(diagonal(learned.velocityWeights ?? [], units)).toEqual(new Array(units).fill(0));
      },
    ],
    [
      "a leak that is learned",
      { network: { type: "separated", hidden: 4 }, leak: "state", learnAlpha: true, alpha: 0.6, lr: 0.02 },
      ({ learned }) => {
        for (const alpha of learned.alpha) expect(alpha > 0 && alpha <= 1).toBe(true);
        const moved = [...learned.alpha].filter((alpha) => Math.abs(alpha - 0.6) > 1e-4);
        expect(moved.length).toBeGreaterThan(10);
      },
    ],
    [
      "multiplicative",
      { network: { type: "zhang" }, alpha: 0.5 },
      ({ learned }) => {
        expect(learned.inputWeights).toBeUndefined();
        expect(filledRows(learned.velocityWeights ?? [], units)).toHaveLength(units);
      },
    ],
    [
      "multiplicative under Dale's law, with hidden units",
      { network: { type: "zhang", hidden: 4 }, excitatory: 0.5, observedScale: 0.5, initialScale: 0.5 },
      ({ learned }) => {
        expect(outgoing(learned.weights, 20)).toEqual(Array.from({ length: 20 }, (_, unit) => (unit % 2 ? 1 : -1)));
        expect(new Set(outgoing(learned.velocityWeights ?? [], 20))).toEqual(new Set([0]));
      },
    ],
    ...(["separated", "zhang"] as const).map((type): (typeof kinds)[number] => [
      `${type}, with a mask and signs of single units`,
      {
        network: { type, hidden: 2 },
        ...{ mask: maskOf(18), excitatory: Array.from({ length: 18 }, (_, unit) => signOf(unit)) },
        ...{ observedScale: 0.5, initialScale: 0.5 },
      },
      ({ learned }) => {
        for (const [index, weight] of learned.weights.entries()) {
          const [post, pre] = [Math.floor(index / 18), index % 18];
          if (maskOf(18)[post]?.[pre] === 0) expect(weight).toBe(0);
          if (signOf(pre) !== 0) expect(weight * signOf(pre)).toBeGreaterThanOrEqual(0);
        }
        expect(learned.weights.filter((weight) => weight !== 0).length).toBeGreaterThan(60);
        for (const [index, weight] of (learned.velocityWeights ?? new Float32Array(0)).entries())
          if (maskOf(18)[Math.floor(index / 18)]?.[index % 18] === 0) expect(weight).toBe(0);
      },
    ]),
  ];

  test.each(kinds)("%s", async (_, options, check) => {
    const reports = await reportsOf({ ...quick, keepBest: false, replicas: 2, seed: 3, ...options });
    expect(reports.map(({ step, stopped }) => [step, stopped])).toEqual([
      [3, undefined],
      [6, "updates"],
    ]);
    const last = lastOf(reports);
    const [one, other] = [networkOf(last, 0), networkOf(last, 1)];
    expect([one.seed, other.seed]).toEqual([3, 4]);
    expect(one.learned.weights).not.toEqual(other.learned.weights);
    const before = networkOf(reports[0] ?? last);
    expect(before.learned.weights).not.toEqual(one.learned.weights);
    for (const network of [one, other]) check(network);

    // What it says to have learned is what it computes.
    const { rates, recording: part } = await freeRun(gpu.device, last.networks, recording, { stretch: 7 });
    const stretches = [0, 7, 14, 21].flatMap((from) => [0, 1, 2, 3, 4, 5].map((trial) => ({ trial, from })));
    for (const [replica, network] of last.networks.entries())
      expect(relative(rates[replica] ?? [], plainRun(network, recording, stretches, 7), 0.1)).toBeLessThan(1e-4);
    expect(part.rates).toEqual(stretchTargets(recording, stretches, 7));

    // The held-out error is that of trials that nothing was trained on.
    const settings = identifySettings({ ...quick, ...options });
    const { heldOut, heldOutSteps } = splitTrials(recording, settings);
    const starts = heldOut.map((trial) => ({ trial, from: 0 }));
    const expected = fittedError(
      plainRun(one, recording, starts, heldOutSteps),
      stretchTargets(recording, starts, heldOutSteps),
      one.plan.units,
      units,
    );
    expect(one.error).toBeCloseTo(expected, 5);

    // A network among others is the one it is alone.
    const alone = await reportsOf({ ...quick, keepBest: false, seed: 4, ...options });
    expect(alone.map(({ losses }) => losses[0])).toEqual(reports.map(({ losses }) => losses[1]));
    expect(networkOf(lastOf(alone))).toEqual(other);
  });
});

test("nothing of the held-out trials is trained on", async () => {
  const settings = identifySettings(quick);
  const { heldOut } = splitTrials(recording, settings);
  const rates = Float32Array.from(recording.rates);
  for (let step = 0; step < recording.steps; step += 1)
    for (const trial of heldOut)
      for (let unit = 0; unit < units; unit += 1) rates[(step * recording.trials + trial) * units + unit] = 0.9;
  for (const network of [{ type: "separated", hidden: 4 }, { type: "zhang" }] as const) {
    const options = { ...quick, network, keepBest: false } as const;
    const [one, other] = [lastOf(await reportsOf(options)), lastOf(await reportsOf(options, { ...recording, rates }))];
    expect(networkOf(other).learned).toEqual(networkOf(one).learned);
    expect(other.errors).not.toEqual(one.errors);
  }
});

describe("when to stop", () => {
  // A learning rate so large that errors go up and down.
  const options = { network: { type: "elman" }, ...quick, every: 1, updates: 40, lr: 0.3, replicas: 3 } as const;
  const patience = 3;

  /** Of errors at the updates 1, 2, …: the update of the best before patience is over, and the one at which it is over. */
  const endOf = (errors: readonly number[]): { best: number; end: number } => {
    let [best, end] = [0, 1];
    for (; end < errors.length && end - 1 - best < patience; end += 1)
      if (at(errors, end) < at(errors, best)) best = end;
    return { best: best + 1, end };
  };

  test("patience is that of each network, and the best one until then is kept", async () => {
    const reports = await reportsOf({ ...options, patience });
    const last = lastOf(reports);
    expect(last.stopped).toBe("patience");
    expect(last.step).toBeLessThan(40);
    const curves = last.networks.map((_, replica) => reports.map(({ errors }) => at(errors, replica)));
    const ends = curves.map(endOf);
    expect(Math.max(...ends.map(({ end }) => end))).toBe(last.step);
    expect(new Set(ends.map(({ end }) => end)).size, "networks end at different updates").toBeGreaterThan(1);
    expect(last.networks.map(({ step }) => step)).toEqual(ends.map(({ best }) => best));
    for (const [replica, { step, error }] of last.networks.entries())
      expect(error).toBe(at(curves[replica] ?? [], step - 1));

    const lasts = lastOf(await reportsOf({ ...options, patience, keepBest: false }));
    expect(lasts.networks.map(({ step }) => step)).toEqual(ends.map(({ end }) => end));
    const alone = lastOf(await reportsOf({ ...options, patience, replicas: 1 }));
    expect(networkOf(alone)).toEqual(networkOf(last));
  });

  test("at a signal, with the best networks so far, of both engines", async () => {
    for (const network of [{ type: "elman" }, { type: "zhang" }] as const) {
      const abort = new AbortController();
      const reports: IdentifyReport[] = [];
      for await (const report of identify(gpu.device, recording, { ...options, network, signal: abort.signal })) {
        reports.push(report);
        if (report.step === 4) abort.abort();
      }
      expect(reports.map(({ step }) => step)).toEqual([1, 2, 3, 4, 4]);
      const last = lastOf(reports);
      expect(last.stopped).toBe("aborted");
      for (const [replica, { error }] of last.networks.entries())
        expect(error).toBe(Math.min(...reports.map(({ errors }) => at(errors, replica))));
      const [never] = await reportsOf({ ...options, network, signal: abort.signal });
      expect(never).toMatchObject({ step: 0, losses: [], stopped: "aborted" });
      expect(never?.networks).toHaveLength(3);
    }
  });
});

describe("what is wrong is refused", () => {
  test.each<[IdentifyOptions | object, RegExp]>([
    [{ network: { type: "separate" } }, /identify: network/],
    [{ heldout: 3 }, /heldout: unknown key; did you mean "heldOut"/],
    [{ learnAlpha: true }, /learnAlpha: only a leak of preactivations is learned; set leak: "state"/],
    [{ network: { type: "lowRank", rank: 2 }, excitatory: 0.8 }, /excitatory: the signs of a product of low rank/],
    [{ network: { type: "lowRank", rank: 2 }, mask: [[1]] }, /mask: the absent synapses of a product of low rank/],
    [{ network: { type: "elman" }, mask: [[1]] }, /mask: expected \[16\]\[16\] \(post, pre\).*got 1 rows of 1/],
    [
      { network: { type: "elman" }, excitatory: [1, -1] },
      /excitatory: expected a share, or the signs of 16 units.*got 2/,
    ],
    [{ network: { type: "zhang" }, leak: "state" }, /leak: that of a multiplicative network/],
    [{ network: { type: "zhang" }, clip: 1 }, /"zhang" is trained without clip and rateL2/],
    [{ mask: [[1]] }, /mask: expected \[116\]\[116\] \(post, pre\) for 116 units \(16 recorded, 100 hidden\)/],
    [{ excitatory: [1, -1] }, /excitatory: expected a share, or the signs of 116 units/],
    [{ network: { type: "lowRank", rank: 2 }, mask: [[1]] }, /mask: the absent synapses of a product of low rank/],
    [{ seed: 0xffffffff, replicas: 2 }, /replicas: the last one's seed/],
    [{ alpha: 0 }, /alpha/],
    [{ window: 30 }, /window: 30 steps after a first state do not fit the recording's 30/],
    [{ heldOut: 6 }, /heldOut: expected fewer than the 6 trials, got 6/],
  ])("%j", async (options, message) => {
    await expect(reportsOf(options as IdentifyOptions)).rejects.toThrow(message);
  });

  test("a recording that does not fit, and networks that do not belong to it", async () => {
    await expect(reportsOf(quick, { ...recording, units: 15 })).rejects.toThrow(
      "identify: recording: rates: expected [30, 6, 15]",
    );
    const networks = { separated: { type: "separated", hidden: 2 }, elman: { type: "elman" } } as const;
    const fitOf = async (network: (typeof networks)[keyof typeof networks]): Promise<FittedNetwork> =>
      networkOf(lastOf(await reportsOf({ ...quick, updates: 1, network })));
    const [one, other] = [await fitOf(networks.separated), await fitOf(networks.elman)];
    const run = (fitted: readonly FittedNetwork[], of = recording, stretch?: number) =>
      freeRun(gpu.device, fitted, of, stretch === undefined ? {} : { stretch });
    await expect(run([])).rejects.toThrow("freeRun: expected at least one network.");
    await expect(run([one, other])).rejects.toThrow("freeRun: network 1 is of another kind or size than network 0");
    await expect(run([one], ringRecording({ units: 12, steps: 4, trials: 1, settle: 2 }))).rejects.toThrow(
      "freeRun: the networks are of 16 recorded units, the recording is of 12.",
    );
    const twice = Float32Array.from({ length: 2 * recording.velocities.length }, () => 0);
    await expect(run([one], { ...recording, velocities: twice })).rejects.toThrow("of 1 velocity components");
    for (const stretch of [0, 30, 1.5])
      await expect(run([one], recording, stretch)).rejects.toThrow(`stretch: expected 1 to 29 steps, got ${stretch}`);
  });
});
