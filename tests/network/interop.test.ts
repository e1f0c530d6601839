import { describe, expect, test } from "vitest";
import { ConfigError, ConstraintError, FileFormatError, ShapeError, ValueError } from "../../src/errors.ts";
import type { ArrayData } from "../../src/io/array.ts";
import { encodeNpz } from "../../src/io/npz.ts";
import { encodeSafetensors } from "../../src/io/safetensors.ts";
import { gateOrder, joinGates, splitGates } from "../../src/network/interop/gates.ts";
import { modelFromNn4n } from "../../src/network/interop/nn4n.ts";
import { modelFromPsychRNN } from "../../src/network/interop/psychrnn.ts";
import { modelFromPyTorch } from "../../src/network/interop/pytorch.ts";
import { modelToPyTorch } from "../../src/network/interop/pytorch-write.ts";
import { Network } from "../../src/network/network.ts";
import { effectiveWeights } from "../../src/network/validate.ts";
import { Random } from "../../src/random.ts";
import nn4nFile from "../fixtures/golden/nn4n/ctrnn-forward-and-gradients.json" with { type: "json" };
import alphaFile from "../fixtures/golden/nn4n/ctrnn-learnable-alpha.json" with { type: "json" };
import stackedFile from "../fixtures/golden/nn4n/stacked-layers.json" with { type: "json" };
import psychrnnFile from "../fixtures/golden/psychrnn/basic-forward.json" with { type: "json" };
import lstmFile from "../fixtures/golden/psychrnn/lstm-forward.json" with { type: "json" };
import trainFile from "../fixtures/golden/psychrnn/train-steps.json" with { type: "json" };
import { forward } from "../reference/ctrnn.ts";
import { effectiveWeight } from "../reference/effective-weights.ts";
import { generateModel } from "../reference/generate.ts";
import { goldenLstm } from "../reference/golden-lstm.ts";
import { flatten, type Nested, timeFirst } from "../reference/golden-model.ts";
import { at, largestDifference, type Numbers } from "../reference/numbers.ts";
import { plainGated, plainRnn } from "../reference/pytorch-rnn.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

/** A nested list as an array of a file. */
function array(nested: Nested): ArrayData {
  const shape: number[] = [];
  for (let level: unknown = nested; Array.isArray(level); level = level[0]) shape.push(level.length);
  return { shape, data: Float32Array.from(flatten(nested)) };
}

function random(seed: number, ...shape: number[]): ArrayData {
  const draw = new Random(seed, 0);
  const length = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Float32Array.from({ length }, () => draw.normal(0, 0.5)) };
}

function identity(values: Numbers): ArrayData {
  const size = values.length;
  const data = Float32Array.from({ length: size * size }, (_, index) =>
    index % (size + 1) === 0 ? at(values, Math.floor(index / size)) : 0,
  );
  return { shape: [size, size], data };
}

function collect(): { notices: string[]; onNotice: (text: string) => void } {
  const notices: string[] = [];
  return { notices, onNotice: (text) => notices.push(text) };
}

