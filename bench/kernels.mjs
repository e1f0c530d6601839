/**
 * Times every kernel of a training step, and whole steps, on this machine's adapter: `npm run bench`.
 *
 * Each number is the median of several rounds after a warm-up, with the spread (half the range between the quartiles);
 * GFLOP/s counts only the products over units. `--cell lstm` or `gru` in place of a CTRNN. Kernels are timed alone, by timestamp queries where the device has them.
 * Results go to bench/results/<device>.json with the commit. Times are for reading, never for a test.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { submit } from "../dist/gpu/recorder.js";
import { Tensor } from "../dist/gpu/tensor.js";
import { timeDispatches } from "../dist/gpu/timing.js";
import {
  ctrnn,
  dense,
  describeDevice,
  distanceDependent,
  gateNames,
  gru,
  lstm,
  openDevice,
  Random,
} from "../dist/index.js";
import { checkLosses } from "../dist/loss/losses.js";
import { StepPlan, verdictFloats } from "../dist/train/step-plan.js";

const root = resolve(import.meta.dirname, "..");
const shapes = {
  S: { batch: 32, steps: 50, hidden: 64 },
  M: { batch: 64, steps: 100, hidden: 128 },
  L: { batch: 64, steps: 100, hidden: 512 },
};
const inputs = 6;
const outputs = 2;

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "S,M" },
    cell: { type: "string", default: "ctrnn" },
    /** Sizes at which every kind of loss term is timed; "" = none. */
    losses: { type: "string", default: "S" },
    rounds: { type: "string", default: "9" },
    json: { type: "boolean", default: false },
    save: { type: "boolean", default: false },
  },
});

/** Median and half the interquartile range of a list of numbers. */
function summary(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const at = (fraction) => sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))];
  return { median: at(0.5), spread: (at(0.75) - at(0.25)) / 2 };
}

/** Floating-point operations of each kernel that is a matrix product. */
function operations({ batch, steps, hidden }, gates) {
  const rows = batch * steps;
  const recurrence = 2 * rows * gates * hidden * (hidden + inputs + 1);
  const back = 2 * rows * hidden * (gates * hidden + outputs);
  const kind = gates === 1 ? "ctrnn" : "gated";
  return {
    [`${kind}_forward`]: recurrence,
    [`${kind}_backward`]: back,
    readout: 2 * rows * hidden * outputs,
    weight_gradient: 2 * rows * (gates * hidden * (hidden + inputs + 1) + outputs * (hidden + 1)),
  };
}

/** A network of --cell with as many units as the shape says. */
function makeNetwork(device, { hidden }) {
  const structure = dense({ inputs, hidden, outputs });
  switch (values.cell) {
    case "ctrnn":
      return ctrnn(device, { structure, dtMs: 10, tauMs: 100 });
    case "lstm":
      return lstm(device, { structure });
    case "gru":
      return gru(device, { structure });
    default:
      throw new RangeError(`--cell: expected one of ${Object.keys(gateNames).join(", ")}, got ${values.cell}`);
  }
}

async function makePlan(device, network, { batch, steps }) {
  const { spec, parameters, rules, layers } = network;
  const [verdicts, previous, moments] = [
    new Tensor(device, "verdicts", [1, verdictFloats]),
    new Tensor(device, "previous", parameters.shape),
    new Tensor(device, "moments", [...parameters.shape, 2]),
  ];
  const plan = await StepPlan.compile(
    device,
    spec,
    { parameters, rules, layers, verdicts },
    {
      replicas: 1,
      steps,
      batch,
      initial: "parameter",
      losses: [{ type: "meanSquaredError", weight: 1, denominator: "elements" }],
      historySlots: 1,
      gradients: { alpha: false, v0: false },
      update: { plasticity: network.plasticity, previous, moments, optimizer: "adam", nesterov: false },
    },
  );
  const random = new Random(1, 1);
  const uniform = (length) => Float32Array.from({ length }, () => random.uniform(-1, 1));
  const rows = batch * steps;
  plan.upload([{ steps, trials: batch, inputs: uniform(rows * inputs), targets: uniform(rows * outputs) }]);
  const dispose = () => {
    for (const each of [plan, verdicts, previous, moments]) each.dispose();
  };
  return { plan, dispose };
}

