import { CortrainError } from "../errors.ts";
import { type Device, openDevice } from "../gpu/device.ts";
import { FrameLoop, pageFrames } from "./frame-loop.ts";
import type { LabMaker } from "./lab.ts";
import { find } from "./page-elements.ts";
import { returnFocus } from "./return-focus.ts";
import { RingLab } from "./ring-lab.ts";
import { connectTabs } from "./tabs.ts";
import { TorusLab } from "./torus-lab.ts";

const labs: Readonly<Record<string, LabMaker>> = { ring: RingLab.open, torus: TorusLab.open };

/** Shows one lab at a time; the one before is stopped and disposed first. */
class Stage {
  readonly #device: Device;
  #turn: Promise<void> = Promise.resolve();
  #loop: FrameLoop | undefined;
  #playing: Promise<void> | undefined;
  #wanted = "";

  constructor(device: Device) {
    this.#device = device;
  }

  show(name: string): void {
    this.#wanted = name;
    this.#turn = this.#turn.then(() => this.#change(name)).catch(complain);
  }

  async #change(name: string): Promise<void> {
    await this.#loop?.stop();
    await this.#playing;
    const make = labs[name];
    // Who goes through the tabs quickly waits for the last alone.
    if (make === undefined || this.#wanted !== name) return;
    const lab = await make(this.#device, say);
    this.#loop = new FrameLoop(pageFrames, (elapsedMs) => lab.frame(elapsedMs));
    this.#playing = this.#loop
      .run()
      .catch(complain)
      .finally(() => lab.dispose());
  }
}

function say(text: string): void {
  find("status", HTMLElement).textContent = text;
}

/** Tells what went wrong. */
function complain(error: unknown): void {
  say("");
  find("trouble", HTMLElement).hidden = false;
  find("trouble-text", HTMLElement).textContent = error instanceof Error ? error.message : String(error);
  // What is no error of this library is one of the page.
  if (!(error instanceof CortrainError)) console.error(error);
}

async function begin(): Promise<void> {
  if (!("gpu" in navigator)) {
    find("no-webgpu", HTMLElement).hidden = false;
    return;
  }
  say("Opening the GPU …");
  let device: Device;
  try {
    device = await openDevice({ quiet: true });
  } catch (error) {
    find("no-webgpu", HTMLElement).hidden = false;
    complain(error);
    return;
  }
  find("software", HTMLElement).hidden = !device.info.isSoftware;
  returnFocus(document);
  const stage = new Stage(device);
  const tabs = Object.keys(labs).map((name) => ({
    name,
    button: find(`${name}-tab`, HTMLButtonElement),
    panel: find(name, HTMLElement),
  }));
  connectTabs(tabs, (name) => stage.show(name))("ring");
}

await begin();
