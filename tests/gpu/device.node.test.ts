import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { AdapterError } from "../../src/errors.ts";
import { findAdapter } from "../../src/gpu/dawn.ts";
import { openDevice } from "../../src/gpu/device.ts";
import { findSwiftShaders, readTar } from "../../src/gpu/node-swiftshader.ts";
import { transpileSources } from "../support/transpile.ts";

const sources = transpileSources();
const temporary = mkdtempSync(join(tmpdir(), "cortrain-test-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a module that has `openDevice` in scope in a Node process of its own; kills it after 30 s. */
function runScript(script: string, environment: Record<string, string> = {}): Promise<Ended> {
  const module = pathToFileURL(join(sources, "gpu", "device.js")).href;
  const code = `import { openDevice } from ${JSON.stringify(module)};\n${script}`;
  const child: ChildProcess = spawn(process.execPath, ["--input-type=module", "--eval", code], {
    env: { ...process.env, CORTRAIN_ADAPTER: "", ...environment },
    timeout: 30_000,
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (text) => {
    stdout += text;
  });
  child.stderr?.on("data", (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

const useDevice = `
  const device = await openDevice();
  await device.wait(device.queue.onSubmittedWorkDone());
  console.log(JSON.stringify({ ...device.info, driver: process.env.VK_ICD_FILENAMES ?? null }));
  device.dispose();
`;

describe("a Node process", () => {
  test("exits by itself after dispose", async () => {
    const { code, stdout, stderr } = await runScript(useDevice);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ driver: null });
  });

  test("exits by itself when an adopted device and its owner are disposed", async () => {
    const { code, stderr } = await runScript(`
      const owner = await openDevice();
      const device = await openDevice({ adopt: owner.handle });
      device.dispose();
      owner.dispose();
    `);
    expect(code, stderr).toBe(0);
  });

  test("exits by itself when nothing but the opening was done", async () => {
    const { code, stderr } = await runScript("(await openDevice()).dispose();");
    expect(code, stderr).toBe(0);
  });

  test("exits with an error, not a crash, when the opening fails", async () => {
    const { code, stderr } = await runScript("await openDevice({ requiredLimits: { maxBufferSize: 2 ** 52 } });");
    expect(code, stderr).toBe(1);
    expect(stderr).toContain("LimitError: maxBufferSize");
  });

  test("says in one line that the adapter is software", async () => {
    const { stdout, stderr } = await runScript(`
      const devices = [await openDevice(), await openDevice()];
      console.log(devices[0].info.isSoftware);
      for (const device of devices) device.dispose();
    `);
    const lines = stderr.split("\n").filter((line) => line.startsWith("cortrain: "));
    expect(lines).toHaveLength(stdout.trim() === "true" ? 1 : 0);
  });

  test("that cannot load webgpu says what to install", async () => {
    const importModule = async (specifier: string): Promise<unknown> => {
      throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: "ERR_MODULE_NOT_FOUND" });
    };
    await expect(findAdapter({ importModule })).rejects.toThrow(AdapterError);
    await expect(findAdapter({ importModule })).rejects.toThrow(/npm install webgpu/);
  });

  test("compiles on the null backend without any driver", async () => {
    const device = await openDevice({ backend: "null", quiet: true });
    const module = device.handle.createShaderModule({ label: "bad", code: "fn f() -> f32 { return 1i; }" });
    const { messages } = await module.getCompilationInfo();
    expect(messages.map(({ type }) => type)).toContain("error");
    expect(device.info).toMatchObject({ backend: "null", isSoftware: true });
    device.dispose();
  });
});

describe.runIf(process.platform === "linux")("the software adapter on Linux", () => {
  test("can be forced", async () => {
    const { code, stdout, stderr } = await runScript(useDevice, { CORTRAIN_ADAPTER: "software" });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ isSoftware: true });
  });

  test("can be forbidden", async () => {
    const { code, stdout, stderr } = await runScript(useDevice, { CORTRAIN_ADAPTER: "hardware" });
    if (code === 0) expect(JSON.parse(stdout)).toMatchObject({ isSoftware: false });
    else expect(stderr).toMatch(/AdapterError: No hardware WebGPU adapter.*driver/);
  });

  test("CORTRAIN_ADAPTER with another value is refused", async () => {
    const { stderr } = await runScript(useDevice, { CORTRAIN_ADAPTER: "fast" });
    expect(stderr).toMatch(/AdapterError: CORTRAIN_ADAPTER: expected "software" or "hardware", got "fast"/);
  });

  test("is unpacked by two processes at once into a fresh cache", async () => {
    const cache = join(temporary, "fresh");
    const environment = { XDG_CACHE_HOME: cache, CORTRAIN_ADAPTER: "software", CHROME_PATH: "" };
    const ended = await Promise.all([1, 2, 3].map(() => runScript(useDevice, environment)));
    for (const { code, stderr } of ended) expect(code, stderr).toBe(0);
    // A machine with a browser has its SwiftShader there and unpacks nothing.
    if (existsSync(cache)) {
      expect(readdirSync(join(cache, "cortrain"))).toEqual([expect.stringMatching(/^swiftshader-[\d.]+$/)]);
    }
  });

  test("uses another cache where the home folder cannot be written", async () => {
    const environment = { XDG_CACHE_HOME: "/dev/null", CORTRAIN_ADAPTER: "software", TMPDIR: temporary };
    const { code, stderr } = await runScript(useDevice, environment);
    expect(code, stderr).toBe(0);
  });

  test("keeps the user's VK_ICD_FILENAMES, and does not go around it", async () => {
    const absent = join(temporary, "absent.json");
    const refused = await runScript(useDevice, { VK_ICD_FILENAMES: absent });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`the driver files set in the environment (${absent})`);

    const [packaged] = findSwiftShaders();
    if (!packaged) throw new Error("This test needs a SwiftShader: npm ci");
    const own = join(temporary, "own");
    cpSync(join(packaged.icdFile, ".."), own, { recursive: true });
    const driver = join(own, "vk_swiftshader_icd.json");
    const accepted = await runScript(useDevice, { VK_ICD_FILENAMES: driver });
    expect(accepted.code, accepted.stderr).toBe(0);
    expect(JSON.parse(accepted.stdout)).toMatchObject({ isSoftware: true, driver });
  });
});

describe("the tar reader", () => {
  function tar(name: string, size: string, type: string, data: string): Uint8Array {
    const bytes = new Uint8Array(1024 + 512);
    const put = (text: string, at: number): void => bytes.set(new TextEncoder().encode(text), at);
    put(name, 0);
    put(size, 124);
    put(type, 156);
    put(data, 512);
    return bytes;
  }

  test("yields regular files only", () => {
    const [file] = readTar(tar("a.txt", "00000000003\0", "0", "abc"));
    expect(file?.name).toBe("a.txt");
    expect(new TextDecoder().decode(file?.data)).toBe("abc");
    expect([...readTar(tar("link", "00000000000\0", "2", ""))]).toEqual([]);
  });

  test("refuses sizes that the archive does not have", () => {
    expect(() => [...readTar(tar("a", "77777777777\0", "0", ""))]).toThrow(/entry "a" at byte 0 claims 8589934591/);
    expect(() => [...readTar(tar("a", "no number\0", "0", ""))]).toThrow(/claims NaN/);
    expect(() => [...readTar(tar("a", "-00000001000", "0", ""))]).toThrow(/claims/);
  });
});
