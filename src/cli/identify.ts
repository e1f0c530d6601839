import { resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { type Device, describeDevice, openDevice } from "../gpu/device.ts";
import { identify } from "../identify/identify.ts";
import { type ScoredNetwork, scoreFitted } from "../identify/score-fitted.ts";
import { flattenScores, type ScoredMethod, scoreTable } from "../identify/score-table.ts";
import { seedConsistency } from "../identify/seed-consistency.ts";
import type { Arguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { readConfig } from "./config-source.ts";
import { exitCodes } from "./exit-codes.ts";
import { baselineMethods } from "./identify-baselines.ts";
import {
  type CompleteIdentifyConfig,
  type Condition,
  identifyConfigPresets,
  parseIdentifyConfig,
} from "./identify-config.ts";
import { identifyFigures } from "./identify-figures.ts";
import { IdentifyFolder } from "./identify-folder.ts";
import { identifyHelp } from "./identify-help.ts";
import { type Recordings, readRecordings, simulateRecordings } from "./identify-recording.ts";
import { watchInterrupt } from "./interrupt.ts";
import type { Output } from "./output.ts";
import { formatSeconds, ProgressLine } from "./progress.ts";
import { deviceName, runRecord } from "./run-record.ts";
import { defaultFolder } from "./train.ts";

/** `cortrain identify CONFIG`. */
export const identifyCommand: Command = {
  summary: "recover connectivity from activity: CONFIG is a preset, a JSON file, or - for stdin",
  usage: {
    positionals: ["CONFIG"],
    options: {
      out: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
    help: identifyHelp,
  },
  run: runIdentify,
};

/** Networks of one condition that were fitted and scored. */
export interface ScoredCondition {
  readonly name: string;
  readonly networks: readonly ScoredNetwork[];
}

interface IdentifyRun {
  readonly name: string;
  readonly config: CompleteIdentifyConfig;
  readonly folder: IdentifyFolder;
  readonly output: Output;
}

async function runIdentify(args: Arguments, output: Output): Promise<number> {
  const [given] = args.positionals;
  if (given === undefined)
    throw new ConfigError("cortrain identify: CONFIG is missing: a preset, a .json file, or - for stdin.");
  const source = await readConfig(given, identifyConfigPresets);
  const config = parseIdentifyConfig(source.value, source.label);
  const folder = new IdentifyFolder(resolve(args.value("out") ?? defaultFolder(source.name)));
  folder.check();
  const recordings = await readRecordings(config, source.folder, (notice) => output.notice(notice));
  const interrupt = watchInterrupt(() => output.notice("interrupted: scoring what is fitted (again: stop at once)"));
  const device = await openDevice();
  try {
    const run = { name: source.name, config, folder, output };
    return await runOnDevice(run, device, recordings, interrupt.signal);
  } finally {
    device.dispose();
    interrupt.release();
  }
}

async function runOnDevice(
  { name, config, folder, output }: IdentifyRun,
  device: Device,
  files: Recordings | undefined,
  signal: AbortSignal,
): Promise<number> {
  const started = performance.now();
  const description = describeDevice(device);
  const place = deviceName(description);
  process.stderr.write(`running ${name} on ${place}; files in ${folder.path}\n`);
  output.record({ event: "start", name, out: folder.path, device: place });
  await folder.writeConfig(runRecord(config, description));
  const { recording } = config;
  const recordings = recording.type === "ring" ? await simulateRecordings(device, recording) : (files as Recordings);
  const { training, test, truth, preferred } = recordings;
  output.text(
    `${training.trials} trials of ${training.steps} steps of ${training.units} units; scored on ${test.trials} others of ${test.steps}`,
  );
  const scored: ScoredCondition[] = [];
  for (const condition of config.conditions) {
    if (signal.aborted) break;
    const fitted = await fitCondition(device, condition, recordings, { folder, output, signal });
    const networks = await scoreFitted(device, fitted, test, { truth, preferred });
    scored.push({ name: condition.name, networks });
    await folder.writeNetworks(condition.name, networks);
  }
  const methods: ScoredMethod[] = [
    ...scored.map(({ name: condition, networks }) => ({
      name: condition,
      seeds: networks.map(({ fitted, scores }) =>
        flattenScores({ update: fitted.step, "held-out error": fitted.error, ...scores }),
      ),
    })),
    ...(config.baselines && !signal.aborted ? await baselineMethods(device, recordings) : []),
  ];
  const agreements = scored.flatMap(({ name: condition, networks }): ScoredMethod[] => {
    const between = seedConsistency(networks);
    return between === undefined ? [] : [{ name: condition, seeds: [flattenScores({ "between seeds": between })] }];
  });
  const table = [methods, agreements]
    .filter((list) => list.length > 0)
    .map((list) => scoreTable(list))
    .join("\n\n");
  await folder.writeScores(methods, agreements, table);
  await folder.writeConnectivity(scored, truth);
  await folder.writeFigures(identifyFigures(name, scored, methods, recordings));
  const seconds = (performance.now() - started) / 1000;
  const stopped = signal.aborted ? "aborted" : "done";
  output.record({ event: "done", stopped, scores: methods, agreements, seconds, out: folder.path });
  output.text(`${table}\n\n${formatSeconds(seconds)}; files: ${folder.path}`);
  return signal.aborted ? exitCodes.interrupted : exitCodes.done;
}

/** Fits the networks of one condition, and tells how it goes. */
async function fitCondition(
  device: Device,
  { name, settings }: Condition,
  { training }: Recordings,
  { folder, output, signal }: Pick<IdentifyRun, "folder" | "output"> & { signal: AbortSignal },
): Promise<Parameters<typeof scoreFitted>[1]> {
  const progress = new ProgressLine(settings.updates);
  const began = performance.now();
  for await (const report of identify(device, training, { ...settings, signal })) {
    const { step, losses, errors, seconds, networks, stopped } = report;
    await folder.appendMetrics({ condition: name, step, losses, errors, seconds });
    output.record({ event: "report", condition: name, step, losses, errors });
    const rate = (1000 * step) / (performance.now() - began);
    const middle = [...errors].sort((a, b) => a - b)[errors.length >> 1] ?? Number.NaN;
    const words = `${name}  update ${step}/${settings.updates}  held-out error ${middle.toPrecision(3)}  ${rate.toPrecision(3)} updates/s  ${formatSeconds((settings.updates - step) / rate)} left`;
    progress.show(step, words, stopped !== undefined);
    if (stopped !== undefined) return networks;
  }
  throw new ConfigError(`${name}: identification ended without a report.`);
}
