/**
 * PsychRNN's whole-training reference: its three tasks with its defaults (50 units, 50,000 trials of 2 s in batches of 128),
 * its own trials (`compat: "psychrnn"`), the network and training of `psychrnn()`. Accuracy on 512 fresh trials, as there;
 * the median of the seeds must come within 0.01 of PsychRNN 1.0's (one seed each, TensorFlow 2.21):
 * `npm run build && node tests/long/psychrnn.mjs`. Not part of `npm test`: it takes half an hour on a software adapter.
 *
 *   --runs PD,DD       some of PD, PD-Dale, DD, MC; all unless given
 *   --seeds 1,2,3      --json   one object a line
 */
import { parseArgs } from "node:util";
import { createModel, describeDevice, Network, openDevice, psychrnn, streams, tasks, train } from "../../dist/index.js";

const dale = { dale_ratio: 0.8, autapses: false };
/** Accuracy and loss at the end are those of ../../shared/golden/psychrnn/baseline-*.json. */
const runs = {
  PD: { task: "perceptualDiscrimination", options: {}, accuracy: 1, loss: 0.0035 },
  "PD-Dale": { task: "perceptualDiscrimination", options: dale, accuracy: 0.992, loss: 0.0097 },
  DD: { task: "delayedDiscrimination", options: {}, accuracy: 0.965, loss: 0.0011 },
  MC: { task: "matchToCategory", options: {}, accuracy: 0.992, loss: 0.0008 },
};
const tolerance = 0.01;
const trials = 512;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: Object.keys(runs).join(",") },
    seeds: { type: "string", default: "1,2,3" },
    json: { type: "boolean", default: false },
  },
});
const names = values.runs.split(",");
const seeds = values.seeds.split(",").map(Number);
const unknown = names.find((name) => !(name in runs));
if (unknown !== undefined)
  throw new RangeError(`--runs: expected some of ${Object.keys(runs).join(", ")}, got ${unknown}`);
if (!seeds.every(Number.isSafeInteger)) throw new RangeError(`--seeds: expected whole numbers, got ${values.seeds}`);

async function learn(device, { task: name, options }, seed) {
  const task = tasks[name]({ dtMs: 10, compat: "psychrnn" });
  const sizes = { N_in: task.inputs, N_rec: 50, N_out: task.outputs };
  const setup = psychrnn({ ...sizes, dt: 10, tau: 100, N_batch: 128, training_iters: 50_000, ...options, seed });
  const network = new Network(device, [createModel(setup.model)]);
  for (const [parameter, fixed] of Object.entries(setup.fixed)) network.freeze(parameter, fixed);
  let last;
  for await (const report of train(network, setup.lessons(task), setup.train)) last = report;
  const fresh = task.batch({ trials, seed, stream: streams.validation, index: 1, dtMs: 10 });
  const { outputs } = await network.run(fresh);
  network.dispose();
  return { accuracy: task.accuracy(outputs, fresh), loss: last.loss, updates: last.step, seconds: last.seconds };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const device = await openDevice({ quiet: true });
const { vendor, architecture } = describeDevice(device);
if (!values.json)
  console.log(`${vendor} ${architecture}: 50 units, 50,000 trials of 200 steps, seeds ${seeds.join(", ")}`);
let failed = 0;
for (const name of names) {
  const rows = [];
  for (const seed of seeds) {
    const row = await learn(device, runs[name], seed);
    rows.push(row);
    if (values.json) console.log(JSON.stringify({ run: name, seed, ...row }));
    else
      console.log(
        `${name.padEnd(8)} seed ${seed}: accuracy ${row.accuracy.toFixed(4)}, loss ${row.loss.toFixed(4)}, ${row.updates} updates, ${row.seconds.toFixed(0)} s`,
      );
  }
  const accuracy = median(rows.map((row) => row.accuracy));
  const loss = median(rows.map((row) => row.loss));
  const isReached = accuracy >= runs[name].accuracy - tolerance;
  if (!isReached) failed += 1;
  if (!values.json)
    console.log(
      `${name.padEnd(8)} median: accuracy ${accuracy.toFixed(4)} (PsychRNN ${runs[name].accuracy}), loss ${loss.toFixed(4)} (${runs[name].loss}): ${isReached ? "PASS" : "FAIL"}`,
    );
}
device.dispose();
console.log(`${names.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
