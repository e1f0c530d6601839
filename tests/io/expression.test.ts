import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { evaluator, mentions, toWgsl } from "../../src/io/expression.ts";
import { functions } from "../../src/io/expression-operations.ts";
import { parseExpression } from "../../src/io/expression-parser.ts";
import { errorOf } from "./hostile.ts";

const variables = ["y", "target", "mask"];
const names = { y: "y", target: "goal", mask: "mask" };

function wgsl(text: string): string {
  return toWgsl(parseExpression(text, variables), names);
}

function evaluate(text: string, ...values: number[]): number {
  return evaluator(parseExpression(text, variables), variables)(values);
}

describe("what is an expression, and the WGSL it becomes", () => {
  const accepted: readonly (readonly [string, string])[] = [
    ["y", "y"],
    [" \t\r\n y ", "y"],
    ["target", "goal"],
    ["2", "2f"],
    ["2. * y", "(2f * y)"],
    [".5f * y", "(0.5f * y)"],
    ["1e-3 + y", "(0.0010000000474974513f + y)"],
    ["1e30 * y", "(1.0000000150474662e+30f * y)"],
    ["16777217 * y", "(16777216f * y)"],
    ["-2 * y", "((-2f) * y)"],
    ["-y * -y", "((-y) * (-y))"],
    ["--y", "(-(-y))"],
    ["y - target - 1", "((y - goal) - 1f)"],
    ["y - (target - 1)", "(y - (goal - 1f))"],
    ["y + target * mask", "(y + (goal * mask))"],
    ["(y + target) * mask", "((y + goal) * mask)"],
    ["y / target % mask", "((y / goal) % mask)"],
    ["1 + 2 * 3 - y", "(7f - y)"],
    [
      "select(0, y, y > 0 && target <= 1 || !(mask == 0))",
      "select(0f, y, (((y > 0f) && (goal <= 1f)) || (!(mask == 0f))))",
    ],
    ["select(y, target, false)", "select(y, goal, false)"],
    ["select(y, target, 1 < 2)", "select(y, goal, true)"],
    ["y + select(1, 2, true)", "(y + 2f)"],
    ["tanh(y)", "scalar_tanh(y)"],
    ["clamp(y, -1, 1)", "min(max(y, (-1f)), 1f)"],
    ["atan2(y, 1.0) + fma(y, y, y)", "(atan2(y, 1f) + fma(y, y, y))"],
    ["sqrt(4)", "2f"],
    ["((((y))))", "y"],
  ];
  for (const [text, expected] of accepted) test(text, () => expect(wgsl(text)).toBe(expected));
});

