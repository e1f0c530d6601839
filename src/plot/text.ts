import { ink } from "./palette.ts";
import { type Attributes, element, escapeXml, type Markup } from "./svg.ts";

/** Font sizes in pixels: tick labels and legends, axis labels, figure title. */
export const fontSizes = { tick: 11, label: 12, title: 14 } as const;

/** Where a text goes and how; `anchor` and `turn` (degrees, clockwise) refer to the point x, y. */
export interface TextOptions {
  readonly x: number;
  readonly y: number;
  readonly size?: number;
  readonly anchor?: "start" | "middle" | "end";
  readonly turn?: number;
  readonly colour?: string;
  readonly bold?: boolean;
  /** `middle`: y is the height of the letters' middle. Default: y is the baseline. */
  readonly baseline?: "middle";
}

/** A line of text. */
export function text(content: string, options: TextOptions): Markup {
  const size = options.size ?? fontSizes.tick;
  const attributes: Attributes = {
    x: options.x,
    y: options.y,
    // A shift in em is understood everywhere; `dominant-baseline` is not.
    dy: options.baseline === "middle" ? "0.35em" : undefined,
    fill: options.colour ?? ink.text,
    "font-size": size === fontSizes.tick ? undefined : size,
    "font-weight": options.bold ? "bold" : undefined,
    "text-anchor": options.anchor === "start" ? undefined : options.anchor,
    transform: options.turn ? `rotate(${options.turn} ${Math.round(options.x)} ${Math.round(options.y)})` : undefined,
  };
  return element("text", attributes, escapeXml(content));
}

/**
 * The width of a text in pixels, from above: 0.62 em for most letters (the widest common sans-serif, DejaVu), 1 em for
 * East Asian characters and symbols. The same everywhere, where a measured width would depend on the fonts present.
 */
export function textWidth(content: string, size: number = fontSizes.tick): number {
  let ems = 0;
  for (const character of content) ems += (character.codePointAt(0) ?? 0) > 0x2e7f ? 1 : 0.62;
  return ems * size;
}

/** The text, or as much of it as fits into `width` pixels with "…" at the end; empty if not even a letter fits. */
export function shorten(content: string, width: number, size: number = fontSizes.tick): string {
  if (textWidth(content, size) <= width) return content;
  const characters = [...content];
  while (characters.length > 0) {
    characters.pop();
    const candidate = `${characters.join("").trimEnd()}…`;
    if (characters.length > 0 && textWidth(candidate, size) <= width) return candidate;
  }
  return "";
}
