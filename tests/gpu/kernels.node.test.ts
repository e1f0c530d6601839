import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
// @ts-expect-error its types are not where its package says
import { detectRaces } from "wgsl_reflect/wgsl_reflect.module.js";
// @ts-expect-error plain JavaScript, run by `npm run generate`
import { generate } from "../../shaders/bundle.mjs";
import { Kernel, type Overrides } from "../../src/gpu/kernel.ts";
import type { Shader } from "../../src/gpu/shader.ts";
import { plainTile, tilesOf, withTile } from "../../src/ops/tiles.ts";
import * as shaders from "../../src/wgsl/generated.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice({ backend: "null" });
type Shaders = typeof shaders;
type DetectRaces = (
  code: string,
  entryPoint: string,
  workgroups: readonly number[],
  groups: Readonly<Record<string, Record<string, unknown>>>,
) => { readonly races: readonly unknown[]; readonly errors: readonly string[] };

const all: Readonly<Record<string, Shader>> = { ...shaders };

/** A product kernel in every tile that it can take; another shader as it is. */
function tilesFor(shader: Shader): readonly Shader[] {
  if (!shader.code.includes("//!place tile")) return [shader];
  if (!shader.code.includes("//!place quad_lane")) return [withTile(shader, plainTile)];
  return tilesOf(gpu.device).map((tile) => withTile(shader, tile));
}
const activationCodes = [0, 1, 2, 3, 4, 5, 6, 7];
const flags = [false, true];
/** One layer, and several: with and without feedback. */
const layered = (code: number) => ({
  LAYERS: 1 + (code % 3),
  LAYER_STRIDE: code === 5 ? 3 : 1,
  SYNAPSES: code % 2 === 1,
});
const forward = activationCodes.flatMap((code) =>
  flags.map((on) => ({
    ...{
      WORKGROUP_SIZE: on ? 256 : 1,
      ACTIVATION: code,
      UNIT_GAIN: code > 5,
      RATE_FORM: on,
      NOISE_SCALE: code % 3,
      STORE_SLOPES: !on,
      ...layered(code),
    },
  })),
);
const backward = activationCodes.flatMap((code) =>
  flags.map((on) => ({
    WORKGROUP_SIZE: on ? 64 : 1,
    ACTIVATION: code,
    UNIT_GAIN: code > 5,
    RATE_FORM: on,
    DIRECT: !on,
    STORE_RATES: on,
    ...layered(code),
  })),
);
const listed = { WORKGROUP_SIZE: 64, LAYERS: 1 };
const gated = [0, 1, 2].flatMap((code) =>
  flags.map((on) => ({
    WORKGROUP_SIZE: on ? 256 : 4,
    GRU: code === 0,
    ACTIVATION: code === 2 ? 2 : 1,
    PARTS: on ? 4 : 1,
  })),
);
const place = [
  { TERM: 0, TERMS: 1, FIRST: true },
  { TERM: 6, TERMS: 7, FIRST: false },
];

/** The only segment of a trial, and the first, a middle and the last of several. */
const segments = [
  { SHARED: 0, CONTINUES: false, ENDS: true },
  { SHARED: 2, CONTINUES: false, ENDS: false },
  { SHARED: 1, CONTINUES: true, ENDS: false },
  { SHARED: 0, CONTINUES: true, ENDS: true },
];
const lines = (side: number, most: number) => {
  const LINES = Math.min(most, side);
  return { SIDE: side, LINES, POINTS: side * LINES, WORKGROUP_SIZE: Math.min(256, (side * LINES) / 4) };
};
const units = { UNIT_FIRST: 1, UNIT_END: 6 };
const part = { POST_FIRST: 1, POST_END: 8, PRE_FIRST: 2, PRE_END: 9 };
const sets = { ...units, FIRST_0: 0, END_0: 1, FIRST_1: 1, END_1: 2 };

