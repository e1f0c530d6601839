/**
 * Times the same training step in cortrain, TensorFlow.js and jax-js, in one process, on the same adapter, in turns, with the
 * same way of waiting: `npm run bench:peers`.
 *
 *   --sizes S,M      also L
 *   --peers tfjs,jax --rounds 5
 *                    also torch, where python3 (or PYTHON) has it: in a process of its own, after the others
 *   --save           writes ../results/peers-<device>.json
 *
 * The losses of four steps must agree to 1e-5; otherwise it ends with exit code 1.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as dawn from "webgpu";
import { summarise } from "../../dist/bench/timing.js";
import { findNodeAdapter } from "../../dist/gpu/node-software-adapter.js";
import { describeDevice, openDevice } from "../../dist/index.js";
import { makeProblem, shapes } from "./problem.mjs";
import { measureTorch } from "./torch.mjs";
import { countCalls, whileSleeping } from "./waiting.mjs";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "S,M" },
    peers: { type: "string", default: "tfjs,jax" },
    rounds: { type: "string", default: "5" },
    save: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const known = ["tfjs", "jax", "torch"];
for (const [option, list, names] of [
  ["--sizes", values.sizes.split(","), Object.keys(shapes)],
  ["--peers", values.peers.split(","), known],
])
  for (const name of list)
    if (!names.includes(name)) throw new RangeError(`${option}: expected some of ${names.join(", ")}, got ${name}`);

// The others look for a page's WebGPU; what they find is Dawn on the adapter that cortrain takes.
Object.assign(globalThis, dawn.globals);
/** Dawn crashes where its instance is collected while devices live. */
const kept = [];
const gpu = {
  requestAdapter: async () => {
    const found = await findNodeAdapter(dawn, {});
    kept.push(found);
    const { adapter } = found;
    const requestDevice = adapter.requestDevice.bind(adapter);
    // tfjs 4.22 nests the list of features.
    adapter.requestDevice = (options = {}) =>
      requestDevice({ ...options, requiredFeatures: [...(options.requiredFeatures ?? [])].flat() });
    return adapter;
  },
  getPreferredCanvasFormat: () => "bgra8unorm",
};
Object.defineProperty(globalThis, "navigator", { value: { gpu, userAgent: "node" }, configurable: true });

const probe = await openDevice({ quiet: true });
const { limits: _limits, features: _features, ...about } = describeDevice(probe);
probe.dispose();
const title = [about.vendor, about.architecture, about.description || about.device].filter(Boolean).join(" ");
console.log(`${title}, ${rounds} rounds; medians, ± half the range between the quartiles`);
const counts = countCalls(dawn.globals);
const rows = [];
let disagreed = 0;
for (const size of values.sizes.split(",")) {
  const problem = makeProblem(size);
  const open = [];
  const peers = values.peers.split(",");
  for (const name of ["ours", ...peers.filter((peer) => peer !== "torch")]) {
    const { open: start } = await import(`./${name}.mjs`);
    const began = performance.now();
    const peer = await whileSleeping(() => start(problem));
    const losses = [await peer.step()];
    open.push({ ...peer, losses, first: performance.now() - began, times: [] });
  }
  for (const peer of open) for (let step = 0; step < 3; step += 1) peer.losses.push(await peer.step());
  for (const peer of open) {
    const before = { ...counts };
    await peer.step();
    peer.calls = Object.fromEntries(Object.entries(counts).map(([key, value]) => [key, value - before[key]]));
  }
  for (let round = 0; round < rounds; round += 1)
    for (const peer of open) {
      const began = performance.now();
      await peer.step();
      peer.times.push(performance.now() - began);
    }
  const [ours] = open;
  for (const { name, losses, first, times, calls } of open) {
    const { median, spread } = summarise(times);
    const ratios = times.map((time, round) => time / ours.times[round]);
    const ratio = summarise(ratios);
    const apart = Math.max(...losses.map((loss, step) => Math.abs(loss - ours.losses[step])));
    if (!(apart <= 1e-5)) disagreed += 1;
    rows.push({ size, name, median, spread, ratio, first, calls, losses, apart });
    console.log(
      `${size}  ${name.padEnd(14)} ${median.toFixed(1).padStart(9)} ± ${spread.toFixed(1)} ms, ${ratio.median.toFixed(1)} ± ${ratio.spread.toFixed(1)} times ours; ${calls.dispatches} dispatches, ${calls.bindGroups} bind groups, ${calls.buffers} buffers; first step ${(first / 1000).toFixed(1)} s; losses within ${apart.toExponential(1)}`,
    );
  }
  for (const peer of open) peer.dispose();
  const { median: base } = summarise(ours.times);
  for (const { name, device, losses, ms, first } of peers.includes("torch") ? measureTorch(problem, rounds) : []) {
    const { median, spread } = summarise(ms);
    const apart = Math.max(...losses.map((loss, step) => Math.abs(loss - ours.losses[step])));
    const isSame = name !== "torch rnn";
    if (isSame && !(apart <= 1e-5)) disagreed += 1;
    rows.push({
      size,
      name,
      median,
      spread,
      ratio: { median: median / base, spread: spread / base },
      first,
      losses,
      apart,
    });
    console.log(
      `${size}  ${name.padEnd(14)} ${median.toFixed(1).padStart(9)} ± ${spread.toFixed(1)} ms, ${(median / base).toFixed(2)} times ours, on ${device}; first step ${first.toFixed(1)} s; ${isSame ? `losses within ${apart.toExponential(1)}` : "other mathematics: no leak"}`,
    );
  }
}
if (values.save) {
  const folder = new URL("../results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = `peers-${title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.json`;
  writeFileSync(
    new URL(file, folder),
    `${JSON.stringify({ device: about, date: new Date().toISOString(), rows }, null, 2)}\n`,
  );
}
if (disagreed > 0) console.log(`${disagreed} disagree with ours by more than 1e-5`);
process.exit(disagreed > 0 ? 1 : 0);
