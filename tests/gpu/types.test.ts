import { expect, test } from "vitest";
import { Kernel, type Resources, read, readWrite } from "../../src/gpu/kernel.ts";
import type { Tensor } from "../../src/gpu/tensor.ts";
import type { Uniform } from "../../src/gpu/uniforms.ts";
import { ctrnnForwardStep, packWeights } from "../../src/wgsl/generated.ts";
import { testDevice } from "../support/device.ts";

// Most of this file is checked by `tsc`, not by running it: a line below `@ts-expect-error` that compiles is an error.

const gpu = testDevice();

test("a wrong binding does not compile", () => {
  const neverCalled = async (shape: Uniform, tensor: Tensor): Promise<void> => {
    const kernel = await Kernel.create(gpu.device, packWeights, { WORKGROUP_SIZE: 64, CONSTRAINT: 0, RECURRENT: true });
    const right = { shape, parameters: read(tensor), rules: read(tensor), packed: readWrite(tensor) };
    kernel.dispatch(right, [1, 1, 1]);
    const { rules, ...missing } = right;
    // @ts-expect-error a binding is missing
    kernel.dispatch(missing, [1, 1, 1]);
    // @ts-expect-error a binding is misspelt
    kernel.dispatch({ ...missing, rule: rules }, [1, 1, 1]);
    // @ts-expect-error the shader writes `packed`
    kernel.dispatch({ ...right, packed: read(tensor) }, [1, 1, 1]);
    // @ts-expect-error the shader only reads `rules`
    kernel.dispatch({ ...right, rules: readWrite(tensor) }, [1, 1, 1]);
    // @ts-expect-error a tensor without its access
    kernel.dispatch({ ...right, rules: tensor }, [1, 1, 1]);
    // @ts-expect-error a tensor in the place of a uniform
    kernel.dispatch({ ...right, shape: read(tensor) }, [1, 1, 1]);
    // @ts-expect-error a grid of two numbers
    kernel.dispatch(right, [1, 1]);
    // @ts-expect-error the uniform of group 1 is missing
    const step: Resources<typeof ctrnnForwardStep> = { shape, settings: read(tensor), packed: read(tensor) };
    expect(step).toBeDefined();
  };
  expect(neverCalled).toBeTypeOf("function");
});

test("a wrong override does not compile", () => {
  const neverCalled = async (): Promise<void> => {
    // @ts-expect-error an override is missing
    await Kernel.create(gpu.device, packWeights, { WORKGROUP_SIZE: 64 });
    // @ts-expect-error an override is misspelt
    await Kernel.create(gpu.device, packWeights, { WORKGROUP_SIZE: 64, CONSTRAINTS: 0 });
    // @ts-expect-error a number is not a boolean
    await Kernel.create(gpu.device, packWeights, { WORKGROUP_SIZE: 64, CONSTRAINT: true });
    const rest = { WORKGROUP_SIZE: 1, ACTIVATION: 0, NOISE_SCALE: 0, STORE_SLOPES: false };
    // @ts-expect-error a boolean is not a number
    await Kernel.create(gpu.device, ctrnnForwardStep, { ...rest, RATE_FORM: 0 });
  };
  expect(neverCalled).toBeTypeOf("function");
});

test("a pipeline is compiled once for the same overrides, also when asked for twice at the same time", async () => {
  const { counters } = gpu.device;
  const before = counters.pipelines;
  const overrides = { WORKGROUP_SIZE: 32, CONSTRAINT: 1, RECURRENT: true };
  await Promise.all([1, 2, 3].map(() => Kernel.create(gpu.device, packWeights, overrides)));
  await Kernel.create(gpu.device, packWeights, { CONSTRAINT: 1, RECURRENT: true, WORKGROUP_SIZE: 32 });
  expect(counters.pipelines - before).toBe(1);
});
