/** Keys that drive, as `KeyboardEvent.key` has them in lower case. */
const drivingKeys: ReadonlySet<string> = new Set([
  ...["w", "a", "s", "d"],
  ...["arrowup", "arrowleft", "arrowdown", "arrowright"],
]);

/** The driving keys that are held down, on the keyboard or by buttons of the page that stand for one. */
export class HeldKeys {
  readonly #keys = new Set<string>();
  readonly #listening = new AbortController();

  /** @param buttons whose `data-key` is the key that each stands for. */
  constructor(page: Window, buttons: Iterable<HTMLElement>) {
    const { signal } = this.#listening;
    page.addEventListener("keydown", (event) => this.#press(event), { signal });
    page.addEventListener("keyup", ({ key }) => this.#keys.delete(key.toLowerCase()), { signal });
    // A key that is let go in another window says nothing here.
    page.addEventListener("blur", () => this.#keys.clear(), { signal });
    for (const button of buttons) this.#listen(button, button.dataset["key"] ?? "", signal);
  }

  get keys(): ReadonlySet<string> {
    return this.#keys;
  }

  dispose(): void {
    this.#listening.abort();
    this.#keys.clear();
  }

  #press(event: KeyboardEvent): void {
    const key = event.key.toLowerCase();
    if (!drivingKeys.has(key) || event.ctrlKey || event.metaKey || event.altKey || belongsTo(event.target, key)) return;
    // The arrows would scroll the page.
    event.preventDefault();
    this.#keys.add(key);
  }

  #listen(button: HTMLElement, key: string, signal: AbortSignal): void {
    const press = (): void => {
      this.#keys.add(key);
    };
    const release = (): void => {
      this.#keys.delete(key);
    };
    button.addEventListener(
      "pointerdown",
      (event) => {
        press();
        button.setPointerCapture(event.pointerId);
      },
      { signal },
    );
    for (const end of ["pointerup", "pointercancel", "lostpointercapture", "blur"] as const)
      button.addEventListener(end, release, { signal });
    // A long touch would open a menu.
    button.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
    const isClick = (event: KeyboardEvent): boolean => event.key === " " || event.key === "Enter";
    button.addEventListener("keydown", (event) => isClick(event) && press(), { signal });
    button.addEventListener("keyup", (event) => isClick(event) && release(), { signal });
  }
}

/** Whether a key has a meaning of its own where the focus is: the arrows of a slider, letters in a field. */
function belongsTo(target: EventTarget | null, key: string): boolean {
  if (target instanceof HTMLSelectElement) return true;
  if (target instanceof HTMLElement && target.role === "tab") return key.startsWith("arrow");
  if (!(target instanceof HTMLInputElement) || target.type === "checkbox") return false;
  return key.startsWith("arrow") || target.type === "number";
}
