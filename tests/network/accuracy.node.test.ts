import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ParameterName } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { gradients } from "../../src/train/gradients.ts";
import { goldenCases, goldenTolerance } from "../reference/golden.ts";
import { largestDifference, relativeDifference } from "../reference/numbers.ts";
import { testDevice } from "../support/device.ts";
import { runGolden, withNoiseAsInputs } from "../support/golden-run.ts";

// The README's table of differences is made here: UPDATE_README=1 writes it. Without, this test checks that the README
// has a row for every case, and that no difference is above the tolerance named there.

const gpu = testDevice();
const readme = join(import.meta.dirname, "..", "..", "README.md");
const marks = /<!-- accuracy -->\n[\s\S]*?<!-- \/accuracy -->/;

interface Row {
  readonly name: string;
  readonly states?: number;
  readonly outputs?: number;
  readonly gradients?: number;
}

async function measure(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const example of goldenCases()) {
    const { expected, trials } = example;
    const { model, stimuli } = withNoiseAsInputs(example);
    const network = new Network(gpu.device, [model]);
    const activity = await runGolden(network, example, model, stimuli);
    const states = [
      ...(expected.rates ? [largestDifference(activity.rates, expected.rates)] : []),
      ...(expected.states ? [largestDifference(activity.states, expected.states)] : []),
    ];
    const compared =
      trials.targets === undefined || expected.gradients === undefined
        ? undefined
        : await gradients(network, { ...stimuli, targets: trials.targets }, [{ type: "meanSquaredError" }]);
    const relative = Object.entries(expected.gradients ?? {}).map(([name, values]) =>
      compared === undefined ? Number.NaN : relativeDifference(compared.parameters[name as ParameterName], values),
    );
    rows.push({
      name: example.name,
      ...(states.length > 0 && { states: Math.max(...states) }),
      ...(expected.outputs && { outputs: largestDifference(activity.outputs, expected.outputs) }),
      ...(relative.length > 0 && { gradients: Math.max(...relative) }),
    });
    network.dispose();
  }
  return rows;
}

/** Without what the file says of the case beyond its name. */
function shortName({ name }: Row): string {
  return name.split(/[:(]/)[0]?.trim().replaceAll("_", " ") ?? name;
}

function table(rows: readonly Row[]): string {
  const cell = (value: number | undefined): string => value?.toExponential(0) ?? "";
  return [
    `| case | states (tolerance ${cell(goldenTolerance.states)}) | outputs (${cell(goldenTolerance.states)}) | gradients (${cell(goldenTolerance.gradients)}) |`,
    "|---|---|---|---|",
    ...rows.map((row) => `| ${shortName(row)} | ${cell(row.states)} | ${cell(row.outputs)} | ${cell(row.gradients)} |`),
  ].join("\n");
}

test("the README's table of differences to other packages holds", async () => {
  const rows = await measure();
  const text = await readFile(readme, "utf8");
  if (process.env.UPDATE_README === "1") {
    await writeFile(readme, text.replace(marks, `<!-- accuracy -->\n${table(rows)}\n<!-- /accuracy -->`));
    return;
  }
  const shown = marks.exec(text)?.[0] ?? "";
  for (const { name, states = 0, outputs = 0, gradients: slopes = 0 } of rows) {
    expect(shown, "run it with UPDATE_README=1").toContain(`| ${shortName({ name })} |`);
    expect(Math.max(states, outputs), name).toBeLessThan(goldenTolerance.states);
    expect(slopes, name).toBeLessThan(goldenTolerance.gradients);
  }
});
