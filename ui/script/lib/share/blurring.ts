// Films that were blurred for a share. They are made once, and again only if the page was closed in between: should they then
// come out otherwise, sealing notices, and the share begins anew under another key.

import { Refused } from "../errors.ts";
import { blur, maxBlurred } from "../media/blur.ts";
import type { Blurrer, ClipOptions } from "../media/clip.ts";

type Made = Awaited<ReturnType<Blurrer>>;

export class Blurring {
  readonly #made = new Map<string, Made>();

  /** The blurrer for a file and what was chosen for it; tell hears how many pictures of how many are done. */
  of(file: File, options: ClipOptions, tell: (done: number, all: number) => void): Blurrer {
    const key = JSON.stringify([file.name, file.size, file.lastModified, options.boxes, options.cut]);
    return async (cleaned, boxes, cut) => {
      const known = this.#made.get(key);
      if (known) return known;
      const made = await blur(cleaned, boxes, cut, tell);
      const held = [...this.#made.values(), made].reduce((sum, m) => sum + m.content.size, 0);
      if (held > maxBlurred) throw new Refused("clip_blur_large");
      this.#made.set(key, made);
      return made;
    };
  }
}
