import { identifyConfigPresets } from "./identify-config.ts";

/** `cortrain identify --help`. */
export const identifyHelp = `cortrain identify CONFIG [--out DIR] [--json]

Fits recurrent networks to the activity of a ring attractor, or to recorded activity, to recover its connectivity; scores
them, and draws what they found.

  CONFIG      a preset (${Object.keys(identifyConfigPresets).join(", ")}), a JSON file, or - for JSON on stdin
  --out DIR   the run's folder; runs/<name>-<UTC time> unless given. A folder with a run in it is refused.
  --json      one JSON object a line on stdout: {"event":"start"}, {"event":"report"} …, {"event":"done"}

Ctrl-C scores and writes what is fitted so far and exits with 130; a second Ctrl-C stops at once.

A configuration, with comments that JSON does not allow (paths are relative to the file):
{
  "recording": {"type": "ring", "ring": {"units": 100}, "agent": {"type": "gaussMomentum", "sigma": 1.2, "momentum": 0.8},
                "trials": 100, "steps": 1000, "noise": 0.1, "start": "nsi", "seed": 0,
                "test": {"trials": 20, "steps": 1000, "seed": 1}},
            // or {"type": "file", "path": "activity.npz", "dtMs": 25, "truth": "weights.npz"}: rates [T, B, N],
            // velocities [T, B, D] and, if known, headings [T, B] and positions [T, B, 1 or 2]; of the truth, weights [N, N]
            // and velocity_weights [D, N, N]
  "conditions": [
    {"name": "separated", "settings": {"network": {"type": "separated", "hidden": 100}, "weightL2": 12, "updates": 600}},
    {"name": "not-separated", "preset": "nsi", "settings": {"network": {"type": "elman"}, "updates": 10000}},
    {"name": "dale", "settings": {"excitatory": 0.5}}, {"name": "low-rank", "settings": {"network": {"type": "lowRank", "rank": 6}}},
    {"name": "zhang", "settings": {"network": {"type": "zhang"}}}],    // velocity multiplies the state
  "replicas": 5, "seed": 0,            // networks of each condition, of seeds 0 … 4
  "baselines": true                    // ridge regression on inverted rates, correlation matrix
}

The run's folder:
  config.json         the configuration with every default filled in; cortrain identify DIR/config.json repeats the run
  metrics.jsonl       losses and errors of every measurement
  networks/           <condition>/<seed>/: the models, for cortrain run and for NumPy; of "zhang" network.npz
  connectivity.npz    true and learned weights of every network, [post, pre]
  scores.txt          every score: a line each, a column for each condition and baseline; scores.csv, scores.json
  figures/            connectivity, tuning, free run and errors, rate maps where there are positions, scores
`;
