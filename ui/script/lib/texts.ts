// The sentences of a page, in its language. A template passes them in the attribute data-texts (the function texts of the
// page's templates), all whose keys begin alike; a script holds none of its own.

type Message = string | { one: string; other: string } | string[];

export class Texts {
  readonly #messages: Record<string, Message>;
  readonly lang: string;

  constructor(messages: Record<string, Message>, lang: string) {
    this.#messages = messages;
    this.lang = lang;
  }

  /** The texts that stand in an element's data-texts. */
  static of(element: HTMLElement): Texts {
    return new Texts(JSON.parse(element.dataset["texts"] ?? "{}") as Record<string, Message>, document.documentElement.lang || "en");
  }

  /** The texts of an island that has too many for an attribute: a file beside the script, in the page's language. */
  static async load(name: string): Promise<Texts> {
    const lang = document.documentElement.lang === "es" ? "es" : "en";
    const answer = await fetch(new URL(`${name}.${lang}.json`, import.meta.url));
    return new Texts((await answer.json()) as Record<string, Message>, lang);
  }

  has(key: string): boolean {
    return this.#messages[key] !== undefined;
  }

  /** The sentence for a key, as the catalogue's T makes it: a value named n chooses the plural form. */
  t(key: string, values: Record<string, string | number> = {}): string {
    const message = this.#messages[key];
    if (message === undefined || Array.isArray(message)) return `[${key}]`;
    let sentence = typeof message === "string" ? message : values["n"] === 1 ? message.one : message.other;
    for (const [name, value] of Object.entries(values)) {
      sentence = sentence.replaceAll(`{${name}}`, typeof value === "number" ? this.number(value) : value);
    }
    return sentence;
  }

  /** The paragraphs for a key. */
  list(key: string): string[] {
    const message = this.#messages[key];
    return Array.isArray(message) ? message : [`[${key}]`];
  }

  /** A number as the server writes it (ui/text/format.go): Spanish leaves four digits together. */
  number(value: number, decimals = 2): string {
    const [whole = "", fraction = ""] = Math.abs(value).toFixed(decimals).split(".");
    const spanish = this.lang === "es";
    const grouped = spanish && whole.length <= 4 ? whole : whole.replace(/\B(?=(\d{3})+$)/g, spanish ? "\u00a0" : ",");
    const rest = fraction.replace(/0+$/, "");
    return (value < 0 ? "-" : "") + grouped + (rest && `.${rest}`);
  }
}
