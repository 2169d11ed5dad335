// Points: an embedding of samples, or a volcano of genes.
const n = DATA.names.length;
const labels = (DATA.labels || []).map(l => ({ name: l.name, levels: l.levels, of: l.levels ? ints(l.codes, 2) : null, values: l.values ? spread(l.values) : null }));
const genes = DATA.genes, volcano = DATA.volcano;
const b = { x0: 58, y0: 10, x1: 0, y1: 0 };
let cls = null, vals = null, order = [], only = -1, found = new Set(), wanted = "", names = [];

const pad = (lo, hi) => { const d = (hi - lo || 1) * .05; return [lo - d, hi + d]; };
let X, Y, xlo, xhi, ylo, yhi, map;
function show(m) {
  map = m;
  X = spread(m.x);
  Y = spread(m.y);
  [xlo, xhi] = pad(m.x.lo, m.x.hi);
  [ylo, yhi] = pad(m.y.lo, m.y.hi);
}
show(DATA);
if (volcano) { const m = Math.max(-xlo, xhi); xlo = -m; xhi = m; ylo = Math.min(0, ylo); ylo = 0 - yhi * .02; }
const px = v => (b.x0 + (v - xlo) / (xhi - xlo) * (b.x1 - b.x0)) * s.zoom + s.dx;
const py = v => (b.y1 - (v - ylo) / (yhi - ylo) * (b.y1 - b.y0)) * s.zoom + s.dy;
const ix = p => xlo + ((p - s.dx) / s.zoom - b.x0) / (b.x1 - b.x0) * (xhi - xlo);
const iy = p => ylo + (b.y1 - (p - s.dy) / s.zoom) / (b.y1 - b.y0) * (yhi - ylo);
const inside = p => p.x >= b.x0 - 2 && p.x <= b.x1 + 4 && p.y >= b.y0 - 4 && p.y <= b.y1 + 2;
const hidden = i => only >= 0 && cls && cls[i] !== only;
const form = k => volcano ? volcano.marks[k] : k, hue = k => volcano ? volcano.colours[k] : names[k] && names[k].other ? 7 : k;
const radius = () => Math.min((n > 2000 ? 2.2 : n > 300 ? 3 : 4) * (s.w < 480 ? .8 : 1) * Math.sqrt(Math.min(s.zoom, 4)), 7);

