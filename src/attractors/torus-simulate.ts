import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import { Readback } from "../gpu/readback.ts";
import { submit } from "../gpu/recorder.ts";
import { TorusPlan, type TorusSizes } from "../ops/torus.ts";
import { Random, streams } from "../random.ts";
import { fieldSide, type TorusParameters } from "./torus.ts";
import { kernelSpectra, unitTable } from "./torus-kernel.ts";
import { planTorusRun, type TorusRunOptions, type TorusRunPlan } from "./torus-run.ts";

/** Some frames of a run, in time order. */
export interface TorusBlock {
  /** Steps of the run that are done after the block, and the number of the first frame (counted from 0). */
  readonly done: number;
  readonly first: number;
  readonly frames: number;
  /** [frames, trials, units] */
  readonly rates: Float32Array;
  /** [frames, trials, 2] m/s, in the step of the frame. */
  readonly velocities: Float32Array;
}

/** A recording of a two-dimensional attractor sheet. */
export interface TorusRecording {
  /** Frames. */
  readonly steps: number;
  readonly trials: number;
  readonly units: number;
  /** From frame to frame. */
  readonly dtMs: number;
  /** [steps, trials, units]: rates[t] is the state after the step that velocities[t] drove. */
  readonly rates: Float32Array;
  /** [steps, trials, 2] m/s. */
  readonly velocities: Float32Array;
}

/** Points of all images of a submission on a software adapter, and on others, and bytes of its frames, at most. */
const work = { software: 2 ** 24, hardware: 2 ** 29, frameBytes: 2 ** 25, slots: 512 } as const;

function sizesOf(device: Device, torus: TorusParameters, run: TorusRunPlan): TorusSizes {
  const field = fieldSide(torus);
  const points = field ** 2 * run.trials;
  const budget = device.info.isSoftware ? work.software : work.hardware;
  const slots = Math.min(run.stepsAtOnce, Math.max(8, Math.min(work.slots, Math.floor(budget / points))));
  const frames = Math.max(
    1,
    Math.min(Math.ceil(slots / run.every), Math.floor(work.frameBytes / (4 * run.trials * run.units.length))),
  );
  return {
    ...{ side: torus.side, field, trials: run.trials, slots, frames, chosen: run.units.length },
    ...{ mode: torus.velocity.type, activation: torus.activation },
  };
}

/**
 * Runs a two-dimensional attractor sheet and yields its frames as they come: nothing is kept. Many steps go in a submission,
 * and each has two dispatches whatever the number of trials: a sheet is convolved with its weights by Fourier transforms.
 * @throws ValueError, ShapeError, LimitError at once, before any GPU work.
 */
export function runTorus(
  device: Device,
  torus: TorusParameters,
  options: TorusRunOptions,
): AsyncGenerator<TorusBlock, Float32Array, undefined> {
  const run = planTorusRun(torus, options);
  const sizes = sizesOf(device, torus, run);
  TorusPlan.check(device, sizes);
  return blocksOf(device, torus, run, sizes);
}

/**
 * Runs a two-dimensional attractor sheet and keeps the rates of the chosen units in every `every`-th step, and the state at
 * its end.
 *
 * ```ts
 * import { openDevice, simulateTorus, torusAttractor } from "cortrain";
 *
 * const device = await openDevice();
 * const sheet = torusAttractor({ preset: "burak2009", side: 32, lattice: "rhombic", dtMs: 1 });
 * const east = Float32Array.from({ length: 2 * 20 }, (_, index) => (index % 2 === 0 ? 0.5 : 0));
 * const run = { steps: 200, hold: 10, velocities: east, every: 20, settleMs: 100, units: [0, 1] };
 * const { steps, trials, units, dtMs, rates, state } = await simulateTorus(device, sheet, run);
 * console.log(steps, trials, units, dtMs, rates.length, state.length);
 * ```
 * @returns a recording whose time step is that of the frames, and `state` [trials, side, side].
 * @throws ValueError, ShapeError, LimitError as {@link runTorus}.
 */
export async function simulateTorus(
  device: Device,
  torus: TorusParameters,
  options: TorusRunOptions,
): Promise<TorusRecording & { readonly state: Float32Array }> {
  const { trials, units, every, steps } = planTorusRun(torus, options);
  const count = Math.floor(steps / every);
  const rates = new Float32Array(count * trials * units.length);
  const velocities = new Float32Array(2 * count * trials);
  const blocks = runTorus(device, torus, options);
  for (let next = await blocks.next(); ; next = await blocks.next()) {
    if (next.done === true) {
      const dtMs = every * torus.dtMs;
      return { steps: count, trials, units: units.length, dtMs, rates, velocities, state: next.value };
    }
    rates.set(next.value.rates, next.value.first * trials * units.length);
    velocities.set(next.value.velocities, 2 * next.value.first * trials);
  }
}

