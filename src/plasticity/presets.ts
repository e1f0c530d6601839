import type { SornParameters } from "./parameters.ts";

/** What a preset fixes: everything but the seed and how synapses are stored. Plain data. */
export type SornPreset = Omit<SornParameters, "preset" | "seed" | "storage" | "slots">;

/** Default standard deviation of Zheng et al. 2013 and Del Papa et al. 2017: a variance of 0.05. */
const publishedNoise = Math.sqrt(0.05);

/**
 * Zheng, Dimitrakakis & Triesch 2013 (PLoS Comput Biol 9:e1002848), as in chrhartm/SORN examples/zheng2013, where W_EI is
 * not scaled, as in the paper.
 */
const zheng2013: SornPreset = {
  excitatory: 200,
  inhibitory: 40,
  inputs: 0,
  threshold: ">=",
  inhibition: "previous",
  noise: { excitatory: publishedNoise, inhibitory: publishedNoise },
  thresholds: { excitatory: [0, 1], inhibitory: [0, 0.5] },
  start: { excitatory: 0.1, inhibitory: 0 },
  stdp: { rate: 0.004, maximum: 1, prune: 1e-10 },
  ip: { rate: 0.01, target: 0.1, clip: false },
  sp: { rate: 0.1, per: "step", weight: 0.001, order: "beforeScaling" },
  istdp: { rate: 0.001, target: 0.1, floor: 0.001, maximum: 1 },
  ss: { excitatory: true, inhibitory: false },
  connections: {
    EE: { type: "sparse", density: 0.1 },
    EI: { type: "sparse", density: 0.2 },
    IE: { type: "dense" },
    input: { type: "first", gain: 1 },
  },
};

/**
 * The published variants by name. `sorn-0.7` is the Python package sorn 0.7.x with its defaults, `zheng2013` the default
 * here; `lazar2009` is the counting task of Lazar, Pipa & Triesch 2009 (Front Comput Neurosci 3:23) with the numbers of
 * delpapa/SORN_V2; `delpapa2017` Del Papa, Priesemann & Triesch 2017 (PLoS ONE 12:e0178683).
 */
export const sornPresets = {
  "sorn-0.7": {
    ...zheng2013,
    inputs: 10,
    threshold: ">",
    noise: { excitatory: 0.04, inhibitory: 0.04 },
    start: { excitatory: 0, inhibitory: 0 },
    stdp: { rate: 0.004, maximum: 1, prune: 0 },
    ip: { rate: 0.01, target: "inputs", clip: [0, 1] },
    istdp: { rate: 0.001, target: 0.1, floor: 0, maximum: 1 },
    ss: { excitatory: true, inhibitory: true },
    connections: {
      EE: { type: "sparse", inDegree: 20, spread: 1 },
      EI: { type: "sparse", outDegree: 40, spread: 1 },
      IE: { type: "dense" },
      input: { type: "first", gain: 1 },
    },
  },
  lazar2009: {
    ...zheng2013,
    inputs: 6,
    inhibition: "current",
    noise: { excitatory: 0, inhibitory: 0 },
    thresholds: { excitatory: [0, 0.5], inhibitory: [0, 0.5] },
    start: { excitatory: 0.5, inhibitory: 0.5 },
    stdp: { rate: 0.001, maximum: 1, prune: 1e-10 },
    ip: { rate: 0.001, target: 0.1, clip: false },
    sp: false,
    istdp: false,
    ss: { excitatory: true, inhibitory: false },
    connections: {
      EE: { type: "sparse", density: 0.05 },
      EI: { type: "dense" },
      IE: { type: "dense" },
      input: { type: "pools", size: 10, gain: 1 },
    },
  },
  zheng2013,
  delpapa2017: {
    ...zheng2013,
    sp: { rate: 0.1 / (200 * 199), per: "pair", weight: 0.001, order: "beforeScaling" },
  },
} satisfies Record<string, SornPreset>;

export type SornPresetName = keyof typeof sornPresets;
