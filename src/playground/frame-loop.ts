/** What a frame loop asks its host for. */
export interface FrameHost {
  /** Resolves with the time (ms) at which the next picture is due; never while the page is hidden. */
  nextFrame(): Promise<number>;
}

/** Longest time that counts as one frame: what a page did not show is not made up for. */
const longestFrameMs = 100;

/**
 * Calls `step` once a frame, and not again before it is done: frames never pile up. A page that is hidden gets no frames, so
 * that nothing is computed then.
 */
export class FrameLoop {
  readonly #host: FrameHost;
  readonly #step: (elapsedMs: number) => Promise<void>;
  #stopped = false;
  #running: Promise<void> | undefined;

  constructor(host: FrameHost, step: (elapsedMs: number) => Promise<void>) {
    this.#host = host;
    this.#step = step;
  }

  /** Runs until it is stopped. @throws what a step throws. */
  run(): Promise<void> {
    this.#running ??= this.#loop();
    return this.#running;
  }

  /** Ends the loop; resolves when the step in flight is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    // Who runs the loop hears of its error.
    await this.#running?.catch(() => undefined);
  }

  async #loop(): Promise<void> {
    let before = await this.#host.nextFrame();
    while (!this.#stopped) {
      const now = await this.#host.nextFrame();
      if (this.#stopped) return;
      const elapsed = Math.min(longestFrameMs, Math.max(0, now - before));
      before = now;
      await this.#step(elapsed);
    }
  }
}

/** The frames of the page. */
export const pageFrames: FrameHost = {
  nextFrame: () => new Promise((resolve) => requestAnimationFrame(resolve)),
};
