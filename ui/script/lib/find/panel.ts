// The form in which a reader says where and what: a place typed, pressed on the map or given by the device, and what to be
// shown. Nothing of it is sent.

import { find, make } from "../dom.ts";
import type { Basemap } from "./basemap.ts";
import type { Choices } from "./choices.ts";
import { keepChoices } from "./choices.ts";
import { parsePoint } from "./geo.ts";
import type { Point } from "./geo.ts";
import type { Item } from "./item.ts";
import type { Filter } from "./match.ts";
import type { Words } from "./words.ts";

export interface Asked {
  changed(): void; // filter or choices are others now
  moved(): void; // the place is another now
  picking(on: boolean): void;
}

export class Panel {
  readonly filter: Filter;
  readonly #field: HTMLInputElement;
  readonly #says: HTMLElement;
  readonly #warning: HTMLElement;
  #base: Basemap | undefined;

  constructor(
    private readonly element: HTMLElement,
    readonly choices: Choices,
    private readonly words: Words,
    private readonly asked: Asked,
  ) {
    this.#field = find(element, "#near-place");
    this.#says = find(element, "[data-near=says]");
    this.#warning = find(element, "[data-near=warning]");
    this.filter = { place: choices.place, within: choices.within, days: 0, offence: "" };
    if (choices.place) this.#field.value = choices.place.name;
    element.dataset["on"] = "";
    this.#placeWays();
    this.#filters();
    this.#switches();
    find(element, "[data-near=forget]").hidden = choices.place === null;
  }

  /** Streets can be typed once the map is there. */
  streets(base: Basemap): void {
    this.#base = base;
    const offer = () => find(this.element, "#near-streets").replaceChildren(...base.streets().map((name) => make("option", { value: name })));
    this.#field.addEventListener("focus", offer, { once: true });
  }

  say(sentence: string): void {
    if (this.#says.textContent !== sentence) this.#says.textContent = sentence;
  }

  warn(...sentences: string[]): void {
    this.#warning.className = sentences.length > 0 ? "form-error" : "";
    this.#warning.replaceChildren(...sentences.map((s) => make("p", {}, s)));
  }

  /** Offers what the feed holds to be chosen or left out; what was left out once stays on offer. */
  offer(items: Item[]): void {
    const { choices, words } = this;
    const agencies = new Map([...choices.agencies.map((id): [string, string] => [id, id]), ...items.map((i): [string, string] => [i.document.agency, i.document.agency_name])]);
    const there = items.map((i) => i.document.offence);
    const offences = (codes: string[]) => [...new Set(codes)].map((code): [string, string] => [code, words.offence(code)]);
    this.#boxes("[data-near=agencies]", [...agencies], choices.agencies);
    this.#boxes("[data-near=offences]", offences([...choices.offences, ...there]), choices.offences);
    const select = find<HTMLSelectElement>(this.element, "#near-offence");
    const all = [["", words.texts.t("find.offence.any")], ...offences(there)] as [string, string][];
    select.replaceChildren(...all.map(([code, name]) => make("option", { value: code, selected: code === this.filter.offence }, name)));
  }

  #boxes(selector: string, all: [string, string][], chosen: string[]): void {
    const set = find<HTMLFieldSetElement>(this.element, selector);
    const held = set.contains(document.activeElement) ? (document.activeElement as HTMLInputElement).value : undefined;
    const boxes = all.sort(([, a], [, b]) => (a < b ? -1 : 1)).map(([value, name]) => {
      const box = make("input", { type: "checkbox", value, checked: chosen.includes(value) });
      box.addEventListener("change", () => {
        if (box.checked) chosen.push(value);
        else chosen.splice(chosen.indexOf(value), 1);
        this.#chosen();
      });
      return make("label", { class: "option" }, box, make("span", {}, name));
    });
    set.replaceChildren(find(set, "legend"), ...boxes);
    if (held !== undefined) set.querySelector<HTMLElement>(`[value="${CSS.escape(held)}"]`)?.focus();
  }

