/**
 * The wiring of the worm C. elegans as the recurrent structure of a network that learns a task under Dale's law: 279
 * neurons, 2,305 chemical synapses, 26 inhibitory neurons (Varshney et al. 2011; Kim, Leahy & Shlizerman 2019). Inputs
 * reach 50 sensory neurons, outputs are read from 69 motor neurons; every synapse between is one the worm has.
 *
 *   npm run build
 *   node bench/examples/connectome.mjs --data celegans/ --out DIR [--steps 400] [--seed 1]
 *
 * The folder holds Gs.npy (counts, [postsynaptic, presynaptic]), emask.npy (1 = inhibitory) and neuron_names.txt. Writes
 * the model, metrics.json and figures (svg): the mask, the trained weights, degrees, the spectrum before and after.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  adam,
  ctrnn,
  decodeNpy,
  degreeHistogram,
  describeDevice,
  describeStructure,
  eigenvalueSpectrum,
  eigenvalues,
  fromConnectome,
  losses,
  maskFigure,
  openDevice,
  tasks,
  train,
  trainingCurves,
  weightMatrix,
} from "../../dist/index.js";
import { saveModel } from "../../dist/node.js";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    out: { type: "string" },
    steps: { type: "string", default: "400" },
    seed: { type: "string", default: "1" },
  },
});
const { data, out } = values;
if (data === undefined || out === undefined) {
  console.error("usage: node bench/examples/connectome.mjs --data celegans/ --out DIR (see the head of this file)");
  process.exit(2);
}

const array = (name) => decodeNpy(readFileSync(join(data, name)), name);
const names = Array.from(
  readFileSync(join(data, "neuron_names.txt"), "utf8").matchAll(/'([^']+)'/g),
  ([, name]) => name,
);
const senses = /^(AS[EGHIJK]|AW[ABC]|AD[FL]|AFD|ALM|PLM|AVM|PVM|PHA|PHB|URX|IL2|CEP|OLQ)/;
const motor = /^(DA|DB|VA|VB|DD|VD|AS)\d+$/;
const structure = fromConnectome({
  weights: array("Gs.npy"),
  names,
  signs: array("emask.npy").data.map((isInhibitory) => (isInhibitory ? -1 : 1)),
  inputs: [{ name: "senses", channels: 6, units: names.filter((name) => senses.test(name)) }],
  outputs: [{ name: "motor", channels: 2, units: names.filter((name) => motor.test(name)) }],
});
console.log(describeStructure(structure));

const device = await openDevice();
const task = tasks.contextDecision({ dtMs: 40, coherences: [0.2, 0.4, 0.8], noise: 0.02 });
const seed = Number(values.seed);
const network = ctrnn(device, { structure, dtMs: 40, tauMs: 100, noise: { pre: 0.02 }, seed });
const before = await network.read();
const reports = [];
for await (const report of train(network, task, {
  steps: Number(values.steps),
  batch: 32,
  loss: [losses.meanSquaredError(), losses.rateL2(1e-4)],
  optimizer: adam({ lr: 1e-2 }),
  clip: 1,
  reportEvery: 25,
  validation: { trials: 256, every: 25 },
  seed: seed + 2,
})) {
  reports.push(report);
  console.log(
    `${report.step} loss ${report.loss.toFixed(5)} held-out accuracy ${report.validation?.accuracy.toFixed(3)}`,
  );
}

const fresh = task.batch({ trials: 512, seed: seed + 98, dtMs: 40 });
const accuracy = task.accuracy((await network.run(fresh)).outputs, fresh);
const model = await network.read();
let violations = 0;
for (const [name, weights] of Object.entries(model.parameters)) {
  const [mask, sign] = [model.masks[name], model.signs[name]];
  for (const [index, weight] of weights.entries())
    if ((mask?.[index] === 0 && weight !== 0) || weight * (sign?.[index] ?? 0) < 0) violations += 1;
}
console.log(`fresh trials: ${(100 * accuracy).toFixed(1)} %; synapses that break mask or sign: ${violations}`);

mkdirSync(join(out, "figures"), { recursive: true });
const { areas, unitSigns: signs, hidden: units } = structure;
const groups = { units, areas, signs };
const recurrent = (of) => of.parameters.weightHH;
const figures = {
  mask: maskFigure({ structure, title: "C. elegans: synapses that may exist" }),
  weights: weightMatrix({ ...groups, weights: recurrent(model), title: "trained recurrent weights" }),
  degrees: degreeHistogram({ ...groups, mask: structure.masks.weightHH, title: "synapses of each neuron" }),
  "spectrum-before": eigenvalueSpectrum({
    ...eigenvalues(recurrent(before), units),
    title: "spectrum before training",
  }),
  "spectrum-after": eigenvalueSpectrum({ ...eigenvalues(recurrent(model), units), title: "spectrum after training" }),
  training: trainingCurves({
    step: reports.map(({ step }) => step),
    loss: reports.map(({ loss }) => loss),
    accuracy: reports.map((report) => report.accuracy),
    validationAccuracy: reports.map(({ validation }) => validation?.accuracy),
    chance: 0.5,
  }),
};
for (const [name, svg] of Object.entries(figures)) writeFileSync(join(out, "figures", `${name}.svg`), svg);
const adapter = describeDevice(device).adapter ?? device.info;
writeFileSync(join(out, "metrics.json"), `${JSON.stringify({ accuracy, violations, seed, adapter }, null, 2)}\n`);
await saveModel(join(out, "model"), network);
network.dispose();
device.dispose();
