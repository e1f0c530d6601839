import { z } from "zod";
import { mostCharacters, parseExpression } from "./expression-parser.ts";

/** The text of an expression (see `parseExpression`) in the given variables. */
export function expressionSchema(variables: readonly string[]): z.ZodString {
  return z
    .string()
    .min(1)
    .max(mostCharacters, { abort: true })
    .superRefine((text, context) => {
      try {
        parseExpression(text, variables);
      } catch (error) {
        context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
      }
    });
}

const longestName = 40;

/** What is wrong with the name of a custom activation or a loss term, which must be one word in any file and figure. */
export function nameFault(name: string): string | undefined {
  if (name.length <= longestName && /^[A-Za-z][A-Za-z0-9_]*$/.test(name)) return undefined;
  return `must be a letter, then at most ${longestName - 1} letters, digits or _`;
}
