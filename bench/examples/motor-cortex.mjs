/**
 * A network fitted to behaviour and to neural data at once. Units under Dale's law see where a monkey is to reach and a go
 * cue; their readout should be the hand's velocity, and some of them should have the rates that were recorded from motor
 * cortex in those very reaches: the sum of `meanSquaredError` on the outputs and `targetRates` on chosen units.
 *
 *   npm run build
 *   node bench/examples/motor-cortex.mjs --data reaching.npz --out DIR
 *     [--seed 1] [--units 50] [--hidden 100] [--steps 2000] [--batch 20] [--held-out 20] [--excitatory 0.8] [--free-signs]
 *     [--rate-weight 1]   (0: behaviour alone, to see what the recordings add)
 *
 * Held-out reaches are drawn by the seed and never trained on, nor do they choose which units are fitted. What the network
 * explains of them (R²) is compared with the mean over training reaches to the same target: as nothing but the target is
 * known to the network, that is about what can be explained at all; the rest varies from reach to reach.
 * Writes metrics.json, figures (svg) and the trained model.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  adam,
  ctrnn,
  decodeNpz,
  dense,
  describeDevice,
  fitFigure,
  fixedTrials,
  losses,
  multiAreaEI,
  openDevice,
  Random,
  rSquared,
  streams,
  train,
  trainingCurves,
  weightMatrix,
} from "../../dist/index.js";
import { saveModel } from "../../dist/node.js";
import { byActivity, findReaches, reachTrials, recordedMask, targetMeans, withUnits } from "./reaching.mjs";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    out: { type: "string" },
    seed: { type: "string", default: "1" },
    units: { type: "string", default: "50" },
    hidden: { type: "string", default: "100" },
    steps: { type: "string", default: "2000" },
    batch: { type: "string", default: "20" },
    "rate-weight": { type: "string", default: "1" },
    "held-out": { type: "string", default: "20" },
    excitatory: { type: "string", default: "0.8" },
    "free-signs": { type: "boolean", default: false },
  },
});
const { data: path, out } = values;
if (path === undefined || out === undefined) {
  console.error(
    "usage: node bench/examples/motor-cortex.mjs --data reaching.npz --out DIR (see the head of this file)",
  );
  process.exit(2);
}
const [seed, unitCount, hidden, steps, batch, heldOut] = ["seed", "units", "hidden", "steps", "batch", "held-out"].map(
  (name) => Number(values[name]),
);
const [dtMs, tauMs, hz, cmPerSecond] = [50, 50, 20, 20];

// Reaches as trials; a go cue that comes after 200 … 400 ms, so that it cannot be foreseen.
const arrays = decodeNpz(readFileSync(path), path);
const session = Object.fromEntries(["rates", "velocity", "target"].map((name) => [name, arrays.get(name).data]));
const reaches = findReaches(session);
const random = new Random(seed, streams.task);
const delays = reaches.map(() => 4 + random.integer(5));
const recorded = reachTrials(session, reaches, { dtMs, delays, hz, cmPerSecond });

// The most active units of the reaches that are trained on.
const split = { heldOut, seed };
const everyUnit = fixedTrials(recorded, split);
const chosen = byActivity(everyUnit.batch({ trials: everyUnit.size, seed })).slice(0, unitCount);
const source = fixedTrials(withUnits(recorded, chosen), split);
const training = source.batch({ trials: source.size, seed });
const held = source.batch({ trials: heldOut, seed, stream: streams.validation });

const device = await openDevice();
const sizes = { inputs: source.inputs, hidden, outputs: source.outputs };
const structure = values["free-signs"]
  ? dense(sizes)
  : multiAreaEI({ ...sizes, areas: 1, excitatory: Number(values.excitatory), inhibitoryReadout: true, seed });
const network = ctrnn(device, { structure, dtMs, tauMs, activation: "softplus", noise: { pre: 0.1 }, seed });

// Recorded unit c is hidden unit c; the other units are not compared with anything.
const units = chosen.map((_, unit) => unit);
const loss = [
  losses.meanSquaredError({ denominator: "mask" }),
  losses.targetRates({ weight: Number(values["rate-weight"]), units, denominator: "mask" }),
];
const optimizer = adam({ lr: 5e-3, schedule: { type: "cosine", steps } });
const settings = { steps, batch, loss, optimizer, clip: 1, seed, reportEvery: 100 };

const started = performance.now();
const curve = [];
for await (const { step, records, terms, validation } of train(network, source, {
  ...settings,
  validation: { trials: heldOut, every: 100 },
  keepBest: false,
})) {
  curve.push(...records.map((record) => ({ step: record.step, loss: record.loss, ...record.terms })));
  const parts = Object.entries(terms).map(([name, value]) => `${name} ${value.toFixed(4)}`);
  console.log(`${step} / ${steps}: ${parts.join(", ")}; held-out loss ${validation?.loss.toFixed(4)}`);
}
const seconds = (performance.now() - started) / 1000;

/** The rates of the fitted units [T, B, K], of all [T, B, H]. */
function fitted(rates) {
  const rows = rates.length / hidden;
  return Float32Array.from({ length: rows * units.length }, (_, index) => {
    const row = Math.floor(index / units.length);
    return rates[row * hidden + units[index % units.length]];
  });
}

