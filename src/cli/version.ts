import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The version in the package's `package.json`, which lies in a folder above this file; "unknown" where there is none. */
export function packageVersion(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (dirname(folder) !== folder) {
    const file = join(folder, "package.json");
    if (existsSync(file)) {
      const { name, version } = JSON.parse(readFileSync(file, "utf8")) as { name?: unknown; version?: unknown };
      if (name === "cortrain" && typeof version === "string") return version;
    }
    folder = dirname(folder);
  }
  return "unknown";
}
