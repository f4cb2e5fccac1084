// Package sample makes small films of a street, so that the project can show and test its work without anybody's footage and
// without another program. The films are H.264 in MP4 or QuickTime and play in browsers.
//
// The encoder is lossless and simple: a macroblock that changed is sent as its samples (I_PCM), one that did not is skipped
// (P_Skip). What [Film.Frame] draws is exactly what a decoder shows. The same seed always makes the same bytes.
//
// For tests, metadata of every sort that cameras leave can be planted; see [Plant].
package sample
