/**
 * Takes the focus from a tab, a slider or a list that was used with the mouse or a finger, so that the next key drives
 * again. Who uses them with the keys keeps the focus.
 */
export function returnFocus(page: Document): void {
  let pointed = false;
  page.addEventListener("pointerdown", () => {
    pointed = true;
  });
  page.addEventListener("keydown", () => {
    pointed = false;
  });
  page.addEventListener("change", ({ target }) => {
    const slides = target instanceof HTMLInputElement && target.type === "range";
    if (pointed && (slides || target instanceof HTMLSelectElement)) target.blur();
  });
  page.addEventListener("click", ({ target }) => {
    if (pointed && target instanceof HTMLElement && target.role === "tab") target.blur();
  });
}
