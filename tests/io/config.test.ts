import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ConfigError, FileFormatError } from "../../src/errors.ts";
import { parseJson, parseJsonBytes, parseWith } from "../../src/io/config.ts";
import { modelSchema } from "../../src/io/model-schema.ts";
import { nearestName } from "../../src/io/nearest.ts";
import { errorOf } from "./hostile.ts";

/** The lines of the error that validation throws. */
function faults(schema: z.ZodType, value: unknown): string[] {
  const error = errorOf(() => parseWith(schema, value, "c.json"));
  expect(error).toBeInstanceOf(ConfigError);
  return error instanceof ConfigError ? error.message.split("\n") : [];
}

const model = { format: "cortrain/model@1", cell: "ctrnn", inputs: 2, hidden: 3, outputs: 1, dtMs: 20, tauMs: 100 };

const training = z.strictObject({
  steps: z.int().positive(),
  loss: z.array(
    z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("meanSquaredError"), weight: z.number().default(1) }),
      z.strictObject({ type: z.literal("rateL2"), weight: z.number(), exponent: z.number().optional() }),
    ]),
  ),
  optimizer: z
    .union([
      z.strictObject({ type: z.literal("adam"), lr: z.number(), beta1: z.number().optional() }),
      z.strictObject({ type: z.literal("sgd"), lr: z.number(), momentum: z.number().optional() }),
    ])
    .optional(),
  task: z
    .union([z.string(), z.strictObject({ name: z.string(), parameters: z.record(z.string(), z.number()) })])
    .optional(),
});

describe("parseWith", () => {
  test("gives the value with its defaults", () => {
    expect(parseWith(modelSchema, model, "m")).toMatchObject({
      activation: "relu",
      noise: { pre: 0, scale: "sqrt2alpha" },
    });
  });

  test("an unknown key names the nearest known one, at any depth", () => {
    expect(faults(modelSchema, { ...model, tau_ms: 100 })).toEqual([
      'c.json: tau_ms: unknown key; did you mean "tauMs"?',
    ]);
    expect(faults(modelSchema, { ...model, noise: { scal: "unit" } })).toEqual([
      'c.json: noise.scal: unknown key; did you mean "scale"?',
    ]);
    expect(faults(modelSchema, { ...model, areas: [{ name: "a", from: 0, too: 2, to: 3 }] })).toEqual([
      'c.json: areas[0].too: unknown key; did you mean "to"?',
    ]);
  });

  test("an unknown key near none lists the known ones", () => {
    expect(faults(modelSchema, { ...model, noise: { elephant: 1 } })).toEqual([
      "c.json: noise.elephant: unknown key; known are pre, post, scale",
    ]);
  });

  test("one line for each fault, with what was expected and what was given", () => {
    const value = {
      ...model,
      inputs: "2",
      hidden: 1.5,
      outputs: undefined,
      dtMs: -1,
      alpha: "x",
      seed: 2 ** 32,
    };
    expect(faults(modelSchema, value)).toEqual([
      'c.json: inputs: expected a number, got "2"',
      "c.json: hidden: expected an integer, got 1.5",
      "c.json: outputs: missing; expected a number",
      "c.json: dtMs: must be > 0, got -1",
      'c.json: alpha: expected a number, or an array, got "x"',
      "c.json: seed: must be <= 4294967295, got 4294967296",
    ]);
  });

  test("an activation that is neither built in nor one of the custom ones, beside other faults", () => {
    const known = '"relu", "tanh", "sigmoid", "retanh", "softplus", "power", "linear"';
    expect(faults(modelSchema, { ...model, outputs: undefined, activation: "rulu" })).toEqual([
      "c.json: outputs: missing; expected a number",
      `c.json: activation: expected one of ${known}, got "rulu"; did you mean "relu"?`,
    ]);
    const customActivations = { swish: { value: "x / (1.0 + exp(-x))", slope: "0.0" } };
    const units = { activation: ["tanh", "swish", "swihs"] };
    expect(faults(modelSchema, { ...model, customActivations, activation: "swish", units })).toEqual([
      `c.json: units.activation[2]: expected one of ${known}, "swish", got "swihs"; did you mean "swish"?`,
    ]);
    expect(faults(modelSchema, { ...model, activation: "constructor" })).toEqual([
      `c.json: activation: expected one of ${known}, got "constructor"`,
    ]);
  });

  test("custom activations: names and expressions", () => {
    const formula = { value: "x", slope: "1" };
    const given = (customActivations: unknown): string[] => faults(modelSchema, { ...model, customActivations });
    expect(given({ relu: formula })).toEqual([
      "c.json: customActivations.relu: is the name of a built-in activation; choose another",
    ]);
    expect(given({ "a b": formula })).toEqual([
      'c.json: customActivations["a b"]: must be a letter, then at most 39 letters, digits or _',
    ]);
    expect(given({ swish: { value: "x / (1 + expp(-x))", slope: "1 +" } })).toEqual([
      'c.json: customActivations.swish.value: unknown name "expp" at column 10 (did you mean "exp"?), got "x / (1 + expp(-x))"',
      'c.json: customActivations.swish.slope: expected a value at column 4, found the end, got "1 +"',
    ]);
    expect(given({ swish: { value: "x", slop: "1" } })).toEqual([
      "c.json: customActivations.swish.slope: missing; expected a string",
      'c.json: customActivations.swish.slop: unknown key; did you mean "slope"?',
    ]);
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`a${index}`, formula]));
    expect(given(many)).toEqual(["c.json: customActivations: expected at most 16 custom activations, got 17"]);
  });

  test("a number or one per unit: the fault of the one that was meant", () => {
    expect(faults(modelSchema, { ...model, tauMs: -5 })).toEqual(["c.json: tauMs: must be > 0, got -5"]);
    expect(faults(modelSchema, { ...model, tauMs: [1, 0, "x"] })).toEqual([
      "c.json: tauMs[1]: must be > 0, got 0",
      'c.json: tauMs[2]: expected a number, got "x"',
    ]);
  });

  test("unions of objects: the option whose type agrees", () => {
    expect(faults(training, { steps: 1, loss: [{ type: "rateL2", wieght: 1 }] })).toEqual([
      "c.json: loss[0].weight: missing; expected a number",
      'c.json: loss[0].wieght: unknown key; did you mean "weight"?',
    ]);
    expect(faults(training, { steps: 1, loss: [{ type: "meanSquaredError", exponent: 1 }] })).toEqual([
      "c.json: loss[0].exponent: unknown key; known are type, weight",
    ]);
    expect(faults(training, { steps: 1, loss: [{ type: "meanSquareError" }, {}] })).toEqual([
      'c.json: loss[0].type: expected one of "meanSquaredError", "rateL2", got "meanSquareError"; did you mean "meanSquaredError"?',
      'c.json: loss[1].type: missing; expected one of "meanSquaredError", "rateL2"',
    ]);
    expect(faults(training, { steps: 1, loss: [], optimizer: { type: "adam", lr: 1, beta: 1 } })).toEqual([
      'c.json: optimizer.beta: unknown key; did you mean "beta1"?',
    ]);
    expect(faults(training, { steps: 1, loss: [], optimizer: { type: "adm", lr: 1 } })).toEqual([
      'c.json: optimizer: expected type "adam", or type "sgd", got an object',
    ]);
  });

  test("unions of kinds: the option of the kind that was given", () => {
    expect(faults(training, { steps: 1, loss: [], task: { name: "go", parameters: { x: "y" }, sed: 1 } })).toEqual([
      'c.json: task.parameters.x: expected a number, got "y"',
      "c.json: task.sed: unknown key; known are name, parameters",
    ]);
    expect(faults(training, { steps: 1, loss: [], task: 3 })).toEqual([
      "c.json: task: expected a string, or an object, got 3",
    ]);
  });

  test("a value that is no object at all", () => {
    expect(faults(modelSchema, [1])).toEqual(["c.json: expected an object, got an array of 1"]);
    expect(faults(modelSchema, null)).toEqual(["c.json: expected an object, got null"]);
  });

  test("a key that is also a property of every object is unknown like any other", () => {
    expect(faults(modelSchema, { ...model, constructor: 1 })[0]).toMatch(/^c\.json: constructor: unknown key/);
    const hostile = parseJson(`{"__proto__":{"inputs":2}}`, "c.json");
    expect(faults(modelSchema, hostile)).toContain("c.json: inputs: missing; expected a number");
  });
});

