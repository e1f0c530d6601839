/**
 * Times making a batch of 128 trials of about 200 steps against one training step of 64 units on that batch, for every
 * built-in task: `npm run build && node bench/tasks.mjs`.
 *
 * The two are timed one after the other in every round, so that what else the machine does falls on both; a line gives
 * the median of each and of their ratio. Times are for reading, never for a test.
 */
import { parseArgs } from "node:util";
import { benchStep } from "../dist/bench/bench-plan.js";
import { submit } from "../dist/gpu/recorder.js";
import { ctrnn, dense, describeDevice, openDevice, tasks } from "../dist/index.js";

const { values } = parseArgs({
  options: {
    tasks: {
      type: "string",
      default: "contextDecision,perceptualDiscrimination,delayedDiscrimination,matchToCategory,fdgo,dmsgo,yang2019",
    },
    rounds: { type: "string", default: "15" },
    trials: { type: "string", default: "128" },
    steps: { type: "string", default: "200" },
    json: { type: "boolean", default: false },
  },
});
const [rounds, trials, steps] = [values.rounds, values.trials, values.steps].map(Number);
const hidden = 64;
const warmUps = 3;

function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

async function measure(device, name) {
  const task = tasks[name]();
  // The time step at which the longest trial has as many steps as asked for.
  const dtMs = (task.batch({ trials: 1, seed: 1 }).steps * task.dtMs) / steps;
  const make = (index) => task.batch({ trials, seed: 1, index, dtMs });
  const structure = dense({ inputs: task.inputs, hidden, outputs: task.outputs });
  const network = ctrnn(device, { structure, dtMs, tauMs: 100 });
  const example = make(0);
  const shape = { steps: example.steps, batch: trials, hidden };
  const losses = [{ type: "meanSquaredError", denominator: "elements" }];
  const { plan, dispose } = await benchStep(device, network, shape, { losses, trials: example });
  const rows = [];
  for (let round = -warmUps; round < rounds; round += 1) {
    const start = performance.now();
    const batch = make(round + warmUps);
    const made = performance.now();
    plan.upload([batch]);
    submit(device, "step", plan.dispatches);
    await device.wait(device.queue.onSubmittedWorkDone());
    const done = performance.now();
    if (round >= 0) rows.push({ generation: made - start, step: done - made, ratio: (made - start) / (done - made) });
  }
  dispose();
  network.dispose();
  const of = (key) => median(rows.map((row) => row[key]));
  return {
    ...{ task: name, inputs: task.inputs, steps: example.steps, trials },
    ...{ generationMs: of("generation"), stepMs: of("step"), ratio: of("ratio") },
  };
}

const device = await openDevice({ quiet: true });
const { vendor, architecture } = describeDevice(device);
if (!values.json) console.log(`${vendor} ${architecture}: ${hidden} units`);
for (const name of values.tasks.split(",")) {
  if (!(name in tasks)) throw new RangeError(`--tasks: expected some of ${Object.keys(tasks).join(", ")}, got ${name}`);
  const row = await measure(device, name);
  if (values.json) console.log(JSON.stringify(row));
  else
    console.log(
      `${row.task.padEnd(24)} ${String(row.inputs).padStart(3)} inputs, ${row.trials} × ${row.steps}: batch ${row.generationMs.toFixed(2)} ms, training step ${row.stepMs.toFixed(1)} ms, ratio ${row.ratio.toFixed(3)}`,
    );
}
device.dispose();
