import { ConfigError } from "../errors.ts";
import type { Task } from "./task.ts";

/**
 * The same task, with some conditions that only report what follows from the others (such as the correct choice): a batch
 * returns them, and refuses to fix them, because a trial would then contradict itself.
 * @throws {@link ConfigError} from `batch`, for one of `names`.
 */
export function withDerived<Conditions extends object, Name extends keyof Conditions & string>(
  task: Task<Conditions>,
  names: readonly Name[],
): Task<Omit<Conditions, Name>> {
  const conditionNames = task.conditionNames.filter((name) => !names.some((derived) => derived === name));
  return {
    ...task,
    conditionNames,
    batch: (options) => {
      for (const name of names)
        if (Reflect.get(options, name) !== undefined)
          throw new ConfigError(
            `${task.name} batch: "${name}" follows from the other conditions; fix ${conditionNames.join(", ")} instead.`,
          );
      return task.batch(options as Parameters<typeof task.batch>[0]);
    },
  };
}
