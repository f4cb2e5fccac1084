// Where clips lie open while a page looks at them: the browser's private folder for this exchange, which no other site reads and
// which a browser deletes with the exchange's data. A page's clips go when it closes; what a crash left goes when the next page
// opens.

import { Refused } from "../errors.ts";

const prefix = "desk-";

/** What a worker writes a file of the folder with (https://fs.spec.whatwg.org/#api-filesystemsyncaccesshandle). */
export interface Writer {
  write(bytes: Uint8Array, at: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

/** A folder of this page's own, and of nobody else while the page lives. */
export class Folder {
  private constructor(
    readonly name: string,
    readonly at: FileSystemDirectoryHandle,
  ) {}

  static async open(): Promise<Folder> {
    try {
      const root = await navigator.storage.getDirectory();
      const name = prefix + crypto.randomUUID();
      await held(name);
      return new Folder(name, await root.getDirectoryHandle(name, { create: true }));
    } catch {
      throw new Refused("no_folder");
    }
  }

  /** A new file; whoever opened it closes it. */
  async file(name: string): Promise<{ handle: FileSystemFileHandle; out: Writer }> {
    const handle = await this.at.getFileHandle(name, { create: true });
    const out = await (handle as unknown as { createSyncAccessHandle(): Promise<Writer> }).createSyncAccessHandle();
    out.truncate(0);
    return { handle, out };
  }
}

/** Takes the lock that says that a folder is in use. It ends with the worker. */
function held(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    navigator.locks.request(name, () => (resolve(), new Promise<never>(() => undefined))).catch(reject);
  });
}

/** Deletes the folders of pages that are gone, and returns what deletes one at once: a page that closes has no time to ask. */
export async function sweep(): Promise<(name: string) => Promise<void>> {
  try {
    const root = await navigator.storage.getDirectory();
    const drop = (name: string) => root.removeEntry(name, { recursive: true }).catch(() => undefined);
    const used = new Set(((await navigator.locks.query()).held ?? []).map((l) => l.name));
    for await (const name of root.keys()) if (name.startsWith(prefix) && !used.has(name)) await drop(name);
    return drop;
  } catch {
    return () => Promise.resolve(); // this browser has no such folder
  }
}
