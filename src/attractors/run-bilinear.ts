import { ValueError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { Readback } from "../gpu/readback.ts";
import { submit } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import {
  type BilinearFeatures,
  type BilinearLayout,
  bilinearForwardOps,
  bilinearLayout,
  bilinearNoiseOps,
  bilinearPackOp,
  bilinearShapes,
  bilinearUniform,
  framesOf,
  type Stretch,
  stretchesOf,
  stretchUniform,
} from "../ops/bilinear.ts";
import { allocate } from "../ops/buffers.ts";
import { padRows, stripRows, vectors } from "../ops/layout.ts";
import type { Tile } from "../ops/tiles.ts";
import { streams } from "../random.ts";
import {
  type BilinearNetwork,
  checkArray,
  checkBilinearNetwork,
  flatParameters,
  inputsOf,
} from "./bilinear-network.ts";

/** Noise on the state, before it is used: `scale` long, in a random direction for every step and trial. */
export interface DirectionNoise {
  readonly scale: number;
  /** Key of the random numbers; default 0. */
  readonly seed?: number | undefined;
  /** Number of the run's first step, so that a run in parts draws what a whole one would; default 0. */
  readonly firstStep?: number | undefined;
  /** [T, B, N]: vectors in the directions to take, in place of drawn ones. */
  readonly given?: Float32Array | undefined;
}

/** Currents to be added to the drives of some steps: [count, B, N], or `undefined` for none. */
export type CurrentsOf = (first: number, count: number) => Float32Array | undefined;

export interface BilinearRun {
  /** T. */
  readonly steps: number;
  /** B. */
  readonly trials: number;
  /** u before the first step, [B, N]. */
  readonly state: Float32Array;
  /** x [T, B, D]; default 0. */
  readonly inputs?: Float32Array | undefined;
  /** [T, B, N], or a function that gives those of some steps. */
  readonly currents?: Float32Array | CurrentsOf | undefined;
  readonly noise?: DirectionNoise | undefined;
  /** Of every so many steps the rates of the last are kept; 0 = none. Default 1. */
  readonly stride?: number | undefined;
  /** At most as many steps in one dispatch, and the tile of the kernel; by default what suits the adapter. Results are equal. */
  readonly stepsAtOnce?: number | undefined;
  readonly tile?: Tile | undefined;
}

export interface BilinearResult {
  /** [floor(T / stride), B, N]: r of steps stride - 1, 2 stride - 1, … */
  readonly rates: Float32Array;
  /** u after the last step, [B, N]: give it as `state` to go on exactly. */
  readonly state: Float32Array;
}

const mostStretchBytes = 32 * 2 ** 20;

/**
 * Runs a network with multiplicative input over time, a batch of trials at once.
 * @throws ShapeError, ValueError, ConfigError; LimitError where it does not fit, before anything is allocated.
 */
export async function runBilinear(
  device: Device,
  network: BilinearNetwork,
  run: BilinearRun,
  label = "runBilinear",
): Promise<BilinearResult> {
  checkBilinearNetwork(label, network);
  checkRun(label, network, run);
  const { steps, trials, inputs, currents, noise, stride = 1 } = run;
  const { activation = "retanh", inhibition = 0, units } = network;
  const features: BilinearFeatures = {
    ...{ activation, inhibition, currents: currents !== undefined },
    driven: inputs?.some((value) => value !== 0) ?? false,
    noise: noise === undefined || noise.scale === 0 ? "none" : noise.given === undefined ? "drawn" : "given",
  };
  if (steps === 0) return { rates: new Float32Array(0), state: run.state.slice() };
  const layout = bilinearLayout({
    ...{ replicas: 1, steps, batch: trials, units, inputs: inputsOf(network), keep: false },
    ...{
      stride: stride === 0 ? steps + 1 : stride,
      mostSteps: Math.min(steps, run.stepsAtOnce ?? stepsAtOnce(device, network, run)),
    },
  });
  const tensors = allocate(device, bilinearShapes(layout, features));
  const stretches = stretchesOf(layout);
  const bilinear = bilinearUniform(device, layout, inhibition);
  const stretch = stretchUniform(device, stretches);
  const uniforms = [bilinear, stretch];
  const readback = new Readback(device);
  try {
    tensors.parameters.write(flatParameters(network));
    writeRows(tensors.states, run.state, units);
    if (features.driven && inputs) tensors.inputs.write(inputs);
    const buffers = { ...tensors, bilinear, stretch };
    submit(device, "bilinear", [await bilinearPackOp(device, layout, buffers)]);
    const forward = await bilinearForwardOps(device, layout, stretches, features, buffers, run.tile);
    const drawn =
      features.noise === "none" || !noise ? undefined : await noiseOps(device, layout, stretches, noise, buffers);
    if (drawn) uniforms.push(drawn.uniform);
    const rates = new Float32Array(Math.floor(steps / layout.stride) * trials * units);
    let at = 0;
    let pending: Promise<void> = Promise.resolve();
    for (const [index, { first, count }] of stretches.entries()) {
      if (features.noise === "given" && noise?.given)
        writeRows(tensors.noise, noise.given.subarray(first * trials * units, (first + count) * trials * units), units);
      if (currents !== undefined) writeCurrents(tensors.currents, currents, first, count, trials, units);
      const dispatches = [drawn?.dispatches[index], forward[index]].filter((dispatch) => dispatch !== undefined);
      const frames = framesOf(layout, { first, count });
      const before = pending;
      const start = at;
      at += frames * trials * units;
      pending = readback
        .read([{ tensor: tensors.rates, count: Math.max(1, frames) * trials * 4 * layout.units4 }], dispatches)
        .then(([values]) => {
          if (frames > 0 && values) rates.set(stripRows(values, units, 4 * layout.units4), start);
        });
      // One stretch computes while the one before it comes back.
      await before;
    }
    await pending;
    const slot = (steps % layout.slots) * trials * 4 * layout.units4;
    const [state] = await readback.read([{ tensor: tensors.states, offset: slot, count: trials * 4 * layout.units4 }]);
    return { rates, state: stripRows(state as Float32Array, units, 4 * layout.units4).slice() };
  } finally {
    for (const tensor of Object.values(tensors)) tensor.dispose();
    for (const uniform of uniforms) uniform.dispose();
    readback.dispose();
  }
}

function noiseOps(
  device: Device,
  layout: BilinearLayout,
  stretches: readonly Stretch[],
  { scale, seed = 0, firstStep = 0, given }: DirectionNoise,
  buffers: Parameters<typeof bilinearNoiseOps>[4],
): ReturnType<typeof bilinearNoiseOps> {
  buffers.seeds.write(Uint32Array.of(seed));
  const source = { scale, firstStep, stream: streams.runNoise, given: given !== undefined };
  return bilinearNoiseOps(device, layout, stretches, source, buffers);
}

function writeRows(tensor: Tensor, values: Float32Array, units: number): void {
  const width = 4 * vectors(units);
  const padded = new Float32Array((values.length / units) * width);
  padRows(values, units, padded, width);
  tensor.write(padded);
}

function writeCurrents(
  tensor: Tensor,
  currents: Float32Array | CurrentsOf,
  first: number,
  count: number,
  trials: number,
  units: number,
): void {
  const row = trials * units;
  const values =
    typeof currents === "function" ? currents(first, count) : currents.subarray(first * row, (first + count) * row);
  if (values !== undefined) checkArray("currents", values, [count, trials, units], "step, trial, unit");
  writeRows(tensor, values ?? new Float32Array(count * row), units);
}

/** As many steps as keep the GPU busy, but for no longer than about a tenth of a second, in buffers of a moderate size. */
function stepsAtOnce(
  device: Device,
  network: BilinearNetwork,
  { trials, stride = 1, noise, currents }: BilinearRun,
): number {
  const { units } = network;
  const products = trials * units ** 2 * (1 + inputsOf(network));
  const work = device.info.isSoftware ? 2 ** 28 : 2 ** 33;
  const kept = stride > 0 || noise !== undefined || currents !== undefined;
  const rows = kept ? mostStretchBytes / (trials * 16 * vectors(units)) : Number.POSITIVE_INFINITY;
  return Math.max(1, Math.min(4096, Math.floor(work / products), Math.floor(rows)));
}

const mostSteps = 2 ** 32 - 1;

function checkRun(label: string, network: BilinearNetwork, run: BilinearRun): void {
  const { steps, trials, state, inputs, currents, noise, stride = 1, stepsAtOnce } = run;
  const { units } = network;
  const whole = (name: string, value: number, low: number): void => {
    if (!Number.isInteger(value) || value < low || value > mostSteps)
      throw new ValueError(`${label}: ${name}: expected an integer of at least ${low}, got ${value}.`);
  };
  whole("steps", steps, 0);
  whole("trials", trials, 1);
  whole("stride", stride, 0);
  if (stepsAtOnce !== undefined) whole("stepsAtOnce", stepsAtOnce, 1);
  checkArray(`${label}: state`, state, [trials, units], "trial, unit");
  if (inputs !== undefined)
    checkArray(`${label}: inputs`, inputs, [steps, trials, inputsOf(network)], "step, trial, input");
  if (currents !== undefined && typeof currents !== "function")
    checkArray(`${label}: currents`, currents, [steps, trials, units], "step, trial, unit");
  if (noise === undefined) return;
  if (!(noise.scale >= 0 && Number.isFinite(noise.scale)))
    throw new ValueError(`${label}: noise: expected a scale of at least 0, got ${noise.scale}.`);
  whole("noise seed", noise.seed ?? 0, 0);
  whole("noise firstStep", noise.firstStep ?? 0, 0);
  if (noise.given !== undefined)
    checkArray(`${label}: given noise`, noise.given, [steps, trials, units], "step, trial, unit");
}
