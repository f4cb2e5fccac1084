// Workers under Trusted Types: the only policy of our pages lets nothing through but files beside this script.

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

let policy: { createScriptURL(url: string): string } | undefined;

/** Starts a worker from a file of ui/dist, such as "share.worker.js". */
export function worker(file: string): Worker {
  policy ??= makePolicy();
  return new Worker(policy.createScriptURL(new URL(file, import.meta.url).href), { type: "module" });
}

function makePolicy() {
  const rules = {
    createScriptURL(url: string): string {
      const base = new URL(".", import.meta.url).href;
      if (!url.startsWith(base) || !/^[a-z.]+\.worker\.js$/.test(url.slice(base.length))) throw new TypeError("not a worker of ours");
      return url;
    },
  };
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  return types ? types.createPolicy("porchlight", rules) : rules;
}
