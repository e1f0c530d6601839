/**
 * Trains 64 units on each canonical decision and memory task at its own times, and prints the accuracy on 512 trials it has not
 * seen: `npm run build && node tests/long/canonical.mjs`. Not part of `npm test`: up to 40 s a task on a software adapter.
 * Tasks with long delays are learned from short ones on (`stages`, the last one with the task's own times).
 *
 *   --tasks goNoGo,dualDelayedMatch   some of them; all unless given
 *   --seconds 40   at most, for each task     --seed 1     --json   one object a line
 */
import { parseArgs } from "node:util";
import { adam, ctrnn, dense, losses, openDevice, streams, tasks, train } from "../../dist/index.js";

const shortMatch = { fixationMs: 100, sampleMs: 300, delayMs: 200, testMs: 300 };
const between = { sampleMs: 300, testMs: 300, delayMs: 400 };
const brief = { test1Ms: 300, delay2Ms: 100, cue2Ms: 200, test2Ms: 300 };

/**
 * `ideal`: the accuracy that the noise allows, where that is below 0.99; training stops 0.03 below it. `stages`: options, one
 * after another on the same network.
 */
const settings = {
  perceptualDecision: {},
  variableDurationDecision: { ideal: 0.98 },
  reactionTimeDecision: {},
  pulseAccumulation: {},
  poissonClicks: {},
  contextIntegration: { ideal: 0.92 },
  delayedContextDecision: { ideal: 0.94, stages: [{ delayMs: { uniform: [100, 400] } }, {}] },
  multisensoryDecision: { ideal: 0.91 },
  multisensoryIntegration: {},
  probabilisticReasoning: { dtMs: 100 },
  economicChoice: {},
  goNoGo: {},
  antiResponse: { dtMs: 100, lr: 0.005 },
  parametricWorkingMemory: { dtMs: 100 },
  delayedComparison: {},
  delayedMatchToSample: { lr: 0.003, stages: [{ ...shortMatch, decisionMs: 300 }, { delayMs: 500 }, {}] },
  // Of 4 directions, because 8 take about twice as long.
  delayedMatchWithDistractors: {
    lr: 0.004,
    stages: [{ ...shortMatch, delayMs: 100, directions: 4 }, { ...between, directions: 4 }, { directions: 4 }],
  },
  delayedMatchToCategory: { lr: 0.001 },
  delayedPairedAssociation: {
    stages: [{ stimulus1Ms: 300, delay1Ms: 200, stimulus2Ms: 300, delay2Ms: 200, decisionMs: 300 }, {}],
  },
  dualDelayedMatch: { stages: [{ fixationMs: 100, sampleMs: 300, delay1Ms: 100, cue1Ms: 200, ...brief }, {}] },
};

const { values } = parseArgs({
  options: {
    tasks: { type: "string", default: Object.keys(settings).join(",") },
    seconds: { type: "string", default: "40" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);

async function learn(device, name) {
  const { stages = [{}], ideal = 1, dtMs = 50, lr = 0.002 } = settings[name];
  const whole = tasks[name](stages.at(-1));
  const structure = dense({ inputs: whole.inputs, hidden: 64, outputs: whole.outputs });
  const network = ctrnn(device, { structure, dtMs, tauMs: 100, activation: "relu", seed });
  const end = performance.now() + 1000 * Number(values.seconds);
  const stop = new AbortController();
  const updates = [];
  for (const options of stages) {
    let last = { step: 0 };
    for await (const report of train(network, tasks[name](options), {
      ...{ steps: 5000, batch: 32, clip: 1, seed: seed + updates.length, reportEvery: 10, signal: stop.signal },
      loss: [losses.meanSquaredError()],
      optimizer: adam({ lr }),
      validation: { trials: 256, every: 20 },
      stop: { accuracy: ideal - 0.03 },
    })) {
      last = report;
      if (performance.now() > end) stop.abort();
    }
    updates.push(last.step);
    if (stop.signal.aborted) break;
  }
  const fresh = whole.batch({ trials: 512, seed, stream: streams.validation, index: 1, dtMs });
  const { outputs } = await network.run(fresh);
  network.dispose();
  const seconds = (performance.now() - end) / 1000 + Number(values.seconds);
  return { task: name, accuracy: whole.accuracy(outputs, fresh), chance: whole.chance, ideal, dtMs, updates, seconds };
}

const device = await openDevice({ quiet: true });
for (const name of values.tasks.split(",")) {
  if (!(name in settings))
    throw new RangeError(`--tasks: expected some of ${Object.keys(settings).join(", ")}, got ${name}`);
  const row = await learn(device, name);
  const { accuracy, chance, ideal, dtMs, updates, seconds } = row;
  if (values.json) console.log(JSON.stringify(row));
  else
    console.log(
      `${name.padEnd(28)} accuracy ${accuracy.toFixed(3)} (chance ${chance.toFixed(2)}, ideal ${ideal.toFixed(2)}), dt ${dtMs} ms, ${updates.join(" + ")} updates, ${seconds.toFixed(0)} s`,
    );
}
device.dispose();
