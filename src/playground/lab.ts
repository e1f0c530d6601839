import type { Device } from "../gpu/device.ts";

/** What a tab does while it is shown. */
export interface Lab {
  /** Goes on by the time that has passed, and draws. */
  frame(elapsedMs: number): Promise<void>;
  dispose(): void;
}

/** Begins what a tab does. @param say tells whoever waits what is being done; `""` when it is. */
export type LabMaker = (device: Device, say: (text: string) => void) => Promise<Lab>;
