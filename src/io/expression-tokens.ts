import { ConfigError } from "../errors.ts";

/** A word of an expression; `column` counts from 1. */
export interface Token {
  readonly kind: "number" | "name" | "symbol" | "end";
  readonly text: string;
  readonly column: number;
}

const blank = /[ \t\r\n]+/y;
/** As in WGSL: decimal, with or without a point, exponent and the suffix f. */
const number = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?f?/y;
const name = /[A-Za-z_][A-Za-z0-9_]*/y;
const symbol = /\|\||&&|[<>=!]=|[-+*/%<>!(),]/y;

/** What people write for what WGSL has another way, by the first character that does not belong. */
const advice: ReadonlyMap<string, string> = new Map([
  ["^", "for a power write pow(a, b), or a * a"],
  ["?", "for a choice write select(ifFalse, ifTrue, condition)"],
  ["=", "to compare write =="],
  [";", "give one expression, no statements"],
  ["{", "give one expression, no statements"],
  [".", "give one expression of single numbers, no members"],
  ["|", "for or write ||"],
  ["&", "for and write &&"],
]);

/** The character at a place, as a message can show it: those that cannot be seen by their number. */
function shown(text: string, at: number): string {
  const code = text.codePointAt(at) ?? 0;
  const visible = code > 0x20 && code < 0x7f;
  return visible
    ? `"${String.fromCodePoint(code)}"`
    : `the character U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/**
 * Splits an expression into numbers, names and symbols; the last token is the end.
 * @throws {@link ConfigError} for a character that belongs to none of them.
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  for (;;) {
    take(blank);
    const column = at + 1;
    if (at >= text.length) return [...tokens, { kind: "end", text: "the end", column }];
    const digits = take(number);
    if (digits !== undefined) {
      const rest = take(name);
      if (rest !== undefined) {
        throw new ConfigError(
          `"${digits}${rest}" at column ${column} is no decimal number (for a product write a * between its parts)`,
        );
      }
      tokens.push({ kind: "number", text: digits, column });
      continue;
    }
    const word = take(name);
    const found = word ?? take(symbol);
    if (found === undefined) {
      const hint = advice.get(text[at] ?? "");
      throw new ConfigError(
        `unexpected ${shown(text, at)} at column ${column}${hint === undefined ? "" : ` (${hint})`}`,
      );
    }
    tokens.push({ kind: word === undefined ? "symbol" : "name", text: found, column });
  }
}
