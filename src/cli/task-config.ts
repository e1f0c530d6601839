import { z } from "zod";
import type { Task } from "../tasks/task.ts";
import { taskSchemas, tasks } from "../tasks/tasks.ts";

type TaskName = keyof typeof taskSchemas;

/** A task as it stands in a configuration: its name, and its options beside it. */
export type TaskConfig = {
  [Name in TaskName]: { readonly name: Name } & z.output<(typeof taskSchemas)[Name]>;
}[TaskName];
type TaskConfigInput = { [Name in TaskName]: { readonly name: Name } & z.input<(typeof taskSchemas)[Name]> }[TaskName];

function makeSchema(): z.ZodType<TaskConfig, TaskConfigInput> {
  const [first, ...rest] = Object.entries(taskSchemas).map(([name, schema]) =>
    schema.safeExtend({ name: z.literal(name) }),
  );
  // The table is not empty, and its types are what the entries say.
  return z.discriminatedUnion("name", [first, ...rest] as never) as unknown as z.ZodType<TaskConfig, TaskConfigInput>;
}

export const taskSchema = makeSchema();

/** Makes the task of a configuration. @throws ConfigError, ValueError */
export function buildTask(config: TaskConfig): Task {
  const { name, ...given } = config;
  // The options were checked by the task's own schema; what is undefined is left out.
  const make = tasks[name] as (options: object) => Task;
  return make(JSON.parse(JSON.stringify(given)) as object);
}
