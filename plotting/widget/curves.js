// Curves: values over epochs, read off at the pointer.
const series = DATA.series.map(c => ({ name: c.name, x: c.x, y: c.y, se: c.se, k: c.k, dash: c.dash }));
const b = { x0: 64, y0: 10, x1: 0, y1: 0 };
const xs = [...new Set(series.flatMap(c => c.x))].sort((p, q) => p - q);
const all = series.flatMap(c => c.y.map((v, i) => [v - (c.se ? c.se[i] : 0), v + (c.se ? c.se[i] : 0)]));
const low = Math.min(...all.map(v => v[0])), high = Math.max(...all.map(v => v[1])), positive = Math.min(...series.flatMap(c => c.y)) > 0;
let log = !!DATA.log && positive;
const range = () => {
  if (log) { const l = Math.log10(Math.min(...series.flatMap(c => c.y))), h = Math.log10(high); return [l - .04 * (h - l || 1), h + .04 * (h - l || 1)]; }
  const d = (high - low || Math.abs(high) || 1) * .05;
  return [low - d, high + d];
};
const x0 = Math.min(xs[0], DATA.x0 ?? xs[0]), x1 = Math.max(xs[xs.length - 1], DATA.x1 ?? 0) || 1;
const px = v => b.x0 + (v - x0) / (x1 - x0 || 1) * (b.x1 - b.x0);
const f = v => log ? Math.log10(Math.max(v, 1e-300)) : v;
const py = v => { const [l, h] = range(); return Math.min(Math.max(b.y1 - (f(v) - l) / (h - l) * (b.y1 - b.y0), b.y0), b.y1); };
const s = stage({
  n: xs.length, zooms: false, shape: .58, label: DATA.title + ". Arrow keys go from " + DATA.xlabel + " to " + DATA.xlabel + ".",
  place: i => ({ x: px(xs[i]), y: (b.y0 + b.y1) / 2 }),
  find(p) {
    if (p.x < b.x0 - 6 || p.x > b.x1 + 6 || p.y > b.y1 + 20) return -1;
    let best = -1, least = Infinity;
    xs.forEach((x, i) => { const d = Math.abs(px(x) - p.x); if (d < least) { least = d; best = i; } });
    return best;
  },
  next: (at, way) => at < 0 ? (way[0] < 0 ? xs.length - 1 : 0) : Math.min(Math.max(at + (way[0] || -way[1]), 0), xs.length - 1),
  tell(i) {
    const out = [DATA.xlabel + " " + short(xs[i], 6)];
    for (const c of series) {
      const j = c.x.indexOf(xs[i]);
      if (j >= 0) out.push((c.name || DATA.ylabel) + ": " + short(c.y[j], 4) + (c.se && c.se[j] ? " ± " + short(c.se[j], 2) : ""));
    }
    return out;
  },
  draw(c) {
    b.x1 = s.w - 12;
    b.y1 = s.h - 44;
    const [l, h] = range();
    let yt = plain(ticks(l, h, (b.y1 - b.y0) / 50));
    if (log) {
      yt = [];
      for (let e = Math.floor(l); e <= Math.ceil(h); e++) for (const m of h - l > 3 ? [1] : [1, 2, 5]) {
        const v = m * 10 ** e;
        if (Math.log10(v) >= l && Math.log10(v) <= h) yt.push({ at: v, text: short(v, 2) });
      }
      if (yt.length < 2) yt = ticks(10 ** l, 10 ** h, 4).filter(v => v > 0).map(v => ({ at: v, text: short(v, 3) }));
    }
    axes(c, b, { map: px, label: DATA.xlabel, ticks: plain(ticks(x0, x1, (b.x1 - b.x0) / 70)) }, { map: py, label: DATA.ylabel, ticks: yt });
    for (const r of series) {
      if (r.se && r.x.length > 1) {
        c.beginPath();
        r.x.forEach((x, i) => c[i ? "lineTo" : "moveTo"](px(x), py(r.y[i] + r.se[i])));
        for (let i = r.x.length - 1; i >= 0; i--) c.lineTo(px(r.x[i]), py(r.y[i] - r.se[i]));
        c.globalAlpha = .25;
        c.fillStyle = colourOf(r.k);
        c.fill();
        c.globalAlpha = 1;
      }
      c.beginPath();
      c.strokeStyle = colourOf(r.k);
      c.lineWidth = 1.8;
      c.setLineDash((r.dash || []).map(v => 1.6 * v));
      r.x.forEach((x, i) => c[i ? "lineTo" : "moveTo"](px(x), py(r.y[i])));
      c.stroke();
      c.setLineDash([]);
      if (r.x.length === 1) { const p = new Path2D(); mark(p, r.k, px(r.x[0]), py(r.y[0]), 3); paint(c, p, r.k); }
    }
    if (s.at >= 0) {
      c.strokeStyle = look.faint;
      c.lineWidth = 1;
      c.beginPath();
      c.moveTo(px(xs[s.at]), b.y0);
      c.lineTo(px(xs[s.at]), b.y1);
      c.stroke();
      for (const r of series) {
        const j = r.x.indexOf(xs[s.at]);
        if (j >= 0) { const p = new Path2D(); mark(p, r.k, px(xs[s.at]), py(r.y[j]), 4); paint(c, p, r.k); }
      }
    }
  },
});
const legend = el("div", { class: "gxw-legend", role: "list" });
function showLegend() {
  legend.replaceChildren(...series.filter(c => c.name).map(c => {
    const cv = el("canvas", { width: 56, height: 20, style: "width:28px;height:10px", "aria-hidden": "true" }), g = cv.getContext("2d");
    g.strokeStyle = colourOf(c.k);
    g.lineWidth = 3.6;
    g.setLineDash((c.dash || []).map(v => 3.2 * v));
    g.beginPath();
    g.moveTo(0, 10);
    g.lineTo(56, 10);
    g.stroke();
    return el("span", { role: "listitem", style: "display:inline-flex;gap:.35rem;align-items:center;margin-right:.8rem;font-size:12.5px" }, cv, c.name);
  }));
}
const box = el("input", { type: "checkbox", on: { change: () => { log = box.checked; s.tell(-1); } } });
box.checked = log;
const bar = el("div", { class: "gxw-bar" }, ...(positive ? [el("label", {}, box, "logarithmic")] : []));
live(() => { showLegend(); s.draw(); }, legend, s.box, bar, s.say);
