/**
 * Trains a network on every built-in task, one after the other, and prints what it reached on trials it has not seen:
 * `npm run build && node tests/long/tasks.mjs`. Not part of `npm test`: it takes hours without a GPU.
 *
 *   --tasks dm1,dmsgo   some of them; all unless given
 *   --updates 1000      at most; it stops where 0.95 of 256 held-out trials are solved
 *   --hidden 64  --batch 64  --dt 40  --lr 0.005  --seed 1
 *   --options '{"ringUnits":16}'   options of each task, as in a configuration; passed over where a task has no such option
 *   --json              one object a line
 */
import { parseArgs } from "node:util";
import { adam, ctrnn, dense, describeDevice, losses, openDevice, streams, tasks, train } from "../../dist/index.js";
import { taskSchemas } from "../../dist/tasks/tasks.js";

const { values } = parseArgs({
  options: {
    tasks: { type: "string", default: Object.keys(tasks).join(",") },
    updates: { type: "string", default: "1000" },
    hidden: { type: "string", default: "64" },
    batch: { type: "string", default: "64" },
    dt: { type: "string", default: "40" },
    lr: { type: "string", default: "0.005" },
    seed: { type: "string", default: "1" },
    options: { type: "string", default: "{}" },
    json: { type: "boolean", default: false },
  },
});
const [updates, hidden, batch, dtMs, lr, seed] = ["updates", "hidden", "batch", "dt", "lr", "seed"].map((key) =>
  Number(values[key]),
);
const given = JSON.parse(values.options);

async function learn(device, name) {
  const known = Object.entries(given).filter(([key]) => key in taskSchemas[name].shape);
  const task = tasks[name](Object.fromEntries(known));
  const structure = dense({ inputs: task.inputs, hidden, outputs: task.outputs });
  const network = ctrnn(device, { structure, dtMs, tauMs: 100, activation: "relu", seed });
  const settings = {
    ...{ steps: updates, batch, clip: 1, seed, reportEvery: 25 },
    loss: [losses.meanSquaredError()],
    optimizer: adam({ lr }),
    validation: { trials: 256, every: 50 },
    stop: { accuracy: 0.95 },
  };
  let last;
  for await (const report of train(network, task, settings)) last = report;
  const fresh = task.batch({ trials: 512, seed, stream: streams.validation, index: 1, dtMs });
  const { outputs } = await network.run(fresh);
  network.dispose();
  const accuracy = task.accuracy(outputs, fresh);
  return { task: name, accuracy, chance: task.chance, updates: last.step, loss: last.loss, seconds: last.seconds };
}

const device = await openDevice({ quiet: true });
const { vendor, architecture } = describeDevice(device);
if (!values.json) console.log(`${vendor} ${architecture}: ${hidden} units, dt ${dtMs} ms, up to ${updates} updates`);
for (const name of values.tasks.split(",")) {
  if (!(name in tasks)) throw new RangeError(`--tasks: expected some of ${Object.keys(tasks).join(", ")}, got ${name}`);
  const row = await learn(device, name);
  const { accuracy, chance, updates: done, loss, seconds } = row;
  if (values.json) console.log(JSON.stringify(row));
  else
    console.log(
      `${name.padEnd(24)} accuracy ${accuracy.toFixed(3)} (chance ${chance.toFixed(2)}), ${String(done).padStart(5)} updates, loss ${loss.toExponential(1)}, ${seconds.toFixed(0)} s`,
    );
}
device.dispose();
