import { unzlibSync } from "fflate";
import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/errors.ts";
import { colourRamp, divergingAnchors } from "../../src/plot/palette.ts";
import { encodePng, pngDataUri } from "../../src/plot/png.ts";

const image = {
  rows: 2,
  columns: 3,
  indices: Uint8Array.of(0, 1, 2, 2, 1, 0),
  palette: [
    [255, 255, 255],
    [255, 0, 0],
    [0, 0, 255],
  ] as const,
};

describe("png", () => {
  test("header, palette and scan lines are where the format wants them", () => {
    const png = encodePng({ ...image, scaleX: 2, scaleY: 2 });
    const view = new DataView(png.buffer);
    expect([...png.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
    expect([view.getUint32(16), view.getUint32(20), png[24], png[25]]).toEqual([6, 4, 8, 3]);
    expect([...png.subarray(41, 50)]).toEqual(image.palette.flat());
    const start = 33 + 12 + 9;
    const length = view.getUint32(start);
    expect(String.fromCharCode(...png.subarray(start + 4, start + 8))).toBe("IDAT");
    const lines = unzlibSync(png.subarray(start + 8, start + 8 + length));
    expect([...lines]).toEqual(
      [
        [0, 0, 0, 1, 1, 2, 2],
        [2, 0, 0, 0, 0, 0, 0],
        [0, 2, 2, 1, 1, 0, 0],
        [2, 0, 0, 0, 0, 0, 0],
      ].flat(),
    );
    // The checksum of the empty last chunk is the same in every PNG file.
    expect([...png.subarray(-8)]).toEqual([0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);
  });

  test.runIf(typeof createImageBitmap === "function")("a browser decodes it", async () => {
    const bitmap = await createImageBitmap(await (await fetch(pngDataUri(encodePng(image)))).blob());
    expect([bitmap.width, bitmap.height]).toEqual([3, 2]);
  });

  test("a wrong size is refused", () => {
    expect(() => encodePng({ ...image, rows: 3 })).toThrow(ShapeError);
  });

  test("the middle of the diverging ramp is white, its ends blue and red", () => {
    const ramp = colourRamp(divergingAnchors, 255);
    expect([ramp[0], ramp[127], ramp[254]]).toEqual([
      [5, 48, 97],
      [255, 255, 255],
      [103, 0, 31],
    ]);
  });
});
