/**
 * A self-organising network balances a pole, as in the documentation of the Python package sorn: the four numbers of the
 * cart and the pole are the network's input of a step, a softmax policy reads what to do from its excitatory spikes, and
 * learns by the policy gradient after each episode. In the first episodes the network is plastic, then it is frozen. Several
 * agents, each with a network, a pole and a seed of its own, run side by side as replicas; the same seeds, the same scores.
 *
 *   npm run build
 *   node bench/examples/sorn-cartpole.mjs [--agents 4] [--steps 12000] [--plastic 20] [--units 200] [--seed 1] [--rate 0.05]
 *     [--coding bins|raw] [--json]
 *
 * `--coding raw --units 50 --rate 0.0001` is the package's own setting: input k is added to the drive of unit k, and the
 * weights of the policy start at U(0, 1). A unit then tells at most on which side of its threshold one number is, and two
 * million episodes are meant. By default each number is coded by bins, an input each, that drive pools of units; the weights
 * start at 0, and an episode is compared with those before it (a baseline), so that some hundred episodes are enough.
 */
import { parseArgs } from "node:util";
import {
  CartPole,
  describeDevice,
  discountedReturns,
  openDevice,
  Random,
  SoftmaxPolicy,
  sorn,
  sornRules,
  streams,
} from "../../dist/index.js";

const { values } = parseArgs({
  options: {
    agents: { type: "string", default: "4" },
    steps: { type: "string", default: "12000" },
    plastic: { type: "string", default: "20" },
    units: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    rate: { type: "string", default: "0.05" },
    coding: { type: "string", default: "bins" },
    json: { type: "boolean", default: false },
  },
});
const [agents, steps, units] = ["agents", "steps", "units"].map((name) => {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 1) throw new RangeError(`--${name}: expected a positive integer`);
  return number;
});
const [plasticEpisodes, seed, rate] = [Number(values.plastic), Number(values.seed), Number(values.rate)];
if (!["bins", "raw"].includes(values.coding)) throw new RangeError("--coding: expected bins or raw");
const binned = values.coding === "bins";
const discount = 0.99;

/** Where the bins of each number end; position and velocity in m, angle in rad, a second. */
const edges = {
  position: [-0.8, 0.8],
  velocity: [-0.5, 0.5],
  angle: [-0.1, -0.04, -0.015, 0, 0.015, 0.04, 0.1],
  angularVelocity: [-1, -0.5, -0.2, 0, 0.2, 0.5, 1],
};
const bins = Object.values(edges).reduce((sum, { length }) => sum + length + 1, 0);
const inputs = binned ? bins : 4;

/** Writes what the network sees of a cart and a pole. */
function show(state, target) {
  target.fill(0);
  let from = 0;
  for (const [index, [name, ends]] of Object.entries(edges).entries()) {
    if (binned) target[from + ends.filter((end) => state[name] >= end).length] = 1;
    else target[index] = state[name];
    from += ends.length + 1;
  }
}

const device = await openDevice({ quiet: true });
const { vendor, architecture } = describeDevice(device);
const network = sorn(device, {
  ...{ preset: "sorn-0.7", excitatory: units, inputs, replicas: agents, seed, noise: 0 },
  ...(binned && {
    connections: { input: { type: "pools", size: Math.max(1, Math.floor(units / inputs)), gain: 2 } },
    ip: { target: 0.1 },
  }),
});
const players = Array.from({ length: agents }, (_, index) => {
  const environment = new CartPole({ seed: seed + index });
  return {
    environment,
    state: environment.reset(),
    random: new Random(seed + index, streams.shuffle),
    policy: new SoftmaxPolicy({
      ...{ units, actions: 2 },
      ...(!binned && { random: new Random(seed + index, streams.weights, 99) }),
    }),
    episode: [],
    scores: [],
    /** Running mean of the returns at each step of an episode. */
    baseline: new Float64Array(501),
    seen: new Float64Array(501),
    /** Running mean square of returns about their baseline. */
    surprise: 0,
  };
});

function learn(player) {
  const { policy, episode, baseline, seen } = player;
  if (!binned) policy.learn(episode, { rate, discount });
  const returns = discountedReturns(
    episode.map(({ reward }) => reward),
    discount,
  );
  for (const [step, value] of returns.entries()) {
    seen[step] += 1;
    baseline[step] += (value - baseline[step]) / Math.min(seen[step], 20);
  }
  if (!binned) return;
  // In units of the usual surprise, and as a mean over steps: a long episode is not a long way in weights.
  const surprise = returns.reduce((sum, value, step) => sum + (value - baseline[step]) ** 2, 0) / returns.length;
  player.surprise += (surprise - player.surprise) / Math.min(player.scores.length + 1, 20);
  const own = rate / (episode.length * Math.max(1, Math.sqrt(player.surprise)));
  policy.learn(episode, { rate: own, discount, baseline: (step) => baseline[step] });
}

const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
if (!values.json)
  console.log(`${vendor} ${architecture}: ${agents} agents, ${units} units, ${inputs} inputs (${values.coding})`);
const start = performance.now();
for (let step = 0; step < steps; step += 1) {
  const plastic = players.some(({ scores }) => scores.length < plasticEpisodes);
  const run = network.run({
    steps: 1,
    inputs: (_step, target, replica) => show(players[replica].state, target),
    ...{ noise: false, freeze: plastic ? [] : sornRules, record: ["ExcitatoryActivation"] },
  });
  for await (const { records } of run) {
    const spikes = records.ExcitatoryActivation.values;
    for (const [index, player] of players.entries()) {
      const activity = spikes.slice(index * units, (index + 1) * units);
      const action = player.policy.choose(activity, player.random);
      const { state, reward, terminated, truncated } = player.environment.step(action);
      player.episode.push({ activity, action, reward });
      player.state = state;
      if (!terminated && !truncated) continue;
      learn(player);
      player.scores.push(player.episode.length);
      player.episode = [];
      player.state = player.environment.reset();
    }
  }
  if (!values.json && (step + 1) % Math.ceil(steps / 10) === 0) {
    const lasts = players.map(({ scores }) => mean(scores.slice(-10)).toFixed(0).padStart(4));
    const seconds = (performance.now() - start) / 1e3;
    console.log(
      `step ${step + 1}: mean of the last 10 episodes ${lasts.join(" ")} (${players.map(({ scores }) => scores.length).join(", ")} episodes, ${plastic ? "plastic" : "frozen"}, ${seconds.toFixed(0)} s)`,
    );
  }
}
const result = players.map(({ scores }) => ({
  episodes: scores.length,
  first: mean(scores.slice(0, 20)),
  last: mean(scores.slice(-20)),
  best: Math.max(...scores),
}));
const seconds = (performance.now() - start) / 1e3;
if (values.json) console.log(JSON.stringify({ seconds, steps, agents: result }));
else
  for (const [index, { episodes, first, last, best }] of result.entries())
    console.log(
      `agent ${index}: first 20 episodes ${first.toFixed(1)} steps, last 20 ${last.toFixed(1)}, longest ${best}, ${episodes} episodes`,
    );
network.dispose();
device.dispose();
