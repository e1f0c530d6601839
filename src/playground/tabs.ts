/** A tab and the panel that it shows. */
export interface Tab {
  readonly name: string;
  readonly button: HTMLElement;
  readonly panel: HTMLElement;
}

/** Tabs as the ARIA practices have them: arrows, Home and End move among them, and one panel is shown. */
export function connectTabs(tabs: readonly Tab[], onSelect: (name: string) => void): (name: string) => void {
  const select = (name: string): void => {
    for (const { name: own, button, panel } of tabs) {
      const chosen = own === name;
      button.setAttribute("aria-selected", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
      panel.hidden = !chosen;
    }
    onSelect(name);
  };
  for (const [index, { name, button }] of tabs.entries()) {
    button.addEventListener("click", () => select(name));
    button.addEventListener("keydown", ({ key }) => {
      const places: Readonly<Record<string, number>> = {
        ArrowLeft: index + tabs.length - 1,
        ArrowRight: index + 1,
        ...{ Home: 0, End: tabs.length - 1 },
      };
      const place = places[key];
      const next = place === undefined ? undefined : tabs[place % tabs.length];
      if (next === undefined) return;
      next.button.focus();
      select(next.name);
    });
  }
  return select;
}