describe("what is not, and why", () => {
  const refused: readonly (readonly [string, string])[] = [
    ["", "expected a value at column 1, found the end"],
    ["y +", "expected a value at column 4, found the end"],
    ["+ y", 'expected a value at column 1, found "+"'],
    ["y y", 'expected an operator at column 3, found "y"'],
    ["(y", 'expected ")" at column 3 to close "(" of column 1, found the end'],
    ["exp(y", 'expected ")" at column 6 to close "(" of column 4, found the end'],
    ["(y target)", 'expected ")" at column 4 to close "(" of column 1, found "target"'],
    ["y)", 'expected an operator at column 2, found ")"'],
    ["()", 'expected a value at column 2, found ")"'],
    ["min(y, )", 'expected a value at column 8, found ")"'],
    ["expp(y)", 'unknown name "expp" at column 1 (did you mean "exp"?)'],
    ["1 + tagret", 'unknown name "tagret" at column 5 (did you mean "target"?)'],
    ["banana", 'unknown name "banana" at column 1 (the variables are y, target, mask)'],
    ["constructor", 'unknown name "constructor" at column 1 (the variables are y, target, mask)'],
    ["__proto__", 'unknown name "__proto__" at column 1 (the variables are y, target, mask)'],
    ["exp", '"exp" at column 1 is a function: write exp(…)'],
    ["y(2)", '"y" at column 1 is no function (for a product write y * (…))'],
    ["exp()", "exp at column 1 takes 1 argument, got 0"],
    ["1 - pow(y)", "pow at column 5 takes 2 arguments, got 1"],
    ["max(y, 1, 2)", "max at column 1 takes 2 arguments, got 3"],
    ["select(y, 1, target)", '"select" at column 1: argument 3 must be a condition, got a number'],
    ["0 < y < 1", '"<" at column 7: operand must be a number, got a condition'],
    ["y && target > 0", '"&&" at column 3: operand must be a condition, got a number'],
    ["!y", '"!" at column 1: operand must be a condition, got a number'],
    ["-(y > 0)", '"-" at column 1: operand must be a number, got a condition'],
    ["y > 0", "the expression is a condition; for a number write select(0.0, 1.0, condition)"],
    ["true", "the expression is a condition; for a number write select(0.0, 1.0, condition)"],
    ["y ^ 2", 'unexpected "^" at column 3 (for a power write pow(a, b), or a * a)'],
    ["y ** 2", 'expected a value at column 4, found "*" (for a power write pow(a, b), or a * a)'],
    ["y > 0 ? 1 : 0", 'unexpected "?" at column 7 (for a choice write select(ifFalse, ifTrue, condition))'],
    ["y = 1", 'unexpected "=" at column 3 (to compare write ==)'],
    ["y | 1", 'unexpected "|" at column 3 (for or write ||)'],
    ["y; return 1.0", 'unexpected ";" at column 2 (give one expression, no statements)'],
    ["Math.exp(y)", 'unexpected "." at column 5 (give one expression of single numbers, no members)'],
    ["2y", '"2y" at column 1 is no decimal number (for a product write a * between its parts)'],
    ["0x1F", '"0x1F" at column 1 is no decimal number (for a product write a * between its parts)'],
    ["1u + y", '"1u" at column 1 is no decimal number (for a product write a * between its parts)'],
    ["1e39 * y", '"1e39" at column 1 gives 1e+39, which is not a finite, normal float32'],
    ["1e-40 * y", '"1e-40" at column 1 gives 1e-40, which is not a finite, normal float32'],
    ["y + 1 / 0", '"/" at column 7 gives Infinity, which is not a finite, normal float32'],
    ["log(-1)", '"log" at column 1 gives NaN, which is not a finite, normal float32'],
    ["clamp(y, 2, 1)", "clamp at column 1: the lower bound 2 is not below 1"],
    ["smoothstep(1, 1, y)", "smoothstep at column 1: the lower bound 1 is not below 1"],
    ["y // comment", 'expected a value at column 4, found "/"'],
    ["y /* comment */", 'expected a value at column 4, found "*" (for a power write pow(a, b), or a * a)'],
    ["y\u202E", "unexpected the character U+202E at column 2"],
    ["y\u0000", "unexpected the character U+0000 at column 2"],
    ["у", "unexpected the character U+0443 at column 1"], // a Cyrillic letter
    ["y\u00A0+ 1", "unexpected the character U+00A0 at column 2"],
    [
      `${"(".repeat(65)}y${")".repeat(65)}`,
      "more than 64 operations within one another at column 65; write it flatter",
    ],
    [`${"-".repeat(64)}y`, "more than 64 operations within one another at column 65; write it flatter"],
    [`${"y + ".repeat(64)}y`, "more than 64 operations within one another at column 255; write it flatter"],
    ["y".repeat(1001), "an expression has at most 1000 characters, this one 1001"],
  ];
  for (const [text, message] of refused) {
    test(JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text), () => {
      expect(errorOf(() => parseExpression(text, variables))).toEqual(new ConfigError(message));
    });
  }
});

