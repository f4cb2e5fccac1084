// Finding and following requests on the front page. The region's feed is downloaded whole and checked, whoever reads; what a
// reader looks for, opens, leaves out or is told of is worked out here and asks nobody. See lib/find.

import { find, island, make } from "./lib/dom.ts";
import { Basemap } from "./lib/find/basemap.ts";
import { cellOf } from "./lib/find/cells.ts";
import { readChoices } from "./lib/find/choices.ts";
import type { Choices } from "./lib/find/choices.ts";
import { metresPerMile } from "./lib/find/geo.ts";
import type { FromFinder, Item, ToFinder } from "./lib/find/item.ts";
import { requestList } from "./lib/find/list.ts";
import { MapView } from "./lib/find/map.ts";
import { matches } from "./lib/find/match.ts";
import type { Match } from "./lib/find/match.ts";
import { Opened } from "./lib/find/opened.ts";
import { Panel } from "./lib/find/panel.ts";
import { Words } from "./lib/find/words.ts";
import { remembered } from "./lib/known.ts";
import { Texts } from "./lib/texts.ts";
import { worker } from "./lib/worker.ts";

/** What the server tells the island of its page. */
interface Setting {
  verifier: string; // the exchange's key, by which every request is checked unless the browser remembers one
  basemap: string; // path of the street map; empty when there is none
  every: number; // seconds between two looks for new requests
}

island("[data-find]", (element) => {
  const setting = JSON.parse(element.dataset["find"] ?? "{}") as Setting;
  const choices = readChoices();
  if (choices.none) find(document, "[data-near=list]").hidden = true;
  void Promise.all([Texts.load("find"), basemap(setting.basemap)]).then(([texts, base]) => new Find(element, setting, choices, new Words(texts, base)));
});

async function basemap(path: string): Promise<Basemap> {
  if (path === "") return new Basemap();
  try {
    return Basemap.parse(await (await fetch(path)).text());
  } catch {
    return new Basemap(); // the net of longitudes and latitudes serves as well
  }
}

class Find {
  readonly #worker = worker("find.worker.js");
  readonly #list = find(document, "[data-near=list]");
  readonly #panel: Panel;
  readonly #map: MapView | undefined;
  readonly #opened: Opened;
  #items: Item[] = [];
  #seen: Set<string> | undefined; // every request that was there before
  #taken = false; // the list is ours: until something is asked it stays as the server made it
  #whole = true; // the feed holds every request of the exchange
  #fit = true; // the map looks at all there is, once
  #mapSeen = false; // until somebody comes near, the server's drawing does

