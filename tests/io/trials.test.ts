import { describe, expect, test } from "vitest";
import { FileFormatError, ShapeError, ValueError } from "../../src/errors.ts";
import type { ArrayData } from "../../src/io/array.ts";
import { encodeNpz } from "../../src/io/npz.ts";
import { decodeTrials, encodeTrials, type TrialsFile } from "../../src/io/trials.ts";
import { ramp } from "./arbitrary.ts";
import { expectEveryByteGuarded, expectEveryTruncationRefused } from "./hostile.ts";

const trials: TrialsFile = { inputs: ramp(4, 2, 3), targets: ramp(4, 2, 1), mask: ramp(4, 2, 1), v0: ramp(2, 5) };

const recorded: TrialsFile = { ...trials, rateTargets: ramp(4, 2, 3), rateMask: ramp(4, 2, 3) };

function decode(changes: Record<string, ArrayData>, onNotice?: (message: string) => void): TrialsFile {
  return decodeTrials(encodeNpz(new Map(Object.entries({ ...trials, ...changes }))), "t.npz", onNotice);
}

function poisoned(array: ArrayData, at: number, value: number): ArrayData {
  const data = array.data.slice();
  data[at] = value;
  return { shape: array.shape, data };
}

describe("trials", () => {
  test("come back as they were, with and without the optional arrays", () => {
    expect(decodeTrials(encodeTrials(trials), "t.npz")).toEqual(trials);
    const { inputs, targets } = trials;
    expect(decodeTrials(encodeTrials({ inputs, targets }, { compress: true }), "t.npz")).toEqual({ inputs, targets });
  });

  test("a missing array is named, with what the file holds", () => {
    const bytes = encodeNpz(
      new Map([
        ["inputs", trials.inputs],
        ["x", ramp(1)],
      ]),
    );
    expect(() => decodeTrials(bytes, "t.npz")).toThrow(FileFormatError);
    expect(() => decodeTrials(bytes, "t.npz")).toThrow(
      "t.npz: targets [time, batch, outputs] is missing; the file holds inputs, x",
    );
  });

  test.each<[string, Record<string, ArrayData>, string]>([
    ["axes", { inputs: ramp(4, 6) }, "t.npz: inputs: expected [time, batch, inputs], got [4, 6]"],
    ["time", { targets: ramp(5, 2, 1) }, "t.npz: targets: time is 5 ([5, 2, 1]) but 4 in inputs"],
    ["batch", { targets: ramp(4, 3, 1) }, "t.npz: targets: batch is 3 ([4, 3, 1]) but 2 in inputs"],
    ["outputs", { mask: ramp(4, 2, 2) }, "t.npz: mask: outputs is 2 ([4, 2, 2]) but 1 in targets"],
    ["batch of v0", { v0: ramp(1, 5) }, "t.npz: v0: batch is 1 ([1, 5]) but 2 in inputs"],
    ["no time", { inputs: ramp(0, 2, 3) }, "t.npz: inputs: time has length 0 ([0, 2, 3])"],
    ["no batch", { inputs: ramp(4, 0, 3) }, "t.npz: inputs: batch has length 0 ([4, 0, 3])"],
  ])("shapes that disagree: %s", (_, changes, message) => {
    expect(() => decode(changes)).toThrow(ShapeError);
    expect(() => decode(changes)).toThrow(message);
  });

  test("NaN and infinity are named with their place", () => {
    expect(() => decode({ inputs: poisoned(trials.inputs, 23, Number.NaN) })).toThrow(ValueError);
    expect(() => decode({ inputs: poisoned(trials.inputs, 23, Number.NaN) })).toThrow(
      "t.npz: inputs[3, 1, 2] is NaN; expected a finite number",
    );
    expect(() => decode({ targets: poisoned(trials.targets, 2, Number.NaN) })).toThrow(
      /targets\[1, 0, 0\] is NaN.*mask 0/,
    );
    expect(() => decode({ v0: poisoned(ramp(2, 5), 6, Number.NEGATIVE_INFINITY) })).toThrow("v0[1, 1] is -Infinity");
    expect(() => encodeTrials({ ...trials, mask: poisoned(ramp(4, 2, 1), 0, Number.NaN) })).toThrow(
      "mask[0, 0, 0] is NaN",
    );
  });

  test("recorded rates come back, NaN where nothing was recorded", () => {
    const rateMask = poisoned(ramp(4, 2, 3), 5, 0);
    const gap: TrialsFile = { ...recorded, rateMask, rateTargets: poisoned(ramp(4, 2, 3), 5, Number.NaN) };
    for (const one of [recorded, gap, { ...trials, rateTargets: ramp(4, 2, 7) }]) {
      expect(decodeTrials(encodeTrials(one), "t.npz")).toEqual(one);
    }
  });

  test("recorded rates that do not fit are named as in the file", () => {
    const refused = (changes: Partial<TrialsFile>) => expect(() => encodeTrials({ ...recorded, ...changes }));
    const place = "encodeTrials: rate_targets[0, 1, 2] is NaN; expected a finite number, or NaN where rate_mask is 0";
    const gap = poisoned(ramp(4, 2, 3), 5, Number.NaN);
    refused({ rateTargets: gap }).toThrow(ValueError);
    refused({ rateTargets: gap }).toThrow(place);
    const { rateMask: _rateMask, ...unmasked } = recorded;
    expect(() => encodeTrials({ ...unmasked, rateTargets: gap })).toThrow(place);
    const infinite = poisoned(ramp(4, 2, 3), 5, Number.POSITIVE_INFINITY);
    refused({ rateTargets: infinite, rateMask: poisoned(ramp(4, 2, 3), 5, 0) }).toThrow("rate_targets[0, 1, 2] is Inf");
    refused({ rateMask: gap }).toThrow("rate_mask[0, 1, 2] is NaN");
    refused({ rateMask: ramp(4, 2, 2) }).toThrow("rate_mask: recorded units is 2 ([4, 2, 2]) but 3 in rate_targets");
    refused({ rateTargets: ramp(4, 3, 3) }).toThrow("rate_targets: batch is 3");
    const { rateTargets: _rateTargets, ...masked } = recorded;
    expect(() => encodeTrials(masked)).toThrow(ShapeError);
    expect(() => encodeTrials(masked)).toThrow("rate_mask: there are no rate_targets");
  });

  test("unknown arrays are announced", () => {
    const notices: string[] = [];
    decode({ Masks: ramp(1), subject: ramp(1) }, (message) => notices.push(message));
    expect(notices).toEqual(["t.npz: Masks is not used; did you mean mask?", "t.npz: subject is not used"]);
  });

  test("any truncation and any changed byte is refused or read, never worse", () => {
    const bytes = encodeTrials({ inputs: ramp(2, 1, 1), targets: ramp(2, 1, 1) });
    expectEveryTruncationRefused(bytes, (changed) => decodeTrials(changed, "t"));
    expectEveryByteGuarded(bytes, (changed) => decodeTrials(changed, "t"));
  });
});