describe("values in float64", () => {
  const cases: readonly (readonly [string, (a: number, b: number, c: number) => number])[] = [
    ["y * target + mask / 2 - y % target", (a, b, c) => a * b + c / 2 - (a % b)],
    ["clamp(y, target, mask)", (a, b, c) => Math.min(Math.max(a, b), c)],
    ["mix(y, target, mask)", (a, b, c) => a + (b - a) * c],
    ["smoothstep(-1, 3, y)", (a) => ((t) => 3 * t * t - 2 * t ** 3)(Math.min(Math.max((a + 1) / 4, 0), 1))],
    ["step(y, target)", (a, b) => (b < a ? 0 : 1)],
    ["fract(y) + floor(y)", (a) => a],
    ["saturate(y)", (a) => Math.min(Math.max(a, 0), 1)],
    ["inverseSqrt(abs(y) + 1)", (a) => (Math.abs(a) + 1) ** -0.5],
    ["exp2(y) + log2(abs(y) + 1)", (a) => 2 ** a + Math.log2(Math.abs(a) + 1)],
    ["pow(abs(y) + 1, target)", (a, b) => (Math.abs(a) + 1) ** b],
    ["atan2(y, target)", (a, b) => Math.atan2(a, b)],
    ["select(y, target, y < target || mask != mask)", (a, b) => Math.max(a, b)],
    ["trunc(y) + ceil(y) + sign(y)", (a) => Math.trunc(a) + Math.ceil(a) + Math.sign(a)],
    ["sinh(y) * cosh(y) + tan(y)", (a) => Math.sinh(2 * a) / 2 + Math.tan(a)],
    [
      "asinh(y) + acosh(abs(y) + 1) + atanh(y / 9)",
      (a) => Math.asinh(a) + Math.acosh(Math.abs(a) + 1) + Math.atanh(a / 9),
    ],
    ["asin(y / 8) + acos(y / 8)", () => Math.PI / 2],
  ];
  for (const [text, expected] of cases) {
    test(text, () => {
      for (const [a, b, c] of [
        [0.3, -1.25, 2],
        [-2.5, 1.75, 1.8],
        [3, 0.5, 0.75],
        [-0.1, -0.1, 0.2],
      ] as const) {
        expect(evaluate(text, a, b, c)).toBeCloseTo(expected(a, b, c), 12);
      }
    });
  }

  test("halves round to even, constants are float32, powers of negative numbers are NaN", () => {
    expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4].map((a) => evaluate("round(y)", a) + 0)).toEqual([
      -2, -2, 0, 0, 2, 2, 2,
    ]);
    expect(evaluate("y + 0.1", 0)).toBe(Math.fround(0.1));
    expect(evaluate("pow(y, 2)", -3)).toBeNaN();
    expect(evaluate("pow(y, 2)", 0)).toBe(0);
  });

  test("which variables matter", () => {
    const expression = parseExpression("y * 2 + exp(mask)", variables);
    expect(variables.filter((name) => mentions(expression, name))).toEqual(["y", "mask"]);
  });
});

/** Numbers, variables and functions, brackets around every operation: nothing else may ever reach a shader. */
const allowedWgsl = new RegExp(
  `^(?:[ (),]|\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?f|y|goal|mask|true|false|(?:${["scalar_tanh", ...functions.keys()].join("|")})(?=\\()|\\|\\||&&|[<>=!]=|[-+*/%<>!])*$`,
);

function expectHarmless(text: string): void {
  const error = errorOf(() => {
    const code = wgsl(text);
    expect(code).toMatch(allowedWgsl);
    expect(code).not.toMatch(/\/\/|\/\*|--|[A-Za-z_]{12}/);
    // Balanced, and no more than it should be.
    let [depth, least] = [0, 0];
    for (const character of code) {
      depth += Number(character === "(") - Number(character === ")");
      least = Math.min(least, depth);
    }
    expect([depth, least]).toEqual([0, 0]);
    expect(code.length).toBeLessThan(20 * text.length + 20);
  });
  if (error !== undefined) expect(error).toBeInstanceOf(ConfigError);
}

