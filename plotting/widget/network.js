// A network: nodes to drag, neighbours that light up.
const N = DATA.nodes.length, A = ints(DATA.a, 2), B = ints(DATA.b, 2), M = A.length;
const W = DATA.w ? Array.from(bytes(DATA.w), v => .6 + v / 255 * 3.4) : null;
const groups = DATA.groups || [], of = DATA.of ? ints(DATA.of, 2) : null, size = DATA.size ? bytes(DATA.size) : null;
const X = spread(DATA.x), Y = spread(DATA.y), vx = new Float64Array(N), vy = new Float64Array(N);
const near = DATA.nodes.map(() => new Set());
for (let e = 0; e < M; e++) { near[A[e]].add(B[e]); near[B[e]].add(A[e]); }
const lo = [Math.min(...X), Math.min(...Y)], hi = [Math.max(...X), Math.max(...Y)];
// The spring's rest is the edges' median length at the start, or what the nodes have
// room for.
const lengths = A.map((a, e) => Math.hypot(X[a] - X[B[e]], Y[a] - Y[B[e]])).sort((p, q) => p - q);
const room = .9 * Math.sqrt(Math.max((hi[0] - lo[0]) * (hi[1] - lo[1]), 1e-6 * Math.max(hi[0] - lo[0], hi[1] - lo[1], 1) ** 2) / N);
const rest = Math.min(lengths[M >> 1] || room, room);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const pinned = new Set(); // nodes stay where they were put
let found = new Set(), held = false, heat = 0, only = -1, moving = false;

const edge = 26;
const unit = () => Math.min((s.w - 2 * edge) / (hi[0] - lo[0] || 1), (s.h - 2 * edge) / (hi[1] - lo[1] || 1));
const px = x => (s.w / 2 + (x - (lo[0] + hi[0]) / 2) * unit()) * s.zoom + s.dx;
const py = y => (s.h / 2 - (y - (lo[1] + hi[1]) / 2) * unit()) * s.zoom + s.dy;
const radius = i => (N > 400 ? 3 : N > 80 ? 5 : 7) * (size ? .7 + size[i] / 255 * 1.3 : 1) * Math.sqrt(Math.min(s.zoom, 3));
const off = i => only >= 0 && of && of[i] !== only;
const s = stage({
  n: N, shape: .75, lines: of ? 3 : 2, label: DATA.title + ". Arrow keys go from node to node.",
  place: i => ({ x: px(X[i]), y: py(Y[i]) }),
  hidden: off,
  find(p) {
    let best = -1, least = Infinity;
    for (let i = 0; i < N; i++) {
      const d = Math.hypot(px(X[i]) - p.x, py(Y[i]) - p.y) - radius(i);
      if (d < 6 && d < least && !off(i)) { least = d; best = i; }
    }
    return best;
  },
  tell(i) {
    const around = [...near[i]].map(j => DATA.nodes[j]).sort();
    return [DATA.nodes[i], ...(of ? [groups[of[i]] || "(none)"] : []), around.length + (around.length === 1 ? " neighbour" : " neighbours"), ...(around.length ? [around.slice(0, 20).join(", ") + (around.length > 20 ? ", …" : "")] : [])];
  },
  drag(i, p) {
    X[i] = (lo[0] + hi[0]) / 2 + ((p.x - s.dx) / s.zoom - s.w / 2) / unit();
    Y[i] = (lo[1] + hi[1]) / 2 - ((p.y - s.dy) / s.zoom - s.h / 2) / unit();
    pinned.add(i);
    release.disabled = false;
    held = true;
    warm();
    s.tell(i);
  },
  drop() { held = false; },
  draw(c) {
    const lit = s.at >= 0 ? s.at : -1;
    for (let e = 0; e < M; e++) {
      const on = lit >= 0 && (A[e] === lit || B[e] === lit);
      c.strokeStyle = on ? (look.dark ? "#ffd166" : "#d55e00") : look.faint;
      c.globalAlpha = on ? 1 : lit >= 0 || off(A[e]) || off(B[e]) ? .15 : .5;
      c.lineWidth = (W ? W[e] : 1) + (on ? 1 : 0);
      c.beginPath();
      c.moveTo(px(X[A[e]]), py(Y[A[e]]));
      c.lineTo(px(X[B[e]]), py(Y[B[e]]));
      c.stroke();
    }
    for (let i = 0; i < N; i++) {
      const p = new Path2D();
      mark(p, of ? of[i] : 0, px(X[i]), py(Y[i]), radius(i));
      c.globalAlpha = off(i) || lit >= 0 && lit !== i && !near[lit].has(i) ? .25 : 1;
      paint(c, p, of ? of[i] : 0);
      if (found.has(i) || i === lit) {
        const q = new Path2D();
        mark(q, 0, px(X[i]), py(Y[i]), radius(i) + 4);
        c.lineWidth = 2;
        c.strokeStyle = look.ink;
        c.stroke(q);
      }
    }
    c.globalAlpha = 1;
    c.font = "12px system-ui,Helvetica,Arial,sans-serif";
    c.textAlign = "center";
    c.textBaseline = "top";
    const taken = [];
    const write = (i, must) => {
      const name = DATA.nodes[i].length > 24 ? DATA.nodes[i].slice(0, 23) + "…" : DATA.nodes[i], w = c.measureText(name).width;
      const x = Math.min(Math.max(px(X[i]), w / 2 + 2), s.w - w / 2 - 2);
      let y = py(Y[i]) + radius(i) + 3;
      if (y > s.h - 14) y = py(Y[i]) - radius(i) - 16;
      const r = [x - w / 2 - 2, y - 1, x + w / 2 + 2, y + 13];
      if (!must && taken.some(t => r[0] < t[2] && r[2] > t[0] && r[1] < t[3] && r[3] > t[1])) return;
      taken.push(r);
      c.lineWidth = 3;
      c.strokeStyle = look.paper;
      c.strokeText(name, x, y);
      c.fillStyle = look.ink;
      c.fillText(name, x, y);
    };
    // Names where there is room: of what is looked at first, then of hubs.
    for (const i of found) write(i, found.size < 10);
    for (const i of hubs) {
      if (taken.length > 60 * s.zoom) break;
      const p = [px(X[i]), py(Y[i])];
      if (off(i) || lit === i || lit >= 0 && !near[lit].has(i) || p[0] < 0 || p[1] < 0 || p[0] > s.w || p[1] > s.h) continue;
      if (!found.has(i)) write(i, false);
    }
  },
});
const hubs = DATA.nodes.map((_, i) => i).sort((p, q) => near[q].size - near[p].size || p - q);