/** Override values that are used, for every shader there is: a new one without a row does not compile. */
const variants: { readonly [Name in keyof Shaders]: readonly Overrides<Shaders[Name]>[] } = {
  alphaGradient: segments.slice(0, 3).map(({ SHARED, ENDS }) => ({ WORKGROUP_SIZE: 64, SHARED, ACCUMULATE: !ENDS })),
  binaryCrossEntropy: place.map((term) => ({ ...term, WORKGROUP_SIZE: 64 })),
  bilinearBackward: activationCodes
    .filter((code) => code < 7)
    .map((code) => ({ WORKGROUP_SIZE: 64, ACTIVATION: code, INPUTS: code % 3 })),
  bilinearError: [{ WORKGROUP_SIZE: 64, OBSERVED: 3 }],
  bilinearGradient: [{ WORKGROUP_SIZE: 64, DECAY: 0.5 }],
  bilinearForward: activationCodes
    .filter((code) => code < 7)
    .flatMap((code) =>
      flags.map((on) => ({
        ...{ WORKGROUP_SIZE: on ? 8 : 64, ACTIVATION: code, INPUTS: code % 3, NOISE: on, CURRENT: !on, KEEP: on },
        ...{ DIVISIVE: on, SHARED_SUMS: on ? 8 * 32 : 1 },
      })),
    ),
  bilinearNoise: flags.map((on) => ({ WORKGROUP_SIZE: 64, GIVEN: on })),
  bilinearPack: [{ WORKGROUP_SIZE: 64 }],
  copyRows: [{ WORKGROUP_SIZE: 64 }],
  cosine: place.map((term) => ({ ...term, WORKGROUP_SIZE: 64, EPSILON: 1e-3 })),
  crossEntropy: place.map((term) => ({ ...term, WORKGROUP_SIZE: 64 })),
  ctrnnBackwardPersistent: backward.map((one, index) => ({ ...one, SHARED: index % 3, LOWEST: index % 2 })),
  ctrnnBackwardStep: backward,
  ctrnnForwardPersistent: forward,
  ctrnnForwardStep: forward,
  customOutputTerm: place.map((term) => ({ ...term, WORKGROUP_SIZE: 64 })),
  customRateTerm: place.map((term) => ({ ...term, ...units, WORKGROUP_SIZE: 64 })),
  formulaCheck: [{ WORKGROUP_SIZE: 64 }],
  fftLines: [8, 32, 256].flatMap((side) =>
    flags.map((on) => ({ ...lines(side, 4), INVERSE: on, COLUMNS: !on, ACROSS: 64 })),
  ),
  torusFrame: [{ WORKGROUP_SIZE: 64 }],
  torusSpectrum: [0, 1, 2].map((MODE) => ({ ...lines(16 << MODE, 2), MODE })),
  torusUnits: [0, 1, 2].flatMap((MODE) =>
    flags.map((on) => ({ ...lines(64, 8), MODE, ACTIVATION: on ? 0 : 3, START: on })),
  ),
  directWeightGradient: flags.map((on) => ({ WORKGROUP_SIZE: 64, SCALED: on, FIRST: !on })),
  drivePenalty: place.map((term) => ({ ...term, ...units, WORKGROUP_SIZE: 64 })),
  gradientFinish: [0, 1, 2].map((code) => ({
    ...{
      WORKGROUP_SIZE: 64,
      CHUNKS: code === 0 ? 1 : 64,
      CHUNK_ELEMENTS: 1024,
      TENSORS: 7,
      CONSTRAINT: code,
      CLIP_VALUE: code === 1,
    },
    PENALTY: code === 2,
  })),
  gatedBackwardPersistent: gated.map((one, index) => ({
    ...{ ...one, DIRECT: one.GRU, STORE_RATES: !one.GRU, SHARED: index % 3, LOWEST: index % 2 },
  })),
  gatedBackwardStep: gated.map((one) => ({ ...one, COLUMNS: 4, DIRECT: !one.GRU, STORE_RATES: one.GRU })),
  gatedForwardPersistent: gated.map((one) => ({ ...one, KEEP_GATES: one.WORKGROUP_SIZE > 4 })),
  gatedForwardStep: gated.map((one) => ({ ...one, COLUMNS: 4, KEEP_GATES: one.WORKGROUP_SIZE === 4 })),
  gatedInitialState: flags.map((on) => ({ WORKGROUP_SIZE: 64, GRU: on, INITIAL: Number(on) })),
  meanRateGradient: flags.map((on) => ({ WORKGROUP_SIZE: 64, ABSOLUTE: on, FIRST: !on })),
  meanRateTerm: [0, 1, 2, 3, 4, 5].map((code) => ({
    ...{ WORKGROUP_SIZE: 64, METRIC: code, PER_TRIAL: code % 2 === 0, SQUARED: code > 3, CORRECTION: code % 2 },
    ...{ TERM: 0, TERMS: 1 },
  })),
  trialRateMeans: segments.map((one) => ({ WORKGROUP_SIZE: 64, ABSOLUTE: one.ENDS, ...one })),
  spectralNorm: [0, 1, 3].map((tensor, code) => ({
    ...{ WORKGROUP_SIZE: 16 ** code, ...part, TENSOR: tensor, VECTORS: 5, ITERATIONS: 10, SQUARED: code === 1 },
    ...{ TERM: 0, TERMS: 1 },
  })),
  spectralNormGradient: [0, 1, 3].map((tensor, code) => ({
    ...{ WORKGROUP_SIZE: 64, TENSOR: tensor, VECTORS: 5, FIRST: code === 0 },
  })),
  weightPenalty: [0, 1, 2].map((code) => ({
    ...{ WORKGROUP_SIZE: 64, CHUNKS: 4, KIND: code, ...part, TENSOR: [0, 1, 3][code] ?? 0, CONSTRAINT: code },
    ...{ WHOLE: code === 0, DISTANCES: code === 1, DISTANCE_STRIDE: 81 * code },
    ...{ TERM: 0, TERMS: 1, FIRST: code === 0 },
  })),
  weightPenaltySum: [0, 1, 2].map((code) => ({
    ...{ WORKGROUP_SIZE: 64, CHUNKS: 4, KIND: code, ...part, TENSOR: [0, 1, 3][code] ?? 0, CONSTRAINT: code },
    ...{ WHOLE: code === 0, DISTANCES: code === 1, DISTANCE_STRIDE: 81 * code },
  })),
  hebbianDrive: place.map((term, index) => ({ ...term, WORKGROUP_SIZE: 4 ** index })),
  hebbianFactor: segments.map(({ SHARED, CONTINUES, ENDS }, index) => ({
    ...{ TERM: 0, TERMS: 1, FIRST: true, WORKGROUP_SIZE: 64, PER_STEP: index === 0 },
    ...{ SHARED, CONTINUES, GATHER: !ENDS, GIVEN: index === 3 },
  })),
  hebbianRateGradient: flags.map((on) => ({ WORKGROUP_SIZE: 64, FIRST: on })),
  hebbianWeightGradient: flags.map((on) => ({ WORKGROUP_X: 8, WORKGROUP_Y: 8, FIRST: on })),
  initialState: activationCodes.map((code) => ({
    WORKGROUP_SIZE: 64,
    ACTIVATION: code,
    UNIT_GAIN: code > 5,
    INITIAL: code % 2,
    SYNAPSES: code > 3,
  })),
  localGradient: activationCodes.flatMap((code) =>
    flags.map((on) => ({
      ...{ WORKGROUP_SIZE: 64, ACTIVATION: code, UNIT_GAIN: code > 5, TRACE: code % 3 },
      ...{ SYMMETRIC: on, DIRECT: !on, STORE_RATES: on, SHARED: code % 3, LOWEST: code % 2 },
    })),
  ),
  meanSquaredError: place.flatMap((term) => flags.map((on) => ({ ...term, WORKGROUP_SIZE: 64, ELEMENTS: on }))),
  omegaMean: place.map((term) => ({ ...term, WORKGROUP_SIZE: 64 })),
  omegaRow: activationCodes.map((code) => ({
    ...{ TERM: 1, TERMS: 2, FIRST: true, WORKGROUP_SIZE: 64, ACTIVATION: code, UNIT_GAIN: code > 5 },
    ...{ RATE_FORM: code % 2 === 0, SLOPE_AFTER: code % 4 > 1, BOUND: 1e-20 },
  })),
  packWeights: [0, 1, 2].map((code) => ({ WORKGROUP_SIZE: 64, CONSTRAINT: code, RECURRENT: code !== 1 })),
  sparseBackwardPersistent: backward,
  sparseBackwardStep: backward,
  sparseForwardPersistent: forward,
  sparseForwardStep: forward,
  sparseGradientFinish: flags.map((on) => ({
    ...{ WORKGROUP_SIZE: 64, CHUNKS: on ? 1 : 64, CHUNK_ELEMENTS: 1024, TENSORS: 7, CONSTRAINT: on ? 2 : 0 },
    ...{ CLIP_VALUE: on, PENALTY: !on },
  })),
  sparseUpdate: [0, 1, 2].map((code) => ({
    ...{ WORKGROUP_SIZE: 64, CONSTRAINT: 2 - code, OPTIMIZER: code, NESTEROV: code === 0 },
  })),
  sparsePack: [0, 1, 2].map((code) => ({ ...listed, CONSTRAINT: code })),
  sparseStart: flags.map((on) => ({ WORKGROUP_SIZE: 64, SYNAPSES: on })),
  sparseWeightGradient: flags.map((on) => ({ ...listed, SYNAPSES: on })),
  populationKl: segments.map((one, index) => ({
    ...{ ...sets, WORKGROUP_SIZE: index > 1 ? 64 : 1, SYMMETRIC: index > 1, SQUARES: 0.5, FLOOR: 1e-4, TERM: 0 },
    ...one,
  })),
  populationKlGradient: place.map((term) => ({
    ...{ ...term, ...sets, WORKGROUP_SIZE: 64, SQUARES: 0.5, TELLS: term.FIRST },
  })),
  rateDifference: place.map((term, index) => ({ ...term, ...units, WORKGROUP_SIZE: 64, LAG: 2, EARLIER: 3 * index })),
  rateEntropy: place.map((term) => ({ ...term, ...units, WORKGROUP_SIZE: 64, SQUARE_WEIGHT: 0.5 })),
  rateMagnitude: place.map((term, index) => ({ ...term, ...units, WORKGROUP_SIZE: 64, ABSOLUTE: index === 0 })),
  readout: [{ WORKGROUP_SIZE: 64 }],
  roofCopy: [{ WORKGROUP_SIZE: 64 }],
  roofMultiplyAdd: [{ WORKGROUP_SIZE: 64, ROUNDS: 3 }],
  roofProduct: [{ WORKGROUP_SIZE: 64, SIZE: 16 }],
  roofWorkgroup: [{ WORKGROUP_SIZE: 64, ROUNDS: 3 }],
  recurrentProduct: flags.map((on) => ({ WORKGROUP_SIZE: 64, BACKWARD: on, SLOTS: on, ADD: !on })),
  segmentSettings: [{ WORKGROUP_SIZE: 64 }],
  targetRates: place.map((term) => ({ ...term, WORKGROUP_SIZE: 64 })),
  rlsGain: [1, 64].map((size) => ({ WORKGROUP_SIZE: size, BLOCK: 8, BLOCKS: 2 })),
  rlsRecurrent: [1, 256].map((size) => ({ WORKGROUP_SIZE: size, SOURCES: size + 3 })),
  sornUnits: [1, 8].map((lanes) => ({ WORKGROUP_SIZE: 32 * lanes, LANES: lanes })),
  sornUnitsAlone: [{ WORKGROUP_SIZE: 4, LANES: 1 }],
  sornSynapses: [1, 64].map((size) => ({ SHARE: size })),
  sornSynapsesAlone: [{ WORKGROUP_SIZE: 16, SHARE: 1 }],
  sornMeasure: [1, 256].map((size) => ({ WORKGROUP_SIZE: size })),
  rlsUpdate: flags.map((on) => ({ WORKGROUP_SIZE: on ? 256 : 1, BLOCKS: 2, FEEDBACK: on })),
  update: [0, 1, 2].flatMap((code) =>
    flags.map((on) => ({ WORKGROUP_SIZE: 64, CONSTRAINT: 2 - code, OPTIMIZER: code, NESTEROV: on })),
  ),
  verdict: [0, 1, 2].flatMap((clip) =>
    flags.map((on) => ({
      WORKGROUP_SIZE: 64,
      TERMS: 1 + clip,
      TENSORS: 7 + clip,
      CHUNKS: 3,
      CHUNK_ELEMENTS: 32,
      CLIP: clip,
      HAS_GRADIENTS: on,
    })),
  ),
  weightGradient: flags.map((on) => ({ WORKGROUP_SIZE: on ? 4 : 64, ACCUMULATE: on })),
};

