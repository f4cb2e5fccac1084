// Sharing on a request's page. Nothing of it runs before the person asks for it: until then no worker is loaded and nobody is
// asked anything. What takes long, and every key, is in share.worker.ts.

import { find, island } from "./lib/dom.ts";
import { Recognising } from "./lib/recognising.ts";
import { ended } from "./lib/share/ends.ts";
import { Form } from "./lib/share/form.ts";
import type { FromWorker, ToWorker } from "./lib/share/messages.ts";
import { forget, pendingFor } from "./lib/share/pending.ts";
import { Progressing } from "./lib/share/progress.ts";
import { Resuming } from "./lib/share/resuming.ts";
import type { Setting } from "./lib/share/setting.ts";
import { receipt } from "./lib/share/receipt.ts";
import { Texts } from "./lib/texts.ts";
import { worker } from "./lib/worker.ts";

island("[data-share]", (element) => {
  const setting = JSON.parse(element.dataset["share"] ?? "{}") as Setting;
  const flow = find<HTMLElement>(document, "#share-flow");
  const start = find<HTMLButtonElement>(element, "button");
  let pages: Promise<Flow> | undefined;
  const open = () => (pages ??= Texts.load("share").then((texts) => new Flow(setting, texts, flow, start)));
  start.addEventListener("click", () => void open().then((f) => f.open()));
  element.hidden = false;
  for (const note of document.querySelectorAll<HTMLElement>("[data-without-script]")) note.hidden = true;
  void pendingFor(setting.request, new Date()).then(async (pending) => pending && (await open()).goOn(pending));
});

class Flow {
  #worker: Worker | undefined;
  #form: Form | undefined;
  #progress: Progressing | undefined;
  #resuming: Resuming | undefined;
  readonly #exchange: Recognising;

  constructor(
    private readonly setting: Setting,
    private readonly texts: Texts,
    private readonly at: HTMLElement,
    private readonly start: HTMLButtonElement,
  ) {
    this.#exchange = new Recognising(texts, () => this.#check());
  }

  /** Shows the form, and has the request checked meanwhile. */
  open(): void {
    this.start.disabled = true;
    this.#form = new Form(this.setting, this.texts, this.#exchange.element, {
      ask: (m) => this.#ask(m),
      send: (order) => {
        this.#exchange.keep();
        this.#show(this.#newProgress(order.clips.map((c) => c.file)).element);
        this.#ask({ act: "send", order, known: this.#exchange.known() });
      },
      cancel: () => this.#close(),
    });
    this.#show(this.#form.element);
    this.#check();
  }

  #check(): void {
    if (!this.#form || this.#progress) return;
    this.#form.checking();
    this.#ask({ act: "check", request: this.setting.request, known: this.#exchange.known() });
  }

  /** Offers to go on with a share that was begun earlier. */
  goOn(pending: Parameters<Resuming["offer"]>[0]): void {
    this.start.disabled = true;
    this.#resuming = new Resuming(this.texts, {
      go: (files) => {
        this.#show(this.#newProgress(files).element);
        this.#ask({ act: "resume", pending, files, known: this.#exchange.known() });
      },
      giveUp: () => this.#close(),
    });
    this.#show(this.#resuming.offer(pending), false);
  }

  #newProgress(files: (File | undefined)[]): Progressing {
    this.#progress = new Progressing(this.texts, {
      pause: () => this.#ask({ act: "pause" }),
      goOn: async () => {
        const pending = await pendingFor(this.setting.request, new Date());
        if (pending) this.#ask({ act: "resume", pending, files, known: this.#exchange.known() });
        else this.#progress?.failed("upload_lost");
      },
      leave: () => void forget(this.setting.request).then(() => this.#close()),
    });
    return this.#progress;
  }

  #ask(m: ToWorker): void {
    if (!this.#worker) {
      this.#worker = worker("share.worker.js");
      this.#worker.onmessage = (event: MessageEvent<FromWorker>) => this.#hear(event.data);
      this.#worker.onerror = () => this.#hear({ what: "failed", act: this.#progress ? "send" : "check", code: "internal" });
    }
    this.#worker.postMessage(m);
  }

  #hear(m: FromWorker): void {
    switch (m.what) {
      case "checked":
        this.#exchange.saw(m.memory);
        this.#form?.checked(m.limits);
        return;
      case "look":
        this.#form?.looked(m.look);
        return;
      case "progress":
        this.#progress?.report(m.progress);
        return;
      case "sent":
        this.#exchange.saw(m.memory);
        this.#exchange.keep();
        this.#show(receipt(m.sent, this.setting, this.texts));
        this.#end();
        return;
      case "failed":
        this.#failed(m.act, this.#exchange.refused(m.code));
    }
  }

  #failed(act: "check" | "send", code: string): void {
    if (act === "check") return this.#form?.unchecked(code);
    this.#progress?.failed(code);
    if (ended(code)) void forget(this.setting.request); // with its words and keys
    if (Recognising.about(code)) this.#progress?.element.append(this.#exchange.element);
  }

  #show(content: HTMLElement, focus = true): void {
    this.at.replaceChildren(content);
    this.at.hidden = false;
    const heading = content.querySelector<HTMLElement>("h2, h3");
    if (!focus || !heading) return;
    heading.tabIndex = -1;
    heading.focus();
    this.at.scrollIntoView({ block: "start" });
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = this.#form = this.#progress = this.#resuming = undefined;
  }

  #close(): void {
    this.#end();
    this.at.replaceChildren();
    this.at.hidden = true;
    this.start.disabled = false;
    this.start.focus();
  }
}
