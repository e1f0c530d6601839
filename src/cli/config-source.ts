import { basename, dirname, resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { parseJsonBytes } from "../io/config.ts";
import { suggestName } from "../io/nearest.ts";
import { readFileBytes } from "../io/node/files.ts";
import { presets } from "./presets.ts";
import { parseTrainConfig, type TrainConfig } from "./train-config.ts";

/** A checked configuration, what it is called, and the folder that its relative paths are relative to. */
export interface LoadedConfig {
  readonly config: TrainConfig;
  readonly name: string;
  readonly folder: string;
}

/** What CONFIG says, before it is checked. */
export interface ConfigSource {
  readonly value: unknown;
  /** In messages. */
  readonly label: string;
  readonly name: string;
  readonly folder: string;
}

/**
 * Reads CONFIG: a preset's name, the path of a JSON file, or "-" for stdin.
 * @throws ConfigError, FileFormatError
 */
export async function readConfig(given: string, known: Readonly<Record<string, unknown>>): Promise<ConfigSource> {
  if (Object.hasOwn(known, given)) return { value: known[given], label: given, name: given, folder: process.cwd() };
  if (given === "-") {
    const value = parseJsonBytes(await readStdin(), "stdin");
    return { value, label: "stdin", name: "stdin", folder: process.cwd() };
  }
  if (!/[./\\]/.test(given)) {
    const names = Object.keys(known);
    throw new ConfigError(
      `${given}: neither a preset nor a .json file; ${suggestName(given, names)} Known presets: ${names.join(", ")}.`,
    );
  }
  const value = parseJsonBytes(await readFileBytes(given), given);
  const file = basename(given, ".json");
  // A run's own config.json is named for its run.
  const name = file === "config" ? basename(dirname(resolve(given))) : file;
  return { value, label: given, name, folder: dirname(resolve(given)) };
}

/** Reads and checks the CONFIG of `cortrain train`. @throws ConfigError, FileFormatError */
export async function loadConfig(given: string): Promise<LoadedConfig> {
  const { value, label, name, folder } = await readConfig(given, presets);
  return { config: parseTrainConfig(value, label), name, folder };
}

async function readStdin(): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return new Uint8Array(Buffer.concat(parts));
}
