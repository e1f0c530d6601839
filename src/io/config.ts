import type { z } from "zod";
import { ConfigError } from "../errors.ts";
import { suggestName } from "./nearest.ts";
import { fitsLiterals, knownKeysAt, unionOptionsAt, valueAt } from "./schema-keys.ts";

export { parseJson, parseJsonBytes } from "./json.ts";

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/**
 * Validates a value and fills in its defaults.
 * @param label what the value is called in messages, such as its file's name.
 * @throws {ConfigError} with one line a fault, each `label: path: what was expected, what was given`; an unknown key
 * names the nearest known one.
 */
export function parseWith<S extends z.ZodType>(schema: S, value: unknown, label: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) => describeIssue(schema, value, issue, []));
  const lines = faults.map(({ path, text }) =>
    [label, formatPath(path), text].filter((part) => part !== "").join(": "),
  );
  throw new ConfigError([...new Set(lines)].join("\n"), { cause: result.error });
}

interface Fault {
  readonly path: Path;
  readonly text: string;
}

/** `value` and the issue's path are relative to `schema`, which stands at `base` of the whole value. */
function describeIssue(schema: Schema, value: unknown, issue: Issue, base: Path): readonly Fault[] {
  const path = [...base, ...issue.path];
  const given = valueAt(value, issue.path);
  const got = `got ${formatValue(given)}`;
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = knownKeysAt(schema, value, issue.path);
      return issue.keys.map((key) => ({ path: [...path, key], text: `unknown key; ${suggestName(key, known)}` }));
    }
    case "invalid_union":
      return describeUnion(schema, value, issue, base);
    case "invalid_type":
      if (given === undefined) return [{ path, text: `missing; expected ${withArticle(issue.expected)}` }];
      return [{ path, text: `expected ${withArticle(issue.expected)}, ${got}` }];
    case "invalid_value":
      return [{ path, text: describeChoice(issue.values, given) }];
    case "custom":
      if (issue.params?.["complete"] === true) return [{ path, text: issue.message }];
      return [{ path, text: `${issue.message}, ${got}` }];
    default: {
      const text = issue.message.replace(/^Too (?:small|big): expected (?:\w+ )?to (be|have) ?/, "must $1 ");
      return [{ path, text: `${text.replace(/ ([<>]=?)(?=\d)/, " $1 ")}, ${got}` }];
    }
  }
}

/**
 * Of a union's options, shows the faults of the one that was meant: the only option of the right kind (an object for an
 * object) whose literals (`type: "adam"`) agree. Where that is none or several, says what each would be.
 */
function describeUnion(
  schema: Schema,
  value: unknown,
  issue: z.core.$ZodIssueInvalidUnion,
  base: Path,
): readonly Fault[] {
  const path = [...base, ...issue.path];
  const given = valueAt(value, issue.path);
  if ("options" in issue && Array.isArray(issue.options)) return [{ path, text: describeChoice(issue.options, given) }];
  const options = unionOptionsAt(schema, issue.path);
  const meant = issue.errors
    .map((issues, i) => ({ issues, option: options[i] }))
    .filter(({ issues }) => !issues.some((inner) => inner.path.length === 0 && isOfWrongKind(inner)))
    .filter(({ option }) => option === undefined || fitsLiterals(option, given));
  const [only, ...others] = meant;
  if (only !== undefined && others.length === 0) {
    return only.issues.flatMap((inner) => describeIssue(only.option ?? schema, given, inner, path));
  }
  const faults = (meant.length > 0 ? meant.map(({ issues }) => issues) : issue.errors).flatMap((issues) => {
    const inner = issues.find((each) => each.code !== "unrecognized_keys") ?? issues[0];
    return inner === undefined ? [] : [inner];
  });
  const kinds = faults.map((inner) => {
    const at = inner.path.length === 0 ? "" : `${formatPath(inner.path)} `;
    if (inner.code === "invalid_type") return `${at}${withArticle(inner.expected)}`;
    return inner.code === "invalid_value" ? `${at}${inner.values.map(formatLiteral).join(" or ")}` : `${at}valid`;
  });
  return [{ path, text: `expected ${[...new Set(kinds)].join(", or ")}, got ${formatValue(given)}` }];
}

function isOfWrongKind(issue: Issue): boolean {
  return issue.code === "invalid_type" || issue.code === "invalid_value";
}

/** What was expected of a value that must be one of several, what was given, and which was probably meant. */
export function describeChoice(values: readonly unknown[], given: unknown): string {
  const expected = values.map(formatLiteral).join(", ");
  const text = `expected ${values.length > 1 ? "one of " : ""}${expected}`;
  if (given === undefined) return `missing; ${text}`;
  const names = values.filter((value) => typeof value === "string");
  const suggestion = typeof given === "string" && values.length > 1 ? suggestName(given, names) : "";
  return `${text}, got ${formatValue(given)}${suggestion.startsWith("did") ? `; ${suggestion}` : ""}`;
}

function formatLiteral(value: unknown): string {
  return typeof value === "bigint" ? `${value}n` : (JSON.stringify(value) ?? String(value));
}

/** `areas[0].name`; keys that are not plain words are quoted. */
function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[\w$-]+$/.test(String(step))) text += `${text === "" ? "" : "."}${String(step)}`;
    else text += `[${JSON.stringify(String(step))}]`;
  }
  return text;
}

function formatValue(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  return String(value);
}

function withArticle(kind: string): string {
  const word = kind === "int" ? "integer" : kind;
  return /^(null|undefined|nan|never|unknown)$/.test(word) ? word : `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;
}