describe("PsychRNN", () => {
  const { weights } = psychrnnFile;
  const free = new Map(
    Object.entries({
      init_state: { ...array(weights.init_state), shape: [1, 4] },
      W_in: array(weights.W_in),
      W_rec: array(weights.W_rec),
      W_out: array(weights.W_out),
      b_rec: array(weights.b_rec),
      b_out: array(weights.b_out),
      Dale_rec: identity([1, 1, 1, 1]),
      Dale_out: identity([1, 1, 1, 1]),
      "W_rec/Adam": random(1, 4, 4),
      "W_rec/Adam_1": random(2, 4, 4),
    }),
  );

  test("a network without Dale's law gives the golden states and outputs", () => {
    const { notices, onNotice } = collect();
    const [entry] = psychrnnFile.cases;
    if (entry === undefined) throw new RangeError("no case");
    const options = { alpha: entry.alpha, label: "w.npz", onNotice };
    const model = modelFromPsychRNN(encodeNpz(free), options);
    expect(model.spec).toMatchObject({ constraint: "project", activation: "relu", learn: { v0: true, alpha: false } });
    expect(model.spec.noise).toEqual({ pre: 0, post: 0, scale: "sqrt2alpha" });
    expect(model.masks).toEqual({});
    expect(model.signs).toEqual({});
    expect(notices).toEqual([
      "w.npz: 2 optimiser slots (such as W_rec/Adam) are not read",
      "w.npz: the transfer function is not read: relu, unless activation is given",
    ]);
    expect(entry.transfer).toBe("relu");
    const inputs = timeFirst(psychrnnFile.u);
    const { v, outputs } = forward(model, { time: 6, batch: 3, inputs });
    expect(largestDifference(v, timeFirst(entry.states))).toBeLessThan(1e-5);
    expect(largestDifference(outputs, timeFirst(entry.outputs))).toBeLessThan(1e-5);
  });

  test("Dale's law and connectivity become signs and masks, and the effective weights are those of the file", () => {
    const { raw } = trainFile;
    const entry = trainFile.cases.find(({ dale_ratio }) => dale_ratio !== null);
    if (entry === undefined) throw new RangeError("no case with Dale's law");
    const hidden = raw.b_rec.length;
    const excitatory = Math.trunc((entry.dale_ratio ?? 0) * hidden);
    const signs = Float32Array.from({ length: hidden }, (_, unit) => (unit < excitatory ? 1 : -1));
    const reaches = signs.map((sign) => (sign > 0 ? 1 : 0));
    // What PsychRNN saves: |W| C Dale, restated here.
    const saved = (values: Nested, mask: Nested, sign: (column: number) => number): ArrayData => {
      const { shape, data } = array(values);
      const [, columns = 1] = shape;
      const m = flatten(mask);
      return { shape, data: data.map((w, index) => Math.abs(w) * at(m, index) * sign(index % columns)) };
    };
    const file = new Map(
      Object.entries({
        init_state: { ...array(raw.init_state), shape: [1, hidden] },
        W_in: saved(raw.W_in, trainFile.M_in, () => 1),
        W_rec: saved(raw.W_rec, entry.M_rec_effective, (pre) => at(signs, pre)),
        W_out: saved(raw.W_out, trainFile.M_out, (pre) => at(reaches, pre)),
        b_rec: array(raw.b_rec),
        b_out: array(raw.b_out),
        Dale_rec: identity(signs),
        Dale_out: identity(reaches),
        input_connectivity: array(trainFile.M_in),
        rec_connectivity: array(entry.M_rec_effective),
        output_connectivity: array(trainFile.M_out),
      }),
    );
    const activation = entry.transfer === "tanh" ? "tanh" : "relu";
    const model = modelFromPsychRNN(file, { dtMs: 10, tauMs: 10 / trainFile.alpha, activation });
    expect(model.spec.constraint).toBe("abs");
    expect(effectiveWeights(model, "weightHH")).toEqual(file.get("W_rec")?.data.map((w) => w + 0));
    expect(effectiveWeights(model, "weightIH")).toEqual(file.get("W_in")?.data.map((w) => w + 0));
    expect(effectiveWeights(model, "weightHO")).toEqual(file.get("W_out")?.data.map((w) => w + 0));
    const byReference = effectiveWeight("abs", model.parameters.weightHH, model.masks.weightHH, model.signs.weightHH);
    expect(largestDifference(byReference, file.get("W_rec")?.data ?? [])).toBe(0);
    const maskHO = flatten(trainFile.M_out).map((m, index) => m * at(reaches, index % hidden));
    expect(model.masks.weightHO).toEqual(Float32Array.from(maskHO));
    const inputs = timeFirst(trainFile.u);
    const { v } = forward(model, { time: 8, batch: 3, inputs });
    expect(largestDifference(v, timeFirst(entry.states))).toBeLessThan(1e-5);
    expect(modelFromPsychRNN(file, { alpha: 0.1, dale: false }).signs).toEqual({});
  });

  test("a Dale_rec that the weights do not keep is not applied, and says so (PsychRNN passes over dale_ratio 0)", () => {
    const { notices, onNotice } = collect();
    const none = new Map(free)
      .set("Dale_rec", identity([-1, -1, -1, -1]))
      .set("Dale_out", { shape: [4, 4], data: new Float32Array(16) });
    const model = modelFromPsychRNN(none, { alpha: 0.1, activation: "relu", onNotice });
    expect(model.signs).toEqual({});
    expect(model.masks).toEqual({});
    expect(notices.at(-1)).toMatch(/weights do not keep its signs: they stay free; see dale: true/);
    const asked = modelFromPsychRNN(none, { alpha: 0.1, dale: true });
    expect(effectiveWeights(asked, "weightHH").every((w) => w <= 0)).toBe(true);
    expect(effectiveWeights(asked, "weightHO").every((w) => w === 0)).toBe(true);
  });

  test("faults are named", () => {
    const read = (changes: Record<string, ArrayData | undefined>, options = {}) => {
      const file = new Map<string, ArrayData>(free);
      for (const [name, value] of Object.entries(changes)) value ? file.set(name, value) : file.delete(name);
      return () => modelFromPsychRNN(file, { dtMs: 10, tauMs: 100, label: "w.npz", ...options });
    };
    expect(() => modelFromPsychRNN(free, {})).toThrow(
      new ConfigError("PsychRNN weights: dt and tau are not in the file: give dtMs and tauMs, or alpha."),
    );
    expect(read({}, { taoMs: 3 })).toThrow(/unknown option "taoMs"; did you mean "tauMs"\?/);
    expect(read({ W_out: undefined })).toThrow(new FileFormatError('w.npz: W_out is missing; did you mean "b_out"?'));
    expect(read({ W_in: random(1, 2, 4) })).toThrow(ShapeError);
    expect(read({ b_rec: random(1, 5) })).toThrow("w.npz: b_rec: expected [4] (N_rec), got [5].");
    expect(read({ Dale_rec: identity([1, 1, 0.5, 1]) })).toThrow(ValueError);
    expect(read({}, { tauMs: 5 })).toThrow(/tauMs: dtMs 10 > tauMs 5/);
    const { notices, onNotice } = collect();
    const scaled = read({ rec_connectivity: { shape: [4, 4], data: new Float32Array(16).fill(0.5) } }, { onNotice })();
    expect(scaled.masks.weightHH).toEqual(new Float32Array(16).fill(1));
    expect(notices[1]).toMatch(/rec_connectivity has factors other than 0 and 1/);
  });
});

