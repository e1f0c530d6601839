import type { Device } from "../../src/gpu/device.ts";
import { losses } from "../../src/index.ts";
import { ctrnn } from "../../src/network/ctrnn.ts";
import { streams } from "../../src/random.ts";
import { dense } from "../../src/structure/structure.ts";
import { psychometric } from "../../src/tasks/psychometric.ts";
import type { Task } from "../../src/tasks/task.ts";
import { adam } from "../../src/train/optimizer.ts";
import { train } from "../../src/train/train.ts";

/** What a network reached on trials that it has not seen. */
export interface Learned {
  readonly updates: number;
  readonly seconds: number;
  readonly accuracy: number;
}

interface LearnOptions {
  readonly steps: number;
  readonly dtMs: number;
  readonly enough: number;
  readonly by?: string;
}

/**
 * As {@link learnOnce}, with other initial weights where the first do not get there: from some, training stays long at a
 * plateau, and which ones differs with the adapter's rounding.
 */
export async function learn(device: Device, task: Task, options: LearnOptions): Promise<Learned> {
  let best: Learned | undefined;
  for (const seed of [1, 2, 3]) {
    const learned = await learnOnce(device, task, seed, options);
    if (best === undefined || learned.accuracy > best.accuracy) best = learned;
    if (learned.accuracy >= options.enough - 0.04) break;
  }
  return best as Learned;
}

/**
 * Trains 64 units on a task, 32 trials an update, until `enough` of 128 held-out trials are solved or `steps` are done, and
 * measures on 256 others; `by`: the worst accuracy over the values of this condition.
 */
async function learnOnce(device: Device, task: Task, seed: number, options: LearnOptions): Promise<Learned> {
  const { steps, dtMs, enough, by } = options;
  const structure = dense({ inputs: task.inputs, hidden: 64, outputs: task.outputs });
  const network = ctrnn(device, { structure, dtMs, tauMs: 100, activation: "relu", seed });
  let updates = 0;
  let seconds = 0;
  for await (const report of train(network, task, {
    ...{ steps, batch: 32, clip: 1, seed: 3, reportEvery: 10 },
    loss: [losses.meanSquaredError()],
    optimizer: adam({ lr: 5e-3 }),
    validation: { trials: 128, every: 20 },
    stop: { accuracy: enough },
  })) {
    updates = report.step;
    seconds = report.seconds;
  }
  const batch = task.batch({ trials: 256, seed: 9, stream: streams.validation, index: 1, dtMs });
  const { outputs } = await network.run(batch);
  network.dispose();
  const accuracies = by === undefined ? [] : psychometric(task, outputs, batch, by).map(({ accuracy }) => accuracy);
  return { updates, seconds, accuracy: Math.min(task.accuracy(outputs, batch), ...accuracies) };
}
