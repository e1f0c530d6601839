import { describe, expect, test } from "vitest";
import { ConfigError, ValueError } from "../../src/errors.ts";
import { registerActivation, registerLoss } from "../../src/index.ts";
import { functions } from "../../src/io/expression-operations.ts";
import { parseExpression } from "../../src/io/expression-parser.ts";
import { confirmFormula } from "../../src/ops/confirm-formula.ts";
import { checkSlope, type Formula } from "../../src/ops/formula.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

/** A formula in x, on a range, or on all numbers. */
function formulaOf(value: string, slope: string, range?: readonly [number, number]): Formula {
  const variables = ["x"];
  return {
    label: "it",
    variables,
    value: parseExpression(value, variables),
    slope: parseExpression(slope, variables),
    ranges: [range ?? [-8, 8]],
    unbounded: range === undefined,
  };
}

type Row = readonly [value: string, slope: string, range?: readonly [number, number]];

/** Every function of the language, with its derivative. */
const right: readonly Row[] = [
  ["abs(x)", "sign(x)"],
  ["acos(x)", "-inverseSqrt(1 - x * x)", [-0.95, 0.9]],
  ["acosh(x)", "inverseSqrt(x * x - 1)", [1.1, 9]],
  ["asin(x)", "inverseSqrt(1 - x * x)", [-0.95, 0.9]],
  ["asinh(x)", "inverseSqrt(1 + x * x)", [-8, 8]],
  ["atan(x)", "1 / (1 + x * x)"],
  ["atan2(x, 2)", "2 / (4 + x * x)"],
  ["atanh(x)", "1 / (1 - x * x)", [-0.9, 0.9]],
  ["ceil(x)", "0"],
  ["round(x)", "0"],
  ["trunc(x)", "0"],
  ["clamp(0.2 * x + 0.5, 0, 1)", "select(0, 0.2, abs(x) < 2.5)"],
  ["cos(x)", "-sin(x)"],
  ["cosh(x)", "sinh(x)", [-8, 8]],
  ["sinh(x)", "cosh(x)", [-8, 8]],
  ["exp(x)", "exp(x)"],
  ["exp2(x)", "0.6931472 * exp2(x)"],
  ["floor(x) + fract(x)", "1"],
  ["fma(x, x, 3)", "2 * x"],
  ["inverseSqrt(x)", "-0.5 / (x * sqrt(x))", [0.01, 5]],
  ["log(1 + x * x)", "2 * x / (1 + x * x)"],
  ["log2(x)", "1.442695 / x", [0.01, 5]],
  ["max(x, 0) - min(x, 2)", "step(0, x) - step(x, 2)"],
  ["mix(x, 3, 0.25)", "0.75"],
  ["pow(abs(x), 3)", "3 * x * abs(x)"],
  ["saturate(x) * sign(x)", "select(0, 1, x > 0 && x < 1)"],
  ["select(exp(min(x, 0)) - 1, x, x > 0)", "exp(min(x, 0))"],
  ["sin(x)", "cos(x)"],
  ["smoothstep(-1, 3, x)", "select(0, 6 * (x + 1) * (3 - x) / 64, x > -1 && x < 3)"],
  ["sqrt(x * x + 1)", "x * inverseSqrt(x * x + 1)"],
  ["tan(x)", "1 + tan(x) * tan(x)", [-1.2, 1.2]],
  ["tanh(x)", "1 - tanh(x) * tanh(x)"],
  [
    "select(x % 3, 0, !(x > 1 || x == -1 || x != x) && x <= 0 && x >= -20 && !(x < -21))",
    "select(1, 0, x <= 0 && x >= -20)",
  ],
];

