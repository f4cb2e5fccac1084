// The worker behind the form for complaints: it makes the code, does the proof of work and sends.

import type { FromWorker, ToWorker } from "./lib/complain.ts";
import { complain } from "./lib/complain.ts";
import { Problem } from "./lib/share/exchange.ts";

onmessage = (event: MessageEvent<ToWorker>) => {
  const say = (m: FromWorker) => postMessage(m);
  complain(event.data).then(say, (error: unknown) => {
    say({ what: "failed", code: error instanceof Problem ? error.code || error.kind || "internal" : "internal" });
  });
};
