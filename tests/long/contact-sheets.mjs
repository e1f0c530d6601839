/**
 * Puts the pictures that `tasks.mjs --figures DIR` wrote beside each other, a sheet for each family of tasks:
 * `node tests/long/contact-sheets.mjs DIR .github/figures/tasks`. Needs the program rsvg-convert (librsvg), and a build.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unzlibSync } from "fflate";
import { tasks } from "../../dist/index.js";
import { encodePng } from "../../dist/plot/png.js";

const [from, to] = process.argv.slice(2);
const columns = 4;
/** Of a picture as it is, and on the sheet. */
const drawn = 700;
const shown = 360;
const gap = 16;
const colours = 128;

const folder = join(import.meta.dirname, "..", "..", "src", "tasks");
/** The family of a task is the folder whose file has its name in dashes; the rules of Yang et al. have one file. */
function familyOf(name) {
  const file = `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`;
  const found = ["decision", "memory", "motor", "navigation", "psychrnn", "timing"].find((family) =>
    readdirSync(join(folder, family)).includes(file),
  );
  if (found === "navigation") return "motor";
  if (found !== undefined) return found;
  if (/Reach$/.test(name)) return "motor";
  if (name === "contextDecision") return "psychrnn";
  return /dm[12]?$/.test(name) ? "yang-decisions" : "yang";
}

function sheet(names) {
  const pictures = names.map((name) => readFileSync(join(from, `${name}.svg`), "utf8"));
  const parts = [];
  let top = 0;
  for (let first = 0; first < pictures.length; first += columns) {
    const row = pictures.slice(first, first + columns);
    row.forEach((picture, column) => {
      parts.push(picture.replace("<svg ", `<svg x="${column * (drawn + gap)}" y="${top}" `));
    });
    top += Math.max(...row.map((picture) => Number(/ height="([\d.]+)"/.exec(picture)[1]))) + gap;
  }
  const width = Math.min(columns, pictures.length) * (drawn + gap) - gap;
  const size = `width="${width}" height="${top - gap}"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size}><rect ${size} fill="#ffffff"/>${parts.join("")}</svg>`;
  const zoom = ["--zoom", String(shown / drawn)];
  return execFileSync("rsvg-convert", zoom, { input: svg, maxBuffer: 2 ** 28 });
}

/** Red, green and blue of every pixel of a PNG of 8 bits a channel. */
function decodePng(png) {
  const view = new DataView(png.buffer, png.byteOffset);
  const [width, height, channels] = [view.getUint32(16), view.getUint32(20), png[25] === 6 ? 4 : 3];
  const chunks = [];
  for (let at = 8; at < png.length; at += 12 + view.getUint32(at))
    if (png.toString("latin1", at + 4, at + 8) === "IDAT")
      chunks.push(png.subarray(at + 8, at + 8 + view.getUint32(at)));
  const lines = unzlibSync(Buffer.concat(chunks));
  const stride = width * channels;
  const pixels = new Uint8Array(height * stride);
  for (let y = 0; y < height; y += 1) {
    const filter = lines[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x >= channels ? pixels[at - channels] : 0;
      const up = y > 0 ? pixels[at - stride] : 0;
      const corner = x >= channels && y > 0 ? pixels[at - stride - channels] : 0;
      const guess = left + up - corner;
      const [a, b, c] = [left, up, corner].map((value) => Math.abs(guess - value));
      const paeth = a <= b && a <= c ? left : b <= c ? up : corner;
      pixels[at] = lines[y * (stride + 1) + 1 + x] + [0, left, up, (left + up) >> 1, paeth][filter];
    }
  }
  const colour = (index) => pixels.subarray(index * channels, index * channels + 3);
  return { width, height, colour };
}

/** The same picture in few colours: those that fill most pixels, each at some distance from the others. */
function reduce(png) {
  const { width, height, colour } = decodePng(png);
  const counts = new Map();
  const keys = Uint32Array.from({ length: width * height }, (_, index) => {
    const [red, green, blue] = colour(index);
    return (red << 16) | (green << 8) | blue;
  });
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  const rgb = (key) => [key >> 16, (key >> 8) & 255, key & 255];
  const distance = (one, other) => one.reduce((sum, value, index) => sum + (value - other[index]) ** 2, 0);
  const palette = [];
  for (const [key] of [...counts].sort((one, other) => other[1] - one[1])) {
    if (palette.length === colours) break;
    const candidate = rgb(key);
    if (palette.every((chosen) => distance(chosen, candidate) > 100)) palette.push(candidate);
  }
  const nearest = new Map();
  for (const key of counts.keys()) {
    const far = palette.map((chosen) => distance(chosen, rgb(key)));
    nearest.set(key, far.indexOf(Math.min(...far)));
  }
  return encodePng({
    rows: height,
    columns: width,
    indices: Uint8Array.from(keys, (key) => nearest.get(key)),
    palette,
  });
}

mkdirSync(to, { recursive: true });
for (const [family, names] of groups()) {
  const png = reduce(sheet(names));
  writeFileSync(join(to, `${family}.png`), png);
  console.log(`${family}: ${names.length} tasks, ${Math.round(png.length / 1000)} kB`);
}

function groups() {
  const families = new Map();
  for (const name of Object.keys(tasks)) families.set(familyOf(name), [...(families.get(familyOf(name)) ?? []), name]);
  return families;
}
