/**
 * Times a training step of networks of which only a part of the recurrent synapses may exist, over the synapses there are
 * (sparse products) and over all pairs of units (dense): `npm run build && node bench/sparse.mjs`.
 *
 * The two are timed one after the other in every round, so that what else the machine does falls on both; a line gives the
 * best time of each and the median of their ratio. Short steps are timed for `--seconds`, all in at least `--rounds` rounds.
 * Their losses must be the same bits. With `--save` the results and a figure of the best times go into bench/results. Times
 * are for reading, never for a test.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { benchStep } from "../dist/bench/bench-plan.js";
import { summarise } from "../dist/bench/timing.js";
import { timeDispatches } from "../dist/gpu/timing.js";
import { describeDevice, openDevice, sparse } from "../dist/index.js";
import { networkOf } from "../dist/network/ctrnn.js";
import { scalingFigure } from "../dist/plot/scaling.js";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "512,1024,2048" },
    densities: { type: "string", default: "0.01,0.02,0.05,0.1,0.2,0.5,1" },
    batch: { type: "string", default: "8" },
    steps: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    save: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const numbers = (list) => list.split(",").map(Number);
const [batch, steps, rounds, seconds] = [values.batch, values.steps, values.rounds, values.seconds].map(Number);
const inputs = 6;
const outputs = 2;

/** Families as measured for dense products by `cortrain bench` up to 1024 units: stepwise is the faster one from 512 on. */
const family = "stepwise";

function timing(times) {
  return { ...summarise(times), best: Math.min(...times) };
}

async function measure(device, hidden, density) {
  const recurrent = density === 1 ? {} : { weightHH: { density } };
  const structure = sparse({ inputs, hidden, outputs, ...recurrent, selfConnections: true, seed: 1 });
  const network = networkOf(device, { structure, dtMs: 10, tauMs: 100 });
  const shape = { hidden, batch, steps };
  const plans = {};
  try {
    for (const products of ["dense", "sparse"])
      plans[products] = await benchStep(device, network, shape, { products, family });
    const times = { dense: [], sparse: [] };
    let end = 0;
    for (let round = -1; round < rounds || performance.now() < end; round += 1) {
      if (round === 0) end = performance.now() + 1000 * seconds;
      for (const [products, { plan }] of Object.entries(plans)) {
        const { milliseconds } = await timeDispatches(device, plan.dispatches);
        if (round >= 0) times[products].push(milliseconds);
      }
    }
    const histories = Object.values(plans).map(({ plan }) => ({ tensor: plan.tensors.history }));
    const [dense, ours] = await network.readback.read(histories);
    if (dense[0] !== ours[0]) throw new Error(`N ${hidden}, density ${density}: losses ${dense[0]} and ${ours[0]}`);
    const ratios = times.dense.map((time, round) => time / times.sparse[round]);
    const { median, spread } = summarise(ratios);
    return {
      ...{ hidden, density, synapses: Math.round(network.connections.density * hidden ** 2), batch, steps, family },
      ...{ dense: timing(times.dense), sparse: timing(times.sparse), ratio: median, ratioSpread: spread },
    };
  } finally {
    for (const plan of Object.values(plans)) plan.dispose();
    network.dispose();
  }
}

/** One colour a size, dense products dashed. */
function figureOf(rows, device) {
  const sizes = [...new Set(rows.map(({ hidden }) => hidden))];
  const curves = sizes.flatMap((hidden, group) =>
    ["sparse", "dense"].map((products) => ({
      label: products === "sparse" ? `N = ${hidden}` : `N = ${hidden}, dense`,
      points: rows.filter((row) => row.hidden === hidden).map((row) => [row.density, row[products].best]),
      ...{ group, dashed: products === "dense" },
    })),
  );
  const title = `Training step, ${batch} trials × ${steps} steps, ${device}`;
  return scalingFigure({
    curves,
    xLabel: "share of recurrent synapses that exist",
    yLabel: "best time (ms)",
    title,
  });
}

const device = await openDevice({ quiet: true });
const description = describeDevice(device);
const name = [description.vendor, description.architecture, description.description || description.device]
  .filter(Boolean)
  .join(" ");
if (!values.json) console.log(`${name}: ${batch} trials × ${steps} steps, ${inputs} inputs, ${outputs} outputs, Adam`);
const rows = [];
for (const hidden of numbers(values.sizes)) {
  for (const density of numbers(values.densities)) {
    const row = await measure(device, hidden, density);
    rows.push(row);
    const ms = ({ best, median }) => `${best.toFixed(1).padStart(7)} (median ${median.toFixed(1)}) ms`;
    if (values.json) console.log(JSON.stringify(row));
    else
      console.log(
        `N ${String(hidden).padStart(4)}  density ${String(density).padEnd(4)}  sparse ${ms(row.sparse)}  dense ${ms(row.dense)}  dense / sparse ${row.ratio.toFixed(2)} ± ${row.ratioSpread.toFixed(2)}`,
      );
  }
}
if (values.save) {
  const folder = new URL("results/", import.meta.url);
  const root = fileURLToPath(new URL("..", import.meta.url));
  const git = (...words) => execFileSync("git", words, { cwd: root, encoding: "utf8" }).trim();
  const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  mkdirSync(folder, { recursive: true });
  const results = {
    date: new Date().toISOString(),
    commit: git("rev-parse", "--short", "HEAD"),
    device: description,
    rows,
  };
  writeFileSync(new URL(`sparse-${slug}.json`, folder), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(
    new URL(`sparse-${slug}.svg`, folder),
    figureOf(rows, `${description.vendor} ${description.architecture}`),
  );
  if (!values.json) console.log(`bench/results/sparse-${slug}.json and .svg`);
}
device.dispose();
