import { describe, expect, test } from "vitest";
import { DisposedError, LimitError, ShapeError } from "../../src/errors.ts";
import { Readback } from "../../src/gpu/readback.ts";
import { submit } from "../../src/gpu/recorder.ts";
import { Tensor } from "../../src/gpu/tensor.ts";
import { type ParameterName, parameterNames, parameterShape } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { tensorCount } from "../../src/ops/layout.ts";
import { quietSettings } from "../../src/ops/settings.ts";
import { recordFloats, StepPlan, verdictFloats } from "../../src/train/step-plan.ts";
import { generateModel } from "../reference/generate.ts";
import { testDevice } from "../support/device.ts";
import { randomTrials } from "../support/trials.ts";

const gpu = testDevice();

describe("a tensor", () => {
  test("is zero at creation, and gives back what was written where", async () => {
    const tensor = new Tensor(gpu.device, "numbers", [2, 3]);
    expect(tensor.size).toBe(6);
    const readback = new Readback(gpu.device);
    tensor.write(Float32Array.of(1, 2), 3);
    tensor.write(Float32Array.of(7, 8, 9, 10).subarray(1, 3), 1);
    const [all, part] = await readback.read([{ tensor }, { tensor, offset: 2, count: 2 }]);
    expect(Array.from(all ?? [])).toEqual([0, 8, 9, 1, 2, 0]);
    expect(Array.from(part ?? [])).toEqual([9, 1]);
    tensor.dispose();
    readback.dispose();
  });

  test("is disposed of as often as one likes; use after that throws with its label", () => {
    const tensor = new Tensor(gpu.device, "spent", [4]);
    tensor.dispose();
    tensor.dispose();
    expect(() => tensor.buffer).toThrow(DisposedError);
    expect(() => tensor.buffer).toThrow(/"spent"/);
    expect(() => tensor.write(Float32Array.of(1))).toThrow(/"spent"/);
    expect(tensor.size).toBe(4);
  });

  test("refuses values that do not fit", () => {
    const tensor = new Tensor(gpu.device, "small", [2, 2]);
    expect(() => tensor.write(new Float32Array(5))).toThrow(ShapeError);
    expect(() => tensor.write(new Float32Array(3), 2)).toThrow(/small: expected at most 2 values from element 2/);
    expect(() => tensor.write(new Float32Array(1), 4)).toThrow(ShapeError);
    expect(() => tensor.write(new Float32Array(1), -1)).toThrow(ShapeError);
    tensor.write(new Float32Array(0), 4);
    tensor.dispose();
  });

  test("beyond the adapter's limits is refused before anything is allocated, with the limit's name", () => {
    const { counters, limits } = gpu.device;
    const { buffers } = counters;
    const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
    const shape = [2, Math.floor(most / 4)];
    expect(() => new Tensor(gpu.device, "huge", shape)).toThrow(LimitError);
    const message = new RegExp(`huge \\[2, .*max(StorageBufferBindingSize|BufferSize).* ${most}.*2 times fewer`);
    expect(() => new Tensor(gpu.device, "huge", shape)).toThrow(message);
    expect(counters.buffers).toBe(buffers);
  });
});

describe("a network", () => {
  test("is disposed of as often as one likes; use after that throws", async () => {
    const network = new Network(gpu.device, [generateModel({ inputs: 1, hidden: 2, outputs: 1, seed: 1 })]);
    network.dispose();
    network.dispose();
    const stimuli = { steps: 1, trials: 1, inputs: new Float32Array(1) };
    await expect(network.run(stimuli)).rejects.toThrow(DisposedError);
    await expect(network.read()).rejects.toThrow(DisposedError);
    expect(() => network.write(generateModel({ inputs: 1, hidden: 2, outputs: 1, seed: 1 }))).toThrow(DisposedError);
  });

  test("keeps a few plans only, and works on when they come and go", async () => {
    const network = new Network(gpu.device, [generateModel({ inputs: 1, hidden: 2, outputs: 1, seed: 1 })]);
    const first = await network.run({ steps: 1, trials: 1, inputs: Float32Array.of(0.5) });
    for (let round = 0; round < 2; round += 1) {
      for (let steps = 1; steps <= 6; steps += 1) {
        const { outputs } = await network.run({ steps, trials: 1, inputs: new Float32Array(steps).fill(0.5) });
        expect(outputs.subarray(0, 1)).toEqual(first.outputs);
      }
    }
    network.dispose();
  });

  test("runs many shapes at the same time", async () => {
    const network = new Network(gpu.device, [generateModel({ inputs: 1, hidden: 2, outputs: 1, seed: 1 })]);
    const runs = Array.from({ length: 8 }, (_, k) =>
      network.run({ steps: k + 1, trials: 1, inputs: new Float32Array(k + 1).fill(0.5) }),
    );
    const settled = await Promise.allSettled(runs);
    network.dispose();
    const failed = settled.flatMap((run) => (run.status === "rejected" ? [String(run.reason)] : []));
    expect(failed).toEqual([]);
  });
});