/** The plan of a run, its states not written yet. The caller disposes of it. */
export async function compileTorus(
  device: Device,
  torus: TorusParameters,
  run: TorusRunPlan,
  sizes = sizesOf(device, torus, run),
): Promise<TorusPlan> {
  const { velocity } = torus;
  const rate = torus.dtMs / torus.tauMs;
  const tables = { kernels: kernelSpectra(torus), units: unitTable(torus), chosen: run.units };
  const numbers = {
    ...{ rate, input: torus.input, share: torus.normalised },
    gain: velocity.type === "shift" ? velocity.gain * torus.side : velocity.gain,
    ...{ noise: torus.noise / Math.sqrt(rate), seed: run.seed, stream: streams.runNoise },
  };
  return TorusPlan.compile(device, sizes, numbers, tables);
}

async function* blocksOf(
  device: Device,
  torus: TorusParameters,
  run: TorusRunPlan,
  sizes: TorusSizes,
): AsyncGenerator<TorusBlock, Float32Array, undefined> {
  const plan = await compileTorus(device, torus, run, sizes);
  const readback = new Readback(device);
  try {
    plan.tensors.state.write(initialStates(torus, run));
    let pending: readonly Dispatch[] = [plan.start];
    for (let done = -run.settle; done < run.steps && !run.signal?.aborted; ) {
      const { count, kept } = stretchOf(run, sizes, done);
      writeStretch(plan, run, done, count);
      const dispatches = [...pending, ...dispatchesOf(plan, kept, count)];
      pending = [];
      done += count;
      const length = run.trials * run.units.length;
      if (kept.length > 0) {
        const range = { tensor: plan.tensors.frames, count: kept.length * length };
        const [rates] = await readback.read([range], dispatches);
        const velocities = new Float32Array(2 * kept.length * run.trials);
        for (const [frame, slot] of kept.entries())
          velocities.set(velocitiesAt(run, done - count + slot), 2 * frame * run.trials);
        const first = (done - count + (kept[0] as number) + 1) / run.every - 1;
        yield { done, first, frames: kept.length, rates: rates as Float32Array, velocities };
      } else {
        submit(device, "torus", dispatches);
        await device.wait(device.queue.onSubmittedWorkDone());
        device.check();
      }
    }
    const area = torus.side ** 2;
    const [state] = await readback.read([{ tensor: plan.tensors.state, count: run.trials * area }]);
    return state as Float32Array;
  } finally {
    plan.dispose();
    readback.dispose();
  }
}

/** How many steps come next, and after which of them (slots) a frame is kept. Steps below 0 settle. */
function stretchOf(
  run: TorusRunPlan,
  sizes: TorusSizes,
  done: number,
): { readonly count: number; readonly kept: readonly number[] } {
  const end = done < 0 ? 0 : run.steps;
  const most = Math.min(sizes.slots, end - done);
  if (done < 0) return { count: most, kept: [] };
  const kept: number[] = [];
  for (let slot = run.every - 1 - (done % run.every); slot < most && kept.length < sizes.frames; slot += run.every)
    kept.push(slot);
  // Full frames end a stretch.
  const count = kept.length === sizes.frames ? Math.min(most, (kept.at(-1) as number) + run.every) : most;
  return { count, kept };
}

function dispatchesOf(plan: TorusPlan, kept: readonly number[], count: number): readonly Dispatch[] {
  return Array.from({ length: count }, (_, slot) => {
    const frame = kept.indexOf(slot);
    const steps = plan.steps[slot] as readonly Dispatch[];
    return frame < 0 ? steps : [...steps, plan.frames[frame] as Dispatch];
  }).flat();
}

function writeStretch({ tensors }: TorusPlan, run: TorusRunPlan, done: number, count: number): void {
  const room = (tensors.velocities.shape[1] as number) * 2;
  const velocities = new Float32Array(count * room);
  for (let slot = 0; slot < count; slot += 1) velocities.set(velocitiesAt(run, done + slot), slot * room);
  tensors.velocities.write(velocities);
  tensors.steps.write(Uint32Array.from({ length: count }, (_, slot) => run.settle + done + slot));
}

/** [trials, 2] */
function velocitiesAt({ velocities, hold, trials }: TorusRunPlan, step: number): Float32Array {
  const values = new Float32Array(2 * trials);
  if (velocities === undefined || step < 0) return values;
  const start = 2 * trials * Math.floor(step / hold);
  for (let index = 0; index < values.length; index += 1) values[index] = velocities[start + index] as number;
  return values;
}

/** Rates around those of a sheet without a pattern, the same in all trials, whose patterns form at the same places then. */
export function initialStates(torus: TorusParameters, { initial, trials, seed }: TorusRunPlan): Float32Array {
  const area = torus.side ** 2;
  const random = new Random(seed, streams.weights);
  const one = initial ?? Float32Array.from({ length: area }, () => random.uniform(0, 0.2));
  const states = new Float32Array(trials * area);
  for (let trial = 0; trial < trials; trial += 1) {
    const start = one.length === area ? 0 : trial * area;
    for (let unit = 0; unit < area; unit += 1) states[trial * area + unit] = one[start + unit] as number;
  }
  return states;
}
