/** How 64 units learn a built-in task in tests/long/tasks.mjs. */
export interface TaskSettings {
  /** On 512 trials that the network has not seen, `task.accuracy` is to be above this. */
  readonly atLeast: number;
  /** Of the small version; the task's own unless given. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Options of easier versions that the same network learns first, one after another. */
  readonly stages?: readonly Readonly<Record<string, unknown>>[];
  /** Training of a stage ends at this accuracy of 256 held-out trials; halfway from `atLeast` to 1 unless given. */
  readonly enough?: number;
  /** At most, of each stage; 1000 unless given. */
  readonly updates?: number;
  /** 50 ms unless given. */
  readonly dtMs?: number;
  /** Recurrent weights start as this times the identity (Le, Jaitly & Hinton 2015); as the library draws them unless given. */
  readonly identity?: number;
  /** Of Adam; 0.002 unless given. */
  readonly lr?: number;
  /** Trials of an update; 32 unless given. */
  readonly batch?: number;
}

/** By the name of the task. */
export declare const taskSettings: Readonly<Record<string, TaskSettings>>;
