import { existsSync, statSync } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "../errors.ts";
import { writeFilesAtomically, writeModel } from "../io/node/files.ts";
import { modelToFile } from "../network/create.ts";
import type { Network } from "../network/network.ts";
import type { StageMeasurement } from "../train/report.ts";
import { type StoredCheckpoint, writeCheckpoint } from "./checkpoint-file.ts";

/** One line of `metrics.jsonl`: an update, and at reports what was measured. A number that is not finite is null. */
export interface MetricsLine {
  readonly step: number;
  readonly loss: number | null;
  readonly terms: Readonly<Record<string, number | null>>;
  readonly gradientNorm: number | null;
  readonly learningRate: number;
  readonly losses?: readonly (number | null)[];
  readonly accuracy?: number;
  readonly validation?: { readonly loss: number; readonly accuracy?: number };
  readonly stage?: number;
  readonly stageMeasurements?: readonly StageMeasurement[];
}

const configName = "config.json";
const metricsName = "metrics.jsonl";

/** A run's folder: config.json, metrics.jsonl, model/, checkpoint/, figures/, and replicas/<k>/ and replicas.csv where there are several. */
export class RunFolder {
  readonly path: string;
  #metrics: FileHandle | undefined;

  constructor(path: string) {
    this.path = path;
  }

  get configPath(): string {
    return join(this.path, configName);
  }

  get checkpointPath(): string {
    return join(this.path, "checkpoint");
  }

  /** Whether a run was started here. */
  get isUsed(): boolean {
    return existsSync(this.configPath);
  }

  get hasCheckpoint(): boolean {
    return existsSync(this.checkpointPath);
  }

  /** @throws ConfigError where a new run may not begin here, or no old one can go on. */
  check(resume: boolean): void {
    const { path } = this;
    if (existsSync(path) && !statSync(path).isDirectory()) {
      throw new ConfigError(`--out ${path}: is a file, expected a folder or nothing.`);
    }
    if (resume && !this.isUsed) {
      throw new ConfigError(
        `--resume: there is no run in ${path} (no ${configName}). Leave --resume out to start one.`,
      );
    }
    if (!resume && this.isUsed) {
      throw new ConfigError(
        `--out ${path}: a run is there already. Take another folder, or go on with it by --resume.`,
      );
    }
  }

  /** Makes the folder, with the configuration, and the metrics up to an update. */
  async open(config: object, step: number): Promise<void> {
    const kept = step === 0 ? [] : (await this.readMetrics()).filter((line) => line.step <= step);
    const files = new Map([
      [configName, encodeText(`${JSON.stringify(config, null, 2)}\n`)],
      [metricsName, encodeText(kept.map((line) => `${JSON.stringify(line)}\n`).join(""))],
    ]);
    await writeFilesAtomically(this.path, files);
    this.#metrics = await open(join(this.path, metricsName), "a");
  }

  /** Appends lines in one write. */
  async appendMetrics(lines: readonly MetricsLine[]): Promise<void> {
    await this.#metrics?.appendFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  /** All lines so far; a last one that was cut off by a crash is left out. */
  async readMetrics(): Promise<MetricsLine[]> {
    const path = join(this.path, metricsName);
    if (!existsSync(path)) return [];
    const text = await readFile(path, "utf8");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    return whole
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as MetricsLine);
  }

  async writeCheckpoint(stored: StoredCheckpoint): Promise<void> {
    await writeCheckpoint(this.checkpointPath, stored);
  }

  /** Writes the present weights: replica 0 as model/, and all as replicas/<k>/ where there are several. */
  async writeModels(network: Network): Promise<void> {
    await writeModel(join(this.path, "model"), modelToFile(await network.read()));
    if (network.replicas === 1) return;
    for (let replica = 0; replica < network.replicas; replica += 1) {
      const folder = join(this.path, "replicas", String(replica));
      await writeModel(folder, modelToFile(await network.read(replica)));
    }
  }

  /** Writes replicas.csv. */
  async writeTable(csv: string): Promise<void> {
    await writeFilesAtomically(this.path, new Map([["replicas.csv", encodeText(csv)]]));
  }

  /** Writes figures/<name>.svg. */
  async writeFigures(figures: ReadonlyMap<string, string>): Promise<void> {
    const files = [...figures].map(([name, svg]) => [`${name}.svg`, encodeText(svg)] as const);
    await writeFilesAtomically(join(this.path, "figures"), new Map(files));
  }

  async close(): Promise<void> {
    await this.#metrics?.close();
    this.#metrics = undefined;
  }
}

function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
