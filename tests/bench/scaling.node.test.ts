import { expect, test } from "vitest";
import { measureScaling, type Scaling, upperSlope } from "../../src/bench/scaling.ts";
import { benchScalingFigure } from "../../src/cli/bench-scaling.ts";
import { checkXml, texts } from "../plot/xml.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

test("the slope is the exponent of a power law, of the upper half of the sizes alone", () => {
  const power = (size: number) => ({ size, median: 3 * size ** 1.5 });
  expect(upperSlope([1, 2, 4, 8].map(power))).toBeCloseTo(1.5, 12);
  // Flat below, steep above.
  const bent = [1, 2, 4, 8, 16].map((size) => ({ size, median: size < 4 ? 5 : size ** 2 }));
  expect(upperSlope(bent)).toBeCloseTo(2, 12);
});

test("a step is timed at each size, and drawn", async () => {
  const scaling: Scaling = await measureScaling(gpu.device, "B", 2, [4, 8]);
  expect(scaling.points.map(({ size, samples }) => [size, samples])).toEqual([
    [4, 2],
    [8, 2],
  ]);
  for (const { median } of scaling.points) expect(median).toBeGreaterThan(0);
  const svg = benchScalingFigure([{ ...scaling, slope: 0.5 }], "a device");
  checkXml(svg);
  expect(texts(svg)).toContain("B, slope 0.50");
});
