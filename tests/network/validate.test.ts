import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConstraintError, ShapeError, ValueError } from "../../src/errors.ts";
import type { Constraint } from "../../src/io/model-schema.ts";
import { createModel } from "../../src/network/create.ts";
import type { Model, ParameterName } from "../../src/network/model.ts";
import { effectiveWeights, projectWeights, validateModel } from "../../src/network/validate.ts";
import { multiAreaEI } from "../../src/structure/multi-area-ei.ts";
import { dense } from "../../src/structure/structure.ts";

const areas = [
  { name: "v1", size: 6 },
  { name: "pfc", size: 6 },
];

function make(constraint: Constraint = "project"): Model {
  return createModel({
    structure: multiAreaEI({ inputs: 3, hidden: 12, outputs: 2, areas, seed: 1 }),
    constraint,
    seed: 1,
  });
}

/** The model with some of its tensors changed in one place. */
function change(model: Model, name: ParameterName, index: number, value: number): Model {
  const values = model.parameters[name].slice();
  values[index] = value;
  return { ...model, parameters: { ...model.parameters, [name]: values } };
}

function set(model: Model, side: "masks" | "signs" | "plasticity", index: number, value: number): Model {
  const values = model[side].weightHH?.slice() ?? new Float32Array(144);
  values[index] = value;
  return { ...model, [side]: { ...model[side], weightHH: values } };
}

describe("validateModel", () => {
  it("accepts a new model and shares what needs no change", () => {
    for (const constraint of ["project", "abs", "rectify"] as const) {
      const model = make(constraint);
      const valid = validateModel(model);
      expect(valid.parameters.weightHH).toBe(model.parameters.weightHH);
    }
  });

  it("names a wrong shape, and whose shape it is", () => {
    const model = make();
    const wrong = { ...model, parameters: { ...model.parameters, weightHH: new Float32Array(36) } };
    expect(() => validateModel(wrong)).toThrow(ShapeError);
    expect(() => validateModel(wrong)).toThrow(
      "weightHH: expected [12, 12] (hidden, hidden), got 36 values. Were the input weights passed?",
    );
    expect(() => validateModel({ ...model, signs: { weightHO: new Float32Array(7) } })).toThrow(
      /signHO: expected \[2, 12\] \(outputs, hidden\), got 7 values/,
    );
    const { v0: _v0, ...rest } = model.parameters;
    expect(() => validateModel({ ...model, parameters: rest } as unknown as Model)).toThrow(/v0.*undefined/);
  });

  it("names the first value that is not finite", () => {
    expect(() => validateModel(change(make(), "weightHH", 25, Number.NaN))).toThrow(/weightHH\[2, 1\] is NaN/);
    expect(() => validateModel(change(make(), "biasO", 1, Number.POSITIVE_INFINITY))).toThrow(ValueError);
  });

  it("refuses alpha outside (0, 1], with unit, area and cause", () => {
    expect(() => validateModel(change(make(), "alpha", 7, 2))).toThrow(
      /alpha\[7\] is 2, of unit 7 \(area "pfc"\).*dtMs 20 > tauMs 10/,
    );
    expect(() => validateModel(change(make(), "alpha", 0, 0))).toThrow(ValueError);
    expect(() => validateModel(change(make(), "alpha", 0, -0.5))).toThrow(/positive time constant/);
    expect(validateModel(change(make(), "alpha", 0, 1)).parameters.alpha[0]).toBe(1);
  });

  it("refuses values that are no mask, sign or plasticity", () => {
    expect(() => validateModel(set(make(), "masks", 13, 0.5))).toThrow(/maskHH\[1, 1\].* is 0.5/);
    expect(() => validateModel(set(make(), "signs", 13, 2))).toThrow(/signHH\[1, 1\].* is 2/);
    expect(() => validateModel(set(make(), "signs", 0, Number.NaN))).toThrow(ValueError);
    expect(() => validateModel(set(make(), "plasticity", 14, 1.5))).toThrow(/plasticityHH\[1, 2\] is 1.5/);
  });

  it("refuses areas out of range or overlapping", () => {
    const model = make();
    const withAreas = (from: number, to: number) => ({
      ...model,
      spec: { ...model.spec, areas: [{ name: "v1", from: 0, to: 6 }, { name: "pfc", from, to }] }, // biome-ignore format: pair
    });
    expect(() => validateModel(withAreas(5, 12))).toThrow(/overlap/);
    expect(() => validateModel(withAreas(6, 13))).toThrow(/"pfc" is \[6, 13\)/);
    expect(() => validateModel(withAreas(8, 8))).toThrow(ValueError);
  });

  it("names the unit, its area and two rows of a Dale conflict", () => {
    const conflict = set(make(), "signs", 3 * 12 + 8, -1);
    expect(() => validateModel(conflict)).toThrow(ConstraintError);
    expect(() => validateModel(conflict)).toThrow(/presynaptic unit 8 \(area "pfc"\).*unit 0 and -1 onto unit 3/);
  });

  it("names the first weight that breaks its mask or sign, or projects it when asked", () => {
    const self = change(make(), "weightHH", 13, 0.25);
    expect(() => validateModel(self)).toThrow(ConstraintError);
    expect(() => validateModel(self)).toThrow(
      /weightHH\[1, 1\], from unit 1 \(area "v1"\) onto unit 1.* is 0.25.*absent/,
    );
    expect(Object.is(validateModel(self, { project: true }).parameters.weightHH[13], 0)).toBe(true);
    expect(self.parameters.weightHH[13]).toBe(0.25);
    const wrong = change(make(), "weightHH", 12, -0.5);
    expect(() => validateModel(wrong)).toThrow(/weightHH\[1, 0\].*is -0.5: signHH is \+1, so the weight must be >= 0/);
    expect(Object.is(validateModel(wrong, { project: true }).parameters.weightHH[12], 0)).toBe(true);
    expect(Object.is(validateModel(change(make(), "weightHH", 13, -0)).parameters.weightHH[13], 0)).toBe(true);
  });

  it("under abs and rectify lets raw weights have any sign, and zeroes absent synapses", () => {
    for (const constraint of ["abs", "rectify"] as const) {
      const model = change(change(make(constraint), "weightHH", 13, 0.25), "weightHH", 12, -0.5);
      const { weightHH } = validateModel(model).parameters;
      expect([weightHH[13], weightHH[12]]).toEqual([0, -0.5]);
    }
  });
});

