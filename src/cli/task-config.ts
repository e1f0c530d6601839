import { z } from "zod";
import type { Task } from "../tasks/task.ts";
import { tasks } from "../tasks/tasks.ts";

const duration = z.number().nonnegative().optional();

/** A task as it stands in a configuration: its name, and its options beside it. */
export const taskSchema = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("contextDecision"),
    dtMs: z.number().positive().optional(),
    fixationMs: duration,
    stimulusMs: duration,
    decisionMs: duration,
    coherences: z.array(z.number()).min(1).optional(),
    noise: z.number().nonnegative().optional(),
    noiseTauMs: z.number().positive().optional(),
    targets: z.tuple([z.number(), z.number()]).optional(),
  }),
]);
export type TaskConfig = z.output<typeof taskSchema>;

/** Makes the task of a configuration. @throws ConfigError, ValueError */
export function buildTask(config: TaskConfig): Task {
  const { name, ...given } = config;
  return tasks[name](JSON.parse(JSON.stringify(given)) as Parameters<(typeof tasks)[typeof name]>[0]) as Task;
}