describe("poisoned outputs", () => {
  const sizes = { inputs: 2, hidden: 7, outputs: 3 };
  const [replicas, steps, batch] = [2, 3, 9];
  const kinds = (["ctrnn", "lstm", "gru"] as const).flatMap((cell) =>
    (["persistent", "stepwise"] as const).map((family) => ({ cell, family })),
  );
  for (const { cell, family } of kinds) {
    test(`every element of every output of a training step is written, padding is 0: ${cell}, ${family}`, async () => {
      const options = { ...sizes, cell, noise: { pre: 0.1 }, ...(cell === "ctrnn" && { activation: "tanh" as const }) };
      const models = [1, 2].map((seed) => generateModel({ ...options, seed }));
      const network = new Network(gpu.device, models);
      const trials = randomTrials({ ...sizes, time: steps, batch, seed: 1 });
      const all = Object.fromEntries(parameterNames.map((name) => [name, true])) as Record<ParameterName, boolean>;
      const rules = new Tensor(gpu.device, "rules", network.rules.shape);
      rules.write(network.rulesFor(all));
      const verdicts = new Tensor(gpu.device, "verdicts", [replicas, verdictFloats]);
      const owned = { parameters: network.parameters, rules, verdicts, layers: network.layers };
      const plan = await StepPlan.compile(gpu.device, network.spec, owned, {
        ...{ replicas, steps, batch, initial: "parameter", historySlots: 1, inspect: true, family },
        losses: [
          { type: "meanSquaredError", weight: 1, denominator: "elements" },
          { type: "rateL2", weight: 1 },
        ],
        gradients: { alpha: cell === "ctrnn", v0: true, r0: cell !== "ctrnn" },
      });
      plan.upload([trials]);
      for (let k = 0; k < replicas; k += 1) {
        plan.sequence.settings.set(k, { ...quietSettings, seed: k, noise_pre: 0.1, loss_scale: plan.lossScales(k) });
      }
      plan.sequence.settings.upload();
      const { states, rates, slopes, gates, outputs } = plan.sequence.tensors;
      // What every step writes; the other tensors belong to loss terms that are not here.
      const { outputGradients, directGradients, lossRows, history, stateGradients, rateGradients } = plan.tensors;
      const { partials, gradients, squares, gateGradients } = plan.tensors;
      const backward = { outputGradients, directGradients, lossRows, history, stateGradients, rateGradients };
      const ofCell = cell === "ctrnn" ? { slopes } : { gates, gateGradients };
      const written = { ...backward, ...ofCell, partials, gradients, squares };
      const poisoned: Record<string, Tensor> = { states, rates, outputs, ...written };
      for (const tensor of Object.values(poisoned)) tensor.write(new Float32Array(tensor.size).fill(Number.NaN));
      submit(gpu.device, "poisoned", plan.dispatches);
      const names = Object.keys(poisoned);
      const values = await network.readback.read(Object.values(poisoned).map((tensor) => ({ tensor })));
      const slot = batch * 4 * 8;
      /** Places of a tensor that no kernel is meant to write. */
      const isFree: Record<string, (index: number) => boolean> = {
        // Two terms and the norm.
        history: (index) => index % recordFloats > 1 && index % recordFloats < recordFloats - 1,
        // The fourth block of slot 0, where a GRU has nothing to add up.
        gateGradients: (index) =>
          cell === "gru" && index % ((steps + 1) * slot) < slot && Math.floor(index / 8) % 4 === 3,
        // Of tensors that the cell does not have.
        squares: (index) => {
          const name = parameterNames[index % tensorCount(plan.layout)];
          return name !== undefined && parameterShape(plan.layout, name).includes(0);
        },
      };
      const widths: Record<string, number> = {
        ...{
          states: 7,
          rates: 7,
          slopes: 7,
          directGradients: 7,
          stateGradients: 7,
          rateGradients: 7,
          gateGradients: 7,
        },
        ...{ outputs: 3, outputGradients: 3 },
      };
      for (const [position, name] of names.entries()) {
        const width = widths[name];
        const padded = width === undefined ? 1 : 4 * Math.ceil(width / 4);
        for (const [index, value] of (values[position] ?? new Float32Array()).entries()) {
          if (isFree[name]?.(index)) continue;
          if (width !== undefined && index % padded >= width) {
            if (value !== 0) expect(value, `${name}[${index}], padding`).toBe(0);
          } else if (!Number.isFinite(value)) {
            expect(value, `${name}[${index}]`).toBe("written");
          }
        }
        expect(values[position]?.length).toBe(poisoned[name]?.size);
      }
      plan.dispose();
      for (const tensor of [rules, verdicts]) tensor.dispose();
      network.dispose();
    });
  }
});
