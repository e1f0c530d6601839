import { describe, expect, test } from "vitest";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { decodeModelFolder, decodeModelSingle, encodeModelFolder, encodeModelSingle } from "../../src/io/model-file.ts";
import { modelFromFile, modelToFile } from "../../src/network/convert.ts";
import { createModel } from "../../src/network/create.ts";
import { ctrnn } from "../../src/network/ctrnn.ts";
import { Network } from "../../src/network/network.ts";
import { validateModel } from "../../src/network/validate.ts";
import { distanceDependent } from "../../src/structure/distance-dependent.ts";
import { dense } from "../../src/structure/structure.ts";
import { testDevice } from "../support/device.ts";
import { randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const sizes = { inputs: 2, hidden: 6, outputs: 1 };
const spatial = distanceDependent({ ...sizes, layout: "sheet", lengthScale: 0.5, seed: 3 });
const given = Float32Array.from({ length: 36 }, (_, k) => k / 7);

describe("where a model's distances come from", () => {
  test("the structure's, copied; or those given, which go first", () => {
    const model = createModel({ structure: spatial });
    expect(model.distances).toEqual(spatial.distances);
    expect(model.distances).not.toBe(spatial.distances);
    for (const structure of [spatial, dense(sizes)]) {
      const own = createModel({ structure, distances: given });
      expect(own.distances).toEqual(given);
      expect(own.distances).not.toBe(given);
    }
    expect("distances" in createModel({ structure: dense(sizes) })).toBe(false);
    expect(() => createModel({ structure: spatial, distance: given } as never)).toThrow('did you mean "distances"?');
  });

  test("a model file, in every format; absent stays absent", () => {
    const model = createModel({ structure: spatial, constraint: "abs", distances: given });
    const file = modelToFile(model);
    expect(file.tensors.get("distance_hh")).toEqual({ shape: [6, 6], data: given });
    const files = [
      decodeModelFolder(encodeModelFolder(file), "m"),
      decodeModelFolder(encodeModelFolder(file, { weights: "npz" }), "m"),
      decodeModelSingle(encodeModelSingle(file), "m"),
    ];
    for (const read of files) expect(modelFromFile(read)).toEqual(model);
    const bare = modelToFile(createModel({ structure: dense(sizes) }));
    expect(bare.tensors.has("distance_hh")).toBe(false);
    expect("distances" in modelFromFile(bare)).toBe(false);
  });
});

describe("distances that are refused", () => {
  const model = createModel({ structure: spatial });

  test("a wrong length, a negative one, one that is not finite: the offender is named", () => {
    expect(() => validateModel({ ...model, distances: new Float32Array(35) })).toThrow(
      new ShapeError(
        "distances: expected [6, 6] (hidden, hidden), got 35 values. Give one value for each entry, row by row.",
      ),
    );
    for (const value of [-1, Number.POSITIVE_INFINITY, Number.NaN]) {
      const wrong = given.slice();
      wrong[15] = value;
      expect(() => createModel({ structure: spatial, distances: wrong })).toThrow(
        new ValueError(`distances[2, 3] is ${value}: a distance must be finite and >= 0.`),
      );
    }
  });

  test("in a file, of another shape", () => {
    const file = modelToFile(model);
    file.tensors.set("distance_hh", { shape: [36], data: given });
    expect(() => modelFromFile(file)).toThrow(
      new ShapeError("model: distance_hh: expected [6, 6] (hidden, hidden), got [36]"),
    );
  });
});

describe("a network", () => {
  test("keeps them through read and write, and frees its copy", async () => {
    const network = ctrnn(gpu.device, { structure: spatial, replicas: 3 });
    expect(network.distances?.shape).toEqual([1, 6, 6]);
    const model = await network.read(2);
    expect(model.distances).toEqual(spatial.distances);
    network.write(model, 1);
    const { distances } = network;
    network.dispose();
    expect(() => distances?.buffer).toThrow("distances");
  });

  test("without them has no tensor and runs", async () => {
    const network = ctrnn(gpu.device, { structure: dense(sizes) });
    expect(network.distances).toBeUndefined();
    expect((await network.run(randomTrials({ ...sizes, time: 2, batch: 2, seed: 1 }))).outputs).toHaveLength(4);
    network.dispose();
  });

  test("of replicas of which one has none is refused before anything is allocated", () => {
    const [first, second] = [createModel({ structure: spatial }), createModel({ structure: spatial, seed: 1 })];
    const { distances: _distances, ...bare } = second;
    const { buffers } = gpu.device.counters;
    expect(() => new Network(gpu.device, [first, bare])).toThrow(
      new ConfigError("Replica 0 has distances and replica 1 has none; give all of them or none."),
    );
    expect(gpu.device.counters.buffers).toBe(buffers);
  });
});
