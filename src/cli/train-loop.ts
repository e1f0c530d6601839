import type { DeviceDescription } from "../gpu/device.ts";
import type { StopReason, TrainingReport } from "../train/report.ts";
import type { Trainer } from "../train/trainer.ts";
import type { StoredCheckpoint } from "./checkpoint-file.ts";
import type { Output } from "./output.ts";
import { Progress } from "./progress.ts";
import type { MetricsLine, RunFolder } from "./run-folder.ts";
import { deviceName } from "./run-record.ts";

const checkpointMs = 10_000;

/** How a training loop ended. */
export interface LoopEnd {
  readonly reason: StopReason;
  /** Seconds that it took, in this process. */
  readonly seconds: number;
}

/** Trains to the end, writing metrics at every report and a checkpoint every ten seconds and at the end. */
export async function trainLoop(parts: {
  readonly name: string;
  readonly trainer: Trainer;
  readonly folder: RunFolder;
  readonly stored: StoredCheckpoint | undefined;
  readonly output: Output;
  readonly description: DeviceDescription;
  readonly signal: AbortSignal;
}): Promise<LoopEnd> {
  const { name, trainer, folder, stored, output, description, signal } = parts;
  const { steps } = trainer.settings;
  const first = trainer.step;
  const device = deviceName(description);
  const start = first > 0 ? ` from update ${first}` : "";
  const { profile } = trainer;
  const kernels = `${profile.family} ${profile.products} kernels, ${profile.dispatches} dispatches an update`;
  process.stderr.write(`training ${name}${start} on ${device} (${kernels}); files in ${folder.path}\n`);
  output.record({ event: "start", name, out: folder.path, step: first, steps, device, profile });
  const progress = new Progress(steps, first);
  const started = performance.now();
  let lastCheckpoint = started;
  let reason: StopReason | undefined = stored?.stopped ?? (first >= steps ? "steps" : undefined);
  if (reason === undefined) {
    for await (const report of trainer.run({ signal })) {
      await folder.appendMetrics(metricsLines(report));
      progress.show(report);
      output.record(reportRecord(report, first));
      reason = report.stopped;
      if (performance.now() - lastCheckpoint < checkpointMs) continue;
      await folder.writeCheckpoint({ checkpoint: await trainer.checkpoint() });
      lastCheckpoint = performance.now();
    }
  }
  const end = { reason: reason ?? "aborted", seconds: (performance.now() - started) / 1000 };
  const { reason: why } = end;
  const early = why === "steps" || why === "aborted" ? {} : { stopped: why };
  await folder.writeCheckpoint({ checkpoint: await trainer.checkpoint(), ...early });
  return end;
}

/** A line for each update of a report; what was measured stands on the last. */
function metricsLines({ records, accuracy, validation, stage, stageMeasurements }: TrainingReport): MetricsLine[] {
  return records.map((plain, index) => {
    const record = stage === undefined ? plain : { ...plain, stage };
    if (index < records.length - 1) return record;
    return {
      ...record,
      ...(accuracy !== undefined && { accuracy }),
      ...(validation && { validation }),
      ...(stageMeasurements && { stageMeasurements }),
    };
  });
}

function reportRecord(report: TrainingReport, first: number): object {
  const { records: _records, seconds, ...rest } = report;
  return { event: "report", ...rest, seconds, stepsPerSecond: (report.step - first) / seconds };
}