describe("every shader compiles in Tint, on the null backend", () => {
  for (const [name, values] of Object.entries(variants)) {
    test(`${name}, ${values.length} variants`, async () => {
      const { pipelines } = gpu.device.counters;
      const shader = all[name] as Shader;
      const tiles = tilesFor(shader);
      for (const each of tiles) for (const overrides of values) await Kernel.create(gpu.device, each, overrides);
      expect(gpu.device.counters.pipelines - pipelines).toBe(tiles.length * values.length);
    });
  }

  test("and one that does not is refused with the compiler's line", async () => {
    const broken = {
      ...shaders.readout,
      name: "broken",
      code: tilesFor(shaders.readout)[0]?.code.replace("var t = Tile();", "") ?? "",
    };
    gpu.device.handle.pushErrorScope("validation"); // for the shader module's own error
    const made = Kernel.create(gpu.device, broken, { WORKGROUP_SIZE: 64 });
    await expect(made).rejects.toThrow(/Kernel broken does not compile.*unresolved/s);
    await gpu.device.handle.popErrorScope();
  });
});

test("src/wgsl/generated.ts is fresh", () => {
  expect(readFileSync("src/wgsl/generated.ts", "utf8"), "run `npm run generate`").toBe((generate as () => string)());
});

// wgsl_reflect runs every invocation of one workgroup in lockstep, from barrier to barrier. It gives `override` no value
// where one sizes an array or a workgroup, so the shaders are run with their overrides written out as constants.

