/**
 * Counting with a self-organising network (Lazar, Pipa & Triesch 2009): words A B…B C and D E…E F come in random order, and a
 * linear readout is to name the next letter from the spikes of a frozen network. To do so for C and F the network must know
 * how many B or E there were. Networks that had plasticity are compared, seed by seed, with the same networks as they were
 * drawn (`static`), and with those where only thresholds learned (`ip`), so that rates are alike and synapses are not.
 *
 *   npm run build
 *   node bench/examples/sorn-counting.mjs [--lengths 4,8] [--seeds 5] [--units 100] [--plastic 10000] [--train 2000]
 *     [--test 2000] [--json]
 *
 * Printed: share of held-out letters named rightly, of all that follow from what was shown (all but the first of each word,
 * which is chance), and of the last letters alone, mean ± standard deviation over seeds. Who never counts, and says B after
 * every B, names n of n + 1. On SwiftShader at 4fae5da (two busy cores, 100 units, 5 seeds): n = 4: plastic 1.000 ± 0.000, ip
 * 0.921 ± 0.037, static 0.944 ± 0.035 (40 s); n = 8: 0.979 ± 0.015, 0.869 ± 0.032, 0.918 ± 0.019 (80 s). At n = 12 ten
 * thousand steps are too few (0.928 ± 0.032 against 0.924); `--lengths 12 --plastic 30000 --seeds 3`: 0.977 ± 0.008 against
 * 0.924 ± 0.000, who never names an end.
 */
import { parseArgs } from "node:util";
import { accuracyOf, describeDevice, openDevice, runSymbolTask, sorn, symbolTasks } from "../../dist/index.js";

const { values } = parseArgs({
  options: {
    lengths: { type: "string", default: "4,8" },
    seeds: { type: "string", default: "5" },
    units: { type: "string", default: "100" },
    plastic: { type: "string", default: "10000" },
    train: { type: "string", default: "2000" },
    test: { type: "string", default: "2000" },
    json: { type: "boolean", default: false },
  },
});
const [seeds, units, plastic, train, test] = ["seeds", "units", "plastic", "train", "test"].map((name) => {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 1) throw new RangeError(`--${name}: expected a positive integer`);
  return number;
});

/** What learns in each kind of network; all have the same numbers otherwise. */
const kinds = { plastic: {}, ip: { stdp: false, ss: false }, static: { stdp: false, ip: false, ss: false } };
const names = Object.keys(kinds);

const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
const deviation = (list) =>
  Math.sqrt(list.reduce((sum, value) => sum + (value - mean(list)) ** 2, 0) / Math.max(1, list.length - 1));

const device = await openDevice({ quiet: true });
const { vendor, architecture } = describeDevice(device);
if (!values.json)
  console.log(
    `${vendor} ${architecture}: ${units} units, ${plastic} plastic steps, ${train} + ${test} frozen, ${seeds} seeds`,
  );
for (const length of values.lengths.split(",").map(Number)) {
  const task = symbolTasks.counting({ length });
  const start = performance.now();
  const own = Array.from({ length: seeds }, (_, seed) => seed);
  const measure = async (name, steps) => {
    const network = sorn(device, {
      ...{ preset: "lazar2009", excitatory: units, inputs: task.inputs, ...kinds[name] },
      // A twentieth of the units each, and ten synapses on each unit, as the paper has at 200.
      connections: {
        EE: { type: "sparse", density: Math.min(1, 10 / units) },
        input: { type: "pools", size: Math.max(1, Math.round(units / 20)), gain: 1 },
      },
      replicas: own.map((seed) => ({ seed: seed + 1 })),
    });
    const scores = await runSymbolTask(network, task, { plastic: steps, train, test, seed: 1000 });
    network.dispose();
    return {
      letters: scores.map(({ predictable }) => predictable),
      ends: scores.map(({ named, held }) =>
        accuracyOf(
          named,
          held.symbols,
          held.places.map((place) => Number(place === length + 1)),
        ),
      ),
    };
  };
  const results = {};
  // What does not learn needs no more steps than its transient.
  for (const name of names) results[name] = await measure(name, name === "static" ? 100 : plastic);
  const seconds = (performance.now() - start) / 1e3;
  if (values.json) {
    console.log(JSON.stringify({ length, seconds, ...results }));
    continue;
  }
  const text = (list) => `${mean(list).toFixed(3)} ± ${deviation(list).toFixed(3)}`;
  const above = own.filter((seed) => results.plastic.letters[seed] > results.static.letters[seed]).length;
  console.log(
    `n = ${length}: ${names.map((name) => `${name} ${text(results[name].letters)} (last letters ${text(results[name].ends)})`).join(", ")}; never naming an end ${(length / (length + 1)).toFixed(3)}; plastic above static in ${above} of ${seeds} seeds (${seconds.toFixed(0)} s)`,
  );
}
device.dispose();
