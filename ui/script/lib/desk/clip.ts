// One clip: fetched, opened and written into the page's folder as it comes, and believed only at its end.

import type { Bytes } from "../bytes.ts";
import { hex } from "../bytes.ts";
import { Refused } from "../errors.ts";
import { SHA256 } from "../seal/sha256.ts";
import { openClip } from "../seal/stream.ts";
import { Problem } from "../share/exchange.ts";
import type { ManifestClip } from "../share/manifest.ts";
import * as exchange from "./exchange.ts";
import type { Folder } from "./folder.ts";

/** How many times in a row a connection may break without a byte coming through. */
const maxBreaks = 6;
const firstPause = 250; // milliseconds, twice as long after each further break

/** Opens a clip into the folder. The file is as long as the clip, and has the hash that the list of clips names. */
export async function openInto(folder: Folder, share: string, clip: ManifestClip, identity: string, step: (bytes: number) => void): Promise<File> {
  const { handle, out } = await folder.file(clip.id);
  const sum = new SHA256();
  try {
    const write = (bytes: Bytes) => {
      put(out.write(bytes, { at: sum.length }), bytes.length);
      sum.update(bytes);
      step(bytes.length);
    };
    await openClip(source(share, clip), clip.size, identity, write);
    if (hex(sum.digest()) !== clip.sha256) throw new Refused("clip_hash");
    out.flush();
  } catch (error) {
    out.truncate(0); // nothing of it is to be believed
    throw error instanceof DOMException && error.name === "QuotaExceededError" ? new Refused("disk_full") : error;
  } finally {
    out.close();
  }
  return handle.getFile();
}

function put(written: number, wanted: number): void {
  if (written !== wanted) throw new Refused("disk_full");
}

/** The sealed bytes of a clip, whatever happens to single connections. */
async function* source(share: string, clip: ManifestClip): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let breaks = 0; at < clip.sealed.size; ) {
    try {
      const reader = (await exchange.clip(share, clip.id, at)).getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        at += next.value.length;
        breaks = 0;
        yield next.value;
      }
      if (at < clip.sealed.size) throw new Problem(0, "no_answer", "unavailable"); // it ended before its end
    } catch (error) {
      const passes = error instanceof TypeError || (error instanceof Problem && error.passes);
      if (!passes || ++breaks >= maxBreaks) throw error instanceof TypeError ? new Problem(0, "no_answer", "unavailable") : error;
      await new Promise((resolve) => setTimeout(resolve, firstPause * 2 ** (breaks - 1)));
    }
  }
}
