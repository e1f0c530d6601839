import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeNpy } from "../../src/io/npy.ts";
import { ctrnn } from "../../src/network/ctrnn.ts";
import { weightNames } from "../../src/network/model.ts";
import { fromConnectome } from "../../src/structure/connectome.ts";
import { contextDecision } from "../../src/tasks/context-decision.ts";
import { train } from "../../src/train/train.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const folder = new URL("../../../shared/data/celegans/", import.meta.url);
const isPresent = existsSync(folder);
const senses = /^(AS[EGHIJK]|AW[ABC]|AD[FL]|AFD|ALM|PLM|AVM|PVM|PHA|PHB|URX|IL2|CEP|OLQ)/;
const motor = /^(DA|DB|VA|VB|DD|VD|AS)\d+$/;

/**
 * The wiring of C. elegans (Varshney et al. 2011; Kim, Leahy & Shlizerman 2019) as the recurrent structure of a network:
 * the inputs reach 50 sensory neurons, the outputs are read from 69 motor neurons, everything between is the worm's.
 */
test.skipIf(!isPresent)(
  `the worm's network learns to decide by context, Dale's law kept${isPresent ? "" : " (skipped: no ../shared/data)"}`,
  { timeout: 240_000 },
  async () => {
    const read = (name: string): Uint8Array => readFileSync(new URL(name, folder));
    const text = new TextDecoder().decode(read("neuron_names.txt"));
    const names = Array.from(text.matchAll(/u'([^']+)'/g), ([, name]) => name ?? "");
    const structure = fromConnectome({
      weights: decodeNpy(read("Gs.npy"), "Gs.npy"),
      names,
      signs: decodeNpy(read("emask.npy"), "emask.npy").data.map((isInhibitory) => (isInhibitory ? -1 : 1)),
      inputs: [{ name: "senses", channels: 6, units: names.filter((name) => senses.test(name)) }],
      outputs: [{ name: "motor", channels: 2, units: names.filter((name) => motor.test(name)) }],
    });
    const task = contextDecision({ dtMs: 80, coherences: [0.8], noise: 0.02 });
    const network = ctrnn(gpu.device, { structure, dtMs: 80, tauMs: 100, noise: { pre: 0.02 }, seed: 1 });
    let accuracy = 0;
    // 100 updates from weights of seeds 1, 2 and 3.
    for await (const report of train(network, task, {
      ...{ steps: 300, batch: 8, seed: 3, clip: 1, reportEvery: 20, optimizer: { type: "adam", lr: 2e-2 } },
      loss: [{ type: "meanSquaredError" }, { type: "rateL2", weight: 1e-4 }],
      validation: { trials: 128, every: 20 },
      stop: { accuracy: 0.93 },
    })) {
      accuracy = report.validation?.accuracy ?? accuracy;
    }
    expect(accuracy).toBeGreaterThanOrEqual(0.93);
    // Trials of a stream that neither training nor validation has drawn from.
    const fresh = task.batch({ trials: 512, seed: 99, dtMs: 80 });
    expect(task.accuracy((await network.run(fresh)).outputs, fresh)).toBeGreaterThanOrEqual(0.9);
    const model = await network.read();
    for (const name of weightNames) {
      const { [name]: mask } = structure.masks;
      const { [name]: sign } = structure.signs;
      const weights = model.parameters[name];
      expect(
        weights.filter((w, index) => mask?.[index] === 0 && !Object.is(w, 0)),
        `${name}, absent`,
      ).toHaveLength(0);
      expect(
        weights.filter((w, index) => w * (sign?.[index] ?? 0) < 0),
        `${name}, wrong sign`,
      ).toHaveLength(0);
    }
    expect(model.parameters.weightHH.filter((w) => w !== 0).length).toBeLessThanOrEqual(2305);
    network.dispose();
  },
);
