import { ConfigError } from "../errors.ts";
import { suggestName } from "../io/nearest.ts";
import { readArguments } from "./arguments.ts";
import { benchCommand } from "./bench.ts";
import type { Command } from "./command.ts";
import { doctorCommand } from "./doctor.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { gradCommand } from "./grad.ts";
import { identifyCommand } from "./identify.ts";
import { importCommand } from "./import.ts";
import { Output } from "./output.ts";
import { runCommand } from "./run.ts";
import { sornCommand } from "./sorn.ts";
import { trainCommand } from "./train.ts";
import { packageVersion } from "./version.ts";

const commands: Readonly<Record<string, Command>> = {
  doctor: doctorCommand,
  train: trainCommand,
  run: runCommand,
  grad: gradCommand,
  import: importCommand,
  sorn: sornCommand,
  identify: identifyCommand,
  bench: benchCommand,
};

const help = `cortrain: train and study brain-like recurrent networks on the GPU

Usage: cortrain COMMAND [options]

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`)
  .join("\n")}

  cortrain COMMAND --help   what a command takes
  cortrain --version

Exit codes: 0 done, 1 the work failed, 2 the command or a file is wrong, 130 interrupted.
CORTRAIN_ADAPTER=software takes the software adapter; CORTRAIN_DEBUG=1 adds stacks to errors.`;

/** Runs a command line and returns the exit code; whatever goes wrong is said on stderr. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  const output = new Output(rest.includes("--json"));
  try {
    if (name === undefined || name === "--help" || name === "-h" || name === "help") {
      (name === undefined ? process.stderr : process.stdout).write(`${help}\n`);
      return name === undefined ? exitCodes.wrongInput : exitCodes.done;
    }
    if (name === "--version" || name === "-v") {
      output.text(packageVersion());
      return exitCodes.done;
    }
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) {
      const kind = name.startsWith("-") ? "option" : "command";
      const known = kind === "option" ? ["--help", "--version"] : Object.keys(commands);
      throw new ConfigError(
        `unknown ${kind} ${name}; ${suggestName(name, known).replaceAll('"', "")} See cortrain --help.`,
      );
    }
    if (rest.includes("--help") || rest.includes("-h")) {
      process.stdout.write(`${command.usage.help}\n`);
      return exitCodes.done;
    }
    return await command.run(readArguments(name, command.usage, rest), output);
  } catch (error) {
    output.error(error);
    return exitCodeOf(error);
  }
}
