// The little that islands share in touching the page. Nothing here takes HTML: text is set as text.

/** Runs a function for every element that a selector finds, once the page is there; scripts of modules start then. */
export function island<E extends HTMLElement>(selector: string, start: (element: E) => void): void {
  for (const element of document.querySelectorAll<E>(selector)) start(element);
}

/** A new element with attributes (false and undefined leave one out, true sets it empty) and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | boolean | undefined> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** The element for a selector; that it is missing is a fault of the page's template. */
export function find<E extends HTMLElement>(within: ParentNode, selector: string): E {
  const element = within.querySelector<E>(selector);
  if (!element) throw new Error(`the page has no ${selector}`);
  return element;
}

/** A button that does something. */
export function pressable(label: string, press: () => void): HTMLButtonElement {
  const b = make("button", { type: "button", class: "button" }, label);
  b.addEventListener("click", press);
  return b;
}

/** Offers a text that was made here to be kept as a file. */
export function saveFile(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = make("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
