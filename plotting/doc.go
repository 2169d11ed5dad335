// Package plotting draws the figures of an analysis as a journal prints them:
// sized in millimetres, text of 7 to 8 points, colours that the colour-blind and
// a grey printer tell apart, n and units where a reader looks for them.
//
//	kernel.Show(plotting.Curves(plotting.MeanSE("recommended", folds)))
//	err := plotting.RankBars(ranks).Width(85).Save("fig2b.pdf")
//
// A [Figure] is a value that remembers what to draw; its methods return changed
// copies, and nothing is drawn, and no mistake reported, before SVG, PNG, PDF or
// Save is called. Figures take plain numbers, so they serve for anybody's data;
// beside them stand short forms that take results of package gx. [Panels] lays
// any figures out on one page with the letters a, b, c.
//
// Decision: axes and marks are our own, on the canvases, fonts and paths of
// gonum/plot (vg, vgimg, vgpdf), and not its Plot and plotter packages. A notebook
// cell is linked anew every time it runs, and those packages carry twelve fonts
// and five more formats into each cell; ours needs two fonts. We also need what
// Plot does not offer: legends outside the data, panels that line up, dense
// scatters as one small picture inside an SVG. What we give up is the large stock
// of plotters; [Of] takes any plot made with them and makes a Figure of it.
//
// A [Widget] is a figure to look into: EmbeddingWidget, CodeMapWidget, MapsWidget,
// CodeExplorer, VolcanoWidget, NetworkWidget, LearningCurveWidget, and what [Live] leaves behind.
// Each is one fragment of HTML with its script, style, data and a still picture
// inside, drawn on a canvas by scripts of our own (folder widget); colours and markers
// are those of the figures. Decision: no library of plots in the page, since one alone
// is heavier than all that we show, and a notebook must open without a network.
//
// An SVG is the same bytes for the same numbers: no dates, no random names. Its
// text stays text, in Liberation Sans or the sans serif (Arial, Helvetica) that
// has the same widths.
package plotting
