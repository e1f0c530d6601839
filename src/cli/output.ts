import type { CortrainError } from "../errors.ts";

/**
 * Where a command's words go. Without `--json` results are text on stdout; with it stdout has one JSON object a line and
 * nothing else, and text goes to stderr. Notices, progress and errors are on stderr always.
 */
export class Output {
  readonly json: boolean;

  constructor(json: boolean) {
    this.json = json;
  }

  /** A result for a person. */
  text(text: string): void {
    (this.json ? process.stderr : process.stdout).write(`${text}\n`);
  }

  /** A result for a program: written with `--json` only. */
  record(record: object): void {
    if (this.json) this.line(record);
  }

  /** A result that is JSON with or without `--json`. */
  line(record: object): void {
    process.stdout.write(`${JSON.stringify(record)}\n`);
  }

  /** Something worth knowing that is no result. */
  readonly notice = (text: string): void => {
    process.stderr.write(`cortrain: ${text}\n`);
  };

  /** One readable message; the stack too where the environment variable CORTRAIN_DEBUG is set. */
  error(error: unknown): void {
    const { name, message } = describeError(error);
    const debug = process.env.CORTRAIN_DEBUG !== undefined && process.env.CORTRAIN_DEBUG !== "";
    const stack = debug && error instanceof Error ? `\n${error.stack ?? ""}` : "";
    process.stderr.write(`cortrain: ${name}: ${message}${stack}\n`);
    this.record({ error: { name, message } });
  }
}

function describeError(error: unknown): Pick<CortrainError, "name" | "message"> {
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: "Error", message: String(error) };
}
