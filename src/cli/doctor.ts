import { type DeviceDescription, describeDevice, openDevice } from "../gpu/device.ts";
import type { Command } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import { largestDifference, type SelfTest } from "./self-test.ts";
import { packageVersion } from "./version.ts";

const tolerance = 1e-4;

/** `cortrain doctor`. */
export const doctorCommand: Command = {
  summary: "show the adapter, its limits and features, and prove that it computes right",
  usage: {
    positionals: [],
    options: { json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    help: `cortrain doctor [--json]

Opens the adapter that every other command would take, shows what it is and what it allows, and runs a small
network on it: outputs, rates and preactivations are compared with plain loops in float64.
Exits with 1 where there is no adapter, or where the largest difference is above ${tolerance}.

  --json   one JSON object on stdout

CORTRAIN_ADAPTER=software takes the software adapter even where there is a hardware one.`,
  },
  async run(_args, output) {
    const versions = {
      cortrain: packageVersion(),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
    };
    // This command says itself whether the adapter is a software one.
    const device = await openDevice({ quiet: true });
    try {
      const started = performance.now();
      const test = await largestDifference(device);
      const milliseconds = performance.now() - started;
      const ok = test.difference <= tolerance;
      const description = describeDevice(device);
      output.record({ ok, ...versions, device: description, test: { ...test, tolerance, milliseconds } });
      output.text(report(versions, description, test, ok));
      return ok ? exitCodes.done : exitCodes.failed;
    } finally {
      device.dispose();
    }
  },
};

function report(
  versions: { readonly cortrain: string; readonly node: string; readonly platform: string },
  device: DeviceDescription,
  { steps, trials, hidden, difference }: SelfTest,
  ok: boolean,
): string {
  const words = [device.vendor, device.architecture, device.device, device.description].filter((word) => word !== "");
  const limits = Object.entries(device.limits).sort(([one], [other]) => (one < other ? -1 : 1));
  const width = Math.max(...limits.map(([name]) => name.length));
  const kind = device.isSoftware ? "software: correct, but slow; good for tests and first steps" : "hardware";
  return [
    `cortrain ${versions.cortrain}, Node ${versions.node}, ${versions.platform}`,
    `adapter   ${words.join(", ") || "unnamed"}${device.backend === undefined ? "" : ` (${device.backend})`}`,
    `kind      ${kind}`,
    `features  ${device.features.join(", ") || "none"}`,
    "limits",
    ...limits.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    `test      ${hidden} units, ${trials} trials, ${steps} steps against float64: largest difference ${difference.toExponential(1)}`,
    ok ? "It works." : `It does not work: expected a difference of ${tolerance} at most. Is the driver up to date?`,
  ].join("\n");
}
