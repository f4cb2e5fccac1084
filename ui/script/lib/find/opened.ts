// Opening a request from the list or the map in the page, and going back: the address gets a fragment, which is never sent,
// so that the browser's own Back works too.

import { find, make } from "../dom.ts";
import type { Item } from "./item.ts";
import { RequestView } from "./request.ts";
import type { Words } from "./words.ts";

const fragment = 16; // digits of a request's hash in the address

export class Opened {
  readonly #page = find(document, ".front");
  readonly #view = make("div", { hidden: true });
  readonly #news = make("div", { role: "status" });
  readonly #title = document.title;
  readonly #language = location.pathname.split("/")[1] || "en";
  #open: string | undefined;
  #loading = true; // the feed is still on its way
  #asked: string | undefined; // what was asked for meanwhile
  #scroll = 0;

  constructor(
    private readonly list: HTMLElement,
    private readonly words: Words,
    private readonly item: (id: string) => Item | undefined,
  ) {
    list.before(this.#news);
    this.#page.after(this.#view);
    list.addEventListener("click", (e) => this.#click(e));
    window.addEventListener("popstate", () => this.#follow());
  }

  readonly href = (id: string): string => `/${this.#language}/requests/${id}`;

  /** The IDs of the requests in the list, in order. */
  listed(): string[] {
    return [...this.list.querySelectorAll<HTMLAnchorElement>("h3 a")].map((a) => idOf(a)).filter((id) => id !== "");
  }

  replace(content: HTMLElement | string): void {
    const held = idOf(document.activeElement);
    this.list.replaceChildren(typeof content === "string" ? make("p", { class: "empty" }, content) : content);
    if (held !== "") this.#link(held)?.focus();
  }

  tell(sentence: string): void {
    this.#news.className = "notice";
    this.#news.append(make("p", {}, sentence));
  }

  /** The feed is here: what was asked for meanwhile can be shown. */
  ready(): void {
    this.#loading = false;
    if (this.#asked !== undefined) this.open(this.#asked);
    else if (this.#open === undefined) this.#follow();
    this.#asked = undefined;
  }

  /** There will be no feed: the request's own page must do. */
  hopeless(): void {
    this.#loading = false;
    if (this.#asked !== undefined) location.assign(this.href(this.#asked));
    this.#asked = undefined;
  }

  open(id: string): void {
    if (!this.item(id)) return;
    history.pushState({ porchlight: id }, "", `#${id.slice(0, fragment)}`);
    this.#show(id);
  }

  #click(e: MouseEvent): void {
    const id = idOf((e.target as Element).closest("a"));
    if (id === "" || e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
    if (this.item(id)) this.open(id);
    else if (this.#loading) this.#asked = id;
    else return; // the region's feed does not hold it: its own page does
    e.preventDefault();
  }

  /** Shows what the address says. */
  #follow(): void {
    const id = this.listed().find((one) => location.hash === `#${one.slice(0, fragment)}`) ?? (history.state as { porchlight?: string } | null)?.porchlight;
    if (id !== undefined && location.hash !== "" && this.item(id)) this.#show(id);
    else if (this.#open !== undefined) this.#hide();
  }

  #show(id: string): void {
    const item = this.item(id);
    if (!item) return;
    if (this.#open === undefined) this.#scroll = window.scrollY;
    this.#open = id;
    const view = new RequestView(item, this.words, { request: this.href(id), agency: `/${this.#language}/agencies/${item.document.agency}` }, () => this.#close());
    this.#view.replaceChildren(view.element);
    this.#swap(true);
    document.title = this.words.headline(item);
    window.scrollTo(0, 0);
    view.heading.focus();
  }

  #close(): void {
    if ((history.state as { porchlight?: string } | null)?.porchlight) return history.back();
    history.replaceState(null, "", location.pathname + location.search);
    this.#hide();
  }

  #hide(): void {
    const id = this.#open ?? "";
    this.#open = undefined;
    this.#view.replaceChildren();
    this.#swap(false);
    document.title = this.#title;
    window.scrollTo(0, this.#scroll);
    this.#link(id)?.focus({ preventScroll: true });
  }

  #swap(open: boolean): void {
    this.#view.hidden = !open;
    this.#page.hidden = open;
    for (const hero of document.querySelectorAll<HTMLElement>(".hero")) hero.hidden = open;
  }

  #link(id: string): HTMLAnchorElement | undefined {
    return [...this.list.querySelectorAll<HTMLAnchorElement>("h3 a")].find((a) => idOf(a) === id);
  }
}

/** The request that a link leads to, or "". */
function idOf(link: Element | null): string {
  return /\/requests\/([0-9a-f]{64})$/.exec(link?.getAttribute("href") ?? "")?.[1] ?? "";
}
