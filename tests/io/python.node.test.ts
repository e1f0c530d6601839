import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { ArrayData } from "../../src/io/array.ts";
import { decodeNpz, encodeNpz } from "../../src/io/npz.ts";
import { encodeSafetensors } from "../../src/io/safetensors.ts";
import { modelFromPsychRNN } from "../../src/network/interop/psychrnn.ts";
import { modelToPyTorch } from "../../src/network/interop/pytorch-write.ts";
import type { Model } from "../../src/network/model.ts";
import { writeModel, writeTrials } from "../../src/node.ts";
import { forward } from "../reference/ctrnn.ts";
import { generateModel } from "../reference/generate.ts";
import { at, largestDifference } from "../reference/numbers.ts";
import { randomTrials } from "../support/trials.ts";

const hasNumpy = spawnSync("python3", ["-c", "import numpy"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "cortrain-python-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs Python on the test's folder and gives back what it prints, as JSON. */
function python(script: string): unknown {
  return JSON.parse(execFileSync("python3", ["-c", script], { cwd: folder, encoding: "utf8" }));
}

/** What numpy.load sees: dtype, shape and numbers by name. */
const describeNpz = (name: string): string => `
import json, numpy as np
with np.load("${name}", allow_pickle=False) as f:
    print(json.dumps({k: [str(f[k].dtype), list(f[k].shape), f[k].ravel().tolist()] for k in f.files}))`;

/** The format in nine lines of struct and json: what the safetensors package does. */
const describeSafetensors = (name: string): string => `
import json, struct, numpy as np
data = open("${name}", "rb").read()
size = struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8:8 + size])
header.pop("__metadata__", None)
body = data[8 + size:]
print(json.dumps({k: [v["dtype"], v["shape"], np.frombuffer(body[slice(*v["data_offsets"])], "<f4").tolist()] for k, v in header.items()}))`;

function expected(arrays: ReadonlyMap<string, ArrayData>, type: string): object {
  return Object.fromEntries([...arrays].map(([name, { shape, data }]) => [name, [type, [...shape], [...data]]]));
}

const model: Model = generateModel({ inputs: 3, hidden: 5, outputs: 2, seed: 4, alpha: 1, activation: "tanh" });

describe.skipIf(!hasNumpy)(
  `files that Python reads without this library${hasNumpy ? "" : " (skipped: no NumPy)"}`,
  () => {
    test("a model folder, .npz and .safetensors: names, shapes and numbers", async () => {
      const names = ["weight_ih", "weight_hh", "bias_h", "weight_ho", "bias_o", "alpha", "v0"];
      const shapes = [[5, 3], [5, 5], [5], [2, 5], [2], [5], [5]];
      await writeModel(join(folder, "npz"), model, { weights: "npz" });
      await writeModel(join(folder, "st"), model);
      for (const seen of [
        python(describeNpz("npz/weights.npz")),
        python(describeSafetensors("st/weights.safetensors")),
      ]) {
        const arrays = seen as Record<string, [string, number[], number[]]>;
        expect(Object.keys(arrays).sort()).toEqual(names.toSorted());
        expect(names.map((name) => arrays[name]?.[1])).toEqual(shapes);
        expect(arrays["weight_hh"]?.[2]).toEqual([...model.parameters.weightHH]);
      }
      expect(JSON.parse(readFileSync(join(folder, "npz", "model.json"), "utf8"))).toMatchObject({
        hidden: 5,
        alpha: 1,
      });
    });

    test("a state_dict for nn.RNN", () => {
      const { stateDict } = modelToPyTorch(model);
      writeFileSync(join(folder, "rnn.npz"), encodeNpz(stateDict));
      writeFileSync(join(folder, "rnn.safetensors"), encodeSafetensors(stateDict));
      expect(python(describeNpz("rnn.npz"))).toEqual(expected(stateDict, "float32"));
      expect(python(describeSafetensors("rnn.safetensors"))).toEqual(expected(stateDict, "F32"));
      expect([...stateDict.keys()]).toContain("rnn.weight_hh_l0");
    });

    test("trials", async () => {
      const trials = randomTrials({ inputs: 3, hidden: 5, outputs: 2, time: 4, batch: 6, seed: 1, withV0: true });
      await writeTrials(join(folder, "trials.npz"), trials);
      const seen = python(describeNpz("trials.npz")) as Record<string, [string, number[], number[]]>;
      expect(Object.entries(seen).map(([name, [, shape]]) => [name, shape])).toEqual([
        ["inputs", [4, 6, 3]],
        ["targets", [4, 6, 2]],
        ["mask", [4, 6, 2]],
        ["v0", [6, 5]],
      ]);
      expect(seen["targets"]?.[2]).toEqual([...trials.targets]);
    });

    test("a file that NumPy saved as PsychRNN does, pickled entries and all, is read as a model", () => {
      python(`
import json, numpy as np
r = np.random.RandomState(0)
n = 4
dale = np.diag([1., 1., 1., -1.]).astype("f4")
out = np.diag([1., 1., 1., 0.]).astype("f4")
w = {"init_state": np.full((1, n), .1, "f4"), "W_in": abs(r.randn(n, 2)).astype("f4"), "W_rec": (abs(r.randn(n, n)) @ dale).astype("f4"),
     "W_out": (abs(r.randn(1, n)) @ out).astype("f4"), "b_rec": np.zeros(n, "f4"), "b_out": np.zeros(1, "f4"), "Dale_rec": dale, "Dale_out": out,
     "input_connectivity": np.ones((n, 2), "f4"), "rec_connectivity": 1 - np.eye(n, dtype="f4"), "output_connectivity": np.ones((1, n), "f4"),
     "dale_ratio": .8, "transfer_function": max}
w["W_rec"] *= w["rec_connectivity"]
np.savez("psychrnn.npz", **w)
print("{}")`);
      const bytes = new Uint8Array(readFileSync(join(folder, "psychrnn.npz")));
      const imported = modelFromPsychRNN(bytes, { dtMs: 10, tauMs: 100 });
      expect(imported.spec).toMatchObject({ inputs: 2, hidden: 4, outputs: 1, constraint: "abs" });
      expect([...(imported.signs.weightHH ?? [])].slice(0, 4)).toEqual([1, 1, 1, -1]);
      expect([...(imported.masks.weightHO ?? [])]).toEqual([1, 1, 1, 0]);
      expect([...(imported.masks.weightHH ?? [])].filter((m) => m === 0)).toHaveLength(4);
    });
  },
);

const shared = new URL("../../../shared/data/psychrnn/saved_weights.npz", import.meta.url);
const hasShared = existsSync(shared);

describe.skipIf(!hasShared)(
  `PsychRNN's published weights${hasShared ? "" : " (skipped: ../shared/data is absent)"}`,
  () => {
    const bytes = hasShared ? new Uint8Array(readFileSync(shared)) : new Uint8Array();

    test("are a model that computes what PsychRNN's equation says of the arrays of the file", () => {
      const notices: string[] = [];
      const imported = modelFromPsychRNN(bytes, {
        dtMs: 10,
        tauMs: 100,
        label: "w",
        onNotice: (text) => notices.push(text),
      });
      expect(imported.spec).toMatchObject({ inputs: 2, hidden: 50, outputs: 2, dtMs: 10, constraint: "project" });
      expect(notices).toEqual([
        "w: dale_ratio: holds pickled Python objects (dtype |O), which are never decoded; skipped",
        "w: 12 optimiser slots (such as init_state/Adam) are not read",
        "w: the transfer function is not read: relu, unless activation is given",
      ]);
      const file = decodeNpz(bytes, "w");
      const get = (name: string): Float32Array => file.get(name)?.data ?? new Float32Array();
      const [n, alpha, time] = [50, 0.1, 30];
      const inputs = Float32Array.from({ length: time * 2 }, (_, index) => (index % 2 === 0 ? 1.3 : 1));
      let state = Float64Array.from(get("init_state"));
      const states: number[] = [];
      for (let t = 0; t < time; t += 1) {
        state = state.map((x, i) => {
          let drive = at(get("b_rec"), i);
          for (let j = 0; j < n; j += 1) drive += at(get("W_rec"), i * n + j) * Math.max(at(state, j), 0);
          for (let k = 0; k < 2; k += 1) drive += at(get("W_in"), i * 2 + k) * at(inputs, t * 2 + k);
          return (1 - alpha) * x + alpha * drive;
        });
        states.push(...state);
      }
      const { v } = forward(imported, { time, batch: 1, inputs });
      expect(largestDifference(v, states)).toBeLessThan(1e-6);
    });
  },
);
