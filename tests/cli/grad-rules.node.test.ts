import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { decodeNpz } from "../../src/io/npz.ts";
import { writeModel, writeTrials } from "../../src/node.ts";
import { localRule, type RuleInput, ruleSchema } from "../../src/train/rule.ts";
import { forward } from "../reference/ctrnn.ts";
import { localGradients } from "../reference/eligibility.ts";
import { generateModel } from "../reference/generate.ts";
import { meanSquaredError } from "../reference/loss.ts";
import { relativeDifference } from "../reference/numbers.ts";
import { randomTrials } from "../support/trials.ts";
import { CommandLine, jsonLines } from "./cortrain.ts";

const cortrain = new CommandLine();
const sizes = { inputs: 2, hidden: 5, outputs: 3 };
const [time, batch] = [6, 4];
const model = generateModel({ ...sizes, seed: 3, activation: "tanh" });
const trials = randomTrials({ ...sizes, time, batch, seed: 1 });
const inline = ["--loss", `[{"type": "meanSquaredError"}]`];
const grad = (of: string): string[] => ["grad", "--model", of, "--data", "trials.npz", "--out", "grads.npz", ...inline];

beforeAll(async () => {
  await writeModel(cortrain.path("m"), model);
  await writeTrials(cortrain.path("trials.npz"), { ...trials });
});

/** Fails unless `grad` writes what the traces of a rule say. */
async function expectRule(args: readonly string[], rule: RuleInput): Promise<void> {
  const { stdout } = await cortrain.succeed([...grad("m"), ...args]);
  const sequence = { time, batch, inputs: trials.inputs };
  const trajectory = forward(model, sequence, {});
  const { value, gradient } = meanSquaredError(trajectory.outputs, trials.targets, trials.mask);
  const own = localRule(ruleSchema.parse(rule), [], model.spec, [model.spec.seed]);
  if (own === undefined) throw new RangeError("not a local rule");
  const expected = localGradients(
    model,
    sequence,
    {},
    trajectory,
    { outputs: gradient },
    { type: own.trace, feedback: own.feedback?.[0] },
  );
  expect(jsonLines(stdout)[0]?.loss).toBeCloseTo(value, 6);
  const grads = decodeNpz(readFileSync(cortrain.path("grads.npz")), "grads.npz");
  for (const [name, values] of [
    ["weight_ih", expected.weightIH],
    ["weight_hh", expected.weightHH],
    ["bias_h", expected.biasH],
    ["weight_ho", expected.weightHO],
    ["bias_o", expected.biasO],
    ["alpha", expected.alpha],
    ["v0", expected.v0],
  ] as const)
    expect(relativeDifference(grads.get(name)?.data ?? [], values), name).toBeLessThan(1e-4);
}

test("grad --rule by its name", async () => {
  await expectRule(["--rule", "eprop"], { type: "eprop" });
  await expectRule(["--rule", "rflo"], { type: "rflo" });
});

test("grad --rule as JSON, here and in a file", async () => {
  const rule = { type: "eprop", feedback: "random", seed: 9, scale: 0.5 } as const;
  await expectRule(["--rule", JSON.stringify(rule)], rule);
  writeFileSync(cortrain.path("rule.json"), JSON.stringify({ type: "rflo", feedback: "symmetric" }));
  await expectRule(["--rule", "rule.json"], { type: "rflo", feedback: "symmetric" });
});

test("a rule that there is not, or that does not fit, is found before there is a device, exit code 2", async () => {
  await writeModel(cortrain.path("gru"), generateModel({ ...sizes, cell: "gru", seed: 3 }));
  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [["--rule", "eprob"], /--rule: type: expected one of "bptt", "eprop", "rflo", got "eprob"; did you mean "eprop"\?/],
    [["--rule", `{"type": "rflo", "sede": 1}`], /--rule: sede: unknown key; did you mean "seed"\?/],
    [["--rule", `{"type": "eprop", "seed": 1}`], /rule: seed is of random feedback weights/],
    [["--rule", `{"type": `], /--rule/],
    [["--rule", "missing.json"], /missing\.json/],
  ];
  for (const [args, message] of refused) {
    const { code, stderr } = await cortrain.run([...grad("m"), ...args]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  }
  const { code, stderr } = await cortrain.run([...grad("gru"), "--rule", "rflo"]);
  expect(stderr).toContain('rule: "rflo" is made for the leak of a ctrnn, and this is a gru');
  expect(code).toBe(2);
});
