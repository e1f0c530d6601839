/** What Playwright's `launch` needs; `env` is the whole environment of the browser. */
export interface Chrome {
  executablePath: string;
  args: string[];
  env: Record<string, string>;
}

/** Finds a Chromium for the tests; throws where there is none. */
export function locateChrome(): Promise<Chrome>;
