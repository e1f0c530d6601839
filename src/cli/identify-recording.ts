import { resolve } from "node:path";
import { ringAttractor } from "../attractors/ring.ts";
import { simulateRing } from "../attractors/simulate-ring.ts";
import { ConfigError, FileFormatError, ShapeError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { TrueConnectivity } from "../identify/learned-network.ts";
import { checkRecording, type Recording } from "../identify/recording.ts";
import type { Activation } from "../io/activation-schema.ts";
import { type ArrayData, formatShape, type OnNotice } from "../io/array.ts";
import { readFileBytes } from "../io/node/files.ts";
import { decodeNpz } from "../io/npz.ts";
import { runAgent } from "../world/run.ts";
import type { CompleteIdentifyConfig, FileRecordingConfig, RingRecordingConfig } from "./identify-config.ts";

/** What networks are fitted to and scored on. */
export interface Recordings {
  readonly training: Recording;
  readonly test: Recording;
  /** Where the connectivity that made them is known. */
  readonly truth?: TrueConnectivity | undefined;
  /** Leak and activation of the units that made them, where they are known. */
  readonly dynamics?: { readonly alpha: number; readonly activation: Activation } | undefined;
  /** Heading that each recorded unit stands for, rad, where it is known. */
  readonly preferred?: Float64Array | undefined;
}

/** Files of a configuration, read before any GPU work. @param folder that its paths are relative to. */
export async function readRecordings(
  { recording }: CompleteIdentifyConfig,
  folder: string,
  onNotice: OnNotice,
): Promise<Recordings | undefined> {
  return recording.type === "file" ? await fromFile(recording, folder, onNotice) : undefined;
}

/** Simulates the ring's trials: those that are trained on, and those that networks are scored on. */
export async function simulateRecordings(device: Device, config: RingRecordingConfig): Promise<Recordings> {
  const ring = ringAttractor(config.ring);
  const simulate = (part: { trials: number; steps: number; seed: number }): Promise<Recording> => {
    const environment = { type: "circle" as const };
    const { velocities } = runAgent({ ...part, agent: config.agent, environment, dtMs: ring.dtMs });
    const { settleSteps, noise, start: initial } = config;
    return simulateRing(device, ring, { ...part, velocities, settleSteps, noise, initial });
  };
  const { trials, steps, seed } = config;
  const training = await simulate({ trials, steps, seed });
  const test = await simulate(config.test);
  const { weights, velocityWeights, preferred } = ring;
  const { alpha, activation } = config.ring;
  return { training, test, truth: { weights, velocityWeights }, dynamics: { alpha, activation }, preferred };
}

async function fromFile(config: FileRecordingConfig, folder: string, onNotice: OnNotice): Promise<Recordings> {
  const path = resolve(folder, config.path);
  const arrays = decodeNpz(await readFileBytes(path), config.path, onNotice);
  const rates = required(arrays, "rates", config.path, "[time, trial, unit]", 3);
  const velocities = required(arrays, "velocities", config.path, "[time, trial, component]", 3);
  const headings = arrays.get("headings");
  const positions = arrays.get("positions");
  const [steps = 0, trials = 0, units = 0] = rates.shape;
  const whole: Recording = {
    ...{ steps, trials, units, dtMs: config.dtMs, rates: rates.data, velocities: velocities.data },
    ...(headings && { headings: headings.data }),
    ...(positions && { positions: positions.data }),
  };
  checkRecording(config.path, whole);
  const tested = config.testTrials ?? Math.max(1, Math.floor(trials / 5));
  if (tested > trials - 2)
    throw new ConfigError(
      `recording.testTrials: ${tested} of the ${trials} trials leave fewer than two to train on. Cut the recording into more trials.`,
    );
  const truth =
    config.truth === undefined ? undefined : await readTruth(resolve(folder, config.truth), units, onNotice);
  return {
    training: trialsOf(whole, 0, trials - tested),
    test: trialsOf(whole, trials - tested, trials),
    ...(truth && { truth }),
  };
}

function required(
  arrays: ReadonlyMap<string, ArrayData>,
  name: string,
  label: string,
  axes: string,
  rank: number,
): ArrayData {
  const array = arrays.get(name);
  if (array === undefined)
    throw new FileFormatError(
      `${label}: ${name} ${axes} is missing; the file has ${[...arrays.keys()].join(", ") || "no arrays"}.`,
    );
  if (array.shape.length !== rank)
    throw new ShapeError(`${label}: ${name}: expected ${axes}, got ${formatShape(array.shape)}.`);
  return array;
}

async function readTruth(path: string, units: number, onNotice: OnNotice): Promise<TrueConnectivity> {
  const arrays = decodeNpz(await readFileBytes(path), path, onNotice);
  const weights = required(arrays, "weights", path, "[postsynaptic, presynaptic]", 2);
  const velocityWeights = arrays.get("velocity_weights");
  if (weights.data.length !== units ** 2)
    throw new ShapeError(`${path}: weights: expected [${units}, ${units}], got ${formatShape(weights.shape)}.`);
  return { weights: weights.data, ...(velocityWeights && { velocityWeights: velocityWeights.data }) };
}

/** Trials from … to - 1. */
function trialsOf(recording: Recording, from: number, to: number): Recording {
  const { steps, trials } = recording;
  const pick = (values: ArrayLike<number>): Float32Array => {
    const width = values.length / (steps * trials);
    const picked = new Float32Array(steps * (to - from) * width);
    for (let step = 0; step < steps; step += 1)
      for (let index = 0; index < (to - from) * width; index += 1)
        picked[step * (to - from) * width + index] = values[(step * trials + from) * width + index] as number;
    return picked;
  };
  const { rates, velocities, headings, positions } = recording;
  return {
    ...{ ...recording, trials: to - from, rates: pick(rates), velocities: pick(velocities) },
    ...(headings && { headings: pick(headings) }),
    ...(positions && { positions: pick(positions) }),
  };
}