describe("right slopes: float64 agrees, and this device agrees with float64", () => {
  for (const [value, slope, range] of right) {
    test(value, async () => {
      const formula = formulaOf(value, slope, range);
      checkSlope(formula);
      await confirmFormula(gpu.device, formula);
    });
  }

  test("no function of the language is missing above", () => {
    const text = right.map((row) => row.join(" ")).join(" ");
    expect([...functions.keys()].filter((name) => !text.includes(`${name}(`))).toEqual([]);
  });

  test("what is as deep as may be compiles", async () => {
    const deep = formulaOf(`${"-".repeat(63)}x`, "-1");
    const nested = formulaOf(`${"exp(sin(".repeat(31)}x${"))".repeat(31)}`, "0");
    const sum = formulaOf(`${"x + ".repeat(63)}x`, "64");
    for (const formula of [deep, sum]) await confirmFormula(gpu.device, formula);
    await expect(confirmFormula(gpu.device, nested)).rejects.toThrow(/slope is 0/);
  });
});

describe("wrong slopes say where and by how much", () => {
  const wrong: readonly (readonly [...Row, string])[] = [
    [
      "x * x",
      "x",
      undefined,
      "it: slope is 0.105245 at x = 0.105245, where the central difference of value is 0.21049. Give the derivative of value by x.",
    ],
    [
      "x * x * x",
      "3 * x * x + 0.003",
      undefined,
      "it: slope is 0.003 at x = 0, where the central difference of value is 2.56e-10.",
    ],
    [
      "tanh(x)",
      "1.002 * (1 - tanh(x) * tanh(x))",
      undefined,
      "it: slope is 1.002 at x = 0, where the central difference of value is 1.",
    ],
    [
      "max(x, 0)",
      "select(0, 1.5, x > 0)",
      undefined,
      "it: slope is 1.5 at x = 0.105245, where the central difference of value is 1.",
    ],
    [
      "max(x, 0)",
      "select(-1, 1, x > 0)",
      undefined,
      "it: slope is -1 at x = 0, where the central difference of value is between 0 and 1.",
    ],
    [
      "exp(x)",
      "select(exp(x), 0, x < -7)",
      undefined,
      "it: slope is 0 at x = -7.44893, where the central difference of value is 0.000582064",
    ],
    ["0.001 * sin(x)", "0.001 * cos(x) + 0.00001", undefined, "it: slope is 0.00101 at x = 0,"],
    ["sqrt(x)", "0.4 * inverseSqrt(x)", [0.1, 2], "it: slope is 1"],
  ];
  for (const [value, slope, range, message] of wrong) {
    test(`${value}: ${slope}`, () => {
      const check = (): void => checkSlope(formulaOf(value, slope, range));
      expect(check).toThrow(ValueError);
      expect(check).toThrow(message);
    });
  }
});

describe("values that float32 cannot hold", () => {
  const refused: readonly (readonly [...Row, string])[] = [
    ["sqrt(x)", "0.5 * inverseSqrt(x)", undefined, "it: slope is Infinity at x = 0; it must be finite there."],
    ["x / abs(x)", "0", undefined, "it: value is NaN at x = 0; it must be finite there."],
    [
      "pow(x, 2)",
      "2 * x",
      undefined,
      "it: value is NaN at x = -0.445825; it must be finite there. pow(a, b) needs a >= 0: write a * a.",
    ],
    ["exp(x * x * x)", "3 * x * x * exp(x * x * x)", undefined, "it must be finite there."],
    ["log(101 + x) + x", "1 / (101 + x) + 1", undefined, ""],
    ["log(50 + x)", "1 / (50 + x)", undefined, "it: value is NaN at x = -64; it must be finite there."],
  ];
  for (const [value, slope, range, message] of refused) {
    test(value, () => {
      const check = (): void => checkSlope(formulaOf(value, slope, range));
      if (message === "") expect(check).not.toThrow();
      else expect(check).toThrow(message);
    });
  }

  test("or that overflow on the way, on this device", async () => {
    // The usual way to write it: exp(100) is infinite in float32, and infinity over infinity is NaN.
    const usual = "(1 + exp(-x) * (1 + x)) / ((1 + exp(-x)) * (1 + exp(-x)))";
    const made = registerActivation(gpu.device, { name: "swish", value: "x / (1 + exp(-x))", slope: usual });
    await expect(made).rejects.toThrow(ValueError);
    await expect(made).rejects.toThrow(
      /activation "swish": at x = -(64|100) this device \(.+\) gives NaN for slope, float64 -[\d.e-]+: something in it overflows float32;/,
    );
    const naive = formulaOf("log(1 + exp(x))", "1 / (1 + exp(-x))");
    await expect(confirmFormula(gpu.device, naive)).rejects.toThrow(
      /x = 100 .* gives Infinity for value, float64 100: .* overflows/,
    );
    const cancelling = formulaOf("sqrt(x * x + 1e6) - 1e3", "x * inverseSqrt(x * x + 1e6)");
    await expect(confirmFormula(gpu.device, cancelling)).rejects.toThrow(/float32 loses too many digits/);
  });
});

