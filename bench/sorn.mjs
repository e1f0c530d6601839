/**
 * Seconds a step of a learning self-organising network, every rule on, against the law of the Python package sorn
 * (0.5 µs × 1.2 n² a plastic step, measured at 200, 800 and 2,000 units on two cores):
 * `npm run build && node bench/sorn.mjs [--rows 200,2000-lists] [--seconds 5] [--json]`.
 *
 * The law is of another machine's cores: the ratio is for reading. Times are never part of a test.
 */
import { parseArgs } from "node:util";
import { describeDevice, openDevice, sorn } from "../dist/index.js";

const sparse = (inDegree) => ({
  EE: { type: "sparse", inDegree },
  EI: { type: "sparse", inDegree: Math.min(32, inDegree) },
  IE: { type: "sparse", inDegree },
});
/** At most a quarter of the lists is left free for new synapses. */
const lists = (excitatory, inDegree) => ({
  excitatory,
  connections: sparse(inDegree),
  storage: "lists",
  slots: inDegree,
});

const rows = {
  200: { excitatory: 200 },
  "200x50": { excitatory: 200, replicas: 50 },
  // The very network that the package makes of 2,000 units, in-degree 20.
  "2000-package": { preset: "sorn-0.7", excitatory: 2000, storage: "lists" },
  2000: { excitatory: 2000, storage: "dense" },
  "2000-lists": { excitatory: 2000, storage: "lists" },
  "2000-64": lists(2000, 64),
  "10000-64": lists(10_000, 64),
  "10000-256": lists(10_000, 256),
  "100000-64": lists(100_000, 64),
};

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: Object.keys(rows).join(",") },
    seconds: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});

/** Seconds a step of the Python package at n excitatory units. */
const packageSeconds = (n) => 0.5e-6 * 1.2 * n * n;

async function measure(device, name) {
  const options = rows[name];
  const made = performance.now();
  const network = sorn(device, { preset: "zheng2013", seed: 1, ...options });
  const drawSeconds = (performance.now() - made) / 1e3;
  const run = async (steps) => {
    const start = performance.now();
    let rate = 0;
    for await (const { records } of network.run({ steps, record: [{ name: "excitatoryRate", last: 1 }] }))
      rate = records.excitatoryRate?.values[0] ?? rate;
    return { seconds: (performance.now() - start) / 1e3, rate };
  };
  // Long enough for rates to come near their target; the first run compiles, too.
  await run(8);
  const warm = await run(16);
  const steps = Math.max(16, Math.min(20_000, Math.round((Number(values.seconds) * 16) / warm.seconds)));
  const { seconds, rate } = await run(steps);
  const { excitatory: n, replicas = 1 } = options;
  const [first] = (await network.snapshot()).replicas;
  const synapses = Object.values(first.synapses).reduce((sum, { sources }) => sum + sources.length, 0);
  const row = {
    ...{ name, excitatory: n, replicas, steps, secondsPerStep: seconds / steps, rate, drawSeconds },
    ratio: (replicas * packageSeconds(n) * steps) / seconds,
    megabytes: network.storage.bytes / 1e6,
    bytesPerSynapse: network.storage.bytes / (replicas * synapses),
    stored: Object.entries(network.storage.projections).map(
      ([each, { width, lists }]) => `${each} ${lists ? "lists" : "dense"} ${width}`,
    ),
  };
  network.dispose();
  return row;
}

const device = await openDevice({ quiet: true });
const { vendor, architecture } = describeDevice(device);
if (!values.json) console.log(`${vendor} ${architecture}`);
for (const name of values.rows.split(",")) {
  if (!(name in rows)) throw new RangeError(`--rows: expected some of ${Object.keys(rows).join(", ")}, got ${name}`);
  const row = await measure(device, name);
  if (values.json) console.log(JSON.stringify(row));
  else
    console.log(
      `${name.padEnd(11)} ${(1e3 * row.secondsPerStep).toFixed(3).padStart(9)} ms a step (${row.steps} steps, rate ${row.rate.toFixed(3)}), ${row.ratio.toFixed(0).padStart(7)} × the package, ${row.megabytes.toFixed(1)} MB, ${row.bytesPerSynapse.toFixed(1)} bytes a synapse; ${row.stored.join(", ")}`,
    );
}
device.dispose();
