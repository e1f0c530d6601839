import { ConfigError } from "../errors.ts";
import { activations } from "../io/model-schema.ts";
import { suggestName } from "../io/nearest.ts";
import { readFileBytes } from "../io/node/files.ts";
import { describeModel } from "../network/describe.ts";
import type { InteropOptions } from "../network/interop/assemble.ts";
import { modelFromNn4n } from "../network/interop/nn4n.ts";
import { modelFromPsychRNN } from "../network/interop/psychrnn.ts";
import { modelFromPyTorch } from "../network/interop/pytorch.ts";
import type { Model } from "../network/model.ts";
import { writeModel } from "../node.ts";
import { type Arguments, readSeed } from "./arguments.ts";
import type { Command } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Output } from "./output.ts";

const packages = ["psychrnn", "pytorch", "nn4n"] as const;
type Package = (typeof packages)[number];

/** Options that only some packages take. */
const ownOptions: Readonly<Record<string, readonly Package[]>> = {
  "tau-ms": ["psychrnn", "nn4n"],
  alpha: ["psychrnn", "nn4n"],
  prefix: ["pytorch"],
  readout: ["pytorch"],
};

/** `cortrain import`. */
export const importCommand: Command = {
  summary: "make a model of weights that PsychRNN, PyTorch or nn4n saved",
  usage: {
    positionals: ["FILE"],
    options: {
      from: { type: "string" },
      out: { type: "string" },
      "dt-ms": { type: "string" },
      "tau-ms": { type: "string" },
      alpha: { type: "string" },
      activation: { type: "string" },
      noise: { type: "string" },
      seed: { type: "string" },
      prefix: { type: "string" },
      readout: { type: "string" },
      project: { type: "boolean" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
    help: `cortrain import FILE --from psychrnn|pytorch|nn4n --out DIR [options]

Writes a model folder (or one file, where DIR ends in .safetensors) and says what it is. What was left out, added up
or assumed stands on stderr.

  FILE             psychrnn: the .npz of model.save(); pytorch, nn4n: a state_dict as .safetensors or .npz
                   (a .pth is pickled and is never decoded; save it with safetensors.torch.save_file)
  --from NAME      psychrnn   Basic, BasicScan (W_in, W_rec, W_out, biases, init_state, connectivity, Dale's law), LSTM
                   pytorch    nn.RNN of any number of layers (alpha is 1), nn.LSTM, nn.GRU, with a linear readout
                   nn4n       CTRNN of 1.0.3 to 1.2.0, RNNLayer of 1.2.0 and 1.2.1
  --out DIR
  --dt-ms N        time step; psychrnn: needed, with --tau-ms or else --alpha, but for an LSTM. nn4n: 10 unless given
  --tau-ms N       time constant. nn4n: 100 unless given
  --alpha X        in place of --tau-ms
  --activation F   ${activations.join(", ")}; else psychrnn and nn4n relu, pytorch tanh
  --noise SD       psychrnn: rec_noise; nn4n: preact_noise; else 0
  --seed N         seed of the model's noise; else 0
  --prefix P       pytorch: what the names of the recurrent layers begin with, such as rnn.
  --readout NAME   pytorch: the linear layer that reads out, such as fc
  --project        project weights that break their mask or sign, instead of refusing them
  --json           one JSON object on stdout`,
  },
  run: runImport,
};

async function runImport(args: Arguments, output: Output): Promise<number> {
  const [path] = args.positionals;
  if (path === undefined) throw new ConfigError("cortrain import: FILE is missing; see cortrain import --help.");
  const from = readPackage(args.required("from"));
  const out = args.required("out");
  for (const [name, takers] of Object.entries(ownOptions))
    if (args.value(name) !== undefined && !takers.includes(from))
      throw new ConfigError(`cortrain import: --${name} does not go with --from ${from}.`);
  const model = readModel(from, await readFileBytes(path), args, {
    ...commonOptions(args),
    label: path,
    onNotice: output.notice,
  });
  await writeModel(out, model);
  const { inputs, hidden, outputs, activation } = model.spec;
  output.record({ from, inputs, hidden, outputs, activation, out });
  output.text(`${describeModel(model)}\nmodel: ${out}`);
  return exitCodes.done;
}

function readPackage(name: string): Package {
  const found = packages.find((known) => known === name);
  if (found !== undefined) return found;
  throw new ConfigError(`cortrain import: unknown --from ${name}; ${suggestName(name, packages).replaceAll('"', "")}`);
}

function readModel(from: Package, bytes: Uint8Array, args: Arguments, options: InteropOptions): Model {
  switch (from) {
    case "psychrnn":
      return modelFromPsychRNN(bytes, options);
    case "nn4n":
      return modelFromNn4n(bytes, options);
    case "pytorch": {
      const { activation, tauMs: _tauMs, alpha: _alpha, ...rest } = options;
      if (activation !== undefined && activation !== "tanh" && activation !== "relu")
        throw new ConfigError(`cortrain import: --activation ${activation}: nn.RNN knows tanh and relu.`);
      const [prefix, readout] = [args.value("prefix"), args.value("readout")];
      return modelFromPyTorch(bytes, {
        ...rest,
        ...(activation !== undefined && { activation }),
        ...(prefix !== undefined && { prefix }),
        ...(readout !== undefined && { readout }),
      });
    }
  }
}

function commonOptions(args: Arguments): InteropOptions {
  const number = (name: string): number | undefined => {
    const text = args.value(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value)) return value;
    throw new ConfigError(`cortrain import: --${name}: expected a number, got ${JSON.stringify(text)}.`);
  };
  const activation = args.value("activation");
  const known = activations.find((name) => name === activation);
  if (activation !== undefined && known === undefined)
    throw new ConfigError(
      `cortrain import: unknown --activation ${activation}; ${suggestName(activation, activations).replaceAll('"', "")}`,
    );
  const seed = args.value("seed");
  const [dtMs, tauMs, alpha, noise] = ["dt-ms", "tau-ms", "alpha", "noise"].map(number);
  return {
    ...(dtMs !== undefined && { dtMs }),
    ...(tauMs !== undefined && { tauMs }),
    ...(alpha !== undefined && { alpha }),
    ...(noise !== undefined && { noise: { pre: noise } }),
    ...(known !== undefined && { activation: known }),
    ...(seed !== undefined && { seed: readSeed("--seed", seed) }),
    ...(args.has("project") && { project: true }),
  };
}
