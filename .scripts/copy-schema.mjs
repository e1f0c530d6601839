/** Puts the JSON Schema of model.json beside the built code, where the package exports it. */
import { copyFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
copyFileSync(join(root, "src/io/model.schema.json"), join(root, "dist/io/model.schema.json"));
