import { expect } from "vitest";
import { ConfigError, CortrainError, FileFormatError, ShapeError } from "../../src/errors.ts";

/** Every proper prefix of a file must be refused with an error about the file, and nothing else. */
export function expectEveryTruncationRefused(bytes: Uint8Array, decode: (bytes: Uint8Array) => unknown): void {
  for (let length = 0; length < bytes.length; length++) {
    const error = errorOf(() => decode(bytes.slice(0, length)));
    const refused = error instanceof FileFormatError || error instanceof ShapeError || error instanceof ConfigError;
    expect(refused, `${length} of ${bytes.length} bytes gave ${error}`).toBe(true);
  }
}

/** Whatever one byte is changed to, the file is read or refused with one of our own errors. */
export function expectEveryByteGuarded(bytes: Uint8Array, decode: (bytes: Uint8Array) => unknown): void {
  for (let at = 0; at < bytes.length; at++) {
    for (const value of [0x00, 0x01, 0x20, 0x39, 0x7f, 0xff, (bytes[at] ?? 0) ^ 0x10]) {
      const changed = bytes.slice();
      changed[at] = value;
      const error = errorOf(() => decode(changed));
      const guarded = error === undefined || error instanceof CortrainError;
      expect(guarded, `byte ${at} set to ${value} gave ${error}`).toBe(true);
    }
  }
}

/** What a call throws, or `undefined`. */
export function errorOf(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}