describe("PyTorch", () => {
  const stacked = new Map(
    Object.entries({
      "rnn.weight_ih_l0": random(1, 5, 3),
      "rnn.weight_hh_l0": random(2, 5, 5),
      "rnn.bias_ih_l0": random(3, 5),
      "rnn.bias_hh_l0": random(4, 5),
      "rnn.weight_ih_l1": random(5, 5, 5),
      "rnn.weight_hh_l1": random(6, 5, 5),
      "rnn.bias_ih_l1": random(7, 5),
      "rnn.bias_hh_l1": random(8, 5),
      "fc.weight": random(9, 2, 5),
      "fc.bias": random(10, 2),
    }),
  );
  const single = new Map([...stacked].filter(([name]) => !name.endsWith("_l1")));
  const inputs = random(11, 6, 2, 3).data;

  test.each(["tanh", "relu"] as const)(
    "nn.RNN (%s) of one layer and of two computes what its formula says",
    (activation) => {
      for (const file of [single, stacked]) {
        const { notices, onNotice } = collect();
        const model = modelFromPyTorch(encodeSafetensors(file), { activation, dtMs: 25, label: "m", onNotice });
        expect(model.spec).toMatchObject({ activation, dtMs: 25, constraint: "project" });
        expect([...model.parameters.alpha]).toEqual(new Array(model.spec.hidden).fill(1));
        expect(notices).toEqual(["m: bias_ih and bias_hh act on the same units: their sum is one bias"]);
        const expected = plainRnn(file, "rnn.", "fc", { time: 6, batch: 2, inputs, activation });
        const actual = forward(model, { time: 6, batch: 2, inputs });
        expect(largestDifference(actual.outputs, expected.outputs)).toBeLessThan(1e-6);
        const last = model.spec.hidden - 5;
        const rates = actual.r.filter((_, index) => index % model.spec.hidden >= last);
        expect(largestDifference(rates, expected.rates)).toBeLessThan(1e-6);
      }
    },
  );

  test("what is written is read again as the same network, and only synapses of nn.RNN may exist", () => {
    for (const file of [single, stacked]) {
      const model = modelFromPyTorch(file, {});
      const { stateDict, h0 } = modelToPyTorch(model);
      expect([...stateDict.keys()].sort()).toEqual([...file.keys()].sort());
      for (const [name, { shape }] of file) expect(stateDict.get(name)?.shape, name).toEqual(shape);
      for (const name of ["rnn.weight_ih_l0", "rnn.weight_hh_l0", "fc.weight"])
        expect(stateDict.get(name)).toEqual(file.get(name));
      expect(stateDict.get("rnn.bias_hh_l0")?.data.every((bias) => bias === 0)).toBe(true);
      expect(h0).toBeUndefined();
      expect(modelFromPyTorch(stateDict, {})).toEqual(model);
    }
    const { masks } = modelFromPyTorch(stacked, {});
    expect(masks.weightHH?.filter((m) => m === 1).length).toBe(3 * 25);
    expect(masks.weightIH?.filter((m) => m === 1).length).toBe(15);
    expect(masks.weightHO?.filter((m) => m === 1).length).toBe(10);
  });

  test("without a linear layer the outputs are the hidden units", () => {
    const { notices, onNotice } = collect();
    const bare = new Map(
      [...single].flatMap(([name, value]) => (name.startsWith("rnn.") ? [[name.slice(4), value]] : [])),
    );
    const model = modelFromPyTorch(bare as Map<string, ArrayData>, { onNotice });
    expect(model.spec).toMatchObject({ outputs: 5, learn: { weightHO: false, biasO: false } });
    const { r, outputs } = forward(model, { time: 6, batch: 2, inputs });
    expect(largestDifference(outputs, r)).toBe(0);
    expect(notices[0]).toMatch(/no linear layer reads the hidden units out/);
  });

  test("faults are named, and pickles are refused with advice", () => {
    const wider = (rows: number) => new Map(single).set("rnn.weight_hh_l0", random(1, rows, 5));
    expect(() => modelFromPyTorch(wider(7))).toThrow(
      /rnn\.weight_hh_l0: expected \[5, 5\] \(hidden, hidden\), got \[7, 5\]/,
    );
    expect(() => modelFromPyTorch(wider(15))).toThrow(
      /rnn\.weight_ih_l0: expected \[15, 3\] \(3 gates of hidden, inputs\)/,
    );
    expect(() => modelFromPyTorch(new Map(single).set("rnn.weight_ih_l0_reverse", random(1, 5, 3)))).toThrow(
      /bidirectional/,
    );
    expect(() => modelFromPyTorch(new Map(single).set("gate.weight", random(1, 3, 5)))).toThrow(
      /several linear layers fit: give one of "fc", "gate"/,
    );
    expect(
      modelFromPyTorch(new Map(single).set("gate.weight", random(1, 3, 5)), { readout: "gate" }).spec.outputs,
    ).toBe(3);
    expect(() => modelFromPyTorch(single, { readout: "head" })).toThrow(FileFormatError);
    const two = new Map(
      [...single].flatMap(([name, value]) => [[name, value] as const, [`b.${name}`, value] as const]),
    );
    expect(() => modelFromPyTorch(two)).toThrow(
      /several recurrent layers: give one of the prefixes "rnn\.", "b\.rnn\."/,
    );
    expect(modelFromPyTorch(two, { prefix: "b.rnn.", readout: "b.fc" }).spec.hidden).toBe(5);
    expect(() => modelFromPyTorch(single, { alpha: 0.5 } as never)).toThrow(/nn\.RNN has no leak/);
    const pickle = Uint8Array.of(0x80, 2, 0x7d, 0x71, 0, 0x2e);
    expect(() => modelFromPyTorch(pickle, { label: "m.pth" })).toThrow(/m\.pth: is a pickled PyTorch file.*save_file/);
  });

  test("networks that nn.RNN is not are refused with the reason", () => {
    const sizes = { inputs: 2, hidden: 3, outputs: 1, activation: "tanh", seed: 3 } as const;
    const unit = generateModel({ ...sizes, alpha: 1 });
    const change = (spec: object) => () => modelToPyTorch({ ...unit, spec: { ...unit.spec, ...spec } });
    expect(() => modelToPyTorch(generateModel({ ...sizes, alpha: 0.2 }))).toThrow(
      /alpha of unit 0 is 0\.2.*: nn\.RNN has no leak, it is this network only where alpha is 1/,
    );
    expect(change({ activation: "sigmoid" })).toThrow("the activation is sigmoid: nn.RNN knows tanh and relu.");
    expect(change({ units: { gain: [1, 2, 1] } })).toThrow(/gain or threshold of their own/);
    const synapses = { release: 0.2, recoveryMs: 200, facilitationMs: 1500 };
    expect(change({ shortTermPlasticity: synapses })).toThrow(/synapses change over time/);
    const layers = (...ends: number[]) =>
      ends.map((to, index) => ({ name: `${index}`, from: ends[index - 1] ?? 0, to }));
    expect(change({ layers: layers(1, 3) })).toThrow(/layers have different sizes/);
    expect(change({ layers: layers(1, 2, 3) })).toThrow(/unit \d reaches unit \d, past the layers/);
    const { notices, onNotice } = collect();
    const noisy = { ...unit, spec: { ...unit.spec, noise: { ...unit.spec.noise, pre: 0.1 } } };
    const { h0 } = modelToPyTorch(noisy, { onNotice });
    expect(largestDifference(h0?.data ?? [], unit.parameters.v0.map(Math.tanh))).toBeLessThan(1e-7);
    expect(h0?.shape).toEqual([1, 3]);
    expect(notices).toHaveLength(1);
    const sparse = generateModel({ ...sizes, alpha: 1, density: 0.5, signed: true, constraint: "abs" });
    const written = modelToPyTorch(sparse).stateDict.get("rnn.weight_hh_l0");
    const expected = effectiveWeight("abs", sparse.parameters.weightHH, sparse.masks.weightHH, sparse.signs.weightHH);
    expect(largestDifference(written?.data ?? [], expected)).toBe(0);
  });
});