const [replicas, steps, batch, inputs, hidden, outputs] = [1, 3, 2, 2, 9, 2];
const [input4, hidden4, output4] = [1, 3, 1];
const parametersOf = (gates: number): number =>
  gates * hidden * (inputs + hidden + 1) + outputs * (hidden + 1) + 2 * hidden;
const packedOf = (gates: number): number =>
  4 * hidden4 * (gates * input4 + 2 * gates * hidden4 + 2 * output4) + output4 + 13 * hidden4 + 3;
const mostGates = 4;
const slot = batch * hidden4;
const shapeOf = (gates: number): number[] => [
  ...[replicas, steps, batch, inputs, hidden, outputs, input4, hidden4, output4],
  ...[parametersOf(gates), packedOf(gates), 1, gates],
];
/** A self-organising network: E-E and E-I as lists of two, I-E dense, one input to all. */
const inhibitory = 4;
const sornLists = 2 * hidden;
const sornSizes = [
  ...[hidden, inhibitory, 1, 1, 1, steps, 12 * hidden + 12 * inhibitory, 2 * sornLists, 1, 0, 0],
  ...[2, 1, 0, 0, 2, 1, 4 * hidden, sornLists, hidden, 0, 8 * hidden, 0, 1, 0, 8 * hidden + 12 * inhibitory, 0],
];
const bilinear4 = 8 * 3 * hidden4 ** 2 + 2 * hidden4;
const bilinearSizes = [
  ...[replicas, steps, batch, hidden, hidden4, 2, 3 * hidden ** 2 + 2 * hidden, bilinear4],
  ...[2, 2, 1, steps, 0x3f800000],
];
const words = {
  bilinear: bilinearSizes,
  stretch: [0, steps],
  noise_source: [0x3f800000, 6, 0],
  // side, trials, then floats of which all but the share are 0
  sheet: [8, 2, 0, 0, 0, 0x3f000000, 0, 1, 6],
  frame: [9, 64, 2, 0],
  time: [1, 0, 2],
  sizes: sornSizes,
  place: [batch * slot, 0, steps * slot, slot, (steps + 1) * slot],
  start: [2],
  product: [
    ...[steps * batch, slot, hidden4, 0, hidden, 0, hidden4, 0, hidden],
    ...[0, 0, 0, hidden * inputs, hidden, 0xffffffff, 0],
  ],
};
const smallOverrides: Readonly<Record<string, number | boolean>> = {
  ROUNDS: 3,
  RECURRENT: false,
  SIZE: 8,
  ...{ LANES: 2, SHARE: 4 },
  ...{
    INPUTS: 2,
    NOISE: true,
    CURRENT: true,
    KEEP: true,
    DIVISIVE: true,
    SHARED_SUMS: 8 * 16,
    OBSERVED: 3,
    DECAY: 0.5,
  },
  // Not so with a line of 32 points: the workgroup has more than one round to go in each stage.
  ...{ SIDE: 8, LINES: 8, POINTS: 64, ACROSS: 8, INVERSE: false, COLUMNS: true, MODE: 0, START: false },
  ...{ GRU: false, KEEP_GATES: true, PARTS: 4, COLUMNS: 4, TENSORS: 7, CHUNK_ELEMENTS: 32 },
  ...{ WORKGROUP_SIZE: 16, WORKGROUP_X: 2, WORKGROUP_Y: 2, TERMS: 2, TERM: 0, CHUNKS: 2, CLIP: 1, CLIP_VALUE: true },
  ...{ ACTIVATION: 1, NOISE_SCALE: 2, CONSTRAINT: 1, OPTIMIZER: 2, INITIAL: 0, NESTEROV: true, ELEMENTS: true },
  ...{ RATE_FORM: true, STORE_SLOPES: true, DIRECT: true, STORE_RATES: true, HAS_GRADIENTS: true, FIRST: false },
  ...{ SHARED: 1, LOWEST: 1, CONTINUES: true, ENDS: true, ACCUMULATE: true, GATHER: false, GIVEN: true, TELLS: true },
  ...{ EARLIER: 2 },
  ...{ ...units, LAG: 1, PER_STEP: true, SQUARE_WEIGHT: 0.5, EPSILON: 0.5, BOUND: 0.5 },
  ...{ TRACE: 2, SYMMETRIC: false, BLOCK: 2, BLOCKS: 2, FEEDBACK: true, SOURCES: 6 },
  ...{ BACKWARD: true, SLOTS: true, ADD: true, SCALED: true, SLOPE_AFTER: true },
  ...{ ...sets, SYMMETRIC: false, SQUARES: 0.5, FLOOR: 0.01 },
  ...{
    UNIT_GAIN: true,
    SYNAPSES: true,
    LAYERS: 1,
    LAYER_STRIDE: 1,
    PENALTY: true,
    KIND: 1,
    TENSOR: 1,
    METRIC: 5,
    PER_TRIAL: true,
    SQUARED: true,
    CORRECTION: 1,
    ABSOLUTE: true,
  },
  ...{ ...part, WHOLE: false, DISTANCES: true, DISTANCE_STRIDE: 0, ITERATIONS: 2, VECTORS: 6 },
};

