import { functions, infixOperations, type Operation, type ValueType } from "./expression-operations.ts";

/** An expression as a tree, each of whose nodes is on the whitelist of `expression-operations.ts`. */
export type Expression =
  | { readonly kind: "constant"; readonly type: ValueType; readonly value: number; readonly depth: number }
  | { readonly kind: "variable"; readonly type: "number"; readonly name: string; readonly depth: number }
  | {
      readonly kind: "operation";
      readonly type: ValueType;
      readonly operation: Operation;
      readonly operands: readonly Expression[];
      readonly depth: number;
    };

/** Operations within operations; WGSL compilers refuse what is nested much deeper. */
export const mostDepth = 64;

/** A number as an expression; it must be a float32. */
export function number(value: number): Expression {
  return { kind: "constant", type: "number", value, depth: 1 };
}

/** A variable as an expression. */
export function variable(name: string): Expression {
  return { kind: "variable", type: "number", name, depth: 1 };
}

/** An operator between two operands, or a function, of operands of the right types. */
export function apply(name: string, operands: readonly Expression[]): Expression {
  const operation = infixOperations.get(name) ?? functions.get(name);
  if (operation === undefined) throw new RangeError(`There is no operation ${name}.`);
  const depth = 1 + Math.max(...operands.map((operand) => operand.depth));
  return { kind: "operation", type: operation.gives, operation, operands, depth };
}

/** Whether a variable has any part in an expression. */
export function mentions(expression: Expression, variable: string): boolean {
  if (expression.kind === "variable") return expression.name === variable;
  return expression.kind === "operation" && expression.operands.some((operand) => mentions(operand, variable));
}

/** Whether an operator or function is part of an expression. */
export function uses(expression: Expression, name: string): boolean {
  if (expression.kind !== "operation") return false;
  return expression.operation.name === name || expression.operands.some((operand) => uses(operand, name));
}

/**
 * WGSL of type f32 that computes an expression; `scalar_tanh` of shaders/lib/scalar.wgsl must be there.
 * @param names what each variable is called there.
 */
export function toWgsl(expression: Expression, names: Readonly<Record<string, string>>): string {
  switch (expression.kind) {
    case "constant":
      return expression.type === "number" ? literal(expression.value) : String(expression.value !== 0);
    case "variable":
      return names[expression.name] as string;
    case "operation":
      return expression.operation.code(expression.operands.map((operand) => toWgsl(operand, names)));
  }
}

/** The value of an expression at values of its variables. */
export type Evaluate = (values: readonly number[]) => number;

function literal(value: number): string {
  const text = `${Math.abs(Math.fround(value))}f`;
  return value < 0 ? `(-${text})` : text;
}

/**
 * Computes an expression in float64, its constants rounded to float32 as on the GPU.
 * @param variables the order in which values are given.
 */
export function evaluator(expression: Expression, variables: readonly string[]): Evaluate {
  switch (expression.kind) {
    case "constant": {
      const value = Math.fround(expression.value);
      return () => value;
    }
    case "variable": {
      const index = variables.indexOf(expression.name);
      return (values) => values[index] as number;
    }
    case "operation": {
      const { apply } = expression.operation;
      const operands = expression.operands.map((operand) => evaluator(operand, variables));
      const [a, b, c] = operands as [Evaluate, Evaluate?, Evaluate?];
      if (b === undefined) return (values) => apply(a(values));
      if (c === undefined) return (values) => apply(a(values), b(values));
      return (values) => apply(a(values), b(values), c(values));
    }
  }
}
