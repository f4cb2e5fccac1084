// A clip is a stranger's file. It is shown in a frame whose document can do nothing with it but play it: no origin but its own,
// no network (internal/web/staff_desk_frame.go).

import { make } from "../dom.ts";

/** As what a browser is asked to show a clip; empty: it is not shown. The file must begin as one of its media type does. */
export async function shownAs(file: File, mediaType: string): Promise<string> {
  const head = new Uint8Array(await file.slice(0, 8).arrayBuffer());
  const box = String.fromCharCode(...head.subarray(4));
  if (mediaType === "image/jpeg") return head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff ? mediaType : "";
  const film = mediaType === "video/mp4" || mediaType === "video/quicktime";
  return film && ["ftyp", "moov", "mdat", "free", "skip", "wide", "pnot"].includes(box) ? "video/mp4" : "";
}

/** A frame that shows a file once it is in the page. failed is called if the browser cannot. */
export function frame(address: string, title: string, clip: { file: File; as: string; name: string }, failed: () => void): HTMLIFrameElement {
  const element = make("iframe", { class: "desk-frame", sandbox: "allow-scripts", src: address, title, referrerpolicy: "no-referrer" });
  const hear = (event: MessageEvent) => {
    if (!element.isConnected) return window.removeEventListener("message", hear);
    if (event.source !== element.contentWindow) return;
    if (event.data === "ready") element.contentWindow?.postMessage(clip, "*"); // its origin has no name
    if (event.data === "shown") element.dataset["shown"] = "";
    if (event.data === "failed") failed();
  };
  window.addEventListener("message", hear);
  return element;
}
