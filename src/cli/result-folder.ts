import { writeFilesAtomically } from "../io/node/files.ts";
import { RunFolder } from "./run-folder.ts";

/** The folder of a run that begins once and is not resumed: config.json, texts and figures/; each command adds its own. */
export class ResultFolder {
  readonly #run: RunFolder;

  constructor(path: string) {
    this.#run = new RunFolder(path);
  }

  get path(): string {
    return this.#run.path;
  }

  /** @throws ConfigError where a run may not begin here. */
  check(): void {
    this.#run.check(false);
  }

  /** Writes texts by file name, all or none. */
  async writeTexts(files: Readonly<Record<string, string>>): Promise<void> {
    const bytes = Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)] as const);
    await writeFilesAtomically(this.path, new Map(bytes));
  }

  /** @param others texts that begin with it. */
  async writeConfig(config: object, others: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.writeTexts({ "config.json": `${JSON.stringify(config, null, 2)}\n`, ...others });
  }

  async writeFigures(figures: ReadonlyMap<string, string>): Promise<void> {
    await this.#run.writeFigures(figures);
  }
}
