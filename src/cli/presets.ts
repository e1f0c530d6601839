import type { TrainConfigInput } from "./train-config.ts";

/** Training configurations by name: `cortrain train contextDecision`. */
export const presets: Readonly<Record<string, TrainConfigInput>> = {
  contextDecision: {
    task: { name: "contextDecision" },
    structure: { type: "multiAreaEI", hidden: 64, areas: 2, excitatory: 0.8 },
    network: { dtMs: 40, tauMs: 100, activation: "relu", noise: { pre: 0.02 } },
    loss: [{ type: "meanSquaredError" }, { type: "rateL2", weight: 1e-4 }],
    optimizer: { type: "adam", lr: 5e-3, schedule: { type: "cosine", steps: 800, warmup: 20 } },
    batch: 32,
    steps: 800,
    seed: 1,
    clip: 1,
    reportEvery: 5,
    validation: { trials: 512, every: 25 },
    stop: { accuracy: 0.99 },
  },
  /** PsychRNN's hello world: its first task, a network of 50 units, its defaults of training. */
  psychrnn: {
    task: { name: "perceptualDiscrimination", dtMs: 10, compat: "psychrnn" },
    psychrnn: { N_rec: 50, dt: 10, tau: 100, N_batch: 128 },
    steps: 391,
    seed: 2020,
  },
};