async function measure(device, name, rounds) {
  const shape = shapes[name];
  const network = makeNetwork(device, shape);
  const { plan, dispose } = await makePlan(device, network, shape);
  const groups = new Map();
  for (const one of plan.dispatches) groups.set(one.label, [...(groups.get(one.label) ?? []), one]);
  const times = new Map([...groups.keys(), "step"].map((label) => [label, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [label, dispatches] of groups) {
      const { milliseconds } = await timeDispatches(device, dispatches);
      if (round > 0) times.get(label).push(milliseconds);
    }
    const start = performance.now();
    submit(device, "step", plan.dispatches);
    await device.wait(device.queue.onSubmittedWorkDone());
    if (round > 0) times.get("step").push(performance.now() - start);
  }
  const flops = operations(shape, gateNames[values.cell].length);
  const total = Object.values(flops).reduce((sum, value) => sum + value, 0);
  const rows = [...times].map(([label, list]) => {
    const { median, spread } = summary(list);
    const work = label === "step" ? total : (flops[label.replace(/_(persistent|step)$/, "")] ?? 0);
    const dispatches = label === "step" ? plan.dispatches.length : groups.get(label).length;
    return { size: name, kernel: label, dispatches, ms: median, spread, gflops: work / median / 1e6 };
  });
  dispose();
  network.dispose();
  return rows;
}

/** Every kind of loss term; recordings are of the first eight units. */
const terms = [
  ...["meanSquaredError", "crossEntropy", "binaryCrossEntropy", "cosine", "rateL1", "rateL2", "rateSmoothness"],
  ...["statePrediction", "rateEntropy", "hebbian", "drivePenalty", "meanRate", "rateSpread", "targetRates"],
  ...["populationKL", "weightL1", "weightL2", "weightNorm", "wiringCost", "spectralNorm", "omega"],
  ...["custom"],
];
/** What a kind of term must be given. */
const given = { custom: { on: "outputs", value: "abs(y - target)", slope: "sign(y - target)" } };

/** What a loss term adds to a step: the dispatches that a plan has with it and not without. */
async function measureTerm(device, network, shape, type, rounds) {
  const { spec, parameters, rules, layers, distances, replicas } = network;
  const verdicts = new Tensor(device, "verdicts", [replicas, verdictFloats]);
  const { steps, batch } = shape;
  const compile = (losses) =>
    StepPlan.compile(
      device,
      spec,
      { parameters, rules, layers, verdicts },
      {
        ...{ replicas, steps, batch, initial: "parameter", losses: checkLosses(losses), distances },
        ...{ historySlots: 1, gradients: { alpha: false, v0: false } },
      },
    );
  const base = type === "meanSquaredError" ? [{ type: "rateL2" }] : [{ type: "meanSquaredError" }];
  const [without, plan] = [await compile(base), await compile([...base, { type, ...given[type] }])];
  const left = without.dispatches.map(({ label }) => label);
  const own = plan.dispatches.filter(({ label }) => {
    const at = left.indexOf(label);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const random = new Random(1, 1);
  const uniform = (length) => Float32Array.from({ length }, () => random.uniform(0, 1));
  const rows = batch * steps;
  const recording = type === "targetRates" ? { rateTargets: uniform(rows * 8) } : {};
  const data = { steps, trials: batch, inputs: uniform(rows * inputs), targets: uniform(rows * outputs), ...recording };
  plan.upload([data]);
  const list = [];
  for (let round = 0; round <= rounds; round += 1) {
    const { milliseconds } = await timeDispatches(device, own);
    if (round > 0) list.push(milliseconds);
  }
  for (const each of [plan, without, verdicts]) each.dispose();
  const { median, spread } = summary(list);
  return { kernel: `loss ${type}`, dispatches: own.length, ms: median, spread, gflops: 0 };
}

async function measureLosses(device, name, rounds) {
  const shape = shapes[name];
  const place = { layout: "ring", lengthScale: 0.2 };
  const structure = distanceDependent({ inputs, hidden: shape.hidden, outputs, ...place });
  const network = ctrnn(device, { structure, dtMs: 10, tauMs: 100 });
  const rows = [];
  for (const type of terms) rows.push({ size: name, ...(await measureTerm(device, network, shape, type, rounds)) });
  network.dispose();
  return rows;
}

const device = await openDevice({ quiet: true });
const about = describeDevice(device);
const commit = execFileSync("git", ["describe", "--always", "--dirty"], { cwd: root, encoding: "utf8" }).trim();
const title = `${about.vendor} ${about.architecture} ${about.description || about.device}, commit ${commit}`;
if (!values.json) console.log(title);
const results = [];
for (const name of values.sizes.split(",")) {
  if (!(name in shapes))
    throw new RangeError(`--sizes: expected some of ${Object.keys(shapes).join(", ")}, got ${name}`);
  const rounds = Number(values.rounds);
  const rows = await measure(device, name, rounds);
  if (values.losses.split(",").includes(name)) rows.push(...(await measureLosses(device, name, rounds)));
  results.push(...rows);
  for (const row of rows) {
    if (values.json) console.log(JSON.stringify(row));
    else {
      const { size, kernel, dispatches, ms, spread, gflops } = row;
      const rate = gflops > 0 ? `${gflops.toFixed(2)} GFLOP/s` : "";
      console.log(
        `${size}  ${kernel.padEnd(28)} ${String(dispatches).padStart(4)}×  ${ms.toFixed(3).padStart(9)} ms ± ${spread.toFixed(3)}  ${rate}`,
      );
    }
  }
}
device.dispose();
if (values.save) {
  const file = `${title
    .split(",")[0]
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")}${values.cell === "ctrnn" ? "" : `-${values.cell}`}.json`;
  const folder = join(root, "bench", "results");
  mkdirSync(folder, { recursive: true });
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  writeFileSync(join(folder, file), `${JSON.stringify({ device: about, commit, version, results }, null, 2)}\n`);
}
