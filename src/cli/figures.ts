import { gateNames } from "../network/cells.ts";
import type { Network } from "../network/network.ts";
import { effectiveWeights } from "../network/validate.ts";
import { trainingCurves, trialFigure, weightMatrix } from "../plot/index.ts";
import { streams } from "../random.ts";
import type { TrialBatch } from "../tasks/task.ts";
import type { Experiment } from "./experiment.ts";
import type { MetricsLine } from "./run-folder.ts";
import { unitSigns } from "./unit-signs.ts";

/**
 * A run's figures as SVG documents by name: `training`, `weights` and `trial` (a fresh one), of replica 0. An LSTM or a GRU has
 * `weights-<gate>` for every gate in place of `weights`.
 */
export async function runFigures(
  name: string,
  network: Network,
  { source, task, config }: Experiment,
  metrics: readonly MetricsLine[],
): Promise<Map<string, string>> {
  const model = await network.read();
  const { cell, areas, hidden, inputs, outputs, dtMs } = model.spec;
  const signs = unitSigns(model);
  const figures = new Map<string, string>();
  const finite = metrics.filter(({ loss }) => loss !== null);
  if (finite.length > 0) {
    const training = trainingCurves({
      step: finite.map(({ step }) => step),
      loss: finite.map(({ loss }) => loss ?? Number.NaN),
      accuracy: finite.map(({ accuracy }) => accuracy),
      validationAccuracy: finite.map(({ validation }) => validation?.accuracy),
      chance: task?.chance,
      title: `${name}: training`,
    });
    figures.set("training", training);
  }
  const all = effectiveWeights(model, "weightHH");
  for (const [index, gate] of gateNames[cell].entries()) {
    const weights = all.slice(index * hidden * hidden, (index + 1) * hidden * hidden);
    const title = `${name}: recurrent weights${gate === "" ? "" : ` onto gate ${gate}`}`;
    figures.set(
      gate === "" ? "weights" : `weights-${gate}`,
      weightMatrix({ weights, units: hidden, areas, signs, title }),
    );
  }
  const time = dtMs === undefined ? {} : { dtMs };
  // A trial of a task is a fresh one; trials of a file may have none to spare.
  const fresh = task === undefined ? {} : { stream: streams.validation, index: 2 };
  const batch = source.batch({ trials: 1, seed: config.seed, ...fresh, ...time });
  const activity = await network.run(batch);
  // Of a trial that ends before its batch does, what there is of it.
  const steps = ("lengths" in batch ? (batch as TrialBatch).lengths?.[0] : undefined) ?? batch.steps;
  const trial = trialFigure({
    steps,
    dtMs: dtMs ?? task?.dtMs ?? 1,
    inputs: batch.inputs.slice(0, steps * inputs),
    rates: activity.rates.slice(0, steps * hidden),
    outputs: activity.outputs.slice(0, steps * outputs),
    targets: batch.targets.slice(0, steps * outputs),
    mask: batch.mask?.slice(0, steps * outputs),
    inputNames: task?.inputNames,
    outputNames: task?.outputNames,
    areas,
    signs,
    title: `${name}: one ${task === undefined ? "" : "fresh "}trial`,
  });
  figures.set("trial", trial);
  return figures;
}