  constructor(
    element: HTMLElement,
    private readonly setting: Setting,
    private readonly choices: Choices,
    private readonly words: Words,
  ) {
    this.#panel = new Panel(element, choices, words, {
      changed: () => this.#redraw(),
      moved: () => this.#moved(),
      picking: (on) => this.#pick(on),
    });
    this.#panel.streets(words.base);
    this.#opened = new Opened(this.#list, words, (id) => this.#items.find((i) => i.id === id));
    this.#map = this.#makeMap(find(element, "[data-near=point]"));
    this.#worker.onmessage = (event: MessageEvent<FromFinder>) => this.#hear(event.data);
    this.#worker.onerror = () => this.#hear({ what: "failed", code: "internal" });
    this.#region();
    this.#ask();
    this.#again();
  }

  #makeMap(point: HTMLElement): MapView | undefined {
    const box = document.querySelector(".front [data-map]");
    point.hidden = box === null;
    if (!box) return undefined;
    const near = new IntersectionObserver((seen) => {
      if (!seen.some((s) => s.isIntersecting)) return;
      near.disconnect();
      this.#mapSeen = true;
      this.#redraw();
    }, { rootMargin: "50%" });
    near.observe(box);
    return new MapView(this.words.base, this.words.texts, this.words.texts.t("find.map"), {
      choose: (id) => this.#opened.open(id),
      pick: (p) => this.#panel.here(p),
    });
  }

  #pick(on: boolean): void {
    this.#mapSeen = true;
    this.#redraw(false);
    if (this.#map) this.#map.picking = on;
  }

  /** Looks again on a steady tick, whatever was found, chosen or shown: whoever watches learns that a page is open. */
  #again(): void {
    const wait = this.setting.every * 1000 * (0.8 + 0.4 * Math.random());
    setTimeout(() => {
      this.#ask();
      this.#again();
    }, wait);
  }

  #ask(): void {
    const { place } = this.#panel.filter;
    const order: ToFinder = { pinned: remembered()?.verifier ?? this.setting.verifier, ...(place ? { near: place } : {}) };
    this.#worker.postMessage(order);
  }

  #moved(): void {
    this.#region();
    this.#taken = this.#fit = true;
    if (this.#whole) this.#redraw();
    else this.#ask(); // of a large exchange only the cells about the place are here
  }

  /** Links the feeds of the coarse cell that holds the place. Which place it is stays here. */
  #region(): void {
    const { place } = this.#panel.filter;
    const box = document.querySelector<HTMLElement>("[data-near=region]");
    if (!box) return;
    box.hidden = place === null;
    if (!place) return;
    const feed = (ending: string, name: string) => make("li", {}, make("a", { href: `/feed/region/${cellOf(place)}.${ending}` }, name));
    find(box, "ul").replaceChildren(feed("atom", "Atom"), feed("json", "JSON Feed"));
  }

  #hear(m: FromFinder): void {
    const { texts } = this.words;
    if (m.what !== "feed") {
      this.#whole = m.what !== "large";
      this.#opened.hopeless();
      if (m.what === "large") this.#panel.say(texts.t("find.large"));
      else this.#failed(m.code);
      return;
    }
    this.#whole = m.whole;
    this.#items = m.items;
    this.#panel.offer(m.items);
    const codes = [...new Set(m.refused.map((r) => r.code))].join(", ");
    this.#panel.warn(...(m.refused.length > 0 ? [texts.t("find.refused", { n: m.refused.length, codes })] : []));
    this.#news();
    this.#redraw();
    this.#opened.ready();
  }

  /** What was there before stays: it was checked. What cannot be relied on is not shown at all. */
  #failed(code: string): void {
    const { texts } = this.words;
    if (code === "no_answer") return this.#panel.say(texts.t("find.noanswer"));
    this.#items = [];
    this.#panel.say("");
    this.#panel.warn(texts.t("find.untrusted", { codes: code }));
    this.#taken = true;
    this.#redraw(false);
  }

  /** Says which requests are new since the page was opened, if they are what the reader looks for. */
  #news(): void {
    const seen = this.#seen;
    this.#seen = new Set([...(seen ?? []), ...this.#items.map((i) => i.id)]);
    if (!seen) return;
    const fresh = this.#found().filter((m) => !seen.has(m.item.id));
    if (fresh.length === 0) return;
    this.#taken = true;
    for (const m of fresh) this.#notice(m);
  }

  #notice(m: Match): void {
    const { texts } = this.words;
    this.#opened.tell(texts.t("find.news", { request: this.words.headline(m.item) }));
    if (!this.choices.notify || !("Notification" in window) || Notification.permission !== "granted") return;
    try {
      const notice = new Notification(m.item.document.agency_name, { body: [m.item.document.title, this.words.distance(m)].join("\n"), tag: m.item.id });
      notice.onclick = () => {
        window.focus();
        this.#opened.open(m.item.id);
      };
    } catch {
      // some browsers show notices of installed pages alone; it has been said in the page
    }
  }

  #found(): Match[] {
    return matches(this.#items, this.#panel.filter, this.choices, new Date());
  }

  #redraw(say = true): void {
    if (!this.#seen && say) return; // there is nothing to show yet
    const f = this.#panel.filter;
    const found = this.#found();
    const hidden = matches(this.#items, f, { ...this.choices, none: false, agencies: [], offences: [] }, new Date()).length - found.length;
    this.#taken ||= f.place !== null || f.within > 0 || f.days > 0 || f.offence !== "" || hidden > 0;
    if (this.#taken) this.#take(found);
    if (say) this.#panel.say(this.#sum(found, hidden));
    this.#drawMap(this.#taken ? found : this.#asServed());
  }

  /** Puts our own list in the place of the server's. */
  #take(found: Match[]): void {
    const { texts } = this.words;
    this.#list.hidden = false;
    const nothing = this.choices.none ? texts.t("find.nothing") : texts.t("find.empty");
    this.#opened.replace(found.length > 0 ? requestList(found, this.words, this.#opened.href) : nothing);
    find(document, "#requests").textContent = texts.t("front.open", { n: found.length });
    for (const filters of document.querySelectorAll<HTMLElement>(".front .filters")) filters.hidden = true;
  }

  #sum(found: Match[], hidden: number): string {
    const { texts } = this.words;
    const parts = [texts.t("find.sum", { n: this.#items.length })];
    if (this.#taken) parts.push(texts.t("find.found", { n: found.length }));
    if (hidden > 0) parts.push(texts.t("find.hidden", { n: hidden }));
    return parts.join(" ");
  }

  /** The requests in the server's list, in its order. */
  #asServed(): Match[] {
    return this.#opened.listed().flatMap((id) => this.#items.filter((item) => item.id === id)).map((item) => ({ item, miles: undefined }));
  }

  #drawMap(found: Match[]): void {
    const box = document.querySelector(".front [data-map]");
    if (!this.#map || !box || !this.#mapSeen || (!this.#taken && found.length < this.#opened.listed().length)) return; // the server's map fits its list
    const { place, within } = this.#panel.filter;
    const shapes = found.map((m, i) => ({ id: m.item.id, area: m.item.document.area, label: String(i + 1), name: this.words.spoken(m, i + 1) }));
    const bounds = new Map(this.#items.map((i) => [i.document.agency, i.jurisdiction]));
    this.#map.show({ shapes, bounds: [...bounds.values()].flat(), place, within: within * metresPerMile }, this.#fit);
    this.#fit = false;
    if (!this.#map.element.isConnected) box.querySelector("svg")?.replaceWith(this.#map.element);
  }
}
