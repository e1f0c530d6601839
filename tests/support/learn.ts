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

/**
 * Trains 64 units on a task, 32 trials an update, until `enough` of 128 held-out trials are solved or `steps` are done, and
 * measures on 256 others; `by`: the worst accuracy over the values of this condition.
 */
export async function learn(
  device: Device,
  task: Task,
  options: { readonly steps: number; readonly dtMs: number; readonly enough: number; readonly by?: string },
): Promise<Learned> {
  const { steps, dtMs, enough, by } = options;
  const structure = dense({ inputs: task.inputs, hidden: 64, outputs: task.outputs });
  const network = ctrnn(device, { structure, dtMs, tauMs: 100, activation: "relu", seed: 1 });
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
