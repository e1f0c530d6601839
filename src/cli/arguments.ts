import { type ParseArgsConfig, parseArgs } from "node:util";
import { ConfigError } from "../errors.ts";
import { suggestName } from "../io/nearest.ts";

/** What a command takes, and its help. */
export interface CommandUsage {
  /** Names of the arguments that are no options; the last ones may be left out. */
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, { readonly type: "string" | "boolean"; readonly short?: string }>>;
  readonly help: string;
}

/** A command's arguments after checking. */
export interface Arguments {
  readonly positionals: readonly string[];
  /** Whether a switch was given. */
  has(name: string): boolean;
  /** The value of an option, where it was given. */
  value(name: string): string | undefined;
  /** @throws ConfigError where the option was not given. */
  required(name: string): string;
}

/**
 * Reads a command's arguments.
 * @throws ConfigError for an unknown option (naming the nearest known one), a missing or superfluous value, an option
 * given twice, or too many arguments.
 */
export function readArguments(command: string, usage: CommandUsage, args: readonly string[]): Arguments {
  const options: ParseArgsConfig["options"] = usage.options;
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const label = `cortrain ${command}`;
  const given = new Map<string, string | true>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const known = usage.options[name];
    if (known === undefined || !Object.hasOwn(usage.options, name)) {
      const names = Object.keys(usage.options).map((option) => `--${option}`);
      throw new ConfigError(`${label}: unknown option ${rawName}; ${suggestName(rawName, names).replaceAll('"', "")}`);
    }
    if (given.has(name)) throw new ConfigError(`${label}: ${rawName} is given twice.`);
    if (known.type === "boolean" && value !== undefined) {
      throw new ConfigError(`${label}: ${rawName} takes no value, got ${JSON.stringify(value)}.`);
    }
    const isOption = value?.startsWith("-") && value !== "-" && !inlineValue;
    if (known.type === "string" && (value === undefined || value === "" || isOption)) {
      throw new ConfigError(`${label}: ${rawName} needs a value.`);
    }
    given.set(name, value ?? true);
  }
  if (positionals.length > usage.positionals.length) {
    const superfluous = positionals[usage.positionals.length];
    throw new ConfigError(`${label}: unexpected argument ${JSON.stringify(superfluous)}; see ${label} --help.`);
  }
  const value = (name: string): string | undefined => {
    const found = given.get(name);
    return typeof found === "string" ? found : undefined;
  };
  return {
    positionals,
    has: (name) => given.has(name),
    value,
    required(name) {
      const found = value(name);
      if (found === undefined) throw new ConfigError(`${label}: --${name} is missing; see ${label} --help.`);
      return found;
    },
  };
}

/** @throws ConfigError unless the text is an unsigned 32-bit integer. */
export function readSeed(label: string, text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= 0xffffffff) return seed;
  throw new ConfigError(`${label}: expected an integer in [0, 4294967295], got ${JSON.stringify(text)}.`);
}
