import { FileFormatError } from "../errors.ts";

/**
 * `JSON.parse` for a file: a leading byte-order mark is allowed, a key given twice is not (`JSON.parse` would silently
 * keep the second).
 * @param label the file's name, for messages.
 * @throws {FileFormatError} naming `label` and what is wrong.
 */
export function parseJson(text: string, label: string): unknown {
  const source = text.startsWith("\uFEFF") ? text.slice(1) : text;
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FileFormatError(`${label}: not valid JSON: ${reason}`, { cause });
  }
  const duplicate = findDuplicateKey(source);
  if (duplicate !== undefined) {
    throw new FileFormatError(`${label}: the key ${JSON.stringify(duplicate)} appears twice in one object`);
  }
  return value;
}

/**
 * {@link parseJson} for bytes, which must be UTF-8.
 * @throws {FileFormatError}
 */
export function parseJsonBytes(bytes: Uint8Array, label: string): unknown {
  return parseJson(decodeUtf8(bytes, label), label);
}

function decodeUtf8(bytes: Uint8Array, label: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FileFormatError(`${label}: not valid UTF-8 text`, { cause });
  }
}

/** The first key that one object of a (valid) JSON text has twice. */
function findDuplicateKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // one item per open bracket: the keys of an object, undefined for a list
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "{") open.push(new Set());
    else if (character === "[") open.push(undefined);
    else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (keys !== undefined && isFollowedByColon(text, end)) {
        const key: unknown = JSON.parse(text.slice(at, end));
        if (typeof key === "string") {
          if (keys.has(key)) return key;
          keys.add(key);
        }
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** One past the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function isFollowedByColon(text: string, from: number): boolean {
  let at = from;
  while (at < text.length && " \t\n\r".includes(text[at] ?? "")) at++;
  return text[at] === ":";
}
