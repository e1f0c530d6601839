/** Node on Linux only: finds SwiftShader, a Vulkan driver that computes on the CPU, and unpacks it where it must be. */
import { randomUUID } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { AdapterError, FileFormatError } from "../errors.ts";

/** A SwiftShader on disk: its driver manifest, and the Vulkan loader beside it where there is one. */
export interface SwiftShader {
  readonly icdFile: string;
  readonly loaderFile: string | undefined;
}

const driverName = "libvk_swiftshader.so";
const icdName = "vk_swiftshader_icd.json";
const loaderName = "libvulkan.so.1";

const browserFolders = [
  "/opt/google/chrome",
  "/opt/google/chrome-beta",
  "/opt/google/chrome-unstable",
  "/opt/chromium.org/chromium",
  "/usr/lib/chromium",
  "/usr/lib/chromium-browser",
  "/usr/lib64/chromium",
  "/usr/lib64/chromium-browser",
  "/snap/chromium/current/usr/lib/chromium-browser",
];

/** Yields every SwiftShader of this machine: those of installed browsers first, then the npm package's. */
export function* findSwiftShaders(): Generator<SwiftShader> {
  const browser = process.env["CHROME_PATH"];
  for (const folder of browser ? [dirname(realPath(browser)), ...browserFolders] : browserFolders) {
    const found = swiftShaderIn(folder);
    if (found) yield found;
  }
  // The package's files are built for x64 alone.
  const archive = process.arch === "x64" ? packagedArchive() : undefined;
  if (archive) {
    const found = swiftShaderIn(unpackOnce(archive.file, `swiftshader-${archive.version}`));
    if (found) yield found;
  }
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function swiftShaderIn(folder: string): SwiftShader | undefined {
  const icdFile = join(folder, icdName);
  const loaderFile = join(folder, loaderName);
  if (!existsSync(icdFile)) return undefined;
  // A manifest whose driver is not where it says (a bare name would be looked up in the system's folders) is of no use.
  const manifest = JSON.parse(readFileSync(icdFile, "utf8")) as { ICD?: { library_path?: unknown } };
  const library = manifest.ICD?.library_path;
  if (typeof library !== "string" || !library.includes("/") || !existsSync(resolve(folder, library))) return undefined;
  return { icdFile, loaderFile: existsSync(loaderFile) ? loaderFile : undefined };
}

function packagedArchive(): { file: string; version: string } | undefined {
  for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
    try {
      const folder = join(dirname(createRequire(from).resolve("@sparticuz/chromium")), "..");
      const file = join(folder, "bin", "swiftshader.tar.br");
      const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
      if (existsSync(file)) return { file, version };
    } catch {
      // Not installed as seen from here: look from the next place.
    }
  }
  return undefined;
}

/** Unpacks the archive into this user's cache, once; processes that do so at the same time do not disturb each other. */
function unpackOnce(archive: string, name: string): string {
  const cache = cacheFolder();
  const folder = join(cache, name);
  if (!existsSync(folder)) {
    const unfinished = join(cache, `${name}.${randomUUID()}`);
    mkdirSync(unfinished, { mode: 0o700 });
    const wanted = new Set([driverName, icdName, loaderName]);
    for (const file of readTar(brotliDecompressSync(readFileSync(archive)))) {
      if (wanted.has(file.name)) writeFileSync(join(unfinished, file.name), file.data, { mode: 0o700 });
    }
    try {
      renameSync(unfinished, folder);
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true });
      if (!existsSync(folder)) throw error;
    }
  }
  return folder;
}

/** The first of the usual cache folders that can be made. What lies in it is run as code, so it must be the user's own. */
function cacheFolder(): string {
  const uid = process.getuid?.() ?? 0;
  const places = [
    join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "cortrain"),
    join(tmpdir(), `cortrain-cache-${uid}`),
  ];
  for (const place of places) {
    try {
      mkdirSync(place, { recursive: true, mode: 0o700 });
      const status = lstatSync(place);
      if (status.isDirectory() && status.uid === uid && (status.mode & 0o022) === 0) return place;
    } catch {
      // A home that is missing or read-only: try the next place.
    }
  }
  throw new AdapterError(
    `No cache folder for the software adapter: neither ${places.join(" nor ")} is a folder that only this user can write. Set XDG_CACHE_HOME to one.`,
  );
}

/** Yields the regular files of a tar archive (POSIX.1-1988 headers, no extensions). */
export function* readTar(archive: Uint8Array): Generator<{ name: string; data: Uint8Array }> {
  const block = 512;
  const text = (from: number, length: number): string =>
    new TextDecoder().decode(archive.subarray(from, from + length)).replace(/\0.*$/s, "");
  for (let at = 0; at + block <= archive.length && archive[at] !== 0; ) {
    const name = text(at, 100);
    const size = Number.parseInt(text(at + 124, 12).trim(), 8);
    const type = text(at + 156, 1);
    const start = at + block;
    if (!Number.isSafeInteger(size) || size < 0 || start + size > archive.length) {
      throw new FileFormatError(
        `tar: entry "${name}" at byte ${at} claims ${size} bytes, ${archive.length - start} are left.`,
      );
    }
    if (type === "0" || type === "") yield { name, data: archive.subarray(start, start + size) };
    at = start + Math.ceil(size / block) * block;
  }
}