describe.each(["lstm", "gru"] as const)("nn.LSTM and nn.GRU: %s", (cell) => {
  const gates = cell === "lstm" ? 4 : 3;
  const file = new Map(
    Object.entries({
      "rnn.weight_ih_l0": random(1, gates * 5, 3),
      "rnn.weight_hh_l0": random(2, gates * 5, 5),
      "rnn.bias_ih_l0": random(3, gates * 5),
      "rnn.bias_hh_l0": random(4, gates * 5),
      "fc.weight": random(9, 2, 5),
      "fc.bias": random(10, 2),
    }),
  );
  const inputs = random(11, 6, 3, 3).data;

  test("computes what PyTorch's formula says, and is written as the same network", async () => {
    const { notices, onNotice } = collect();
    const model = modelFromPyTorch(encodeNpz(file), { label: "m", onNotice, dtMs: 25, noise: { pre: 0.1 } });
    expect(model.spec).toMatchObject({ cell, dtMs: 25, noise: { pre: 0.1, scale: "unit" } });
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(/m: bias_ih and bias_hh act on the same gates: their sum is one bias/);
    const network = new Network(gpu.device, [model]);
    const activity = await network.run({ steps: 6, trials: 3, inputs }, { noise: false });
    network.dispose();
    const expected = plainGated(cell, file, { time: 6, batch: 3, inputs });
    expect(largestDifference(activity.rates, expected.rates)).toBeLessThan(1e-5);
    expect(largestDifference(activity.states, expected.states)).toBeLessThan(1e-5);
    expect(largestDifference(activity.outputs, expected.outputs)).toBeLessThan(1e-5);
    const written = modelToPyTorch(model);
    expect(Object.keys(written)).toEqual(["stateDict"]);
    const again = plainGated(cell, written.stateDict, { time: 6, batch: 3, inputs });
    expect(largestDifference(again.rates, expected.rates)).toBeLessThan(1e-6);
    expect(modelFromPyTorch(written.stateDict, { dtMs: 25, noise: { pre: 0.1 } })).toEqual(model);
  });

  test("starts are told apart, and what is not offered is refused", () => {
    const model = modelFromPyTorch(file);
    const first = Float32Array.of(1, 2, 3, 4, 5);
    const { h0, c0 } = modelToPyTorch({
      ...model,
      parameters: { ...model.parameters, r0: first, ...(cell === "lstm" && { v0: first }) },
    });
    expect(h0).toEqual({ shape: [1, 5], data: first });
    expect(c0).toEqual(cell === "lstm" ? h0 : undefined);
    expect(() => modelFromPyTorch(new Map(file).set("rnn.weight_ih_l1", random(1, gates * 5, 5)))).toThrow(
      /gated layers on top of each other are not offered/,
    );
    expect(() => modelFromPyTorch(new Map(file).set("rnn.weight_hr_l0", random(1, 2, 5)))).toThrow(/proj_size/);
    expect(() => modelFromPyTorch(file, { activation: "tanh" })).toThrow(
      /activation: the file holds an? (lstm|gru), which has none/,
    );
    const bare = new Map([...file].filter(([name]) => !name.includes("bias") && !name.startsWith("fc")));
    const { spec, parameters } = modelFromPyTorch(bare);
    expect(spec).toMatchObject({ outputs: 5, learn: { weightHO: false, biasO: false } });
    expect(parameters.biasH).toEqual(new Float32Array(gates * 5));
    expect(parameters.biasN).toEqual(new Float32Array(cell === "gru" ? 5 : 0));
    if (cell === "gru") return;
    const psychrnn: typeof model = { ...model, spec: { ...model.spec, lstmOutput: "sigmoid" } };
    expect(() => modelToPyTorch(psychrnn)).toThrow(/output is o sigmoid\(c\): that of nn\.LSTM is o tanh\(c\)/);
  });
});

