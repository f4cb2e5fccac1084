// Package townmap draws maps on the server, as SVG that needs no script, no tile server and no third party: nobody but
// the reader's own screen learns where a reader looks.
//
// An operator supplies a basemap as one GeoJSON FeatureCollection (RFC 7946) whose features say in the property "kind"
// what they are: water, park, building, street, rail or place, with "name" where there is one, and "class": "major" for
// the streets that stand out. Without a basemap a map shows a graticule and the outlines it was given. All colours come
// from the page's style sheet through classes, so that a map follows light, dark and print.
//
// A map never shows an incident point: no function here takes one.
package townmap
