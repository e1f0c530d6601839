import { describe, expect, test } from "vitest";
import { ValueError } from "../../src/errors.ts";
import { element, escapeXml, formatNumber, svgDocument } from "../../src/plot/svg.ts";
import { shorten, text, textWidth } from "../../src/plot/text.ts";
import { checkXml } from "./xml.ts";

describe("svg", () => {
  test("text and attributes cannot break out", () => {
    const hostile = `"/><script>alert('1')</script>&amp;\u0000\ud800`;
    const svg = svgDocument({ width: 10, height: 10, title: hostile, description: hostile }, [
      element("g", { "data-name": hostile }, text(hostile, { x: 0, y: 0 })),
    ]);
    expect(checkXml(svg)).toBe(6);
    expect(svg).not.toContain("<script");
    expect(svg).not.toContain("\u0000");
    expect(escapeXml("a\u0001b\ud800c")).toBe("a\ufffdb\ufffdc");
    expect(escapeXml("α 😀 <&>")).toBe("α 😀 &lt;&amp;&gt;");
  });

  test("numbers are short and finite", () => {
    expect([1, 1.005, 1 / 3, -0.001, -2.5, 1e6].map(formatNumber)).toEqual(["1", "1", "0.33", "0", "-2.5", "1000000"]);
    expect(() => formatNumber(Number.NaN)).toThrow(ValueError);
  });

  test("undefined attributes are left out", () => {
    expect(element("rect", { x: 1, fill: undefined })).toBe('<rect x="1"/>');
  });

  test("a figure names itself to a screen reader and has no ids that could clash", () => {
    const svg = svgDocument({ width: 7, height: 5, title: "Loss", description: "falls" }, []);
    expect(svg).toContain('viewBox="0 0 7 5" width="7" height="5" role="img"');
    expect(svg).toContain("<title>Loss</title>\n<desc>falls</desc>");
    expect(svg).not.toMatch(/ id="/);
  });

  test("long names are cut to fit", () => {
    expect(shorten("motor", 100)).toBe("motor");
    const cut = shorten("parietal association cortex", 80);
    expect(cut.endsWith("…")).toBe(true);
    expect(textWidth(cut)).toBeLessThanOrEqual(80);
    expect(shorten("motor", 3)).toBe("");
  });
});
