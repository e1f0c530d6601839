import { PageError } from "./page-error.ts";

/**
 * An element of the page by its id.
 * @throws PageError where there is none, or one of another kind.
 */
export function find<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new PageError(`page: expected a ${kind.name} with the id "${id}", got ${element?.tagName ?? "nothing"}.`);
}

/** Writes texts into the outputs of these ids. @throws PageError as {@link find}. */
export function showNumbers(texts: Readonly<Record<string, string>>): void {
  for (const [id, text] of Object.entries(texts)) find(id, HTMLOutputElement).value = text;
}
