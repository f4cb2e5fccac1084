package ui

import (
	"fmt"
	"html"
	"html/template"
	"strings"
)

// Bar is one bar of a chart.
type Bar struct {
	Label string
	Value float64
}

// Measures of a chart, in its own units: wide enough for a phone, so that its letters are as large as the page's.
const (
	chartWidth  = 300.0
	chartLabels = 62.0 // for the labels in front of the bars
	chartValues = 58.0 // for the figures behind them
	chartRow    = 24.0
	chartBar    = 15.0
)

// chart draws a bar for each label with its figure behind it: it reads without colour, on paper and in a screen reader, to which
// it is a picture with a title that the table beside it explains. It is empty without bars.
func (f funcs) chart(id, title string, bars []Bar) template.HTML {
	if len(bars) == 0 {
		return ""
	}
	top := 0.0
	for _, b := range bars {
		top = max(top, b.Value)
	}
	height := chartRow * float64(len(bars))
	var out strings.Builder
	fmt.Fprintf(&out, `<svg class="chart" viewBox="0 0 %.0f %.0f" role="img" aria-labelledby="%s"><title id="%s">%s</title>`, chartWidth, height, id, id, html.EscapeString(title))
	for i, b := range bars {
		length := 0.0
		if top > 0 {
			length = b.Value / top * (chartWidth - chartLabels - chartValues)
		}
		y := chartRow * float64(i)
		fmt.Fprintf(&out, `<text class="chart-label" x="0" y="%.1f">%s</text>`, y+16, html.EscapeString(f.month(b.Label)))
		fmt.Fprintf(&out, `<rect class="chart-bar" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, chartLabels, y+4, length, chartBar)
		fmt.Fprintf(&out, `<text class="chart-figure" x="%.1f" y="%.1f">%s</text>`, chartLabels+length+6, y+16, html.EscapeString(f.words.Number(b.Value, 1)))
	}
	fmt.Fprintf(&out, `<path class="chart-ground" d="M%.1f 0v%.0f"/></svg>`, chartLabels, height)
	return template.HTML(out.String()) // made of numbers and escaped texts alone
}