/** The shader with every override as a constant, and its sizes as numbers. */
function withConstants(shader: Shader): string {
  const { code, overrides } = shader.code.includes("//!place tile") ? withTile(shader, plainTile) : shader;
  let fixed = code;
  for (const name of Object.keys(overrides)) {
    const value = smallOverrides[name];
    if (value === undefined) throw new Error(`give ${name} a small value here`);
    const literal = overrides[name] === "u32" ? `${value}u` : String(value);
    fixed = fixed
      .replace(new RegExp(`override ${name}: \\w+;`), `const ${name} = ${literal};`)
      .replace(new RegExp(`(@workgroup_size\\([^)]*)\\b${name}\\b`), `$1${value}`)
      .replaceAll(`array<f32, ${name}>`, `array<f32, ${value}>`)
      .replaceAll(`array<vec2f, ${name}>`, `array<vec2f, ${value}>`)
      .replaceAll(`array<vec4f, ${name}>`, `array<vec4f, ${value}>`)
      .replaceAll(`array<vec4u, ${name}>`, `array<vec4u, ${value}>`);
  }
  return fixed;
}

function racesOf(shader: Shader, code: string): { readonly races: number; readonly errors: readonly string[] } {
  const groups: Record<string, Record<string, unknown>> = {};
  for (const [name, { group, binding }] of Object.entries(shader.bindings)) {
    const own = groups[group] ?? {};
    groups[group] = own;
    // How long a line is, its table of factors says.
    const length = name === "twiddles" ? 2 * Number(smallOverrides["SIDE"]) : 4 * packedOf(mostGates);
    const floats = new Float32Array(length).fill(0.1);
    const integers = new Uint32Array(floats.buffer);
    if (name === "rules") integers.fill(9);
    if (name === "sources") integers.set(integers.map((_, place) => place % hidden));
    // No synapse that may exist, each parameter once.
    if (name === "places") integers.fill(0xffffffff);
    if (name === "updated") integers.set(integers.map((_, place) => (place % 2 === 0 ? place / 2 : 0)));
    if (name === "chunks" || name === "present" || name === "chosen") integers.fill(0);
    if (name === "settings") integers.set([1, 0, 4, 0]);
    if (name === "rates" && shader.name.startsWith("sorn")) integers.set([1, 0, 0, 127]);
    if (name === "verdicts") integers.set([1, 0]);
    const gates = shader.name.startsWith("gated") ? mostGates : 1;
    const isShape = name === "shape" || name === "whole";
    const uniform = isShape ? shapeOf(gates) : words[name as keyof typeof words];
    if (shader.bindings[name]?.kind === "uniform") expect(uniform, name).toBeDefined();
    own[binding] =
      uniform === undefined
        ? ["rules", "sources", "chosen", "places", "chunks", "present", "updated"].includes(name)
          ? integers
          : floats
        : { uniform: Uint32Array.from(uniform) };
  }
  const { races, errors } = (detectRaces as DetectRaces)(code, shader.entryPoint, [1, 1, 1], groups);
  return { races: races.length, errors };
}