describe("PsychRNN's LSTM", () => {
  const { weights } = lstmFile;
  const file = new Map(
    Object.entries({ ...weights, W_rec: [[1]], Dale_rec: [[1]] }).map(([name, values]) => [name, array(values)]),
  );

  test("gives the golden cell states, rates and outputs", async () => {
    const { notices, onNotice } = collect();
    const model = modelFromPsychRNN(encodeNpz(file), { label: "l", onNotice, dtMs: 10, tauMs: 100 });
    expect(model.spec).toMatchObject({
      cell: "lstm",
      lstmOutput: "sigmoid",
      inputs: 2,
      hidden: 4,
      dtMs: 10,
      learn: { v0: true, r0: true },
    });
    expect(notices).toEqual([
      "l: an LSTM has no leak: tau (or alpha) has no part in it",
      "l: init_hidden and init_cell have 3 rows, one a trial of a batch: the first is taken",
    ]);
    const golden = goldenLstm(lstmFile);
    expect(model.parameters).toEqual(golden.model.parameters);
    const network = new Network(gpu.device, [model]);
    const { time: steps, batch: trials, inputs } = golden.sequence;
    const activity = await network.run({ steps, trials, inputs });
    network.dispose();
    expect(largestDifference(activity.states, golden.cells)).toBeLessThan(1e-5);
    expect(largestDifference(activity.rates, golden.rates)).toBeLessThan(1e-5);
    expect(largestDifference(activity.outputs, golden.outputs)).toBeLessThan(1e-5);
  });
});