const s = stage({
  n, label: DATA.title + ". Arrow keys go from point to point.",
  place: i => ({ x: px(X[i]), y: py(Y[i]) }),
  hidden,
  find(p) {
    if (!inside(p)) return -1;
    let best = -1, least = 14 * 14;
    for (let i = 0; i < n; i++) {
      if (hidden(i)) continue;
      const d = (px(X[i]) - p.x) ** 2 + (py(Y[i]) - p.y) ** 2;
      if (d < least) { least = d; best = i; }
    }
    return best;
  },
  tell(i) {
    const t = [DATA.names[i]];
    if (volcano) t.push("log₂ fold change " + short(X[i]), (DATA.capped && DATA.capped.includes(i) ? "p < " : "p = ") + short(10 ** -Y[i], 2));
    for (const l of labels) {
      const v = l.values ? short(l.values[i], 4) : l.levels[l.of[i]];
      if (v !== "") t.push(l.name + ": " + v);
    }
    if (wanted && vals) t.push(wanted + ": " + short(vals[i]) + (genes && genes.units ? " " + genes.units : ""));
    return t;
  },
  draw(c) {
    b.x1 = s.w - 10;
    b.y1 = s.h - 44;
    axes(c, b, { map: px, label: map.xlabel, ticks: plain(ticks(ix(b.x0), ix(b.x1), (b.x1 - b.x0) / 80)) },
      { map: py, label: map.ylabel, ticks: plain(ticks(iy(b.y1), iy(b.y0), (b.y1 - b.y0) / 50)) });
    c.save();
    c.beginPath();
    c.rect(b.x0, b.y0 - 4, b.x1 - b.x0 + 6, b.y1 - b.y0 + 4);
    c.clip();
    if (volcano) {
      c.setLineDash([5, 4]);
      c.strokeStyle = look.faint;
      c.beginPath();
      for (const x of [-cut.fold, cut.fold]) { c.moveTo(px(x), b.y0); c.lineTo(px(x), b.y1); }
      c.moveTo(b.x0, py(-Math.log10(cut.p)));
      c.lineTo(b.x1, py(-Math.log10(cut.p)));
      c.stroke();
      c.setLineDash([]);
    }
    const r = radius();
    if (vals) {
      for (const i of order) {
        const p = new Path2D();
        mark(p, 0, px(X[i]), py(Y[i]), r);
        c.fillStyle = isNaN(vals[i]) ? look.paper : ramp((vals[i] - lo) / (hi - lo || 1));
        c.strokeStyle = look.faint;
        c.lineWidth = .6;
        c.fill(p);
        c.stroke(p);
      }
    } else {
      for (let k = 0; k < Math.max(names.length, 1); k++) {
        const p = new Path2D(), q = new Path2D();
        for (let i = 0; i < n; i++) if (!cls || cls[i] === k) mark(hidden(i) ? q : p, form(k), px(X[i]), py(Y[i]), r);
        c.fillStyle = look.dark ? "rgba(255,255,255,.16)" : "rgba(0,0,0,.12)";
        c.fill(q);
        paint(c, p, hue(k), volcano && !k ? .2 : 0);
      }
    }
    // Rings about what was found; names of the topmost where they do not meet.
    const many = found.size > 40, taken = [];
    c.strokeStyle = look.ink;
    c.lineWidth = many ? 1 : 2;
    c.font = "12px system-ui,Helvetica,Arial,sans-serif";
    c.textBaseline = "middle";
    c.textAlign = "left";
    for (const i of found) {
      const p = new Path2D();
      mark(p, 0, px(X[i]), py(Y[i]), r + (many ? 2 : 4));
      c.stroke(p);
    }
    for (const i of [...found].sort((p, q) => Y[q] - Y[p])) {
      if (taken.length >= 20) break;
      const w = c.measureText(DATA.names[i]).width, y = py(Y[i]), left = px(X[i]) + r + 7 + w > b.x1;
      const x = left ? px(X[i]) - r - 7 - w : px(X[i]) + r + 7;
      if (taken.some(t => x < t[0] + t[2] + 4 && t[0] < x + w + 4 && Math.abs(y - t[1]) < 14)) continue;
      taken.push([x, y, w]);
      c.fillStyle = look.dark ? "rgba(24,24,24,.75)" : "rgba(255,255,255,.8)";
      c.fillRect(x - 1, y - 8, w + 2, 16);
      c.fillStyle = look.ink;
      c.fillText(DATA.names[i], x, y);
    }
    if (s.at >= 0) {
      const p = new Path2D();
      mark(p, 0, px(X[s.at]), py(Y[s.at]), r + 3);
      c.lineWidth = 2.5;
      c.strokeStyle = look.dark ? "#ffd166" : "#d55e00";
      c.stroke(p);
    }
    c.restore();
  },
});

let lo = 0, hi = 1;
const legend = el("div", { class: "gxw-legend", role: "group", "aria-label": "Legend; a press shows one class alone" });
function byValues(v, name, unit) {
  vals = v; cls = null; only = -1; wanted = name;
  const ok = Array.from(v).filter(x => !isNaN(x));
  lo = Math.min(...ok); hi = Math.max(...ok);
  if (!ok.length) lo = 0, hi = 1;
  // High values are drawn last, so that they are seen.
  order = Array.from({ length: n }, (_, i) => i).sort((p, q) => (isNaN(v[p]) ? -Infinity : v[p]) - (isNaN(v[q]) ? -Infinity : v[q]) || p - q);
  showScale(unit);
}
function showScale(unit) {
  const stops = [0, .25, .5, .75, 1].map(ramp).join(",");
  legend.replaceChildren(el("span", { class: "gxw-scale" }, wanted + (unit ? " (" + unit + ")" : ""), el("span", {}, short(lo)), el("i", { style: "background:linear-gradient(90deg," + stops + ")" }), el("span", {}, short(hi))));
  legend.unit = unit;
}
function byClasses(of, list) {
  vals = null; wanted = ""; cls = of; names = list; only = -1;
  showLegend();
}
function showLegend() {
  const buttons = names.map((l, k) => {
    const e = el("button", { type: "button", "aria-pressed": "false", title: "Show alone" }, sign(form(k), hue(k)), l.name + " (" + l.count + ")");
    e.addEventListener("click", () => {
      only = only === k ? -1 : k;
      buttons.forEach((x, j) => x.setAttribute("aria-pressed", String(j === only)));
      s.tell(-1);
    });
    return e;
  });
  legend.replaceChildren(...buttons);
}
const most = 16;
function byLabel(l) {
  if (!l) { byClasses(null, []); return; }
  if (l.values) { byValues(l.values, l.name, ""); return; }
  // The most frequent classes have colours of their own, in the order they appear in.
  const count = l.levels.map(() => 0);
  for (const k of l.of) count[k]++;
  let shown = l.levels.map((_, k) => k);
  if (shown.length > most) shown = shown.sort((p, q) => count[q] - count[p] || p - q).slice(0, most - 1).sort((p, q) => p - q);
  const to = new Map(shown.map((k, i) => [k, i])), rest = n - shown.reduce((t, k) => t + count[k], 0);
  const list = shown.map(k => ({ name: l.levels[k] === "" ? "(none)" : l.levels[k], count: count[k] }));
  if (rest) list.push({ name: (l.levels.length - shown.length) + " other classes", count: rest, other: true });
  byClasses(l.of.map(k => to.has(k) ? to.get(k) : shown.length), list);
}

