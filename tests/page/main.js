// Built by Vite from the packed package and opened in Chrome by .scripts/check-package.mjs, which also checks the types
// of what it uses; that is why it is not a .ts file of this project, which has no built "cortrain" to resolve.
import { openDevice } from "cortrain";

async function run() {
  const device = await openDevice();
  await device.wait(device.queue.onSubmittedWorkDone());
  device.check();
  const { info } = device;
  device.dispose();
  return { info };
}

const result = await run().catch((error) => ({ error: String(error) }));
Object.assign(window, { __result: result });