describe("nn4n", () => {
  const ctrnn = (params: typeof nn4nFile.params) =>
    new Map(
      Object.entries({
        "recurrent_layer.hidden_state": { shape: [4], data: new Float32Array(4) },
        "recurrent_layer.input_layer.weight": array(params.W_in),
        "recurrent_layer.input_layer.bias": array(params.b_in),
        "recurrent_layer.hidden_layer.weight": array(params.W_hid),
        "recurrent_layer.hidden_layer.bias": array(params.b_hid),
        "readout_layer.weight": array(params.W_out),
        "readout_layer.bias": array(params.b_out),
      }),
    );
  const x = flatten(nn4nFile.x);

  test("CTRNN of 1.0.3 gives the golden states; dt and tau are nn4n's unless given", () => {
    const { notices, onNotice } = collect();
    const file = ctrnn(nn4nFile.params);
    for (const entry of nn4nFile.cases.filter(({ self_connections }) => self_connections)) {
      const activation = entry.activation === "tanh" ? "tanh" : "relu";
      const model = modelFromNn4n(encodeSafetensors(file), { alpha: entry.alpha, activation, onNotice });
      expect(model.spec.noise.scale).toBe("alpha");
      const { r, outputs } = forward(model, { time: 5, batch: 3, inputs: x });
      expect(largestDifference(r, flatten(entry.states)), entry.activation).toBeLessThan(1e-5);
      expect(largestDifference(outputs, flatten(entry.outputs))).toBeLessThan(1e-5);
    }
    expect(notices[0]).toMatch(/input_layer\.bias and .*hidden_layer\.bias act on the same units/);
    notices.length = 0;
    const plain = modelFromNn4n(file, { label: "n", onNotice });
    expect(plain.spec.dtMs).toBe(10);
    expect(plain.parameters.alpha[0]).toBe(Math.fround(0.1));
    expect(notices.slice(1)).toEqual([
      "n: dt and tau are not in a state_dict: 10 and 100 ms, nn4n's defaults",
      "n: the activation is not in a state_dict: relu, unless it is given",
    ]);
    expect(modelFromNn4n(file, { tauMs: 50 }).parameters.alpha[0]).toBe(Math.fround(0.2));
  });

  test("a learned initial state and a learned alpha are read", () => {
    const learned = nn4nFile.init_state_learn;
    const withState = ctrnn(nn4nFile.params).set("recurrent_layer.hidden_state", array(learned.v0));
    const model = modelFromNn4n(withState, { alpha: 0.2, activation: "tanh" });
    expect(model.spec.learn).toMatchObject({ v0: true, alpha: false });
    const { r } = forward(model, { time: 5, batch: 3, inputs: x });
    expect(largestDifference(r, flatten(learned.states))).toBeLessThan(1e-5);
    const { learn_alpha_init_state_tanh: later } = alphaFile;
    const withAlpha = ctrnn(alphaFile.params).set("recurrent_layer.alpha", array(later.alpha_vec));
    withAlpha.delete("recurrent_layer.hidden_state");
    const second = modelFromNn4n(withAlpha, { activation: "tanh", dtMs: 10 });
    expect(second.spec).toMatchObject({ dtMs: 10, learn: { alpha: true, v0: false } });
    const run = forward(second, { time: 5, batch: 3, inputs: flatten(alphaFile.x) }, { v0: flatten(later.v0) });
    expect(largestDifference(run.r, flatten(later.states))).toBeLessThan(1e-5);
    expect(() => modelFromNn4n(withAlpha, { tauMs: 100 })).toThrow(/alpha is in the file/);
  });

  test("RNNLayer of 1.2.0 and 1.2.1, two layers of different size and alpha, gives the golden states", () => {
    const { params, x: given } = stackedFile;
    const two = stackedFile["two_layers_tanh_alpha_0.2_0.5"];
    for (const names of [
      (layer: number) => [
        `hidden_layers.${layer}.input_layer`,
        `hidden_layers.${layer}.linear_layer`,
        `hidden_layers.${layer}.alpha`,
      ],
      (layer: number) => [
        `recurrent_layers.${layer}.projection_layer`,
        `recurrent_layers.${layer}.leaky_layer.linear_layer`,
        `recurrent_layers.${layer}.leaky_layer.alpha`,
      ],
    ]) {
      const [in1, own1, alpha1] = names(0);
      const [in2, own2, alpha2] = names(1);
      const file = new Map<string, ArrayData>([
        [`${in1}.weight`, array(params.W_in)],
        [`${in1}.bias`, array(params.b_in)],
        [`${own1}.weight`, array(params.W_hid)],
        [`${own1}.bias`, array(params.b_hid)],
        [`${alpha1}`, { shape: [4], data: new Float32Array(4).fill(0.2) }],
        [`${in2}.weight`, array(params.W_in2)],
        [`${in2}.bias`, array(params.b_in2)],
        [`${own2}.weight`, array(params.W_hid2)],
        [`${own2}.bias`, array(params.b_hid2)],
        [`${alpha2}`, { shape: [3], data: new Float32Array(3).fill(0.5) }],
        ["readout_layer.weight", array(params.W_out2)],
        ["readout_layer.bias", array(params.b_out)],
      ]);
      const model = modelFromNn4n(file, { activation: "tanh" });
      expect(model.spec).toMatchObject({ hidden: 7, noise: { scale: "unit" }, learn: { alpha: false } });
      expect(model.spec.layers?.map(({ from, to }) => [from, to])).toEqual([
        [0, 4],
        [4, 7],
      ]);
      const { r, outputs } = forward(model, { time: 5, batch: 3, inputs: flatten(given) });
      const layer = (from: number, to: number) => r.filter((_, index) => index % 7 >= from && index % 7 < to);
      expect(largestDifference(layer(0, 4), flatten(two.states_1))).toBeLessThan(1e-5);
      expect(largestDifference(layer(4, 7), flatten(two.states_2))).toBeLessThan(1e-5);
      expect(largestDifference(outputs, flatten(two.outputs))).toBeLessThan(1e-5);
      // The sparsity mask of 1.2.1 is stored transposed; the weights tell which way it acts.
      const holed = file.get(`${own1}.weight`)?.data.slice() ?? new Float32Array(16);
      holed[1] = 0;
      const mask = new Float32Array(16).fill(1);
      mask[4] = 0;
      file.set(`${own1}.weight`, { shape: [4, 4], data: holed });
      file.set(`${own1}.sparsity_mask`, { shape: [4, 4], data: mask });
      const sparse = modelFromNn4n(file, { activation: "tanh" }).masks.weightHH;
      expect([sparse?.[1], sparse?.[7]]).toEqual([0, 1]);
    }
  });

  test("given masks and signs hold: weights that break them are refused, or projected", () => {
    const file = ctrnn(nn4nFile.params);
    const signs = { weightHH: new Float32Array(16).fill(1) };
    expect(() => modelFromNn4n(file, { alpha: 0.2, signs })).toThrow(ConstraintError);
    const { parameters } = modelFromNn4n(file, { alpha: 0.2, signs, project: true });
    expect(parameters.weightHH.every((w) => w >= 0)).toBe(true);
    expect(() => modelFromNn4n(new Map([["a.weight", random(1, 2, 2)]]))).toThrow(
      /no layer of nn4n 1\.0\.3 to 1\.2\.1.*it holds a\.weight/,
    );
  });
});

