import { type Device, describeDevice } from "../gpu/device.ts";
import { RecordParts } from "../plasticity/collect.ts";
import { type SornParameters, sornRules } from "../plasticity/parameters.ts";
import type { SornRecordRequest } from "../plasticity/record.ts";
import type { SornRunOptions } from "../plasticity/run-options.ts";
import type { Sorn } from "../plasticity/sorn.ts";
import { spreadDamage } from "../plasticity/spread-damage.ts";
import type { SornSnapshot } from "../plasticity/state.ts";
import { readSymbols } from "../plasticity/symbols/read-symbols.ts";
import { symbolInputs } from "../plasticity/symbols/symbol-task.ts";
import { definedOnly } from "./model-source.ts";
import type { Output } from "./output.ts";
import { formatSeconds, ProgressLine } from "./progress.ts";
import { deviceName } from "./run-record.ts";
import type { CompleteSornConfig, SornPhase } from "./sorn-config.ts";
import type { SornFolder } from "./sorn-folder.ts";
import { sornInputSource } from "./sorn-inputs.ts";
import type { PhaseResult } from "./sorn-records.ts";
import { type PhaseTask, phaseTask } from "./sorn-task.ts";

const reportMs = 1000;
/** Of a default record: frames over a phase, and spikes. */
const mostFrames = 1000;
const mostSpikeSteps = 5000;
const mostSpikes = 4_000_000;

/** All that a run is made of, before any GPU work. */
export interface SornRun {
  readonly name: string;
  readonly config: CompleteSornConfig;
  readonly folder: SornFolder;
  readonly parameters: readonly [SornParameters, ...SornParameters[]];
  readonly snapshot: SornSnapshot | undefined;
  readonly output: Output;
}

/** Steps of a phase and of its readout. */
export function stepsOfPhase({ steps, readout }: SornPhase): number {
  return steps + (readout === undefined ? 0 : readout.train + readout.test);
}

/** Runs the phases one after the other, writes what each leaves, and tells how it goes. */
export async function runPhases(
  run: SornRun,
  network: Sorn,
  device: Device,
  signal: AbortSignal,
): Promise<readonly PhaseResult[]> {
  const { name, config, folder, output } = run;
  const total = config.phases.reduce((sum, phase) => sum + stepsOfPhase(phase), 0);
  const place = deviceName(describeDevice(device));
  process.stderr.write(`running ${name} on ${place}; files in ${folder.path}\n`);
  output.record({ event: "start", name, out: folder.path, step: network.step, steps: total, device: place });
  const progress = new ProgressLine(total);
  const first = network.step;
  const started = performance.now();
  let lastReport = Number.NEGATIVE_INFINITY;
  const tell = (phase: string, ends: boolean): void => {
    const step = network.step - first;
    const rate = (1000 * step) / (performance.now() - started);
    const left = formatSeconds((total - step) / rate);
    const words = `step ${step}/${total}  ${phase}  ${rate.toPrecision(3)} steps/s  ${left} left`;
    progress.show(step, words, step === total || signal.aborted);
    if (!ends && performance.now() - lastReport < reportMs) return;
    output.record({ event: "report", phase, step: network.step, stepsPerSecond: rate });
    lastReport = performance.now();
  };
  const results: PhaseResult[] = [];
  for (const phase of config.phases) {
    if (signal.aborted) break;
    const result = await runPhase(run, phase, network, signal, (ends) => tell(phase.name, ends));
    await folder.writePhase(result);
    results.push(result);
  }
  return results;
}

async function runPhase(
  run: SornRun,
  phase: SornPhase,
  network: Sorn,
  signal: AbortSignal,
  tell: (ends: boolean) => void,
): Promise<PhaseResult> {
  const begin = network.step;
  const task = taskOf(run, phase, begin);
  const parts = new RecordParts();
  // The loop is left rather than the run aborted: a run that may end early has to read all that a ring would drop.
  for await (const { records, done } of network.run(phaseOptions(run, phase, begin, task))) {
    parts.add(records);
    tell(done === phase.steps);
    if (signal.aborted) break;
  }
  const steps = network.step - begin;
  const damage = signal.aborted ? [] : await damageOf(run, phase, network, signal);
  const scores =
    task?.reading === undefined || signal.aborted
      ? undefined
      : await readSymbols(network, task.task, task.sequences, network.step, {
          ...task.reading,
          ...noiseOf(phase),
          signal,
        });
  if (scores !== undefined) tell(true);
  return {
    ...{ name: phase.name, steps, records: parts.join() },
    ...(damage.length > 0 && { damage }),
    ...(task !== undefined && scores !== undefined && { read: { task: task.task, scores } }),
  };
}

async function damageOf(
  run: SornRun,
  phase: SornPhase,
  network: Sorn,
  signal: AbortSignal,
): ReturnType<typeof spreadDamage> {
  if (phase.damage === undefined) return [];
  const { steps, pairs } = phase.damage;
  const { inputs, freeze } = phaseOptions(run, { ...phase, steps }, network.step);
  return await spreadDamage(network, {
    ...{ steps, pairs, seed: run.parameters[0].seed, signal },
    ...{ ...noiseOf(phase), ...(inputs && { inputs }), ...(freeze && { freeze }) },
  });
}

function noiseOf({ noise }: SornPhase): { readonly noise?: boolean } {
  return noise === undefined ? {} : { noise };
}

function seedsOf({ snapshot, parameters }: SornRun): readonly number[] {
  return snapshot?.seeds ?? parameters.map(({ seed }) => seed);
}

/** The task of a phase that begins at `first` steps of the network's life. @throws ConfigError, ValueError */
function taskOf(run: SornRun, phase: SornPhase, first: number): PhaseTask | undefined {
  if (phase.task === undefined) return undefined;
  const { inputs } = run.parameters[0];
  const span = [first, phase.steps] as const;
  return phaseTask(phase.task, phase.readout, { inputs, seeds: seedsOf(run) }, span, `phases: ${phase.name}`);
}

/** What `Sorn.run` is told for a phase that begins at `first` steps of the network's life. @throws ConfigError, ValueError */
export function phaseOptions(
  run: SornRun,
  phase: SornPhase,
  first: number,
  task: PhaseTask | undefined = taskOf(run, phase, first),
): SornRunOptions {
  const { parameters, config } = run;
  const [base] = parameters;
  const label = `phases: ${phase.name}`;
  const shown = task && symbolInputs(task.sequences);
  const inputs =
    shown === undefined
      ? sornInputSource(phase.inputs, { inputs: base.inputs, seeds: seedsOf(run) }, first, label)
      : (step: number, target: Float32Array, replica: number): void => shown(first + step, target, replica);
  return {
    steps: phase.steps,
    freeze: phase.freeze === "all" ? sornRules : phase.freeze,
    record:
      phase.record === undefined
        ? defaultRecord(phase, base, config.replicas)
        : phase.record.map((each) => (typeof each === "string" ? each : definedOnly(each))),
    ...(inputs && { inputs }),
    ...noiseOf(phase),
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
    { name: "EIConnectionCounts", stride },
    { name: "meanWeightEE", stride },
    { name: "meanThreshold", stride },
    { name: "ExcitatoryActivation", last },
    { name: "InhibitoryActivation", last },
  ];
}