describe("nearestName", () => {
  test("forgives case, separators and a slip or two, not another word", () => {
    expect(nearestName("WEIGHT-HH", ["weight_ih", "weight_hh"])).toBe("weight_hh");
    expect(nearestName("optimiser", ["optimizer", "steps"])).toBe("optimizer");
    expect(nearestName("banana", ["loss", "steps"])).toBeUndefined();
    expect(nearestName("x".repeat(1e6), ["loss"])).toBeUndefined();
  });
});

describe("parseJson", () => {
  test("reads what JSON.parse reads, and a byte-order mark", () => {
    const value = { a: [1, { b: 'x": {' }], c: { a: null }, d: "\\" };
    expect(parseJson(JSON.stringify(value), "f")).toEqual(value);
    expect(parseJson(`\uFEFF${JSON.stringify(value, null, 2)}`, "f")).toEqual(value);
  });

  test("refuses a key given twice in one object, however it is written", () => {
    expect(() => parseJson('{"a":1,"b":{"c":1,"\\u0063" : 2}}', "f.json")).toThrow('f.json: the key "c" appears twice');
    expect(parseJson('[{"a":1},{"a":2},["a","a"],{"b":"a","a":"b"}]', "f")).toHaveLength(4);
  });

  test("refuses what is not JSON or not UTF-8, naming the file", () => {
    expect(() => parseJson("{a:1}", "f.json")).toThrow(FileFormatError);
    expect(() => parseJson("", "f.json")).toThrow(/^f\.json: not valid JSON/);
    expect(() => parseJsonBytes(Uint8Array.of(0x22, 0xff, 0x22), "f.json")).toThrow("f.json: not valid UTF-8 text");
  });

  test("deep nesting and long strings are no danger", () => {
    const deep = "[".repeat(200_000);
    expect(() => parseJson(deep, "f")).toThrow(FileFormatError);
    expect(parseJson(JSON.stringify({ a: '\\"'.repeat(200_000) }), "f")).toBeTypeOf("object");
  });
});
