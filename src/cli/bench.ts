import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type KernelRow, measureKernels, measureLosses } from "../bench/kernels.ts";
import { measureRoofs, type Roofs } from "../bench/roofs.ts";
import { type BenchSize, type BenchSystem, benchShapes, benchSystems } from "../bench/shapes.ts";
import { measureStep, type StepRow } from "../bench/steps.ts";
import { measureSystem } from "../bench/systems.ts";
import { ConfigError } from "../errors.ts";
import { type DeviceDescription, describeDevice, openDevice } from "../gpu/device.ts";
import { type Cell, cells } from "../io/cells.ts";
import { suggestName } from "../io/nearest.ts";
import { writeFilesAtomically } from "../io/node/files.ts";
import type { Arguments } from "./arguments.ts";
import { readBenchFile, slowerThan } from "./bench-compare.ts";
import { benchScaling, benchScalingFigure } from "./bench-scaling.ts";
import { kernelLine, roofLines, stepLine } from "./bench-text.ts";
import type { Command } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Output } from "./output.ts";
import { packageVersion } from "./version.ts";

/** What a run of the benchmark found; the content of a results file. */
export interface BenchResults {
  readonly device: Omit<DeviceDescription, "limits" | "features">;
  readonly version: string;
  readonly commit?: string;
  readonly node: string;
  readonly platform: string;
  readonly date: string;
  readonly cell: Cell;
  readonly roofs: Roofs;
  readonly kernels: readonly KernelRow[];
  readonly steps: readonly StepRow[];
  /** Whole steps on Dawn's null driver, which computes nothing: what the host does. */
  readonly hostSteps: readonly StepRow[];
}

const names = Object.keys(benchShapes) as BenchSize[];
const systemNames = Object.keys(benchSystems) as BenchSystem[];