  #chosen(): void {
    if (!keepChoices(this.choices)) this.warn(this.words.texts.t("find.notkept"));
    this.asked.changed();
  }

  #placeWays(): void {
    find(this.element, "form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#typed();
    });
    find(this.element, "[data-near=locate]").addEventListener("click", () => this.#locate());
    find(this.element, "[data-near=point]").addEventListener("click", () => this.pick(true));
    find(this.element, "[data-near=forget]").addEventListener("click", () => {
      this.#field.value = "";
      this.#at(null, "");
      this.#field.focus();
    });
  }

  #typed(): void {
    const text = this.#field.value.trim();
    if (text === "") return this.#at(null, "");
    const point = parsePoint(text) ?? this.#base?.find(text)?.point;
    if (point) this.#at(point, text);
    else this.say(this.#base?.features.length ? this.words.texts.t("find.unknown") : this.words.texts.t("find.unknown.plain"));
  }

  /** Waits for a press on the map, or no longer. */
  pick(on: boolean): void {
    find(this.element, "[data-near=point]").setAttribute("aria-pressed", String(on));
    this.asked.picking(on);
    if (on) this.say(this.words.texts.t("find.pointing"));
  }

  /** The reader pressed on the map, or the device knows. */
  here(p: Point): void {
    this.pick(false);
    this.#field.value = `${p.lat.toFixed(4)}, ${p.lon.toFixed(4)}`;
    this.#at(p, this.#field.value);
  }

  #locate(): void {
    this.say(this.words.texts.t("find.locating"));
    const failed = () => this.say(this.words.texts.t("find.unlocated"));
    if (!("geolocation" in navigator)) return failed();
    navigator.geolocation.getCurrentPosition((p) => this.here({ lat: p.coords.latitude, lon: p.coords.longitude }), failed, { timeout: 20_000, maximumAge: 600_000 });
  }

  #at(place: Point | null, name: string): void {
    this.filter.place = place;
    find(this.element, "[data-near=forget]").hidden = place === null;
    this.#remember(name);
    this.asked.moved();
  }

  #remember(name: string): void {
    const keep = find<HTMLInputElement>(this.element, "[data-near=keep]").checked;
    const { place, within } = this.filter;
    this.choices.place = keep && place ? { ...place, name } : null;
    this.choices.within = keep ? within : 0;
    if (!keepChoices(this.choices) && keep) this.warn(this.words.texts.t("find.notkept"));
  }

  #filters(): void {
    const choose = (selector: string, set: (value: string) => void) => {
      const select = find<HTMLSelectElement>(this.element, selector);
      select.addEventListener("change", () => {
        set(select.value);
        this.#remember(this.#field.value);
        this.asked.changed();
      });
      return select;
    };
    choose("#near-within", (v) => (this.filter.within = Number(v))).value = String(this.filter.within);
    choose("#near-days", (v) => (this.filter.days = Number(v)));
    choose("#near-offence", (v) => (this.filter.offence = v));
  }

  #switches(): void {
    const box = (selector: string, on: boolean, change: (on: boolean) => void) => {
      const input = find<HTMLInputElement>(this.element, selector);
      input.checked = on;
      input.addEventListener("change", () => change(input.checked));
      return input;
    };
    box("[data-near=keep]", this.choices.place !== null, () => this.#remember(this.#field.value));
    box("[data-near=none]", this.choices.none, (on) => {
      this.choices.none = on;
      this.#chosen();
    });
    const notify = box("[data-near=notify]", this.choices.notify, (on) => {
      void this.#notifying(on).then((allowed) => {
        this.choices.notify = notify.checked = allowed;
        this.#chosen();
      });
    });
  }

  /** Asks the browser whether it may show notices. Without them new requests are still said in the page. */
  async #notifying(on: boolean): Promise<boolean> {
    if (!on) return false;
    const allowed = "Notification" in window && (await Notification.requestPermission()) === "granted";
    if (!allowed) this.say(this.words.texts.t("find.unnotified"));
    return allowed;
  }
}
