import { ringAttractor } from "../attractors/ring.ts";
import { torusAttractor } from "../attractors/torus.ts";
import { planTorusRun } from "../attractors/torus-run.ts";
import { compileTorus, initialStates } from "../attractors/torus-simulate.ts";
import { bilinearTrainer } from "../attractors/train-bilinear.ts";
import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import { submit } from "../gpu/recorder.ts";
import { drawState } from "../plasticity/connect.ts";
import { SornEngine } from "../plasticity/engine.ts";
import { sornParameters } from "../plasticity/parameters.ts";
import { planRun } from "../plasticity/run-options.ts";
import { Random } from "../random.ts";
import { adam } from "../train/optimizer.ts";
import { type KernelRow, kernelRows } from "./kernels.ts";
import type { Roofs } from "./roofs.ts";
import type { BenchSystem } from "./shapes.ts";

/** The dispatches of one step of a system that runs already, and the operations of those that are matrix products. */
interface SystemStep {
  readonly dispatches: readonly Dispatch[];
  readonly operations: Readonly<Record<string, number>>;
  dispose(): void;
}

/** Every kernel of a system's step, timed alone, as `measureKernels` does for a training step. */
export async function measureSystem(
  device: Device,
  system: BenchSystem,
  options: { readonly rounds: number; readonly roofs: Roofs },
): Promise<KernelRow[]> {
  const step = await systems[system](device);
  try {
    return await kernelRows(device, system, step.dispatches, options, (label) => step.operations[label]);
  } finally {
    step.dispose();
  }
}

/** A dispatch that works on all its storage, of which one of a sequence is otherwise said to have a share. */
function whole(dispatch: Dispatch, sequence: readonly unknown[]): Dispatch {
  return { ...dispatch, bytes: dispatch.bytes * sequence.length };
}

const systems: Readonly<Record<BenchSystem, (device: Device) => Promise<SystemStep>>> = { ring, sheet, sorn };

const random = new Random(1, 1);
const uniform = (length: number, low: number, high: number): Float32Array =>
  Float32Array.from({ length }, () => random.uniform(low, high));

/** lr is 0, so that every round works on the same weights. */
async function ring(device: Device): Promise<SystemStep> {
  const network = ringAttractor();
  const { units } = network;
  const [steps, trials] = [50, 20];
  const optimizer = adam({ lr: 0 });
  const trainer = await bilinearTrainer(device, [network], { steps, trials, optimizer, noise: 0.1 });
  const rows = steps * trials;
  await trainer.update({
    state: uniform(trials * units, 0, 0.5),
    inputs: uniform(rows, -2, 2),
    targets: uniform(rows * units, 0, 0.5),
  });
  const products = 2 * rows * 2 * units ** 2;
  return {
    dispatches: trainer.dispatches,
    operations: {
      ...{ bilinear_forward: products, bilinear_backward: products },
      weight_gradient: products + 2 * rows * units,
    },
    dispose: () => trainer.dispose(),
  };
}

async function sheet(device: Device): Promise<SystemStep> {
  const torus = torusAttractor();
  const run = planTorusRun(torus, { steps: 8, trials: 8, velocities: uniform(2 * 8 * 8, -0.5, 0.5) });
  const plan = await compileTorus(device, torus, run);
  plan.tensors.state.write(initialStates(torus, run));
  submit(device, "sheet", [plan.start, ...plan.steps.flat()]);
  return {
    dispatches: [...(plan.steps[0] ?? []).map((each) => whole(each, plan.steps)), ...plan.frames.slice(0, 1)],
    operations: {},
    dispose: () => plan.dispose(),
  };
}

/** After some steps, so that spikes are as many as they are later. */
async function sorn(device: Device): Promise<SystemStep> {
  const lists = (inDegree: number) => ({ type: "sparse", inDegree }) as const;
  const parameters = sornParameters({
    ...{ preset: "zheng2013", excitatory: 2000, storage: "lists", slots: 64, seed: 1 },
    connections: { EE: lists(64), EI: lists(32), IE: lists(64) },
  });
  const engine = new SornEngine(device, [parameters], [drawState(parameters)], undefined);
  try {
    const plan = planRun({ steps: 64 }, parameters, 1);
    const compiled = await engine.compile(plan);
    for (let done = 0; done < plan.steps; ) {
      const count = Math.min(engine.layout.steps, plan.steps - done);
      await engine.advance(compiled, plan, done, count, []);
      done += count;
    }
    const { units, measure, synapses } = compiled.steps[0] as (typeof compiled.steps)[0];
    return {
      dispatches: [...units, measure, synapses].map((each) => whole(each, compiled.steps)),
      operations: {},
      dispose: () => engine.dispose(),
    };
  } catch (error) {
    engine.dispose();
    throw error;
  }
}
