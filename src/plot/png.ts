import { zlibSync } from "fflate";
import { checkCount, checkShape } from "./check.ts";
import type { Rgb } from "./palette.ts";

/** An image of palette indices, row-major, the top row first. */
export interface IndexedImage {
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns], each the index of a colour. */
  readonly indices: Uint8Array;
  /** At most 256 colours. */
  readonly palette: readonly Rgb[];
  /** Pixels per cell across and down: cells stay sharp in viewers that blur enlarged images. Default 1. */
  readonly scaleX?: number;
  readonly scaleY?: number;
}

/** CRC-32 as in PNG (ISO 3309), bit by bit: images here are small. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let index = 0; index < 4; index += 1) bytes[4 + index] = type.charCodeAt(index);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** Rows as PNG stores them, a filter byte first; a repeated row is "the same as above" (filter Up, all zero). */
function scanlines(image: IndexedImage, scaleX: number, scaleY: number): Uint8Array {
  const stride = 1 + image.columns * scaleX;
  const lines = new Uint8Array(stride * image.rows * scaleY);
  for (let row = 0; row < image.rows; row += 1) {
    const start = row * scaleY * stride;
    for (let column = 0; column < image.columns; column += 1) {
      const from = start + 1 + column * scaleX;
      lines.fill(image.indices[row * image.columns + column] ?? 0, from, from + scaleX);
    }
    for (let copy = 1; copy < scaleY; copy += 1) lines[start + copy * stride] = 2;
  }
  return lines;
}

/**
 * Encodes a palette image as PNG (8 bits a pixel); the same bytes in every browser and in Node.
 * @throws ShapeError if `indices` is not [rows, columns].
 */
export function encodePng(image: IndexedImage): Uint8Array {
  const { rows, columns, indices, palette, scaleX = 1, scaleY = 1 } = image;
  checkCount("scaleX", scaleX);
  checkCount("scaleY", scaleY);
  checkShape("indices", indices, [rows, columns], "rows, columns");
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, columns * scaleX);
  view.setUint32(4, rows * scaleY);
  header[8] = 8; // bits a pixel
  header[9] = 3; // colour type: palette
  const parts = [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    chunk("PLTE", Uint8Array.from(palette.flat())),
    chunk("IDAT", zlibSync(scanlines(image, scaleX, scaleY), { level: 9 })),
    chunk("IEND", new Uint8Array(0)),
  ];
  const file = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.length;
  }
  return file;
}

/** A PNG file as a data URI, to stand in the `href` of an SVG image. */
export function pngDataUri(png: Uint8Array): string {
  let binary = "";
  for (const byte of png) binary += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(binary)}`;
}
