import { ConfigError } from "../errors.ts";
import { type Expression, mostDepth, variable } from "./expression.ts";
import {
  functions,
  type InfixOperation,
  infixOperations,
  type Operation,
  prefixOperations,
  type ValueType,
} from "./expression-operations.ts";
import { type Token, tokensOf } from "./expression-tokens.ts";
import { nearestName } from "./nearest.ts";

/** Characters of an expression. */
export const mostCharacters = 1000;
const smallestFloat32 = 2 ** -126;
const largestFloat32 = (2 - 2 ** -23) * 2 ** 127;

/**
 * Reads one WGSL expression of single float32 values: numbers (`2` is 2.0), the given variables, + - * / %, comparisons,
 * && || !, and the functions of `expression-operations.ts`. Nothing else can be in the result, whatever the text: it is a
 * tree, and `toWgsl` writes it anew. What depends on no variable is worked out at once.
 * @throws {@link ConfigError} that names the column, and for an unknown name the nearest known one.
 */
export function parseExpression(text: string, variables: readonly string[]): Expression {
  if (text.length > mostCharacters) {
    throw new ConfigError(`an expression has at most ${mostCharacters} characters, this one ${text.length}`);
  }
  return new Parser(tokensOf(text), variables).whole();
}

/** How messages call a type. */
const described: Readonly<Record<ValueType, string>> = { number: "a number", condition: "a condition" };

class Parser {
  readonly #tokens: readonly Token[];
  readonly #variables: readonly string[];
  #at = 0;
  #open = 0;

  constructor(tokens: readonly Token[], variables: readonly string[]) {
    this.#tokens = tokens;
    this.#variables = variables;
  }

  whole(): Expression {
    const expression = this.#operators(0);
    const rest = this.#next();
    if (rest.kind !== "end")
      throw new ConfigError(`expected an operator at column ${rest.column}, found ${quoted(rest)}`);
    if (expression.type === "number") return expression;
    throw new ConfigError("the expression is a condition; for a number write select(0.0, 1.0, condition)");
  }

  get #token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  /** Moves on; never past the end. */
  #next(): Token {
    const token = this.#token;
    if (token.kind !== "end") this.#at += 1;
    return token;
  }

  #isSymbol(text: string): boolean {
    return this.#token.kind === "symbol" && this.#token.text === text;
  }

  /** Operators that bind more tightly than `rank`, from left to right. */
  #operators(rank: number): Expression {
    let left = this.#operand();
    for (;;) {
      const operation = this.#infix();
      if (operation === undefined || operation.rank <= rank) return left;
      const token = this.#next();
      left = build(token, operation, [left, this.#operators(operation.rank)]);
    }
  }

  #infix(): InfixOperation | undefined {
    return this.#token.kind === "symbol" ? infixOperations.get(this.#token.text) : undefined;
  }

  #operand(): Expression {
    const token = this.#next();
    this.#open += 1;
    if (this.#open > mostDepth) throw tooDeep(token);
    const expression = this.#operandAt(token);
    this.#open -= 1;
    return expression;
  }

  #operandAt(token: Token): Expression {
    if (token.kind === "number") return constant(token, "number", Number.parseFloat(token.text));
    if (token.kind === "name") return this.#name(token);
    const prefix = token.kind === "symbol" ? prefixOperations.get(token.text) : undefined;
    if (prefix !== undefined) return build(token, prefix, [this.#operand()]);
    if (token.kind === "symbol" && token.text === "(") {
      const inside = this.#operators(0);
      this.#close(token);
      return inside;
    }
    const power = token.text === "*" ? " (for a power write pow(a, b), or a * a)" : "";
    throw new ConfigError(`expected a value at column ${token.column}, found ${quoted(token)}${power}`);
  }

  /** The bracket that ends what `open` began. */
  #close(open: Token): void {
    const token = this.#next();
    if (token.kind === "symbol" && token.text === ")") return;
    throw new ConfigError(
      `expected ")" at column ${token.column} to close ${quoted(open)} of column ${open.column}, found ${quoted(token)}`,
    );
  }

  #name(token: Token): Expression {
    const { text, column } = token;
    const called = this.#isSymbol("(");
    if (this.#variables.includes(text)) {
      if (!called) return variable(text);
      throw new ConfigError(`"${text}" at column ${column} is no function (for a product write ${text} * (…))`);
    }
    if (text === "true" || text === "false") return constant(token, "condition", Number(text === "true"));
    const operation = functions.get(text);
    if (operation === undefined) throw this.#unknown(token);
    if (!called) throw new ConfigError(`"${text}" at column ${column} is a function: write ${text}(…)`);
    return build(token, operation, this.#arguments(operation, token));
  }

  #arguments(operation: Operation, token: Token): Expression[] {
    const open = this.#next();
    const list: Expression[] = this.#isSymbol(")") ? [] : [this.#operators(0)];
    while (this.#isSymbol(",")) {
      this.#next();
      list.push(this.#operators(0));
    }
    this.#close(open);
    const { length } = operation.takes;
    if (list.length === length) return list;
    throw new ConfigError(
      `${operation.name} at column ${token.column} takes ${length} argument${length === 1 ? "" : "s"}, got ${list.length}`,
    );
  }

  #unknown({ text, column }: Token): ConfigError {
    const name = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    const nearest = nearestName(text, [...this.#variables, ...functions.keys()]);
    const known = `the variable${this.#variables.length === 1 ? " is" : "s are"} ${this.#variables.join(", ")}`;
    return new ConfigError(
      `unknown name "${name}" at column ${column} (${nearest === undefined ? known : `did you mean "${nearest}"?`})`,
    );
  }
}

