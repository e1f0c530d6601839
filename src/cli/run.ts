import { existsSync, statSync } from "node:fs";
import { ConfigError, ShapeError } from "../errors.ts";
import { openDevice } from "../gpu/device.ts";
import { type ArrayData, formatShape, type OnNotice } from "../io/array.ts";
import { readArray, writeFilesAtomically } from "../io/node/files.ts";
import { encodeNpy } from "../io/npy.ts";
import type { ModelSpec } from "../network/model.ts";
import { Network } from "../network/network.ts";
import { type Perturbation, readPerturbations } from "../network/perturbation.ts";
import { simulate } from "../network/simulate.ts";
import { checkStimuli, type Stimuli } from "../network/trials.ts";
import { readModel } from "../node.ts";
import { type Arguments, readSeed } from "./arguments.ts";
import type { Command } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import { readJsonOption } from "./json-option.ts";
import type { Output } from "./output.ts";

/** `cortrain run`. */
export const runCommand: Command = {
  summary: "run a model over inputs; write outputs.npy, rates.npy and states.npy",
  usage: {
    positionals: [],
    options: {
      model: { type: "string" },
      input: { type: "string" },
      v0: { type: "string" },
      perturb: { type: "string" },
      "no-noise": { type: "boolean" },
      seed: { type: "string" },
      project: { type: "boolean" },
      out: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
    help: `cortrain run --model M --input x.npy --out DIR [--v0 v0.npy] [--perturb p.json] [--seed N] [--no-noise] [--project]
            [--json]

Writes into DIR: outputs.npy [time, batch, outputs], rates.npy and states.npy [time, batch, hidden]
(states are the preactivations v; of an LSTM the cell states c, of a GRU the same as the rates).

  --model M       a model folder, or a .safetensors with its JSON inside
  --input x.npy   [time, batch, inputs], or [time, inputs] for one trial
  --out DIR       made if need be; files of these names there are replaced
  --v0 v0.npy     the preactivation that trials start from, [batch, hidden] or [hidden]; else the model's v0. Of an
                  LSTM the cell state (the rates start at the model's r0), of a GRU the rates
  --perturb p     a JSON list, here or in a file, of what is done meanwhile, in steps:
                  {"type": "lesion", "units": "pfc", "from": 10, "to": 20},
                  {"type": "cut", "pre": [3], "post": "pfc"}, {"type": "connectivity", "factors": …},
                  {"type": "current", "current": 0.5, "units": [3, 4]}, {"type": "kick", "at": 5, "v": 1}. Of an LSTM or a
                  GRU a current goes into the candidate, or into the "gate": "f" named; a kick moves c, with "r" h
  --seed N        seed of the noise; else the model's. The same seed is the same noise, perturbed or not
  --no-noise      silence the model's noise
  --project       project weights that break their mask or sign, instead of refusing them
  --json          one JSON object on stdout`,
  },
  run: runModel,
};

async function runModel(args: Arguments, output: Output): Promise<number> {
  const out = args.required("out");
  if (existsSync(out) && !statSync(out).isDirectory()) {
    throw new ConfigError(`--out ${out}: is a file, expected a folder or nothing.`);
  }
  const seedText = args.value("seed");
  const seed = seedText === undefined ? {} : { seed: readSeed("--seed", seedText) };
  const paths = { model: args.required("model"), input: args.required("input"), v0: args.value("v0") };
  const model = await readModel(paths.model, { project: args.has("project"), onNotice: output.notice });
  const stimuli = await readStimuli(paths, model.spec, output.notice);
  const perturbations = await readPerturbationFile(args.value("perturb"), model.spec, stimuli);
  const device = await openDevice();
  let network: Network | undefined;
  try {
    network = new Network(device, [model]);
    const options = { noise: !args.has("no-noise"), ...seed };
    const { outputs, rates, states } = await simulate(network, stimuli, perturbations, options);
    const { steps, trials } = stimuli;
    const arrays: readonly (readonly [string, Float32Array, number])[] = [
      ["outputs.npy", outputs, model.spec.outputs],
      ["rates.npy", rates, model.spec.hidden],
      ["states.npy", states, model.spec.hidden],
    ];
    const files = arrays.map(([name, data, units]) => {
      return [name, encodeNpy({ shape: [steps, trials, units], data })] as const;
    });
    await writeFilesAtomically(out, new Map(files));
    output.record({ steps, trials, files: arrays.map(([name]) => name), out });
    output.text(`${trials} trials of ${steps} steps: ${arrays.map(([name]) => name).join(", ")} in ${out}`);
    return exitCodes.done;
  } finally {
    network?.dispose();
    device.dispose();
  }
}

/** Checked here, so that a fault is found before there is a device. */
async function readPerturbationFile(
  path: string | undefined,
  spec: ModelSpec,
  { steps, trials }: Stimuli,
): Promise<readonly Perturbation[]> {
  if (path === undefined) return [];
  const { value, label } = await readJsonOption("--perturb", path);
  const list = value as readonly Perturbation[];
  readPerturbations(list, spec, { steps, trials, hidden: spec.hidden }, label);
  return list;
}

async function readStimuli(
  paths: { readonly input: string; readonly v0: string | undefined },
  spec: ModelSpec,
  onNotice: OnNotice,
): Promise<Stimuli> {
  const input = await readArray(paths.input, onNotice);
  const [steps = 0, trials = 0, inputs = 0] = batchOfTrials(input);
  if (input.shape.length < 2 || input.shape.length > 3 || inputs !== spec.inputs) {
    throw new ShapeError(
      `${paths.input}: expected [time, batch, ${spec.inputs}] or [time, ${spec.inputs}] (the model has ${spec.inputs} inputs), got ${formatShape(input.shape)}.`,
    );
  }
  const v0 = paths.v0 === undefined ? undefined : await readInitialState(paths.v0, trials, spec.hidden, onNotice);
  const stimuli = { steps, trials, inputs: input.data, ...(v0 && { v0 }) };
  checkStimuli(stimuli, spec);
  return stimuli;
}

/** [T, I] is one trial. */
function batchOfTrials({ shape }: ArrayData): readonly number[] {
  const [steps = 0, inputs = 0] = shape;
  return shape.length === 2 ? [steps, 1, inputs] : shape;
}

/** [B, H]; one state [H] is repeated for all trials. */
async function readInitialState(
  path: string,
  trials: number,
  hidden: number,
  onNotice: OnNotice,
): Promise<Float32Array> {
  const { shape, data } = await readArray(path, onNotice);
  const given = formatShape(shape);
  if (given === formatShape([trials, hidden])) return data;
  if (given === formatShape([hidden])) {
    return Float32Array.from({ length: trials * hidden }, (_, index) => data[index % hidden] ?? 0);
  }
  throw new ShapeError(`${path}: expected [${trials}, ${hidden}] (batch, hidden) or [${hidden}], got ${given}.`);
}