describe("whatever the text", () => {
  const pieces = fc.constantFrom(
    ...[
      "y",
      "target",
      "mask",
      "exp",
      "select",
      "tanh",
      "(",
      ")",
      ",",
      "+",
      "-",
      "*",
      "/",
      "%",
      "<",
      ">",
      "=",
      "!",
      "&&",
    ],
    ...[
      "||",
      "1",
      "0.5",
      "2e3",
      "f",
      "e",
      ".",
      " ",
      "\n",
      ";",
      "{",
      "}",
      "//",
      "/*",
      "*/",
      "@",
      "#",
      "var",
      "let",
      "fn",
    ],
    ...["return", "loop", "true", "outputs", "[", "]", "'", '"', "\\", "$", "$&", "\u2028", "λ", "9".repeat(50), "_"],
  );

  test("only what is on the whitelist comes out", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), expectHarmless), { seed: 1, numRuns: 1000 });
    fc.assert(fc.property(fc.string({ unit: "grapheme-ascii", maxLength: 40 }), expectHarmless), {
      seed: 2,
      numRuns: 1000,
    });
    const mixtures = fc.array(pieces, { maxLength: 30 }).map((list) => list.join(""));
    fc.assert(fc.property(mixtures, expectHarmless), { seed: 3, numRuns: 3000 });
  });

  interface Sample {
    readonly text: string;
    readonly value: (y: number, target: number) => number;
  }
  const { sample } = fc.letrec<{ sample: Sample; leaf: Sample; sum: Sample; call: Sample; choice: Sample }>((tie) => ({
    sample: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      tie("leaf"),
      tie("sum"),
      tie("call"),
      tie("choice"),
    ),
    leaf: fc.oneof(
      fc.constant({ text: "y", value: (y: number) => y }),
      fc.constant({ text: "target", value: (_: number, target: number) => target }),
      fc.integer({ min: 0, max: 9 }).map((digit) => ({ text: `${digit}.0`, value: () => digit })),
    ),
    sum: fc.tuple(tie("sample"), fc.constantFrom("+", "-", "*"), tie("sample")).map(([a, operator, b]) => ({
      text: `(${a.text}) ${operator} (${b.text})`,
      value: (y: number, target: number) => {
        const [left, right] = [a.value(y, target), b.value(y, target)];
        return operator === "+" ? left + right : operator === "-" ? left - right : left * right;
      },
    })),
    call: fc.tuple(fc.constantFrom("sin", "tanh", "abs"), tie("sample")).map(([name, a]) => ({
      text: `${name}(${a.text})`,
      value: (y: number, target: number) => Math[name as "sin" | "tanh" | "abs"](a.value(y, target)),
    })),
    choice: fc.tuple(tie("sample"), tie("sample"), tie("sample")).map(([a, b, c]) => ({
      text: `select(${a.text}, ${b.text}, ${c.text} > 0.5)`,
      value: (y: number, target: number) => (c.value(y, target) > 0.5 ? b.value(y, target) : a.value(y, target)),
    })),
  }));

  test("what is an expression has the value that it should", () => {
    const points = fc.tuple(fc.constantFrom(-1.5, 0.25, 3), fc.constantFrom(-0.75, 2));
    fc.assert(
      fc.property(sample, points, ({ text, value }, [y, target]) => {
        fc.pre(text.length <= 1000);
        const expected = value(y, target);
        const size = Math.max(1, Math.abs(expected));
        const error = errorOf(() => expect(Math.abs(evaluate(text, y, target) - expected) / size).toBeLessThan(1e-5));
        // Folding refuses constants that are no float32, such as 9.0 * 9.0 * … or sin(0.0) off 0 by rounding.
        if (!(error instanceof ConfigError)) expect(error).toBeUndefined();
        expectHarmless(text);
      }),
      { seed: 4, numRuns: 400 },
    );
  });
});