describe("no shader has a data race within a workgroup (wgsl_reflect, overrides as constants)", () => {
  for (const shader of Object.values(all)) {
    test(shader.name, () => {
      expect(racesOf(shader, withConstants(shader))).toEqual({ races: 0, errors: [] });
    });
  }

  const barriers: readonly (readonly [Shader, string])[] = [
    [shaders.bilinearBackward, "storageBarrier();"],
    [shaders.bilinearForward, "sums[i]; }\n      workgroupBarrier();"],
    [shaders.bilinearForward, "    storageBarrier();\n  }\n  for (var t"],
    [shaders.ctrnnForwardPersistent, "storageBarrier();"],
    [shaders.ctrnnBackwardPersistent, "storageBarrier();"],
    [shaders.gatedForwardPersistent, "}\n  storageBarrier();"],
    [shaders.gatedForwardPersistent, "local);\n    storageBarrier();"],
    [shaders.gatedForwardStep, "storageBarrier();"],
    [shaders.gatedBackwardPersistent, "}\n  storageBarrier();"],
    [shaders.gatedBackwardPersistent, "local);\n    storageBarrier();"],
    [shaders.gatedBackwardStep, "storageBarrier();"],
    [shaders.verdict, "shared_sums[local] = value;\n  workgroupBarrier();"],
    [shaders.verdict, "{\n  workgroupBarrier();\n  shared_sums[local] = value;"],
    [shaders.populationKl, "shared_vectors[local] = value;\n  workgroupBarrier();"],
    [shaders.gradientFinish, "shared_sums[local] = part;\n  }\n  workgroupBarrier();"],
    [shaders.spectralNorm, "storageBarrier();\n  return norm;"],
    [shaders.rlsRecurrent, "storageBarrier();\n\n  let matrix"],
    [shaders.sornUnits, "shared_parts[local] = parts;\n  workgroupBarrier();"],
    [shaders.sornUnits, "  workgroupBarrier();\n  if (local == 0u) {"],
    [shaders.sornSynapses, "shared_tallies[local] = value;\n  workgroupBarrier();"],
    [shaders.fftLines, "workgroupBarrier();\n  }\n  // The last"],
    [shaders.torusSpectrum, "workgroupBarrier();\n  inverse_lines"],
    [shaders.torusUnits, "workgroupBarrier();\n  forward_lines"],
    [shaders.sornMeasure, "shared_counts[local] = value;\n  workgroupBarrier();"],
  ];
  for (const [index, [shader, barrier]] of barriers.entries()) {
    test(`and a missing barrier is seen: number ${index + 1}, in ${shader.name}`, () => {
      const code = withConstants(shader);
      const without = code.replace(barrier, barrier.replace(/(storage|workgroup)Barrier\(\);/, ""));
      expect(without).not.toBe(code);
      expect(racesOf(shader, without).races).toBeGreaterThan(0);
    });
  }
});
