/**
 * Motion behind an occluder, and memory of random symbols, with networks that had plasticity and with the same networks as
 * they were drawn (100 units, after Lazar, Pipa & Triesch 2009). A linear readout names, from spikes of a frozen network, where
 * the object is next, or which symbol was shown some steps before.
 *
 *   npm run build
 *   node bench/examples/sorn-symbols.mjs [--seeds 3]
 *
 * Printed: share of held-out steps named rightly, one number a seed; of the occluder's, of those that follow from what was
 * shown.
 */
import { parseArgs } from "node:util";
import { describeDevice, openDevice, runSymbolTask, sorn, symbolTasks } from "../../dist/index.js";

const { values } = parseArgs({ options: { seeds: { type: "string", default: "3" } } });
const seeds = Number(values.seeds);
if (!Number.isInteger(seeds) || seeds < 1) throw new RangeError("--seeds: expected a positive integer");

const experiments = [
  { task: symbolTasks.occluder({ positions: 8, hidden: 4 }), ahead: [1], steps: 6000 },
  { task: symbolTasks.randomSequence({ alphabet: 6 }), ahead: [-1, -2, -3, -4], steps: 2000 },
];
const device = await openDevice({ quiet: true });
const { vendor, architecture } = describeDevice(device);
console.log(`${vendor} ${architecture}`);
for (const { task, ahead, steps } of experiments)
  for (const learns of [true, false]) {
    const network = sorn(device, {
      ...{ preset: "lazar2009", excitatory: 100, inputs: task.inputs },
      ...(!learns && { stdp: false, ip: false, ss: false }),
      connections: { EE: { type: "sparse", inDegree: 10 }, input: { type: "pools", size: 5 } },
      replicas: Array.from({ length: seeds }, (_, seed) => ({ seed: seed + 1 })),
    });
    const scores = await runSymbolTask(network, task, {
      ...{ plastic: learns ? steps : 100, train: 2000, test: 1000, seed: 10, ahead },
    });
    network.dispose();
    for (const lag of ahead) {
      const shares = scores
        .filter((score) => score.ahead === lag)
        .map(({ accuracy, predictable }) => (Number.isNaN(predictable) ? accuracy : predictable).toFixed(3));
      const when = lag > 0 ? "the next step" : `${-lag} ${lag === -1 ? "step" : "steps"} before`;
      console.log(`${task.name}, ${learns ? "plastic" : "static"}, ${when}: ${shares.join(" ")}`);
    }
  }
device.dispose();
