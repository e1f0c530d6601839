import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, vi } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { withSharedGpu } from "../support/shared-gpu.ts";
import { transpileSources } from "../support/transpile.ts";

/** What a command left. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly stdin?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The command line as a user has it, in a folder of its own that is removed after the tests. */
export class CommandLine {
  static #last: Promise<unknown> = Promise.resolve();

  /** Where commands run; relative paths are relative to it. */
  readonly folder = mkdtempSync(join(tmpdir(), "cortrain-cli-"));

  constructor() {
    afterAll(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** Starts a command in a process of its own, as a shell does. */
  start(args: readonly string[], options: StartOptions = {}): { child: ChildProcess; finished: Promise<Finished> } {
    const child = spawn(process.execPath, [join(transpileSources(), "cli", "main.js"), ...args], {
      cwd: this.folder,
      env: { ...process.env, ...options.environment },
    });
    child.stdin.end(options.stdin ?? "");
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (part: Buffer) => {
      stdout += part.toString();
    });
    child.stderr.on("data", (part: Buffer) => {
      stderr += part.toString();
    });
    const finished = new Promise<Finished>((done, failed) => {
      child.on("error", failed);
      child.on("close", (code) => done({ code, stdout, stderr }));
    });
    return { child, finished };
  }

  /**
   * Runs a command in this process, after those that still run: at once, and with kernels that are compiled already,
   * where a process of its own compiles them all again.
   */
  run(args: readonly string[]): Promise<Finished> {
    const finished = CommandLine.#last.then(() => this.#run(args));
    CommandLine.#last = finished.catch(() => {});
    return finished;
  }

  async #run(args: readonly string[]): Promise<Finished> {
    const printed = { stdout: "", stderr: "" };
    const spies = (["stdout", "stderr"] as const).map((name) =>
      vi.spyOn(process[name], "write").mockImplementation((part) => {
        printed[name] += String(part);
        return true;
      }),
    );
    const before = process.cwd();
    process.chdir(this.folder);
    try {
      return { code: await withSharedGpu(() => runCommandLine(args)), ...printed };
    } finally {
      process.chdir(before);
      for (const spy of spies) spy.mockRestore();
    }
  }

  /** Runs to exit code 0 in this process; given options, even none (`{}`), in a process of its own. */
  async succeed(args: readonly string[], own?: StartOptions): Promise<Finished> {
    const finished = own === undefined ? await this.run(args) : await this.start(args, own).finished;
    expect(finished.code, `${args.join(" ")}\n${finished.stderr}`).toBe(0);
    return finished;
  }

  /** Every file under the folder. */
  files(under = "."): string[] {
    const folder = this.path(under);
    return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }).sort() : [];
  }
}

/** Each line of stdout as JSON; fails where a line is anything else. */
export function jsonLines(stdout: string): Record<string, unknown>[] {
  expect(stdout.endsWith("\n")).toBe(true);
  return stdout
    .slice(0, -1)
    .split("\n")
    .map((line) => {
      const value: unknown = JSON.parse(line);
      expect(value).toBeTypeOf("object");
      return value as Record<string, unknown>;
    });
}