describe("gates of nn.LSTM and nn.GRU", () => {
  const [hidden, inputs] = [3, 2];
  test.each(["lstm", "gru"] as const)(
    "%s: rows are stacked in PyTorch's order, biases are summed but for GRU's b_hn",
    (cell) => {
      const count = gateOrder[cell].length;
      const stacked = {
        weightIH: random(1, count * hidden, inputs),
        weightHH: random(2, count * hidden, hidden),
        biasIH: random(3, count * hidden),
        biasHH: random(4, count * hidden),
      };
      const gates = splitGates(cell, stacked) as Record<string, ReturnType<typeof splitGates<"gru">>["n"]>;
      expect(Object.keys(gates)).toEqual(cell === "lstm" ? ["i", "f", "g", "o"] : ["r", "z", "n"]);
      for (const [place, gate] of Object.values(gates).entries()) {
        for (let unit = 0; unit < hidden; unit += 1) {
          const row = place * hidden + unit;
          expect(gate.weightIH.subarray(unit * inputs, (unit + 1) * inputs)).toEqual(
            stacked.weightIH.data.subarray(row * inputs, (row + 1) * inputs),
          );
          expect(at(gate.weightHH, unit * hidden + 1)).toBe(at(stacked.weightHH.data, row * hidden + 1));
          const apart = cell === "gru" && place === 2;
          const [own, recurrent] = [at(stacked.biasIH.data, row), at(stacked.biasHH.data, row)];
          expect(at(gate.bias, unit)).toBe(apart ? own : Math.fround(own + recurrent));
          expect(gate.biasHH?.[unit]).toBe(apart ? recurrent : undefined);
        }
      }
      const joined = joinGates(cell, gates as never);
      expect(joined.weightIH).toEqual(stacked.weightIH);
      expect(joined.weightHH).toEqual(stacked.weightHH);
      expect(splitGates(cell, joined)).toEqual(gates);
    },
  );

  test("shapes that are not a cell's are named", () => {
    const bad = { weightIH: random(1, 9, 2), weightHH: random(2, 12, 3) };
    expect(() => splitGates("lstm", bad)).toThrow(new ShapeError("weight_ih: expected [12, 2], got [9, 2]."));
    const lone = { weightIH: random(1, 12, 2), weightHH: random(2, 12, 3), biasHH: random(3, 4) };
    expect(() => splitGates("lstm", lone)).toThrow("bias_hh: expected [12], got [4].");
    expect(splitGates("lstm", { weightIH: lone.weightIH, weightHH: lone.weightHH }).f.bias).toEqual(
      new Float32Array(3),
    );
  });
});
