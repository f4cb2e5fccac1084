// What may stay of a film's index (internal/media/rule.go). What the lists do not name goes.

export type Rule = "drop" | "keep" | "enter" | "edit";

export const words = (text: string): string[] => text.split(" ");

const rules = new Map<string, Rule>();
for (const place of words("moov/mvhd trak/tkhd mdia/mdhd mdia/hdlr minf/hdlr dinf/dref stbl/stsd moov/trak trak/tref mvex/trex")) rules.set(place, "edit");
for (const place of words("moov/mvex trak/edts trak/mdia trak/tapt mdia/minf minf/dinf minf/stbl")) rules.set(place, "enter");
const stay =
  "mvex/mehd edts/elst tapt/clef tapt/prof tapt/enof minf/vmhd minf/smhd " +
  "stbl/stts stbl/ctts stbl/cslg stbl/stsc stbl/stsz stbl/stz2 stbl/stco stbl/co64 stbl/stss stbl/stps stbl/sdtp stbl/sbgp stbl/sgpd stbl/subs stbl/stdp stbl/padb " +
  "traf/tfhd traf/tfdt traf/trun traf/sdtp traf/sbgp traf/sgpd traf/subs moof/mfhd";
for (const place of words(stay)) rules.set(place, "keep");

/** What becomes of a box inside another. */
export const moovRule = (parent: string, kind: string): Rule => rules.get(`${parent}/${kind}`) ?? "drop";

const decoders = new Set(
  words(
    "avcC hvcC lhvC vvcC av1C vpcC dvcC dvvC dvwC esds glbl d263 jpgC mjqt mjht colr pasp clap fiel gama btrt mdcv clli SmDm CoLL amve st3d " +
      "wave dac3 dec3 dac4 dOps dfLa alac damr chan chnl pcmC srat frma enda mp4a",
  ),
);

/** Whether a box inside a sample description is one that decoders need. */
export const entryKeeps = (kind: string): boolean => decoders.has(kind);