function warm() {
  if (calm.matches) return;
  heat = 1;
  if (!moving) { moving = true; requestAnimationFrame(step); }
}
const release = el("button", { type: "button", disabled: true, title: "Let dragged nodes move again", on: { click: () => { pinned.clear(); release.disabled = true; warm(); } } }, "Let go");

// One step of the forces: edges are springs, near nodes push each other off.
function step() {
  const k = rest, cells = new Map(), cell = 3 * k;
  const key = (i, j) => i * 100003 + j;
  for (let i = 0; i < N; i++) {
    const q = key(Math.floor(X[i] / cell), Math.floor(Y[i] / cell));
    if (!cells.has(q)) cells.set(q, []);
    cells.get(q).push(i);
  }
  for (let i = 0; i < N; i++) {
    const cx = Math.floor(X[i] / cell), cy = Math.floor(Y[i] / cell);
    for (let u = -1; u <= 1; u++) for (let v = -1; v <= 1; v++) for (const j of cells.get(key(cx + u, cy + v)) || []) {
      if (j === i) continue;
      let dx = X[i] - X[j], dy = Y[i] - Y[j], d = Math.hypot(dx, dy);
      if (d < 1e-6 * k) { dx = (i < j ? 1 : -1) * 1e-3 * k; d = Math.abs(dx); }
      if (d < cell) { const g = heat * .08 * k * k / (d * d); vx[i] += dx * g; vy[i] += dy * g; }
    }
  }
  for (let e = 0; e < M; e++) {
    const a = A[e], z = B[e], dx = X[z] - X[a], dy = Y[z] - Y[a], d = Math.hypot(dx, dy) || 1e-9, g = heat * .12 * (d - k) / d / Math.sqrt(Math.max(Math.min(near[a].size, near[z].size), 1));
    vx[a] += dx * g; vy[a] += dy * g; vx[z] -= dx * g; vy[z] -= dy * g;
  }
  for (let i = 0; i < N; i++) {
    if (!pinned.has(i)) {
      const v = Math.hypot(vx[i], vy[i]), most = .3 * k, t = v > most ? most / v : 1;
      X[i] = Math.min(Math.max(X[i] + vx[i] * t, lo[0]), hi[0]); // all stays in the picture
      Y[i] = Math.min(Math.max(Y[i] + vy[i] * t, lo[1]), hi[1]);
    }
    vx[i] *= .55; vy[i] *= .55;
  }
  if (!held) heat *= .93;
  s.draw();
  if (heat > .02 && document.contains(root)) requestAnimationFrame(step); else moving = false;
}

const legend = el("div", { class: "gxw-legend", role: "group", "aria-label": "Legend; a press shows one group alone" });
function showLegend() {
  const buttons = groups.map((g, k) => {
    const e = el("button", { type: "button", "aria-pressed": String(only === k), title: "Show alone" }, sign(k), g || "(none)");
    e.addEventListener("click", () => { only = only === k ? -1 : k; buttons.forEach((x, j) => x.setAttribute("aria-pressed", String(j === only))); s.tell(-1); });
    return e;
  });
  legend.replaceChildren(...buttons);
}
const bar = el("div", { class: "gxw-bar" }, finder("Find a node", N <= 500 ? DATA.nodes : null, t => {
  found = new Set();
  t = t.toLowerCase();
  if (t) DATA.nodes.forEach((m, i) => { if (m.toLowerCase().includes(t)) found.add(i); });
  s.tell(-1);
  s.say.textContent = t ? found.size + " found" : "";
}), s.buttons(), release);
live(() => { showLegend(); s.draw(); }, bar, s.box, legend, s.say);