const cut = volcano ? { fold: volcano.fold, p: volcano.p } : null;
function byCut() {
  const of = new Array(n), count = [0, 0, 0], y = -Math.log10(cut.p);
  for (let i = 0; i < n; i++) {
    of[i] = Y[i] >= y - 1e-6 && Math.abs(X[i]) >= cut.fold - 1e-6 ? (X[i] > 0 ? 2 : 1) : 0;
    count[of[i]]++;
  }
  const keep = only;
  byClasses(of, ["neither", "down", "up"].map((t, k) => ({ name: t, count: count[k] })));
  only = keep;
}

const bar = el("div", { class: "gxw-bar" });
if (DATA.more) {
  const maps = [DATA, ...DATA.more];
  const which = el("select", { "aria-label": "Map" }, ...maps.map((m, k) => el("option", { value: k }, m.map)));
  which.addEventListener("change", () => { show(maps[which.value]); s.zoomBy(0); s.say.textContent = map.map + " is shown"; });
  bar.append(el("label", {}, "Map", which));
}
const pick = el("select", { "aria-label": "Colour by" });
if (!volcano) {
  labels.forEach((l, k) => pick.append(el("option", { value: k }, l.name)));
  if (!labels.length) pick.append(el("option", { value: -1 }, "nothing"));
  pick.value = DATA.first || 0;
  pick.addEventListener("change", () => { if (geneBox) geneBox.input.value = ""; byLabel(labels[pick.value]); s.tell(-1); });
  bar.append(el("label", {}, "Colour by", pick));
}
const geneBox = genes && finder("Gene", genes.names, name => {
  if (!name) { byLabel(labels[pick.value]); s.tell(-1); return; }
  const g = genes.names.findIndex(x => x.toLowerCase() === name.toLowerCase());
  if (g < 0) { s.say.textContent = genes.names.some(x => x.toLowerCase().startsWith(name.toLowerCase())) ? "" : "no gene " + name + " among the " + genes.names.length + " kept in this figure"; return; }
  const q = genes.q, v = new Float64Array(n);
  for (let i = 0; i < n; i++) v[i] = q[g * n + i] === 255 ? NaN : genes.lo[g] + q[g * n + i] * (genes.hi[g] - genes.lo[g]) / 254;
  byValues(v, genes.names[g], genes.units);
  s.tell(-1);
  s.say.textContent = "coloured by " + genes.names[g] + ", " + short(lo) + " to " + short(hi) + (genes.units ? " " + genes.units : "");
});
if (genes) {
  genes.q = bytes(genes.q);
  bar.append(geneBox);
}
bar.append(finder(volcano ? "Find a gene" : "Find a sample", volcano && n <= 500 ? DATA.names : null, t => {
  found = new Set();
  t = t.toLowerCase();
  if (t) for (let i = 0; i < n; i++) if (DATA.names[i].toLowerCase().includes(t)) found.add(i);
  s.tell(-1);
  s.say.textContent = t ? found.size + " found" : "";
}));
if (volcano) {
  const set = (key, attrs, text) => {
    const e = el("input", { type: "number", ...attrs, value: cut[key] });
    e.addEventListener("input", () => {
      const v = +e.value;
      if (!(v >= 0) || key === "p" && !(v > 0 && v <= 1)) return;
      cut[key] = v;
      byCut();
      s.tell(-1);
      s.say.textContent = names.map(l => l.count + " " + l.name).join(", ");
    });
    return el("label", {}, text, e);
  };
  bar.append(set("fold", { min: 0, step: .1 }, "|log₂ FC| ≥"), set("p", { min: 0, max: 1, step: .01 }, DATA.pname + " ≤"));
}
bar.append(s.buttons());
if (volcano) byCut(); else byLabel(labels[DATA.first || 0]);
live(() => { if (vals) showScale(legend.unit); else showLegend(); s.draw(); }, bar, s.box, legend, s.say);
