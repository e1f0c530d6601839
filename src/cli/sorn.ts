import { resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { describeDevice, openDevice } from "../gpu/device.ts";
import { describeSorn, sornParameters } from "../plasticity/parameters.ts";
import { planRun } from "../plasticity/run-options.ts";
import { type Sorn, sorn } from "../plasticity/sorn.ts";
import type { Arguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { readConfig } from "./config-source.ts";
import { exitCodes } from "./exit-codes.ts";
import { watchInterrupt } from "./interrupt.ts";
import { definedOnly } from "./model-source.ts";
import type { Output } from "./output.ts";
import { formatSeconds } from "./progress.ts";
import { runRecord } from "./run-record.ts";
import { parseSornConfig, sornConfigPresets } from "./sorn-config.ts";
import { sornFigures } from "./sorn-figures.ts";
import { readState, SornFolder, stateFile } from "./sorn-folder.ts";
import { sornHelp } from "./sorn-help.ts";
import { numberCsv, numberTable, ruleTable, sornNumbers } from "./sorn-numbers.ts";
import { phaseOptions, runPhases, type SornRun, stepsOfPhase } from "./sorn-run.ts";
import { defaultFolder } from "./train.ts";

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
    if ((phase.damage?.pairs ?? 1) > base.excitatory)
      throw new ConfigError(
        `phases: ${phase.name}: damage: expected at most ${base.excitatory} pairs, one for each excitatory unit, got ${phase.damage?.pairs}.`,
      );
    first += stepsOfPhase(phase);
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
    await folder.writeConfig(runRecord(config, describeDevice(device)));
    const started = performance.now();
    const phases = await runPhases(run, network, device, interrupt.signal);
    const seconds = (performance.now() - started) / 1000;
    const last = await network.snapshot();
    await folder.writeState(last);
    const numbers = sornNumbers(phases, last, parameters, config.avalanches);
    const summary = [
      describeSorn(parameters[0]),
      "",
      ruleTable(parameters[0]),
      "",
      ...(parameters.length > 1 ? [`${parameters.length} replicas: mean ± standard deviation`, ""] : []),
      numberTable(numbers),
    ].join("\n");
    await folder.writeTexts({ "summary.txt": `${summary}\n`, "numbers.csv": numberCsv(numbers) });
    const [state] = last.replicas;
    if (state !== undefined)
      await folder.writeFigures(sornFigures(run.name, phases, state, parameters, config.avalanches));
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
