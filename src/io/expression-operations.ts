/** What an expression may be made of: a float32, or a condition such as `x > 0.0`. */
export type ValueType = "number" | "condition";

/** One operator or built-in function of the language: what it means in float64, and how it is written in WGSL. */
export interface Operation {
  readonly name: string;
  readonly takes: readonly ValueType[];
  readonly gives: ValueType;
  /** Conditions are 0 and 1. */
  readonly apply: (...operands: number[]) => number;
  /** WGSL, from operands that are WGSL. */
  readonly code: (operands: readonly string[]) => string;
}

/** An operator between two operands; a higher rank binds more tightly. */
export interface InfixOperation extends Operation {
  readonly rank: number;
}

function infix(
  rank: number,
  name: string,
  takes: ValueType,
  gives: ValueType,
  apply: (a: number, b: number) => number,
): [string, InfixOperation] {
  const code = ([a, b]: readonly string[]): string => `(${a} ${name} ${b})`;
  return [name, { name, rank, takes: [takes, takes], gives, apply, code }];
}

const compare = (name: string, rank: number, holds: (a: number, b: number) => boolean): [string, InfixOperation] =>
  infix(rank, name, "number", "condition", (a, b) => Number(holds(a, b)));

/** Operators between two operands, as in WGSL; `%` keeps the sign of its left side, there and in JavaScript. */
export const infixOperations: ReadonlyMap<string, InfixOperation> = new Map([
  infix(1, "||", "condition", "condition", (a, b) => Math.max(a, b)),
  infix(2, "&&", "condition", "condition", (a, b) => Math.min(a, b)),
  compare("==", 3, (a, b) => a === b),
  compare("!=", 3, (a, b) => a !== b),
  compare("<", 4, (a, b) => a < b),
  compare("<=", 4, (a, b) => a <= b),
  compare(">", 4, (a, b) => a > b),
  compare(">=", 4, (a, b) => a >= b),
  infix(5, "+", "number", "number", (a, b) => a + b),
  infix(5, "-", "number", "number", (a, b) => a - b),
  infix(6, "*", "number", "number", (a, b) => a * b),
  infix(6, "/", "number", "number", (a, b) => a / b),
  infix(6, "%", "number", "number", (a, b) => a % b),
]);

/** Operators before one operand. */
export const prefixOperations: ReadonlyMap<string, Operation> = new Map([
  ["-", { name: "-", takes: ["number"], gives: "number", apply: (a) => -a, code: ([a]) => `(-${a})` }],
  ["!", { name: "!", takes: ["condition"], gives: "condition", apply: (a) => 1 - a, code: ([a]) => `(!${a})` }],
]);

function builtin(
  name: string,
  apply: (...operands: number[]) => number,
  code?: Operation["code"],
): [string, Operation] {
  const takes: ValueType[] = Array.from({ length: apply.length }, () => "number");
  const call = (operands: readonly string[]): string => `${name}(${operands.join(", ")})`;
  return [name, { name, takes, gives: "number", apply, code: code ?? call }];
}

/** To the nearest whole number, halves to the even one. */
function roundEven(a: number): number {
  const rounded = Math.round(a);
  return Math.abs(a % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

const within = (a: number, low: number, high: number): number => Math.min(Math.max(a, low), high);

function smoothstep(low: number, high: number, a: number): number {
  const t = within((a - low) / (high - low), 0, 1);
  return t * t * (3 - 2 * t);
}

/**
 * The functions of WGSL that take and give single float32 values. `tanh` becomes `scalar_tanh` (shaders/lib/scalar.wgsl):
 * the built-in one may be off by 1e-5 and may overflow. `clamp` is written out, since WGSL leaves open which of two
 * formulas it is. `pow(a, b)` is exp2(b log2 a), so a must not be negative.
 */
export const functions: ReadonlyMap<string, Operation> = new Map([
  builtin("abs", (a) => Math.abs(a)),
  builtin("acos", (a) => Math.acos(a)),
  builtin("acosh", (a) => Math.acosh(a)),
  builtin("asin", (a) => Math.asin(a)),
  builtin("asinh", (a) => Math.asinh(a)),
  builtin("atan", (a) => Math.atan(a)),
  builtin("atan2", (y, x) => Math.atan2(y, x)),
  builtin("atanh", (a) => Math.atanh(a)),
  builtin("ceil", (a) => Math.ceil(a)),
  builtin("clamp", within, ([a, low, high]) => `min(max(${a}, ${low}), ${high})`),
  builtin("cos", (a) => Math.cos(a)),
  builtin("cosh", (a) => Math.cosh(a)),
  builtin("exp", (a) => Math.exp(a)),
  builtin("exp2", (a) => 2 ** a),
  builtin("floor", (a) => Math.floor(a)),
  builtin("fma", (a, b, c) => a * b + c),
  builtin("fract", (a) => a - Math.floor(a)),
  builtin("inverseSqrt", (a) => 1 / Math.sqrt(a)),
  builtin("log", (a) => Math.log(a)),
  builtin("log2", (a) => Math.log2(a)),
  builtin("max", (a, b) => Math.max(a, b)),
  builtin("min", (a, b) => Math.min(a, b)),
  builtin("mix", (a, b, t) => a * (1 - t) + b * t),
  builtin("pow", (a, b) => 2 ** (b * Math.log2(a))),
  builtin("round", roundEven),
  builtin("saturate", (a) => within(a, 0, 1)),
  [
    "select",
    {
      ...{ name: "select", takes: ["number", "number", "condition"], gives: "number" },
      apply: (ifFalse, ifTrue, condition) => (condition === 0 ? ifFalse : ifTrue),
      code: ([ifFalse, ifTrue, condition]) => `select(${ifFalse}, ${ifTrue}, ${condition})`,
    },
  ],
  builtin("sign", (a) => Math.sign(a)),
  builtin("sin", (a) => Math.sin(a)),
  builtin("sinh", (a) => Math.sinh(a)),
  builtin("smoothstep", smoothstep),
  builtin("sqrt", (a) => Math.sqrt(a)),
  builtin("step", (edge, a) => Number(edge <= a)),
  builtin("tan", (a) => Math.tan(a)),
  builtin(
    "tanh",
    (a) => Math.tanh(a),
    ([a]) => `scalar_tanh(${a})`,
  ),
  builtin("trunc", (a) => Math.trunc(a)),
]);
