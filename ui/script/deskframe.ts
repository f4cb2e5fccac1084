// The frame in which a clip is shown. Its document has an origin of its own, equal to no other, and a policy that lets it load
// nothing but what it is handed: the file of one clip, once, from the page around it.

import { find } from "./lib/dom.ts";

interface Clip {
  file: Blob;
  as: string; // the media type as which it is shown
  name: string;
}

window.addEventListener(
  "message",
  (event: MessageEvent<Clip>) => {
    if (event.source !== window.parent) return;
    const { file, as, name } = event.data;
    const film = as.startsWith("video/");
    const shown = find<HTMLVideoElement | HTMLImageElement>(document, film ? "video" : "img");
    shown.src = URL.createObjectURL(new Blob([file], { type: as }));
    if (shown instanceof HTMLImageElement) shown.alt = name;
    else shown.setAttribute("aria-label", name);
    shown.hidden = false;
    shown.addEventListener(film ? "loadeddata" : "load", () => say("shown"));
    shown.addEventListener("error", () => say("failed"));
  },
  { once: true },
);

/** Tells the page around it, which looks at nothing but from where it comes. */
const say = (word: "ready" | "shown" | "failed") => window.parent.postMessage(word, "*");
say("ready");
