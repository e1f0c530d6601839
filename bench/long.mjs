/**
 * Training steps on long trials, whose time is split into segments with recomputation: what they cost beside steps in one,
 * and the longest within a given memory: `npm run build && node bench/long.mjs [--steps 10000] [--memory 480e6]`.
 *
 * A line gives the segments, the bytes of every buffer that was made on the device, the milliseconds of an update (the first,
 * which warms up, is left out where there are several), and its loss. Then how far the gradients of the split step are from
 * the unsplit one's, each relative to the largest entry of its tensor. `--compared 0` leaves the comparison out. Times are for reading, never for a test.
 */
import { parseArgs } from "node:util";
import { adam, ctrnn, dense, describeDevice, fixedTrials, gradients, openDevice, Trainer } from "../dist/index.js";
import { Random } from "../dist/random.js";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "10000" },
    trials: { type: "string", default: "64" },
    hidden: { type: "string", default: "256" },
    memory: { type: "string", default: "480e6" },
    compared: { type: "string", default: "400" },
    updates: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const [steps, trials, hidden, memory, compared, updates] = [
  values.steps,
  values.trials,
  values.hidden,
  values.memory,
  values.compared,
  values.updates,
].map(Number);
const [inputs, outputs] = [6, 2];
const loss = [{ type: "meanSquaredError", denominator: "mask" }];

const device = await openDevice({ quiet: true });
let bytes = 0;
const create = device.handle.createBuffer.bind(device.handle);
device.handle.createBuffer = (descriptor) => {
  bytes += descriptor.size;
  return create(descriptor);
};

/** Noise in, a slow sine out, asked for in the second half. */
function trialsOf(length) {
  const random = new Random(1, 1);
  const rows = length * trials;
  return {
    ...{ steps: length, trials, inputs: Float32Array.from({ length: rows * inputs }, () => random.normal(0, 1)) },
    targets: Float32Array.from({ length: rows * outputs }, (_, k) => Math.sin(k / (trials * outputs * 50))),
    mask: Float32Array.from({ length: rows * outputs }, (_, k) => (2 * k < rows * outputs ? 0 : 1)),
  };
}

const makeNetwork = () =>
  ctrnn(device, { structure: dense({ inputs, hidden, outputs }), alpha: 0.2, noise: { pre: 0.05 }, seed: 1 });

async function measure(length, count, options) {
  bytes = 0;
  const network = makeNetwork();
  const settings = { steps: count, reportEvery: 1, optimizer: adam({ lr: 1e-3 }), loss, ...options };
  const trainer = await Trainer.create(network, fixedTrials(trialsOf(length)), settings);
  const seconds = [0];
  let last;
  for await (const report of trainer.run()) {
    last = report;
    seconds.push(report.seconds);
  }
  const each = seconds.slice(1).map((end, index) => 1000 * (end - (seconds[index] ?? 0)));
  trainer.dispose();
  network.dispose();
  const ms = Math.min(...(each.length > 1 ? each.slice(1) : each));
  const { loss: value, gradientNorm, segments = 1 } = last;
  return { steps: length, trials, hidden, ...options, segments, megabytes: bytes / 1e6, ms, loss: value, gradientNorm };
}

function show(row) {
  if (values.json) console.log(JSON.stringify(row));
  else
    console.log(
      `T ${row.steps} B ${trials} N ${hidden}: ${row.segments} segments, ${row.megabytes.toFixed(1)} MB of buffers, ${row.ms.toFixed(0)} ms an update, loss ${row.loss.toPrecision(6)}`,
    );
}

/** The largest difference between the gradients of a step in segments and of one without, relative to the largest entry. */
async function difference(length, segments) {
  const network = makeNetwork();
  const data = trialsOf(length);
  const whole = await gradients(network, data, loss, { segments: 1 });
  const split = await gradients(network, data, loss, { segments });
  network.dispose();
  const worst = (a, b) =>
    a.reduce((most, value, k) => Math.max(most, Math.abs(value - b[k])), 0) /
    b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const named = Object.entries(whole.parameters).filter(([, own]) => own.length > 0);
  return {
    ...{ steps: length, segments, lossEqual: split.loss === whole.loss, states: worst(split.states, whole.states) },
    ...Object.fromEntries(named.map(([name, own]) => [name, worst(split.parameters[name], own)])),
  };
}

const { vendor, architecture, description } = describeDevice(device);
console.error(`on ${[vendor, architecture, description].join(" ")}`);
if (compared > 0) {
  for (const segments of [1, 2, 5, 20]) show(await measure(compared, 4, { segments }));
  const apart = await difference(compared, 20);
  console.log(values.json ? JSON.stringify(apart) : `gradients of 20 segments beside one: ${JSON.stringify(apart)}`);
}
show(await measure(steps, updates, { memory }));
device.dispose();
