import { ConfigError } from "../errors.ts";
import type { DeviceDescription } from "../gpu/device.ts";
import type { TrainConfig } from "./train-config.ts";
import { packageVersion } from "./version.ts";

/**
 * The content of a run's config.json: a configuration that repeats it, and under `run` what it was made with.
 * @param facts more of what it was made with, such as its seeds.
 */
export function runRecord(
  { run: _run, ...config }: { readonly run?: unknown },
  { limits: _limits, features: _features, ...device }: DeviceDescription,
  facts: object = {},
): object {
  return {
    ...config,
    run: {
      cortrain: packageVersion(),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      device,
      ...facts,
      started: new Date().toISOString(),
    },
  };
}

/** What a device is called when a run begins. */
export function deviceName({ description, device, vendor }: DeviceDescription): string {
  return description || device || vendor || "an unnamed device";
}

/** What may differ in a run that is resumed: how long it goes on. */
const free = ["run", "steps", "stop"];

/** @throws ConfigError naming the first setting in which a configuration differs from that of the run it should resume. */
export function checkSameRun(old: TrainConfig, now: TrainConfig, label: string): void {
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])] as (keyof TrainConfig)[];
  const different = keys.find((key) => !free.includes(key) && canonical(old[key]) !== canonical(now[key]));
  if (different === undefined) return;
  throw new ConfigError(
    `--resume: ${different} differs from ${label}; only steps and stop may change. Leave CONFIG out to take the run's own.`,
  );
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
