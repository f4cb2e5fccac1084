// The words of pseudonyms, the same as in seal/pseudonym.go.

const first =
  "amber azure birch bright brisk bronze calm cedar clear cobalt copper coral crimson crystal dawn early ember " +
  "evening fern frosty gentle ginger golden grassy green hazel hidden indigo ivory jade lemon light lilac linen " +
  "lively lunar maple mellow misty morning mossy noble ochre olive opal orange pearl pine plain quiet rosy russet " +
  "saffron sandy scarlet silver sky snowy spring steady summer sunny velvet winter";

const second =
  "acorn alder anchor apple arbor aspen aster basket beacon bell berry bramble bridge brook button cairn candle " +
  "canyon clover compass cottage creek daisy dune elm feather fiddle field finch garden gate grove harbor heather " +
  "hill island juniper kettle lagoon lantern larch lark leaf meadow mill orchard path pebble pepper plum pond poplar " +
  "prairie quill reed ribbon ridge river robin sparrow thimble valley willow wren";

export const pseudonymFirst = first.split(" ");
export const pseudonymSecond = second.split(" ");
