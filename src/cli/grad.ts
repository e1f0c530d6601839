import { existsSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { ConfigError } from "../errors.ts";
import { openDevice } from "../gpu/device.ts";
import type { ArrayData } from "../io/array.ts";
import { parseWith } from "../io/config.ts";
import { writeFilesAtomically } from "../io/node/files.ts";
import { encodeNpz } from "../io/npz.ts";
import { checkLosses, type LossInput } from "../loss/losses.ts";
import { hasParameter } from "../network/cells.ts";
import { fileNames } from "../network/convert.ts";
import { type ModelSpec, parameterNames, parameterShape } from "../network/model.ts";
import { Network } from "../network/network.ts";
import { checkTrials, type Trials } from "../network/trials.ts";
import { readModel, readTrials } from "../node.ts";
import { type Gradients, gradients } from "../train/gradients.ts";
import { localRule, type Rule, ruleSchema } from "../train/rule.ts";
import { type Arguments, readSeed } from "./arguments.ts";
import type { Command } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import { readJsonOption } from "./json-option.ts";
import type { Output } from "./output.ts";

/** `cortrain grad`. */
export const gradCommand: Command = {
  summary: "the loss of trials and its gradient with respect to every weight",
  usage: {
    positionals: [],
    options: {
      model: { type: "string" },
      data: { type: "string" },
      loss: { type: "string" },
      rule: { type: "string" },
      seed: { type: "string" },
      "no-noise": { type: "boolean" },
      project: { type: "boolean" },
      out: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
    help: `cortrain grad --model M --data trials.npz --loss loss.json --out grads.npz [--rule R] [--seed N] [--no-noise]
             [--project]

Prints {"loss":…, "terms":{…}} as one line, and writes the gradients of the raw weights, whether training would
change them or not: weight_ih, weight_hh, bias_h, weight_ho, bias_o, alpha [hidden], and v0: [hidden], or
[batch, hidden] where the trials bring their own v0. Absent synapses have gradient zero. Of an LSTM also r0, of a GRU bias_n
and r0 (there a trial's own v0 is its rates).

  --model M            a model folder, or a .safetensors with its JSON inside
  --data trials.npz    inputs and targets [time, batch, unit], and optionally mask, v0 [batch, hidden], and recorded
                       rates for a targetRates term: rate_targets, rate_mask [time, batch, recorded unit]
  --loss loss.json     a list of terms, such as [{"type": "meanSquaredError"}, {"type": "rateL2", "weight": 1e-3}]; the list
                       itself may stand here, too
  --out grads.npz
  --rule R             what a local rule takes for the gradients: eprop, rflo, or JSON as in a training configuration, here
                       or in a file, such as {"type": "eprop", "feedback": "random", "seed": 3}; else bptt, the exact ones
  --seed N             seed of the noise; else the model's
  --no-noise           silence the model's noise
  --project            project weights that break their mask or sign, instead of refusing them`,
  },
  run: runGradients,
};

async function runGradients(args: Arguments, output: Output): Promise<number> {
  const out = args.required("out");
  if (existsSync(out) && statSync(out).isDirectory()) {
    throw new ConfigError(`--out ${out}: is a folder, expected a file or nothing.`);
  }
  const seedText = args.value("seed");
  const seed = seedText === undefined ? {} : { seed: readSeed("--seed", seedText) };
  const paths = { model: args.required("model"), data: args.required("data"), loss: args.required("loss") };
  const loss = await readJsonOption("--loss", paths.loss);
  const losses = checkLosses(loss.value as LossInput[], loss.label);
  const rule = await readRule(args.value("rule"));
  const model = await readModel(paths.model, { project: args.has("project"), onNotice: output.notice });
  const trials = await readTrials(paths.data, output.notice);
  checkTrials(trials, model.spec);
  // Checked here, so that a fault is found before there is a device.
  localRule(rule, losses, model.spec, [model.spec.seed]);
  const device = await openDevice();
  let network: Network | undefined;
  try {
    network = new Network(device, [model]);
    const result = await gradients(network, trials, losses, { noise: !args.has("no-noise"), rule, ...seed });
    const file = encodeNpz(gradientArrays(result, model.spec, trials));
    await writeFilesAtomically(dirname(out), new Map([[basename(out), file]]));
    output.line({ loss: result.loss, terms: result.terms });
    return exitCodes.done;
  } finally {
    network?.dispose();
    device.dispose();
  }
}

/** A rule by its name alone, or as JSON. @throws ConfigError naming the nearest rule or key. */
async function readRule(text = "bptt"): Promise<Rule> {
  const isName = !/[./\\{[]/.test(text);
  const { value, label } = isName ? { value: { type: text }, label: "--rule" } : await readJsonOption("--rule", text);
  return parseWith(ruleSchema, value, label);
}

/** The gradients under the weights' names in a file. */
function gradientArrays(result: Gradients, spec: ModelSpec, trials: Trials): Map<string, ArrayData> {
  const arrays = new Map<string, ArrayData>();
  for (const name of parameterNames) {
    if (!hasParameter(spec.cell, name)) continue;
    const data = result.parameters[name];
    arrays.set(fileNames[name], { shape: parameterShape(spec, name), data });
  }
  const shape = [trials.trials, spec.hidden];
  if (trials.v0 !== undefined) {
    const name = spec.cell === "gru" ? fileNames.r0 : fileNames.v0;
    arrays.set(name, { shape, data: result.initialState });
  }
  if (trials.r0 !== undefined && spec.cell === "lstm") arrays.set(fileNames.r0, { shape, data: result.initialRates });
  return arrays;
}
