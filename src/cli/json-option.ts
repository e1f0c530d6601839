import { parseJson, parseJsonBytes } from "../io/config.ts";
import { readFileBytes } from "../io/node/files.ts";

/** What an option says in JSON, and what it is called in messages. */
export interface JsonOption {
  readonly value: unknown;
  readonly label: string;
}

/** The JSON of an option: itself where it starts with a bracket, else that of a file. @throws ConfigError, FileError. */
export async function readJsonOption(option: string, text: string): Promise<JsonOption> {
  if (/^\s*[[{]/.test(text)) return { value: parseJson(text, option), label: option };
  return { value: parseJsonBytes(await readFileBytes(text), text), label: text };
}
