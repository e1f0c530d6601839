import type { Network } from "../network/network.ts";
import type { Curriculum } from "./curriculum.ts";
import type { TrainSettingsInput } from "./options.ts";
import type { TrainingReport } from "./report.ts";
import type { TrialSource } from "./source.ts";
import { Trainer } from "./trainer.ts";

export interface TrainOptions extends TrainSettingsInput {
  /** Ends training at the next update, with a last report. */
  readonly signal?: AbortSignal;
}

/**
 * Trains a network on a task, or in the stages of a `curriculum`, a report at a time:
 * `for await (const report of train(network, task, { steps: 1000 })) console.log(report.loss)`.
 * @throws as {@link Trainer.create} and {@link Trainer.run}.
 */
export async function* train(
  network: Network,
  source: TrialSource | Curriculum,
  options: TrainOptions,
): AsyncGenerator<TrainingReport, void, void> {
  const { signal, ...settings } = options;
  const trainer = await Trainer.create(network, source, settings);
  try {
    yield* trainer.run({ signal });
  } finally {
    trainer.dispose();
  }
}
