import { ValueError } from "../errors.ts";

/**
 * Text that is already valid SVG. Only the functions in this file make it, so the compiler refuses a plain string
 * where markup is expected, and nothing reaches a figure unescaped.
 */
export type Markup = string & { readonly [markupBrand]: true };
declare const markupBrand: unique symbol;

/** Attribute values; `undefined` leaves the attribute out. Numbers are rounded to 2 decimals. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** A rectangle in the figure, in CSS pixels, y downward. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const replacements: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/** XML 1.0 knows no other control characters, no lone surrogates and no U+FFFE or U+FFFF, not even escaped. */
function isXmlCharacter(codePoint: number): boolean {
  if (codePoint < 0x20) return codePoint === 0x9 || codePoint === 0xa || codePoint === 0xd;
  return !(codePoint >= 0xd800 && codePoint <= 0xdfff) && codePoint !== 0xfffe && codePoint !== 0xffff;
}

/** Escapes text for use between tags and inside quoted attributes; characters XML cannot hold become U+FFFD. */
export function escapeXml(text: string): Markup {
  let escaped = "";
  for (const character of text) {
    escaped += isXmlCharacter(character.codePointAt(0) ?? 0) ? (replacements[character] ?? character) : "\ufffd";
  }
  return escaped as Markup;
}

/**
 * A coordinate with at most 2 decimals and no negative zero, so that files are small and diffs stable.
 * @throws ValueError if it is not finite.
 */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) throw new ValueError(`figure: expected a finite coordinate, got ${value}.`);
  return String(Math.round(value * 100) / 100 + 0);
}

/** One element. Attributes are escaped; children are markup already. */
export function element(name: string, attributes: Attributes = {}, ...children: readonly Markup[]): Markup {
  let opening = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    opening += ` ${key}="${typeof value === "number" ? formatNumber(value) : escapeXml(value)}"`;
  }
  if (children.length === 0) return `${opening}/>` as Markup;
  return `${opening}>${children.join("")}</${name}>` as Markup;
}

/** A group, one child a line, so that two versions of a figure can be compared with a line diff. */
export function group(attributes: Attributes, children: readonly Markup[]): Markup {
  return element("g", attributes, `\n${children.join("\n")}\n` as Markup);
}

/** A straight line between two points, in pixels. */
export function segment(x1: number, y1: number, x2: number, y2: number, attributes: Attributes): Markup {
  return element("line", { x1, y1, x2, y2, ...attributes });
}

/** An axis-parallel rectangle. */
export function rectangle(box: Box, attributes: Attributes): Markup {
  return element("rect", { x: box.left, y: box.top, width: box.width, height: box.height, ...attributes });
}

/** What a whole figure needs besides its contents; sizes in CSS pixels. */
export interface DocumentOptions {
  readonly width: number;
  readonly height: number;
  /** Read out as the name of the figure. */
  readonly title: string;
  /** Read out as its description: what is drawn, in numbers. */
  readonly description: string;
}

const fontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/**
 * A complete SVG document on a white background, with title and description for screen readers. It has no ids, so
 * that several can stand inline in one page.
 */
export function svgDocument(options: DocumentOptions, children: readonly Markup[]): string {
  const { width, height, title, description } = options;
  const contents = [
    element("title", {}, escapeXml(title)),
    element("desc", {}, escapeXml(description)),
    rectangle({ left: 0, top: 0, width, height }, { fill: "#ffffff" }),
    ...children,
  ];
  const root = element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${formatNumber(width)} ${formatNumber(height)}`,
      width,
      height,
      role: "img",
      "font-family": fontFamily,
      "font-size": 11,
    },
    `\n${contents.join("\n")}\n` as Markup,
  );
  return `${root}\n`;
}
