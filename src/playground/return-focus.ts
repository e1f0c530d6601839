/**
 * Takes the focus from a slider or a list that was changed with the mouse or a finger, so that the next key drives again.
 * Who changes them with the keys keeps the focus.
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
}
