import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { z } from "zod";
import { modelSchema } from "../../src/io/model-schema.ts";

const path = new URL("../../src/io/model.schema.json", import.meta.url);

/** JSON as Biome formats it: a list of plain values that fits stands on one line. */
function format(value: unknown): string {
  const text = JSON.stringify(value, null, 2).replaceAll(
    /^(.*)\[\n([^[\]{}]*?)\n\s*\](,?)$/gm,
    (whole, before, items, after) => {
      const line = `${before}[${items.trim().replaceAll(/\n\s*/g, " ")}]${after}`;
      return line.length <= 120 ? line : whole;
    },
  );
  return `${text}\n`;
}

test("model.schema.json is what modelSchema says (UPDATE_SCHEMA=1 writes it anew)", async () => {
  const { $schema, ...rest } = z.toJSONSchema(modelSchema, { io: "input" });
  const title = "model.json of a cortrain model (cortrain/model@1)";
  const fresh = format({ $schema, title, ...rest });
  if (process.env["UPDATE_SCHEMA"] === "1") await writeFile(path, fresh);
  expect(await readFile(path, "utf8")).toBe(fresh);
});
