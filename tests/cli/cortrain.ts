import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect } from "vitest";
import { transpileSources } from "../support/transpile.ts";

/** What a finished process left. */
export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly stdin?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The command line as a user has it, in a folder of its own that is removed after the tests. */
export class CommandLine {
  /** Where the process runs; relative paths are relative to it. */
  readonly folder = mkdtempSync(join(tmpdir(), "cortrain-cli-"));
  readonly #main = resolve(transpileSources(), "cli", "main.js");

  constructor() {
    afterAll(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  start(args: readonly string[], options: StartOptions = {}): { child: ChildProcess; finished: Promise<Finished> } {
    const child = spawn(process.execPath, [this.#main, ...args], {
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
      child.on("close", (code, signal) => done({ code, signal, stdout, stderr }));
    });
    return { child, finished };
  }

  run(args: readonly string[], options: StartOptions = {}): Promise<Finished> {
    return this.start(args, options).finished;
  }

  /** Runs to exit code 0. */
  async succeed(args: readonly string[], options: StartOptions = {}): Promise<Finished> {
    const finished = await this.run(args, options);
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