test("a formula is checked once for each device, also when two ask at once; a fault is told every time", async () => {
  const formula = formulaOf("x * 0.125", "0.125");
  const before = { ...gpu.device.counters };
  await Promise.all([confirmFormula(gpu.device, formula), confirmFormula(gpu.device, formulaOf("x * 0.125", "0.125"))]);
  expect(gpu.device.counters.submits).toBe(before.submits + 1);
  expect(gpu.device.counters.pipelines).toBe(before.pipelines + 1);
  await confirmFormula(gpu.device, { ...formula, label: "again" });
  expect(gpu.device.counters.submits).toBe(before.submits + 1);
  for (const label of ["one", "other"]) {
    const wrong = { ...formulaOf("x", "2"), label };
    await expect(confirmFormula(gpu.device, wrong)).rejects.toThrow(`${label}: slope is 2 at x = 0`);
  }
  expect(gpu.device.counters.submits).toBe(before.submits + 1);
});

describe("registration", () => {
  test("of an activation gives back plain data", async () => {
    const given = { name: "elu", value: "select(exp(min(x, 0.0)) - 1.0, x, x > 0.0)", slope: "exp(min(x, 0.0))" };
    const elu = await registerActivation(gpu.device, given);
    expect(elu).toEqual(given);
    expect(JSON.parse(JSON.stringify(elu))).toEqual(given);
  });

  test("refuses names, keys and expressions, each with its place", async () => {
    const refuse = (part: object): Promise<unknown> =>
      registerActivation(gpu.device, { name: "mine", value: "x", slope: "1", ...part });
    await expect(refuse({ name: "relu" })).rejects.toThrow(ConfigError);
    await expect(refuse({ name: "relu" })).rejects.toThrow(
      'registerActivation: name: is the name of a built-in activation; choose another, got "relu"',
    );
    await expect(refuse({ value: "v * v" })).rejects.toThrow(
      'registerActivation: value: unknown name "v" at column 1 (the variable is x), got "v * v"',
    );
    await expect(refuse({ derivative: "1" })).rejects.toThrow("registerActivation: derivative: unknown key");
    await expect(refuse({ slope: "2" })).rejects.toThrow('activation "mine": slope is 2 at x = 0, where');
  });

  test("of a loss term gives back the term, with its defaults", async () => {
    const given = { on: "rates", name: "energy", value: "r * r", slope: "2 * r", units: [1, 3] } as const;
    const term = await registerLoss(gpu.device, { ...given, units: [1, 3] });
    expect(term).toEqual({ ...given, type: "custom", weight: 1, domain: {} });
    await expect(registerLoss(gpu.device, { ...given, units: [1, 3], slope: "r" })).rejects.toThrow(
      'loss "energy": slope is 0.105245 at r = 0.105245, where the central difference of value is 0.21049. Give the derivative of value by r.',
    );
  });
});
