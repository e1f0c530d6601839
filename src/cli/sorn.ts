import { resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { type Device, describeDevice, openDevice } from "../gpu/device.ts";
import { describeSorn, type SornParameters, sornParameters, sornRules } from "../plasticity/parameters.ts";
import { joinRecords, type SornRecord, type SornRecordRequest } from "../plasticity/record.ts";
import { planRun, type SornRunOptions } from "../plasticity/run-options.ts";
import { type Sorn, sorn } from "../plasticity/sorn.ts";
import type { SornSnapshot } from "../plasticity/state.ts";
import type { Arguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { readConfig } from "./config-source.ts";
import { exitCodes } from "./exit-codes.ts";
import { watchInterrupt } from "./interrupt.ts";
import { definedOnly } from "./model-source.ts";
import type { Output } from "./output.ts";
import { formatSeconds, ProgressLine } from "./progress.ts";
import { type CompleteSornConfig, parseSornConfig, type SornPhase, sornConfigPresets } from "./sorn-config.ts";
import { sornFigures } from "./sorn-figures.ts";
import { readState, SornFolder, stateFile } from "./sorn-folder.ts";
import { sornHelp } from "./sorn-help.ts";
import { sornInputSource } from "./sorn-inputs.ts";
import { numberCsv, numberTable, type PhaseRecords, ruleTable, sornNumbers } from "./sorn-numbers.ts";
import { defaultFolder } from "./train.ts";
import { packageVersion } from "./version.ts";

const reportMs = 1000;
/** Of a default record: frames over a phase, and spikes. */
const mostFrames = 1000;
const mostSpikeSteps = 5000;
const mostSpikes = 4_000_000;

/** `cortrain sorn CONFIG`. */
export const sornCommand: Command = {
  summary: "run a self-organising network: CONFIG is a preset, a JSON file, or - for stdin",
  usage: {
    positionals: ["CONFIG"],
    options: {
      out: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
    help: sornHelp,
  },
  run: runSorn,
};

/** All that a run is made of, before any GPU work. */
interface SornRun {
  readonly name: string;
  readonly config: CompleteSornConfig;
  readonly folder: SornFolder;
  readonly parameters: readonly [SornParameters, ...SornParameters[]];
  readonly snapshot: SornSnapshot | undefined;
  readonly output: Output;
}

async function runSorn(args: Arguments, output: Output): Promise<number> {
  const [given] = args.positionals;
  if (given === undefined)
    throw new ConfigError("cortrain sorn: CONFIG is missing: a preset, a .json file, or - for stdin.");
  const source = await readConfig(given, sornConfigPresets);
  const parsed = parseSornConfig(source.value, source.label);
  const folder = new SornFolder(resolve(args.value("out") ?? defaultFolder(source.name)));
  folder.check();
  const state = parsed.state === undefined ? undefined : resolve(source.folder, parsed.state);
  const config = { ...parsed, ...(state !== undefined && { state }) };
  const base = sornParameters(definedOnly(config.network), `${source.label}: network`);
  const others = Array.from({ length: config.replicas - 1 }, (_, index) => ({ ...base, seed: base.seed + index + 1 }));
  const snapshot = state === undefined ? undefined : await readState(state);
  const run: SornRun = { name: source.name, config, folder, parameters: [base, ...others], snapshot, output };
  // Whatever is wrong in a later phase is said before the first one runs.
  let first = snapshot?.step ?? 0;
  for (const phase of config.phases) {
    planRun(phaseOptions(run, phase, first), base, config.replicas);
    first += phase.steps;
  }
  return await runOnDevice(run);
}

async function runOnDevice(run: SornRun): Promise<number> {
  const { config, folder, output, snapshot, parameters } = run;
  const interrupt = watchInterrupt(() => output.notice("interrupted: writing the state (again: stop at once)"));
  const device = await openDevice();
  let network: Sorn | undefined;
  try {
    network = sorn(device, { ...definedOnly(config.network), replicas: config.replicas });
    if (snapshot !== undefined) network.restore(snapshot);
    await folder.writeConfig(runRecord(config, device));
    const started = performance.now();
    const phases = await runPhases(run, network, device, interrupt.signal);
    const seconds = (performance.now() - started) / 1000;
    const last = await network.snapshot();
    await folder.writeState(last);
    const numbers = sornNumbers(phases, last, parameters);
    const summary = [
      describeSorn(parameters[0]),
      "",
      ruleTable(parameters[0]),
      "",
      ...(parameters.length > 1 ? [`${parameters.length} replicas: mean ± standard deviation`, ""] : []),
      numberTable(numbers),
    ].join("\n");
    await folder.writeText("summary.txt", `${summary}\n`);
    await folder.writeText("numbers.csv", numberCsv(numbers));
    const [state] = last.replicas;
    if (state !== undefined) await folder.writeFigures(sornFigures(run.name, phases, state, parameters[0]));
    const stopped = interrupt.signal.aborted ? "aborted" : "steps";
    output.record({ event: "done", step: last.step, stopped, numbers, seconds, out: folder.path });
    output.text(`${summary}\n\n${last.step} steps, ${formatSeconds(seconds)}; files: ${folder.path}`);
    if (stopped === "aborted")
      output.text(`go on with "state": "${folder.path}/${stateFile}" in a configuration of the steps that are left`);
    return stopped === "aborted" ? exitCodes.interrupted : exitCodes.done;
  } finally {
    network?.dispose();
    device.dispose();
    interrupt.release();
  }
}

/** Runs the phases one after the other, writes the records of each, and tells how it goes. */
async function runPhases(
  run: SornRun,
  network: Sorn,
  device: Device,
  signal: AbortSignal,
): Promise<readonly PhaseRecords[]> {
  const { name, config, folder, output } = run;
  const total = config.phases.reduce((sum, { steps }) => sum + steps, 0);
  const { description, device: model, vendor } = describeDevice(device);
  const place = description || model || vendor || "an unnamed device";
  process.stderr.write(`running ${name} on ${place}; files in ${folder.path}\n`);
  output.record({ event: "start", name, out: folder.path, step: network.step, steps: total, device: place });
  const progress = new ProgressLine(total);
  const first = network.step;
  const started = performance.now();
  let lastReport = Number.NEGATIVE_INFINITY;
  const phases: PhaseRecords[] = [];
  for (const phase of config.phases) {
    if (signal.aborted) break;
    const begin = network.step;
    const parts = new Map<string, SornRecord[]>();
    // The loop is left rather than the run aborted: a run that may end early has to read all that a ring would drop.
    for await (const { records, done } of network.run(phaseOptions(run, phase, begin))) {
      for (const record of Object.values(records)) {
        const list = parts.get(record.name);
        if (list === undefined) parts.set(record.name, [record]);
        else list.push(record);
      }
      const step = network.step - first;
      const rate = (1000 * step) / (performance.now() - started);
      const left = formatSeconds((total - step) / rate);
      const words = `step ${step}/${total}  ${phase.name}  ${rate.toPrecision(3)} steps/s  ${left} left`;
      progress.show(step, words, step === total || signal.aborted);
      if (done === phase.steps || performance.now() - lastReport >= reportMs) {
        output.record({ event: "report", phase: phase.name, step: network.step, stepsPerSecond: rate });
        lastReport = performance.now();
      }
      if (signal.aborted) break;
    }
    const records = Object.fromEntries([...parts].map(([key, list]) => [key, joinRecords(list)]));
    const finished: PhaseRecords = { name: phase.name, steps: network.step - begin, records };
    await folder.writeRecords(finished);
    phases.push(finished);
  }
  return phases;
}

/** What `Sorn.run` is told for a phase that begins at `first` steps of the network's life. */
function phaseOptions({ config, parameters, snapshot }: SornRun, phase: SornPhase, first: number): SornRunOptions {
  const [base] = parameters;
  const seeds = snapshot?.seeds ?? parameters.map(({ seed }) => seed);
  const label = `phases: ${phase.name}`;
  const inputs = sornInputSource(phase.inputs ?? config.inputs, { inputs: base.inputs, seeds }, first, label);
  const noise = phase.noise ?? config.noise;
  const record = phase.record ?? config.record;
  return {
    steps: phase.steps,
    freeze: phase.freeze === "all" ? sornRules : phase.freeze,
    record:
      record === undefined
        ? defaultRecord(phase, base, config.replicas)
        : record.map((each) => (typeof each === "string" ? each : definedOnly(each))),
    ...(inputs && { inputs }),
    ...(noise !== undefined && { noise }),
  };
}

/** Rates of every step, the connections every so often, and the last spikes: what the figures need. */
function defaultRecord(
  { steps }: SornPhase,
  { excitatory }: SornParameters,
  replicas: number,
): readonly SornRecordRequest[] {
  const stride = Math.max(1, Math.floor(steps / mostFrames));
  const spikes = Math.floor(mostSpikes / (replicas * excitatory));
  const last = Math.max(1, Math.min(steps, mostSpikeSteps, spikes));
  return [
    { name: "excitatoryRate" },
    { name: "inhibitoryRate" },
    { name: "connectionFraction", stride },
    { name: "meanWeightEE", stride },
    { name: "meanThreshold", stride },
    { name: "ExcitatoryActivation", last },
    { name: "InhibitoryActivation", last },
  ];
}

/** The content of config.json: a configuration that repeats the run, and under `run` what it was made with. */
function runRecord(config: CompleteSornConfig, device: Device): object {
  const { run: _run, ...rest } = config;
  const { limits: _limits, features: _features, ...description } = describeDevice(device);
  return {
    ...rest,
    run: {
      cortrain: packageVersion(),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      device: description,
      started: new Date().toISOString(),
    },
  };
}
