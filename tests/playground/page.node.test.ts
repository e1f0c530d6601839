import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { type Browser, chromium, type Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { locateChrome } from "../../.scripts/chrome.mjs";
import { signedAngle } from "../../src/analysis/angles.ts";

const root = resolve(import.meta.dirname, "../..");
const site = mkdtempSync(join(tmpdir(), "cortrain-page-"));
const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
};
const warnings: string[] = [];
const opened: { server?: Server; browser?: Browser; address?: string } = {};

beforeAll(async () => {
  const { build, createLogger } = await import("vite");
  const warn = (text: string): void => void warnings.push(text);
  await build({
    root: join(root, "src/playground"),
    configFile: false,
    customLogger: { ...createLogger("warn"), warn, warnOnce: warn },
    build: { outDir: site, emptyOutDir: true },
  });
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const file = join(site, path === "/" ? "index.html" : path);
    try {
      const body = readFileSync(file);
      response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  opened.server = server;
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  opened.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  opened.browser = await chromium.launch(await locateChrome());
});

afterAll(async () => {
  await opened.browser?.close();
  opened.server?.close();
  rmSync(site, { recursive: true, force: true });
});

/** The page, and what went wrong in it. */
async function openPage(before: (page: Page) => Promise<unknown> = async () => undefined) {
  const page = (await opened.browser?.newPage()) as Page;
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => void (message.type() === "error" && errors.push(message.text())));
  await before(page);
  await page.goto(opened.address ?? "");
  return { page, errors };
}

/** The number that an element of the page shows; NaN while it shows none. */
async function numberIn(page: Page, id: string): Promise<number> {
  return Number.parseFloat((await page.locator(`#${id}`).textContent()) ?? "");
}

/** Waits for a number of the page to be as it should. */
async function until(page: Page, id: string, holds: (value: number) => boolean): Promise<void> {
  await expect.poll(async () => holds(await numberIn(page, id)), { timeout: 60_000, interval: 50 }).toBe(true);
}

/** True and decoded heading of one moment, in degrees. */
async function headings(page: Page): Promise<readonly [heading: number, decoded: number]> {
  const texts = await page.evaluate(() =>
    ["ring-heading", "ring-decoded"].map((id) => document.getElementById(id)?.textContent ?? ""),
  );
  return texts.map((text) => Number.parseFloat(text)) as [number, number];
}

const turned = (from: number, to: number): number => (signedAngle(((to - from) * Math.PI) / 180) * 180) / Math.PI;

/** Whether something is drawn in a canvas. */
function isDrawn(page: Page, id: string): Promise<boolean> {
  return page.locator(`#${id}`).evaluate((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const pixels = (canvas as HTMLCanvasElement).getContext("2d")?.getImageData(0, 0, width, height).data;
    return pixels?.some((value) => value !== 0) ?? false;
  });
}

test("Vite has nothing to complain about", () => {
  expect(warnings).toEqual([]);
});

test("keys turn the head and the bump alike; then the animal of the other tab walks", async () => {
  const { page, errors } = await openPage();
  await until(page, "ring-height", (height) => height > 0.8);
  const before = await headings(page);
  expect(Math.abs(turned(...before))).toBeLessThan(1);

  await page.keyboard.down("d");
  await until(page, "ring-heading", (heading) => turned(before[0], heading) > 40);
  await page.keyboard.up("d");
  const after = await headings(page);
  const [head, bump] = [turned(before[0], after[0]), turned(before[1], after[1])];
  expect(Math.abs(head)).toBeGreaterThan(5);
  expect(Math.abs(turned(head, bump))).toBeLessThan(2);

  // A button in place of a key, the other way round.
  await page.locator("#ring [data-key=a]").hover();
  await page.mouse.down();
  await until(page, "ring-heading", (heading) => turned(after[0], heading) < -20);
  await page.mouse.up();
  const back = await headings(page);
  expect(Math.abs(turned(turned(after[1], back[1]), turned(after[0], back[0])))).toBeLessThan(2);
  expect(await isDrawn(page, "ring-dial")).toBe(true);
  expect(await isDrawn(page, "ring-strip")).toBe(true);

  // What pulls the bump away, and what pulls it back.
  const slider = page.locator("#ring-velocity-gain");
  await slider.click({ position: { x: 60, y: 8 } });
  expect(Number(await slider.inputValue())).toBeLessThan(0.7);
  await page.keyboard.down("ArrowLeft");
  await until(page, "ring-error", (error) => error > 20);
  await page.keyboard.up("ArrowLeft");
  await page.locator("#ring-landmark").check();
  await until(page, "ring-error", (error) => Math.abs(error) < 5);

  await page.getByRole("tab", { name: "Torus" }).click();
  await until(page, "torus-seconds", (seconds) => seconds > 0);
  expect(await page.locator("#ring").isHidden()).toBe(true);
  // The tab that was clicked does not take the arrows.
  await page.keyboard.down("ArrowRight");
  await until(page, "torus-walked", (metres) => metres > 0.2);
  await page.keyboard.up("ArrowRight");
  expect(await page.locator("#torus").isVisible()).toBe(true);
  expect(await numberIn(page, "torus-error")).toBeLessThan(5);
  expect(await numberIn(page, "torus-visited")).toBeGreaterThan(0);
  for (const id of ["torus-arena", "torus-sheet", "torus-map"]) expect(await isDrawn(page, id), id).toBe(true);
  await page.locator("#torus-sheet").click({ position: { x: 90, y: 150 } });
  expect(await page.locator("#torus-unit").inputValue()).not.toBe("528");

  // And back again.
  await page.getByRole("tab", { name: "Ring" }).click();
  await until(page, "ring-height", (height) => height > 0.8);
  expect(await page.locator("#trouble").isHidden()).toBe(true);
  expect(errors).toEqual([]);
  await page.close();
});

test("without WebGPU the page says what to do", async () => {
  const { page, errors } = await openPage((page) =>
    page.addInitScript(() => {
      Reflect.deleteProperty(Navigator.prototype, "gpu");
    }),
  );
  await page.getByText("which this browser does not offer here").waitFor();
  expect(errors).toEqual([]);
  await page.close();
});
