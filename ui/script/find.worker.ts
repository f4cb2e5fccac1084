// Fetches the region's requests and checks their proofs, away from the page so that it stays quick. The place that it is
// told chooses coarse cells and nothing else.

import { Refused } from "./lib/errors.ts";
import { Finder } from "./lib/find/feed.ts";
import type { FromFinder, ToFinder } from "./lib/find/item.ts";

const finder = new Finder();
let turn = Promise.resolve();

self.onmessage = (event: MessageEvent<ToFinder>) => {
  turn = turn.then(async () => {
    const answer: FromFinder = await finder.find(event.data).catch((error: unknown) => ({ what: "failed", code: error instanceof Refused ? error.code : "internal" }));
    self.postMessage(answer);
  });
};
