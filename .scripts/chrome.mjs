/**
 * Finds a Chromium for the tests: `CHROME_PATH`, a system one, or on bare Linux the headless one of the npm package
 * `@sparticuz/chromium`, unpacked once into the user's cache. Nothing is downloaded.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const systemBrowsers = {
  linux: [
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/opt/google/chrome/chrome",
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/snap/bin/chromium",
  ],
  darwin: ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"],
  win32: [process.env.PROGRAMFILES, process.env["PROGRAMFILES(X86)"], process.env.LOCALAPPDATA]
    .filter((folder) => folder !== undefined)
    .map((folder) => join(folder, "Google", "Chrome", "Application", "chrome.exe")),
};

const webgpuFlags = ["--no-sandbox", "--enable-unsafe-webgpu"];
const softwareFlags = ["--use-webgpu-adapter=swiftshader"];
// Headless Chrome on Linux leaves the GPU alone unless it is told to use Vulkan without a window surface.
const linuxHardwareFlags = ["--use-angle=vulkan", "--enable-features=Vulkan", "--disable-vulkan-surface"];

/**
 * @returns {Promise<{ executablePath: string, args: string[], env: Record<string, string> }>} What Playwright's
 *   `launch` needs; `env` is the whole environment of the browser.
 * @throws {Error} Where there is no browser; the message says what to install.
 */
export async function locateChrome() {
  const env = /** @type {Record<string, string>} */ ({ ...process.env });
  const linuxFlags = process.env.CORTRAIN_ADAPTER === "hardware" ? linuxHardwareFlags : softwareFlags;
  const args = [...webgpuFlags, ...(process.platform === "linux" ? linuxFlags : [])];
  const named = process.env.CHROME_PATH;
  if (named && !fs.existsSync(named)) throw new Error(`CHROME_PATH: there is no file ${named}.`);
  const found = named || systemBrowsers[process.platform]?.find((file) => fs.existsSync(file));
  if (found) return { executablePath: found, args, env };
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error("No Chrome was found. Install Google Chrome, or set CHROME_PATH to a Chromium.");
  }
  const folder = await unpackedChromium();
  const executablePath = join(folder, "chromium");
  if (missesLibraries(executablePath)) {
    env.LD_LIBRARY_PATH = [join(folder, "lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
  }
  return { executablePath, args, env };
}

/** Unpacks into a folder with a name of its own, then renames it: processes that do so at once do not meet. */
async function unpackedChromium() {
  const packageFolder = join(dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium")), "..");
  const { version } = JSON.parse(fs.readFileSync(join(packageFolder, "package.json"), "utf8"));
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "cortrain");
  const folder = join(cache, `chromium-${version}`);
  if (fs.existsSync(folder)) return folder;
  const unfinished = `${folder}.${randomUUID()}`;
  fs.mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  const unpack = (name, to) =>
    pipeline(
      fs.createReadStream(join(packageFolder, "bin", name)),
      createBrotliDecompress({ chunkSize: 2 ** 21 }),
      fs.createWriteStream(join(unfinished, to)),
    );
  await Promise.all([
    unpack("chromium.br", "chromium"),
    unpack("swiftshader.tar.br", "swiftshader.tar"),
    unpack("al2023.tar.br", "al2023.tar"),
  ]);
  fs.chmodSync(join(unfinished, "chromium"), 0o700);
  for (const archive of ["swiftshader.tar", "al2023.tar"]) {
    execFileSync("tar", ["-xf", archive, "--no-same-owner"], { cwd: unfinished });
    fs.rmSync(join(unfinished, archive));
  }
  try {
    fs.renameSync(unfinished, folder);
  } catch (error) {
    fs.rmSync(unfinished, { recursive: true, force: true });
    if (!fs.existsSync(folder)) throw error;
  }
  return folder;
}

/** Whether the system lacks a shared library that the browser needs (NSS, on a bare machine). */
function missesLibraries(executable) {
  const { status, stdout } = spawnSync("ldd", [executable], { encoding: "utf8" });
  return status !== 0 || stdout.includes("not found");
}
