import type { Arguments, CommandUsage } from "./arguments.ts";
import type { Output } from "./output.ts";

/** A subcommand. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  readonly usage: CommandUsage;
  /** @returns the exit code. */
  run(args: Arguments, output: Output): Promise<number>;
}
