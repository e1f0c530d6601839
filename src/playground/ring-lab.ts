import type { Device } from "../gpu/device.ts";
import { degrees, signedDegrees } from "./compass.ts";
import { HeldKeys } from "./held-keys.ts";
import type { Lab } from "./lab.ts";
import { find, showNumbers } from "./page-elements.ts";
import { type RingControls, RingModel, ringStepMs } from "./ring-model.ts";
import { RingView } from "./ring-view.ts";
import { StepClock } from "./step-clock.ts";
import { StripView } from "./strip-view.ts";

/** The tab of the ring: its controls, its numbers and its drawings. */
export class RingLab implements Lab {
  readonly #device: Device;
  readonly #keys: HeldKeys;
  readonly #clock = new StepClock(ringStepMs, 4);
  readonly #listening = new AbortController();
  readonly #dial: RingView;
  #strip: StripView;
  #model: RingModel;
  #seed: number;
  #restart = false;

  private constructor(device: Device, model: RingModel, seed: number) {
    this.#device = device;
    this.#model = model;
    this.#seed = seed;
    this.#keys = new HeldKeys(window, find("ring", HTMLElement).querySelectorAll<HTMLElement>("[data-key]"));
    this.#dial = new RingView(find("ring-dial", HTMLCanvasElement));
    this.#strip = new StripView(find("ring-strip", HTMLCanvasElement), model);
    const { signal } = this.#listening;
    const reset = (): void => {
      this.#restart = true;
    };
    find("ring-reset", HTMLButtonElement).addEventListener("click", reset, { signal });
  }

  static async open(device: Device, say: (text: string) => void): Promise<RingLab> {
    say("A bump of activity forms on the ring …");
    const seed = 1;
    const lab = new RingLab(device, await RingModel.start(device, seed), seed);
    say("");
    return lab;
  }

  async frame(elapsedMs: number): Promise<void> {
    if (this.#restart) {
      this.#restart = false;
      this.#seed += 1;
      this.#model = await RingModel.start(this.#device, this.#seed);
      this.#strip = new StripView(find("ring-strip", HTMLCanvasElement), this.#model);
    }
    const controls = readControls();
    const steps = this.#clock.take(elapsedMs);
    if (steps > 0) await this.#model.advance(steps, this.#keys.keys, controls);
    this.#draw(controls);
  }

  dispose(): void {
    this.#listening.abort();
    this.#keys.dispose();
  }

  #draw({ landmark, noise, velocityGain }: RingControls): void {
    const model = this.#model;
    this.#dial.draw(model, landmark);
    this.#strip.draw(model);
    const { gain } = model;
    showNumbers({
      "ring-heading": `${degrees(model.heading).toFixed(1)}°`,
      "ring-decoded": `${degrees(model.decoded).toFixed(1)}°`,
      "ring-error": `${signedDegrees(model.error).toFixed(1)}°`,
      "ring-height": model.height.toFixed(2),
      "ring-gain": gain === undefined ? "–" : gain.toFixed(2),
      "ring-noise-value": noise.toFixed(2),
      "ring-velocity-gain-value": velocityGain.toFixed(2),
    });
  }
}

function readControls(): RingControls {
  return {
    noise: find("ring-noise", HTMLInputElement).valueAsNumber,
    velocityGain: find("ring-velocity-gain", HTMLInputElement).valueAsNumber,
    landmark: find("ring-landmark", HTMLInputElement).checked,
    wander: find("ring-wander", HTMLInputElement).checked,
  };
}
