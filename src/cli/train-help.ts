import { presets } from "./presets.ts";
import { structureSummaries } from "./structure-config.ts";

const structures = Object.entries(structureSummaries).map(([type, summary]) => `  ${type.padEnd(18)}${summary}`);

/** `cortrain train --help`. */
export const trainHelp = `cortrain train CONFIG [--out DIR] [--resume] [--project] [--json]

  CONFIG      a preset (${Object.keys(presets).join(", ")}), a JSON file, or - for JSON on stdin
  --out DIR   the run's folder; runs/<name>-<UTC time> unless given. A folder with a run in it is refused.
  --resume    go on from DIR/checkpoint, to the same bits as if never interrupted; CONFIG may then be left out.
              Only steps and stop may differ from the run's own configuration.
  --project   project weights of a loaded model that break their mask or sign, instead of refusing them
  --json      one JSON object a line on stdout: {"event":"start"}, {"event":"report"} …, {"event":"done"}

Ctrl-C writes a checkpoint and exits with 130; a second Ctrl-C stops at once.

A configuration, with comments that JSON does not allow (paths are relative to the file):
{
  "task": {"name": "contextDecision", "coherences": [0.05, 0.15, 0.5]},   // or "data": "trials.npz"
  "structure": {"type": "multiAreaEI", "hidden": 64, "areas": 2, "excitatory": 0.8},
                            // the types are below; inputs and outputs follow from the task
  "network": {"dtMs": 40, "tauMs": 100, "activation": "relu", "noise": {"pre": 0.05}, "spectralRadius": 1.1},
                            // also: alpha, form, constraint, learn, seed, distribution, balance, units,
                            // "customActivations": {"elu": {"value": "select(exp(min(x, 0.0)) - 1.0, x, x > 0.0)",
                            //                               "slope": "exp(min(x, 0.0))"}}, then "activation": "elu";
                            // or {"cell": "lstm"} or "gru", with lstmOutput, initialisation, forgetBias, noise …
  "psychrnn": {"N_rec": 50, "dt": 10, "tau": 100, "N_batch": 128, "dale_ratio": 0.8, "training_iters": 50000},
                            // in place of structure, network, loss, optimizer, steps, batch, clip: PsychRNN's own names
  "model": "path",          // in place of structure and network: a model folder, a .safetensors, or a model.json
                            // inline or as a file (without weights beside it they are drawn from its seed)
  "loss": [{"type": "meanSquaredError"}, {"type": "rateL2", "weight": 1e-3}],
                            // a term of your own: {"type": "custom", "name": "absolute", "on": "outputs",
                            //                      "value": "abs(y - target)", "slope": "sign(y - target)"}
  "optimizer": {"type": "adam", "lr": 5e-3, "schedule": {"type": "cosine", "steps": 600}},   // sgd, rmsprop, adamw
  "rule": {"type": "bptt"}, // or local: {"type": "eprop", "feedback": "symmetric"},
                            // {"type": "rflo", "feedback": "random"}
  "steps": 600, "batch": 32, "seed": 1, "clip": 1, "replicas": 1, "reportEvery": 10,
  "sweep": {"optimizer.lr": [1e-3, 5e-3], "loss.rateL2.weight": [0, 1e-3]},   // every combination, replicas of each,
                            // in one plan: optimizer, loss weights, clip, stop, seed, alphaMin, network, structure
  "validation": {"trials": 256, "every": 50}, "stop": {"accuracy": 0.97, "patience": 10},
  "keepBest": true, "alphaMin": 1e-3, "truncate": {"steps": 50},    // windows of 50 steps, one update each
  "memory": 512000000,      // bytes of GPU buffers of an update: longer trials are split over time into segments that
                            // are run twice, for the same update; "segments": 4 says into how many
  "kernels": {"family": "persistent", "products": "dense", "tile": "16 x 8 quads"},   // pins what a short measurement
                            // chooses otherwise; the results are the same to the bit
  "curriculum": {           // in place of task: from easy to hard
    "stages": [{"task": {"name": "contextDecision", "coherences": [0.5]}, "threshold": 0.9},
               {"task": "contextDecision", "threshold": 0.95, "fallBelow": 0.6, "name": "all"}],
    "every": 10, "trials": 256, "mix": 0.2},   // updates between measurements, fresh trials, share of earlier stages
}
Types of structure and their main options; a type has all the options of the function of that name:
${structures.join("\n")}
Time constants of a structure's units stand unless the network has a tauMs; their noise needs none of the network.

"data" is used whole as one batch unless "batch" is given; validation holds as many of its trials out as it asks for.
A file with rate_targets [time, batch, recorded unit] (rate_mask 0 where nothing was recorded) can be fitted by
{"type": "targetRates", "units": [0, 3, …]}, one hidden unit a column. Replica k has the seeds + k.

The run's folder:
  config.json     the configuration with every default filled in; cortrain train DIR/config.json repeats the run
  metrics.jsonl   one line an update: {"step", "loss", "terms", "gradientNorm", "learningRate"}, the loss before the
                  update; with accuracy and validation where they were measured, and the stage of a curriculum
  model/          the weights (replica 0); with several replicas also replicas/<k>/, and replicas.csv: the settings,
                  seeds, losses and accuracies of each, and why it stopped
  checkpoint/     what --resume needs, written every 10 s, on Ctrl-C and at the end
  figures/        training.svg, weights.svg (of an LSTM or a GRU weights-<gate>.svg), trial.svg,
                  replicas.svg (mean and quartiles of the losses)`;
