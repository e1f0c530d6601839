import type { Network } from "../network/network.ts";
import { streams } from "../random.ts";
import type { Trainer } from "../train/trainer.ts";
import type { Experiment } from "./experiment.ts";
import { runFigures } from "./figures.ts";
import type { Output } from "./output.ts";
import { formatSeconds } from "./progress.ts";
import { replicaFigure, replicaTable } from "./replica-table.ts";
import type { RunFolder } from "./run-folder.ts";
import type { LoopEnd } from "./train-loop.ts";
import { describeUnits } from "./unit-signs.ts";

const freshTrials = 512;

/** After the last update: the best weights, where they were kept, the model's files, figures, and a summary. */
export async function finishTraining(parts: {
  readonly name: string;
  readonly network: Network;
  readonly trainer: Trainer;
  readonly folder: RunFolder;
  readonly experiment: Experiment;
  readonly end: LoopEnd;
  readonly output: Output;
}): Promise<void> {
  const { name, network, trainer, folder, experiment, end, output } = parts;
  const { step } = trainer;
  if (end.reason !== "aborted" && experiment.config.keepBest) trainer.putBackBest();
  await folder.writeModels(network);
  await folder.writeFigures(await runFigures(name, network, experiment, await folder.readMetrics()));
  const accuracies = end.reason === "aborted" ? undefined : await freshAccuracies(network, experiment);
  const accuracy = accuracies && accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
  if (network.replicas > 1) {
    const metrics = await folder.readMetrics();
    await folder.writeTable(replicaTable({ experiment, trainer, metrics, accuracies }));
    const svg = replicaFigure(name, experiment, metrics);
    if (svg !== undefined) await folder.writeFigures(new Map([["replicas", svg]]));
  }
  const { reason: stopped, seconds } = end;
  output.record({
    event: "done",
    step,
    stopped,
    ...(accuracy !== undefined && { accuracy, freshTrials }),
    ...(accuracies && accuracies.length > 1 && { accuracies }),
    seconds,
    out: folder.path,
  });
  const why = {
    steps: "all updates done",
    accuracy: "accuracy reached",
    patience: "no progress",
    curriculum: "all stages passed",
    aborted: "interrupted",
  };
  const lines = [
    describeUnits(await network.read()),
    `${step} updates in ${formatSeconds(seconds)}: ${why[stopped]}`,
    ...(accuracy === undefined ? [] : [`accuracy on ${freshTrials} fresh trials: ${(100 * accuracy).toFixed(1)} %`]),
    ...(accuracies && accuracies.length > 1
      ? [`  by replica: ${accuracies.map((value) => (100 * value).toFixed(1)).join(", ")} %`]
      : []),
    `files: ${folder.path}`,
    ...(stopped === "aborted" ? [`go on with: cortrain train --resume --out ${folder.path}`] : []),
  ];
  output.text(lines.join("\n"));
}

/** The accuracy of every replica on trials that neither training nor validation has seen. */
async function freshAccuracies(network: Network, { task, config }: Experiment): Promise<number[] | undefined> {
  if (task === undefined) return undefined;
  const { dtMs } = network.spec;
  const time = dtMs === undefined ? {} : { dtMs };
  const batch = task.batch({ trials: freshTrials, seed: config.seed, stream: streams.validation, index: 1, ...time });
  const { outputs } = await network.run(batch);
  const length = outputs.length / network.replicas;
  return Array.from({ length: network.replicas }, (_, replica) =>
    task.accuracy(outputs.slice(replica * length, (replica + 1) * length), batch),
  );
}
