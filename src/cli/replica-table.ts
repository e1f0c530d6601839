import { ensembleCurves } from "../plot/index.ts";
import type { Trainer } from "../train/trainer.ts";
import type { Experiment } from "./experiment.ts";
import type { MetricsLine } from "./run-folder.ts";
import type { SweepPoint } from "./sweep.ts";

/** Groups that can be told apart in a figure. */
const mostGroups = 8;

/** One line for each replica: its swept settings, seeds, losses and accuracies, and why its training ended. */
export function replicaTable(parts: {
  readonly experiment: Experiment;
  readonly trainer: Trainer;
  readonly metrics: readonly MetricsLine[];
  /** On fresh trials, of each replica. */
  readonly accuracies: readonly number[] | undefined;
}): string {
  const { experiment, trainer, metrics, accuracies } = parts;
  const { points, models, config } = experiment;
  const swept = Object.keys(points[0]?.values ?? {});
  const last = metrics.at(-1)?.losses;
  const header = [
    ...["replica", ...swept, "network_seed", "training_seed", "loss", "best_validation_loss"],
    ...["best_validation_accuracy", "fresh_accuracy", "ended", "ended_step", "diverged_step"],
  ];
  const lines = trainer.replicas.map(({ best, ended, divergedStep }, replica) => {
    const { values } = points[Math.floor(replica / config.replicas)] as SweepPoint;
    return [
      ...[replica, ...swept.map((path) => values[path])],
      ...[models[replica]?.spec.seed, trainer.settings.replicas[replica]?.seed, last?.[replica], best?.loss],
      ...[best?.accuracy, accuracies?.[replica], ended?.reason, ended?.step, divergedStep],
    ];
  });
  return `${[header, ...lines].map((line) => line.map(cell).join(",")).join("\n")}\n`;
}

/** A cell of a CSV file (RFC 4180); nothing where there is no value. */
function cell(value: unknown): string {
  if (value === undefined || value === null) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The end of a path; of a loss term's weight, which term. */
function shortName(path: string): string {
  return path
    .split(".")
    .slice(path.endsWith(".weight") ? -2 : -1)
    .join(" ");
}

/** The losses of the combinations of a sweep, mean and quartiles; of all networks together where there are too many. */
export function replicaFigure(
  name: string,
  { points, config: { replicas } }: Experiment,
  metrics: readonly MetricsLine[],
): string | undefined {
  const lossesOf = (replica: number): Float64Array =>
    Float64Array.from(metrics, ({ losses }) => losses?.[replica] ?? Number.NaN);
  const all = points.map(({ values }, point) => ({
    label: Object.entries(values)
      .map(([path, value]) => `${shortName(path)} ${JSON.stringify(value)}`)
      .join(", "),
    losses: Array.from({ length: replicas }, (_, k) => lossesOf(point * replicas + k)),
  }));
  const groups = all.length <= mostGroups ? all : [{ label: "all", losses: all.flatMap(({ losses }) => losses) }];
  if (!groups.some(({ losses }) => losses.some((loss) => loss.some(Number.isFinite)))) return undefined;
  return ensembleCurves({ step: metrics.map(({ step }) => step), groups, title: `${name}: networks trained together` });
}
