import { sornRecordNames } from "../plasticity/record.ts";
import { sornConfigPresets } from "./sorn-config.ts";

const names: readonly string[] = sornRecordNames;
const recordLines = Array.from({ length: Math.ceil(names.length / 5) }, (_, line) =>
  names.slice(5 * line, 5 * line + 5).join(", "),
);

/** `cortrain sorn --help`. */
export const sornHelp = `cortrain sorn CONFIG [--out DIR] [--json]

  CONFIG      a preset (${Object.keys(sornConfigPresets).join(", ")}), a JSON file, or - for JSON on stdin
  --out DIR   the run's folder; runs/<name>-<UTC time> unless given. A folder with a run in it is refused.
  --json      one JSON object a line on stdout: {"event":"start"}, {"event":"report"} …, {"event":"done"}

Ctrl-C writes the state, records and figures so far and exits with 130; a second Ctrl-C stops at once.

A configuration, with comments that JSON does not allow (paths are relative to the file):
{
  "network": {"preset": "zheng2013", "excitatory": 400, "inputs": 10, "noise": 0.2236,
              "stdp": {"rate": 0.002}, "ip": {"target": 0.08}, "sp": false, "istdp": {"floor": 0}, "ss": true,
              "connections": {"EE": {"type": "sparse", "inDegree": 20}}, "storage": "auto"},
  "seed": 1, "replicas": 4,          // replica k has the seed + k
  "steps": 50000,                    // with all rules, then a tenth as many frozen; or say it yourself:
  "phases": [{"name": "plastic", "steps": 50000},
             {"name": "frozen", "steps": 5000, "freeze": "all", "noise": false},
             {"name": "no-stdp", "steps": 5000, "freeze": ["stdp", "sp"], "inputs": {"type": "none"}}],
  "inputs": {"type": "uniform"},     // of all phases: none; constant (value), uniform (low, high), or one input at a
                                     // time: cycle (value, hold) in turn, random (value, hold) drawn every hold steps
  "damage": {"steps": 50, "pairs": 20},   // after each phase: copies in which one unit is flipped, with the same noise
  "avalanches": {"ranges": "published",   // of the fits: of Del Papa et al. 2017 by network size; auto (least KS distance);
                 "threshold": "halfMean", //   {"durations": [6, 60], "sizes": [10, 1500]}. Or median, {"percentile": 25}, 10
                 "samples": 100},         // of the bootstrap for the goodness of fit (first 8 replicas); or "avalanches": false.
                                          // Of several replicas, also of the avalanches of all together (as the paper's)
  "record": ["excitatoryRate", {"name": "WEE", "stride": 1000, "units": {"from": 0, "to": 20}},
             {"name": "ExcitatoryActivation", "last": 2000}],
  "state": "runs/first"              // go on from the state of a run, exactly, random numbers included
}
Symbols in place of inputs (one input each), named by a readout from the frozen network after a phase:
{"network": {"preset": "lazar2009"}, "steps": 50000, "task": {"name": "counting", "length": 4},
 "readout": {"train": 5000, "test": 5000, "ahead": [1, 0, -1]}}   // or "task" and "readout" in a phase
  tasks: counting (length, first); occluder (positions, hidden, occluded, occluder, right); randomSequence (alphabet,
  length, seed)
Records (default: rates, thresholds, connections and the last spikes):
  ${recordLines.join(",\n  ")}

The run's folder:
  config.json         the configuration with every default filled in; cortrain sorn DIR/config.json repeats the run
  records/            <phase>.npz for numpy.load, [frames, …] or [replica, frames, …], and <phase>.json: which steps,
                      distances of flipped copies, what the readout named
  state.safetensors   the last state of all replicas; "state": "DIR" goes on from it
  summary.txt         the rules with their numbers, and what was measured; numbers.csv has it for every replica
  figures/            of replica 0: raster-, rates-, intervals-, correlations-, avalanches-, damage-<phase>.svg,
                      connection-fraction.svg, weights.svg with a log-normal fit, degrees.svg, graph.svg`;
