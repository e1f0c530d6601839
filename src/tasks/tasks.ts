import { contextDecision } from "./context-decision.ts";

/** Every built-in task by name: each entry makes one from its options. */
export const tasks = { contextDecision } as const;