/** `cortrain bench`. */
export const benchCommand: Command = {
  summary: "time every kernel and whole training steps on this adapter, against its measured roofs",
  usage: {
    positionals: [],
    options: {
      sizes: { type: "string" },
      cell: { type: "string" },
      losses: { type: "string" },
      systems: { type: "string" },
      scaling: { type: "boolean" },
      rounds: { type: "string" },
      out: { type: "string" },
      compare: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
    help: `cortrain bench [--sizes S,M] [--rounds 9] [--cell lstm] [--losses S] [--systems ring,sorn] [--scaling] [--out DIR] [--compare FILE] [--json]

Measures what the adapter can do at most, then every kernel of a training step alone, then whole steps (forward,
back-propagation through time, Adam, the loss read back; 6 inputs, 2 outputs, masked mean squared error). Medians, and
half the range between the quartiles. The last column is the share of the roof: of a product by register tiles for the
products, of storage for the rest (each bound tensor counted once).

${names
  .map(
    (name) =>
      `  ${name.padEnd(3)} ${Object.entries(benchShapes[name])
        .map(([key, value]) => `${key} ${value}`)
        .join(", ")}`,
  )
  .join("\n")}

  --sizes    S, M, L, XL; without it S, M, L, and XL where the adapter is a hardware one
  --rounds   samples of each, 9 unless given
  --cell     ${cells.join(", ")}
  --losses   a size at which every kind of loss term is timed, too; none unless given
  --systems  others whose kernels are timed, too; none unless given:
${systemNames.map((name) => `             ${name.padEnd(5)} ${benchSystems[name]}`).join("\n")}
  --scaling  instead: a whole step against its time steps, trials, units and replicas, each varied alone, with the
             exponents; --out writes DIR/scaling-<device>.json and a figure
  --out DIR  write DIR/<device>.json
  --compare  a file that --out wrote: what is slower by more than both spreads is marked
  --json     the same as one JSON object on stdout`,
  },
  run: runBench,
};

async function runBench(args: Arguments, output: Output): Promise<number> {
  const rounds = readRounds(args.value("rounds") ?? "9");
  const cell = oneOf("--cell", args.value("cell") ?? "ctrnn", cells);
  const losses = args.value("losses");
  const lossSize = losses === undefined ? undefined : oneOf("--losses", losses, names);
  const systems = (args.value("systems")?.split(",") ?? []).map((name) => oneOf("--systems", name, systemNames));
  const wanted = args.value("sizes")?.split(",");
  const asked = wanted?.map((name) => oneOf("--sizes", name, names));
  const before = args.value("compare");
  const old = before === undefined ? undefined : await readBenchFile(before);
  const device = await openDevice({ quiet: true });
  try {
    const { limits: _limits, features: _features, ...about } = describeDevice(device);
    const sizes = asked ?? names.filter((name) => name !== "XL" || !about.isSoftware);
    const commit = commitOf();
    const title = [about.vendor, about.architecture, about.description || about.device].filter((word) => word !== "");
    output.text(`${title.join(" ")}, cortrain ${packageVersion()}${commit === undefined ? "" : ` (${commit})`}\n`);
    const run = {
      device: about,
      version: packageVersion(),
      ...(commit !== undefined && { commit }),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      date: new Date().toISOString(),
    };
    const folder = args.value("out");
    const write = async (files: ReadonlyMap<string, string>): Promise<void> => {
      if (folder === undefined) return;
      const encoder = new TextEncoder();
      await writeFilesAtomically(folder, new Map([...files].map(([name, text]) => [name, encoder.encode(text)])));
      output.text(`\nwritten: ${[...files.keys()].map((name) => join(folder, name)).join(", ")}`);
    };
    const slug = [...title, ...(cell === "ctrnn" ? [] : [cell])]
      .join(" ")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-");
    if (args.has("scaling")) {
      const scaling = await benchScaling(device, rounds, output);
      output.record({ ...run, scaling });
      await write(
        new Map([
          [`scaling-${slug}.json`, `${JSON.stringify({ ...run, scaling }, null, 2)}\n`],
          [`scaling-${slug}.svg`, benchScalingFigure(scaling, title.join(" "))],
        ]),
      );
      return exitCodes.done;
    }
    const roofs = await measureRoofs(device, rounds);
    output.text(roofLines(roofs).join("\n"));
    const kernels: KernelRow[] = [];
    for (const size of sizes) kernels.push(...(await measureKernels(device, size, { cell, rounds, roofs })));
    if (lossSize !== undefined) kernels.push(...(await measureLosses(device, lossSize, { rounds, roofs })));
    for (const system of systems) kernels.push(...(await measureSystem(device, system, { rounds, roofs })));
    output.text(`\n${kernels.map((row) => kernelLine(row, slowerThan(old?.kernels, row))).join("\n")}`);
    const steps: StepRow[] = [];
    for (const size of sizes) steps.push(await measureStep(device, size, { cell, rounds }));
    const hostSteps = await onNullDriver(sizes, cell, rounds);
    output.text(`\n${steps.map((row) => stepLine(row, slowerThan(old?.steps, row))).join("\n")}`);
    output.text(hostSteps.map((row) => stepLine(row, false, "host only")).join("\n"));
    const results: BenchResults = { ...run, ...{ cell, roofs, kernels, steps, hostSteps } };
    output.record(results);
    await write(new Map([[`${slug}.json`, `${JSON.stringify(results, null, 2)}\n`]]));
    return exitCodes.done;
  } finally {
    device.dispose();
  }
}

/** The same steps where nothing is computed. */
async function onNullDriver(sizes: readonly BenchSize[], cell: Cell, rounds: number): Promise<StepRow[]> {
  const device = await openDevice({ backend: "null", quiet: true });
  try {
    const rows: StepRow[] = [];
    for (const size of sizes) rows.push(await measureStep(device, size, { cell, rounds: 3 * rounds }));
    return rows;
  } finally {
    device.dispose();
  }
}

function readRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1) return rounds;
  throw new ConfigError(`--rounds: expected a whole number of at least 1, got ${JSON.stringify(text)}.`);
}

function oneOf<Name extends string>(option: string, given: string, known: readonly Name[]): Name {
  const found = known.find((name) => name === given);
  if (found !== undefined) return found;
  throw new ConfigError(
    `${option}: expected ${known.join(", ")}, got ${JSON.stringify(given)}; ${suggestName(given, known)}`,
  );
}

/** The commit of a clone; a package has none. */
function commitOf(): string | undefined {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  if (!existsSync(join(root, ".git"))) return undefined;
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { cwd: root, encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}