describe("effectiveWeights and projectWeights", () => {
  it("keep mask and sign and never give -0, for any weights", () => {
    const entry = fc.record({
      weight: fc.float({ noNaN: true, noDefaultInfinity: true, min: -4, max: 4 }),
      mask: fc.constantFrom(0, 1),
      sign: fc.constantFrom(-1, 0, 1),
    });
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 4, maxLength: 4 }),
        fc.constantFrom("abs", "rectify"),
        (list, constraint) => {
          const [weights, mask, sign] = (["weight", "mask", "sign"] as const).map((key) => Float32Array.from(list, (item) => item[key])); // biome-ignore format: one line
          if (weights === undefined || mask === undefined || sign === undefined) throw new Error("unreachable");
          const base = createModel({ structure: dense({ inputs: 1, hidden: 2, outputs: 1 }), constraint });
          const model: Model = {
            ...base,
            parameters: { ...base.parameters, weightHH: weights },
            masks: { weightHH: mask },
            signs: { weightHH: sign },
          };
          const effective = effectiveWeights(model, "weightHH");
          const projected = projectWeights(weights, mask, sign);
          list.forEach((item, index) => {
            const size = constraint === "abs" ? Math.abs(item.weight) : Math.max(item.weight, 0);
            const expected = item.mask * (item.sign === 0 ? item.weight : size * item.sign) + 0;
            expect(effective[index]).toBe(expected);
            const kept = item.mask === 1 && item.weight * item.sign >= 0;
            expect(projected[index]).toBe(kept ? item.weight + 0 : 0);
          });
        },
      ),
    );
  });

  it("leave a model under project as it is", () => {
    const model = make();
    expect(effectiveWeights(model, "weightHH")).toEqual(model.parameters.weightHH);
  });
});
