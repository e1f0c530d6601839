/**
 * Trains 64 units on a small version of every built-in task, one after the other, and says whether each solves more of 512
 * trials that it has not seen than it has to (task-settings.mjs): `npm run build && node tests/long/tasks.mjs`. Not part of
 * `npm test`: about ten minutes on a software adapter. results/tasks-<adapter>.txt is what it printed.
 *
 *   --tasks dm1,dmsgo   some of them; all unless given
 *   --seed 1            of initial weights and trials
 *   --figures DIR       one trial of each trained network as DIR/<task>.svg
 *   --json              one object a line
 *
 * Ends with "N passed, M failed", and with exit code 1 if any did.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  adam,
  ctrnn,
  dense,
  describeDevice,
  losses,
  openDevice,
  streams,
  tasks,
  train,
  trialFigure,
} from "../../dist/index.js";
import { taskSettings } from "./task-settings.mjs";

const { values } = parseArgs({
  options: {
    tasks: { type: "string", default: Object.keys(tasks).join(",") },
    seed: { type: "string", default: "1" },
    figures: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const hidden = 64;
const names = values.tasks.split(",");
for (const name of names)
  if (!(name in taskSettings))
    throw new RangeError(`--tasks: expected some of ${Object.keys(tasks).join(", ")}, got ${name}`);

/** Trains on each stage until enough held-out trials are solved; gives the updates of each stage. */
async function learn(network, name) {
  const { options = {}, stages = [], lr = 0.002, batch = 32, updates = 1000, atLeast, enough } = taskSettings[name];
  const done = [];
  for (const stage of [...stages, options]) {
    let last = { step: 0 };
    for await (const report of train(network, tasks[name](stage), {
      ...{ steps: updates, batch, clip: 1, seed: seed + done.length, reportEvery: 10 },
      loss: [losses.meanSquaredError()],
      optimizer: adam({ lr }),
      validation: { trials: 256, every: 20 },
      stop: { accuracy: enough ?? (1 + atLeast) / 2 },
    }))
      last = report;
    done.push(last.step);
  }
  return done;
}

/** The picture of one trial. */
async function drawTrial(network, task, name, dtMs) {
  // Not a catch trial, which shows little.
  const shown = task.conditionNames.includes("catch") ? { catch: 0 } : {};
  const batch = task.batch({ trials: 1, seed, stream: streams.validation, index: 2, dtMs, ...shown });
  const { rates, outputs } = await network.run(batch);
  const steps = batch.lengths?.[0] ?? batch.steps;
  const { inputNames, outputNames } = task;
  return trialFigure({
    ...{ steps, dtMs, inputNames, outputNames, title: `${name}: one fresh trial after training` },
    inputs: batch.inputs.slice(0, steps * task.inputs),
    rates: rates.slice(0, steps * hidden),
    outputs: outputs.slice(0, steps * task.outputs),
    targets: batch.targets.slice(0, steps * task.outputs),
    mask: batch.mask.slice(0, steps * task.outputs),
  });
}

async function measure(device, name) {
  const { options = {}, dtMs = 50, identity, atLeast } = taskSettings[name];
  const task = tasks[name](options);
  const structure = dense({ inputs: task.inputs, hidden, outputs: task.outputs });
  const weights = identity === undefined ? {} : { weightHH: { type: "identity", a: identity } };
  const network = ctrnn(device, { structure, dtMs, tauMs: 100, activation: "relu", weights, seed });
  const start = performance.now();
  const updates = await learn(network, name);
  const seconds = (performance.now() - start) / 1000;
  const fresh = task.batch({ trials: 512, seed, stream: streams.validation, index: 1, dtMs });
  const { outputs } = await network.run(fresh);
  const accuracy = task.accuracy(outputs, fresh);
  if (values.figures !== undefined) {
    mkdirSync(values.figures, { recursive: true });
    writeFileSync(join(values.figures, `${name}.svg`), await drawTrial(network, task, name, dtMs));
  }
  network.dispose();
  return { task: name, passed: accuracy > atLeast, accuracy, atLeast, chance: task.chance, dtMs, updates, seconds };
}

function describe({ task, passed, accuracy, atLeast, chance, dtMs, updates, seconds }) {
  const reached = `accuracy ${accuracy.toFixed(3)} (above ${atLeast.toFixed(2)}, chance ${chance.toFixed(2)})`;
  const spent = `dt ${dtMs} ms, ${updates.join(" + ")} updates, ${seconds.toFixed(0)} s`;
  return `${passed ? "PASS" : "FAIL"} ${task.padEnd(28)} ${reached}, ${spent}`;
}

const device = await openDevice({ quiet: true });
const { vendor, architecture, description } = describeDevice(device);
const git = ["describe", "--always", "--dirty"];
const commit = execFileSync("git", git, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
const date = new Date().toISOString().slice(0, 10);
if (!values.json) {
  console.log(`${vendor} ${architecture} ${description}, cortrain ${commit}, ${date}, Node ${process.version}`);
  console.log(`${hidden} units, tau 100 ms, relu, Adam, mean squared error, seed ${seed}`);
}
let failed = 0;
for (const name of names) {
  const row = await measure(device, name);
  if (!row.passed) failed += 1;
  console.log(values.json ? JSON.stringify(row) : describe(row));
}
if (!values.json) console.log(`${names.length - failed} passed, ${failed} failed`);
device.dispose();
process.exitCode = failed > 0 ? 1 : 0;