/** R² of velocity and rates in some trials, for what a network or a mean makes of them. */
function explained(trials, velocity, rates) {
  const ofVelocity = rSquared(trials.targets, velocity, { channels: 2, mask: recordedMask(trials, 2) });
  const ofRates = rSquared(trials.rateTargets, rates, { channels: units.length, mask: trials.rateMask });
  const known = ofRates.perChannel.filter((value) => value !== undefined).sort((a, b) => a - b);
  return {
    velocity: {
      varianceWeighted: ofVelocity.varianceWeighted,
      x: ofVelocity.perChannel[0],
      y: ofVelocity.perChannel[1],
    },
    rates: { ...ofRates, median: known[Math.floor(known.length / 2)] },
  };
}

async function explainedByNetwork(trials) {
  const { outputs, rates } = await network.run(trials, { noise: false });
  return explained(trials, outputs, fitted(rates));
}

function explainedByMeans(trials) {
  return explained(trials, targetMeans(training, trials, "targets"), targetMeans(training, trials, "rateTargets"));
}

const results = {
  heldOut: { network: await explainedByNetwork(held), targetMeans: explainedByMeans(held) },
  training: { network: await explainedByNetwork(training), targetMeans: explainedByMeans(training) },
};
console.log(
  `\n${source.size} reaches trained on, ${heldOut} held out; ${units.length} recorded units; ${seconds.toFixed(0)} s`,
);
console.log("R²                            velocity   rates (variance-weighted)   rates (median unit)");
for (const [reachesOf, rows] of Object.entries(results)) {
  for (const [by, { velocity, rates }] of Object.entries(rows)) {
    const numbers = [velocity.varianceWeighted, rates.varianceWeighted, rates.median].map((value) => value.toFixed(3));
    console.log(
      `${`${reachesOf}, ${by}`.padEnd(28)}  ${numbers[0]}      ${numbers[1]}                       ${numbers[2]}`,
    );
  }
}

mkdirSync(out, { recursive: true });
const metrics = {
  settings: { ...settings, split, dtMs, tauMs, hz, cmPerSecond, hidden, dale: !values["free-signs"] },
  recordedUnits: chosen,
  reaches: { training: source.size, heldOut },
  device: describeDevice(device).description,
  seconds,
  rSquared: results,
  curve,
};
writeFileSync(join(out, "metrics.json"), `${JSON.stringify(metrics, undefined, 1)}\n`);
await saveModel(join(out, "model"), network);

// The first held-out reach to each target, next to what the network does.
const angleOf = (trial) => Math.round((Math.atan2(held.inputs[3 * trial + 1], held.inputs[3 * trial]) * 180) / Math.PI);
const angles = Array.from({ length: held.trials }, (_, trial) => angleOf(trial));
const shown = [...new Set(angles)].sort((a, b) => a - b).map((angle) => angles.indexOf(angle));
const goSteps = shown.map((trial) => {
  let step = 0;
  while (held.inputs[3 * (step * held.trials + trial) + 2] === 0) step += 1;
  return step;
});
const { outputs, rates } = await network.run(held, { noise: false });

/** Some channels [T, B, K] of the shown reaches, in the units of the recording. */
function shownOf(array, channels, kept, scale) {
  return Float32Array.from({ length: held.steps * shown.length * kept }, (_, index) => {
    const [row, channel] = [Math.floor(index / kept), index % kept];
    const [step, column] = [Math.floor(row / shown.length), row % shown.length];
    return scale * array[(step * held.trials + shown[column]) * channels + channel];
  });
}

const frame = {
  steps: held.steps,
  dtMs,
  trialNames: shown.map((trial) => `reach to ${angles[trial]}°`),
  event: { name: "go cue", steps: goSteps },
};
const mostActive = Math.min(6, units.length);
const figures = {
  velocity: fitFigure({
    ...frame,
    title: "Hand velocity in held-out reaches",
    channelNames: ["x (cm/s)", "y (cm/s)"],
    measured: shownOf(held.targets, 2, 2, cmPerSecond),
    predicted: shownOf(outputs, 2, 2, cmPerSecond),
    mask: shownOf(recordedMask(held, 2), 2, 2, 1),
  }),
  rates: fitFigure({
    ...frame,
    title: "Rates of the most active recorded units in held-out reaches",
    channelNames: chosen.slice(0, mostActive).map((unit) => `unit ${unit} (Hz)`),
    measured: shownOf(held.rateTargets, units.length, mostActive, hz),
    predicted: shownOf(fitted(rates), units.length, mostActive, hz),
    mask: shownOf(held.rateMask, units.length, mostActive, 1),
  }),
  training: trainingCurves({
    step: curve.map(({ step }) => step),
    loss: curve.map((record) => record.loss),
    title: "Velocity and rates together",
  }),
};
const { parameters, signs } = await network.read();
const signOf = (unit) => signs.weightHH[unit] || signs.weightHH[hidden + unit];
figures.weights = weightMatrix({
  weights: parameters.weightHH,
  units: hidden,
  ...(signs.weightHH && { signs: Float32Array.from({ length: hidden }, (_, unit) => signOf(unit)) }),
  areas: [
    { name: "recorded", from: 0, to: units.length },
    { name: "not recorded", from: units.length, to: hidden },
  ],
  title: "Recurrent weights",
});
for (const [name, svg] of Object.entries(figures)) writeFileSync(join(out, `${name}.svg`), svg);
console.log(
  `\n${join(out, "metrics.json")}, ${Object.keys(figures)
    .map((name) => `${name}.svg`)
    .join(", ")}, model/`,
);
network.dispose();
device.dispose();
