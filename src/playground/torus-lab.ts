import { vec2 } from "gl-matrix";
import type { TorusGain } from "../attractors/torus-gain.ts";
import type { Device } from "../gpu/device.ts";
import { HeldKeys } from "./held-keys.ts";
import type { Lab } from "./lab.ts";
import { find, showNumbers } from "./page-elements.ts";
import { PlaceMaps } from "./place-map.ts";
import { StepClock } from "./step-clock.ts";
import { pageSheet, settleSheet, sheetStepMs, TorusSheet } from "./torus-sheet.ts";
import { ArenaView, PlaceMapView, SheetView } from "./torus-view.ts";
import { boxSize, TorusWalk } from "./torus-walk.ts";

interface TorusControls {
  readonly noise: number;
  readonly twisted: boolean;
  readonly withObstacle: boolean;
  readonly wander: boolean;
  /** Simulated time over time on the wall. */
  readonly pace: number;
}

/** Bins of a side of the rate maps: 6 cm each. */
const bins = 20;

/** What one walk is made of; a reset makes a new one. */
interface Walk {
  readonly walk: TorusWalk;
  readonly maps: PlaceMaps;
  readonly twisted: boolean;
  readonly withObstacle: boolean;
  steps: number;
}

/** The tab of the torus: its controls, its numbers and its drawings. */
export class TorusLab implements Lab {
  readonly #device: Device;
  readonly #say: (text: string) => void;
  readonly #keys: HeldKeys;
  readonly #clock = new StepClock(sheetStepMs, 8);
  readonly #listening = new AbortController();
  readonly #arena = new ArenaView(find("torus-arena", HTMLCanvasElement));
  readonly #sheetView: SheetView;
  readonly #mapView = new PlaceMapView(find("torus-map", HTMLCanvasElement), bins);
  readonly #unit = find("torus-unit", HTMLInputElement);
  readonly #gains = new Map<boolean, TorusGain>();
  #sheet: TorusSheet;
  #walk: Walk;
  #seed = 1;
  #restart = false;
  #frames = 0;

  private constructor(device: Device, say: (text: string) => void, gain: TorusGain, controls: TorusControls) {
    this.#device = device;
    this.#say = say;
    this.#gains.set(controls.twisted, gain);
    this.#sheet = new TorusSheet(device, gain, pageSheet(controls.twisted, controls.noise), this.#seed);
    this.#walk = newWalk(this.#sheet, this.#seed, controls);
    this.#sheetView = new SheetView(find("torus-sheet", HTMLCanvasElement), this.#sheet.torus.side);
    this.#keys = new HeldKeys(window, find("torus", HTMLElement).querySelectorAll<HTMLElement>("[data-key]"));
    this.#listen();
  }

  static async open(device: Device, say: (text: string) => void): Promise<TorusLab> {
    say(settling);
    const controls = readControls();
    const lab = new TorusLab(device, say, await settleSheet(device, controls.twisted), controls);
    say("");
    return lab;
  }

  async frame(elapsedMs: number): Promise<void> {
    const controls = readControls();
    const { twisted, withObstacle, noise, pace, wander } = controls;
    if (this.#restart || twisted !== this.#walk.twisted || withObstacle !== this.#walk.withObstacle)
      await this.#begin(controls);
    else if (noise !== this.#sheet.torus.noise) await this.#changeNoise(controls);
    const steps = this.#clock.take(pace * elapsedMs);
    const { walk, maps } = this.#walk;
    for (let step = 0; step < steps; step += 1) {
      await this.#sheet.advance(walk.advance(this.#keys.keys, wander));
      maps.add(walk.place, this.#sheet.rates);
    }
    this.#walk.steps += steps;
    this.#draw(controls);
  }

  dispose(): void {
    this.#listening.abort();
    this.#keys.dispose();
    void this.#sheet.dispose();
  }

  #listen(): void {
    const { signal } = this.#listening;
    const reset = (): void => {
      this.#restart = true;
    };
    find("torus-reset", HTMLButtonElement).addEventListener("click", reset, { signal });
    this.#unit.max = String(this.#sheet.torus.side ** 2 - 1);
    const choose = ({ offsetX, offsetY }: MouseEvent): void => {
      const unit = this.#sheetView.unitAt(this.#sheet, [offsetX, offsetY]);
      if (unit !== undefined) this.#unit.valueAsNumber = unit;
    };
    find("torus-sheet", HTMLCanvasElement).addEventListener("click", choose, { signal });
  }

  async #begin(controls: TorusControls): Promise<void> {
    this.#restart = false;
    this.#seed += 1;
    const { twisted, noise } = controls;
    let gain = this.#gains.get(twisted);
    if (gain === undefined) {
      this.#say(settling);
      gain = await settleSheet(this.#device, twisted);
      this.#gains.set(twisted, gain);
      this.#say("");
    }
    await this.#sheet.dispose();
    this.#sheet = new TorusSheet(this.#device, gain, pageSheet(twisted, noise), this.#seed);
    this.#walk = newWalk(this.#sheet, this.#seed, controls);
    this.#frames = 0;
  }

  /** The sheet goes on from its state. */
  async #changeNoise({ twisted, noise }: TorusControls): Promise<void> {
    const before = this.#sheet;
    this.#seed += 1;
    const gain = this.#gains.get(twisted);
    if (gain === undefined) return;
    this.#sheet = new TorusSheet(this.#device, gain, pageSheet(twisted, noise), this.#seed, before);
    await before.dispose();
  }

  #draw({ withObstacle, noise }: TorusControls): void {
    const { walk, maps, steps } = this.#walk;
    const unit = chosenUnit(this.#unit);
    const { displacement } = this.#sheet;
    this.#sheetView.draw(this.#sheet, unit);
    this.#arena.draw(walk, vec2.add([0, 0], walk.start, displacement) as [number, number], withObstacle);
    // It grows slowly, and smoothing takes its time.
    if (this.#frames % 6 === 0) this.#mapView.draw(maps, unit);
    this.#frames += 1;
    const error = vec2.distance(displacement, walk.displacement);
    showNumbers({
      "torus-seconds": `${((steps * sheetStepMs) / 1000).toFixed(1)} s`,
      "torus-walked": `${walk.walked.toFixed(2)} m`,
      "torus-error": `${(100 * error).toFixed(1)} cm`,
      "torus-period": `${(100 * this.#sheet.period).toFixed(0)} cm`,
      "torus-visited": `${Math.round(100 * maps.visited)} %`,
      "torus-noise-value": noise.toFixed(2),
    });
  }
}

const settling = "A pattern forms on the sheet, and its speed is measured …";

function newWalk({ torus }: TorusSheet, seed: number, { withObstacle, twisted }: TorusControls): Walk {
  const maps = new PlaceMaps({ low: 0, high: boxSize, bins }, torus.side ** 2);
  return { walk: new TorusWalk(seed, withObstacle, sheetStepMs), maps, twisted, withObstacle, steps: 0 };
}

/** What stands in the field may not be a unit while somebody writes. */
function chosenUnit({ valueAsNumber, max }: HTMLInputElement): number {
  return Number.isInteger(valueAsNumber) && valueAsNumber >= 0 && valueAsNumber <= Number(max) ? valueAsNumber : 0;
}

function readControls(): TorusControls {
  return {
    noise: find("torus-noise", HTMLInputElement).valueAsNumber,
    twisted: find("torus-twisted", HTMLInputElement).checked,
    withObstacle: find("torus-obstacle", HTMLInputElement).checked,
    wander: find("torus-wander", HTMLInputElement).checked,
    pace: Number(find("torus-pace", HTMLSelectElement).value),
  };
}