function quoted({ kind, text }: Token): string {
  return kind === "end" ? text : `"${text}"`;
}

function tooDeep({ column }: Token): ConfigError {
  return new ConfigError(`more than ${mostDepth} operations within one another at column ${column}; write it flatter`);
}

/** @throws {@link ConfigError} where the value is no float32. */
function constant({ text, column }: Token, type: ValueType, value: number): Expression {
  const size = Math.abs(value);
  if (value === 0 || (size >= smallestFloat32 && size <= largestFloat32)) {
    return { kind: "constant", type, value, depth: 1 };
  }
  throw new ConfigError(`"${text}" at column ${column} gives ${value}, which is not a finite, normal float32`);
}

/** An operation on its operands, or its value where they are all constant. */
function build(token: Token, operation: Operation, operands: readonly Expression[]): Expression {
  for (const [index, operand] of operands.entries()) {
    const expected = operation.takes[index] as ValueType;
    if (operand.type === expected) continue;
    const which =
      operands.length === 1 ? "operand" : functions.has(operation.name) ? `argument ${index + 1}` : "operand";
    throw new ConfigError(
      `"${operation.name}" at column ${token.column}: ${which} must be ${described[expected]}, got ${described[operand.type]}`,
    );
  }
  checkOrder(token, operation, operands);
  const values = operands.flatMap((operand) => (operand.kind === "constant" ? [operand.value] : []));
  if (values.length === operands.length) return constant(token, operation.gives, operation.apply(...values));
  const depth = 1 + Math.max(...operands.map((operand) => operand.depth));
  if (depth > mostDepth) throw tooDeep(token);
  return { kind: "operation", type: operation.gives, operation, operands, depth };
}

/** WGSL refuses constant bounds in the wrong order. */
function checkOrder({ column }: Token, { name }: Operation, operands: readonly Expression[]): void {
  const bounds = name === "clamp" ? operands.slice(1) : name === "smoothstep" ? operands.slice(0, 2) : [];
  const [low, high] = bounds;
  if (low?.kind !== "constant" || high?.kind !== "constant") return;
  if (low.value < high.value || (low.value === high.value && name === "clamp")) return;
  throw new ConfigError(`${name} at column ${column}: the lower bound ${low.value} is not below ${high.value}`);
}
