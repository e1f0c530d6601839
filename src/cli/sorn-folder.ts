import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ArrayData } from "../io/array.ts";
import { readFileBytes, writeFilesAtomically } from "../io/node/files.ts";
import { encodeNpz } from "../io/npz.ts";
import { decodeSnapshot, encodeSnapshot } from "../plasticity/snapshot-file.ts";
import type { SornSnapshot } from "../plasticity/state.ts";
import { ResultFolder } from "./result-folder.ts";
import type { PhaseResult } from "./sorn-records.ts";
import { describeScores } from "./sorn-task.ts";

export const stateFile = "state.safetensors";

/** A run's folder: config.json, records/, state.safetensors, summary.txt, numbers.csv and figures/. */
export class SornFolder extends ResultFolder {
  async writeState(snapshot: SornSnapshot): Promise<void> {
    await writeFilesAtomically(this.path, new Map([[stateFile, encodeSnapshot(snapshot)]]));
  }

  /**
   * Writes records/<phase>.npz, and beside it in JSON the step of each frame as its first and the stride, mean distances of
   * damage spreading and the scores of a readout.
   */
  async writePhase({ name, steps, records, damage, read }: PhaseResult): Promise<void> {
    const arrays = new Map<string, ArrayData>();
    const described: Record<string, object> = {};
    for (const record of Object.values(records)) {
      arrays.set(record.name, { shape: record.shape, data: Float32Array.from(record.values) });
      const [first = 0, second = first] = record.steps;
      described[record.name] = { shape: record.shape, firstStep: first, stride: second - first || 1 };
    }
    const content = {
      ...{ phase: name, steps, records: described },
      ...(damage && { damage: damage.map(({ distance, healed }) => ({ distance: [...distance], healed })) }),
      ...(read && { readout: describeScores(read.task, read.scores) }),
    };
    const json = `${JSON.stringify(content, null, 2)}\n`;
    const files = new Map<string, Uint8Array>([[`${name}.json`, new TextEncoder().encode(json)]]);
    if (arrays.size > 0) files.set(`${name}.npz`, encodeNpz(arrays, { compress: true }));
    await writeFilesAtomically(join(this.path, "records"), files);
  }
}

/** Reads a snapshot: the file, or the folder of a run. @throws FileFormatError, ConfigError naming the path. */
export async function readState(path: string): Promise<SornSnapshot> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = isFolder ? join(resolve(path), stateFile) : path;
  return decodeSnapshot(await readFileBytes(file), file);
}
