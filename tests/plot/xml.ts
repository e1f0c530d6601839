/**
 * Throws unless `xml` is well formed, as far as our figures go: tags nest, attributes are quoted and named once, and
 * neither text nor attributes hold a bare "<" or "&". Written by hand because Node has no DOMParser.
 * @returns the number of elements.
 */
export function checkXml(xml: string): number {
  const open: string[] = [];
  let elements = 0;
  let place = 0;
  const text = (content: string): void => {
    if (/&(?!(?:amp|lt|gt|quot|#\d+);)/.test(content)) throw new Error(`bare "&" in ${content.slice(0, 80)}`);
  };
  while (place < xml.length) {
    const start = xml.indexOf("<", place);
    text(xml.slice(place, start < 0 ? undefined : start));
    if (start < 0) break;
    const tag = /^<(\/?)([a-z][A-Za-z]*)((?: [A-Za-z][\w:-]*="[^"<]*")*)(\/?)>/.exec(xml.slice(start));
    if (!tag) throw new Error(`bad tag at ${start}: ${xml.slice(start, start + 80)}`);
    const [whole, closing, name = "", attributes = "", empty] = tag;
    const names = [...attributes.matchAll(/ ([\w:-]+)="([^"]*)"/g)].map((match) => {
      text(match[2] ?? "");
      return match[1];
    });
    if (new Set(names).size !== names.length) throw new Error(`attribute named twice in ${whole.slice(0, 80)}`);
    if (closing) {
      if (open.pop() !== name) throw new Error(`</${name}> closes another element at ${start}`);
    } else {
      elements += 1;
      if (!empty) open.push(name);
    }
    place = start + whole.length;
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(", ")}`);
  if (typeof DOMParser !== "undefined") {
    const parsed = new DOMParser().parseFromString(xml, "image/svg+xml");
    if (parsed.querySelector("parsererror")) throw new Error(parsed.documentElement.textContent ?? "parsererror");
  }
  return elements;
}

/** The text of every `<text>` element, in order. */
export function texts(xml: string): string[] {
  return [...xml.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1] ?? "");
}
