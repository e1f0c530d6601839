import { expect, test } from "vitest";
import { ConfigError, ShapeError } from "../../src/errors.ts";
import { inputsByName } from "../../src/structure/channels-by-name.ts";
import { multiIO } from "../../src/structure/multi-io.ts";

const inputs = [
  { name: "vision", channels: 2 },
  { name: "cue", channels: 1 },
];
const structure = multiIO({ hidden: 3, inputs, outputs: 1 });
const sizes = { steps: 2, trials: 1 };

test("inputs by name stand in their channels; a group that is not given is silent", () => {
  const vision = Float32Array.of(1, 2, 3, 4);
  expect(inputsByName(structure, sizes, { cue: Float32Array.of(8, 9), vision })).toEqual(
    Float32Array.of(1, 2, 8, 3, 4, 9),
  );
  expect(inputsByName(structure, sizes, { vision })).toEqual(Float32Array.of(1, 2, 0, 3, 4, 0));
});

test("a wrong name or size is an error", () => {
  expect(() => inputsByName(structure, sizes, { visoin: new Float32Array(4) })).toThrow(ConfigError);
  expect(() => inputsByName(structure, sizes, { visoin: new Float32Array(4) })).toThrow(/vision/);
  expect(() => inputsByName(structure, sizes, { vision: new Float32Array(3) })).toThrow(ShapeError);
});
