// What all widgets share. It runs inside a function of its own, with DATA and root
// given, and leaves nothing behind on the page but what it puts into root.
function el(tag, attrs, ...inside) {
  const e = document.createElement(tag);
  for (const k in attrs) {
    if (k === "on") for (const t in attrs.on) e.addEventListener(t, attrs.on[t]);
    else if (attrs[k] === true) e.setAttribute(k, "");
    else if (attrs[k] !== false && attrs[k] != null) e.setAttribute(k, attrs[k]);
  }
  // JupyterLab looks at the element that has the focus, before those around it.
  if ("tabindex" in (attrs || {}) || ["BUTTON", "SELECT", "INPUT"].includes(e.tagName)) e.setAttribute("data-lm-suppress-shortcuts", "true");
  e.append(...inside);
  return e;
}

function bytes(b64) {
  const s = atob(b64), b = new Uint8Array(s.length);
  for (let i = 0; i < s.length; i++) b[i] = s.charCodeAt(i);
  return b;
}
// Numbers are stored little-endian whatever the machine.
function ints(b64, size, signed) {
  const v = new DataView(bytes(b64).buffer), n = v.byteLength / size, out = new Array(n);
  for (let i = 0; i < n; i++) {
    out[i] = size === 1 ? v.getUint8(i) : size === 2 ? (signed ? v.getInt16(2 * i, true) : v.getUint16(2 * i, true)) : v.getUint32(4 * i, true);
  }
  return out;
}
function floats(b64) {
  const v = new DataView(bytes(b64).buffer), out = new Float64Array(v.byteLength / 4);
  for (let i = 0; i < out.length; i++) out[i] = v.getFloat32(4 * i, true);
  return out;
}
// Values between lo and hi in 16 bits; the last one stands for none.
function spread(q) {
  if (q.f) return floats(q.f);
  return Float64Array.from(ints(q.b, 2), v => v === 65535 ? NaN : q.lo + v * (q.hi - q.lo) / 65534);
}

function short(v, digits) {
  if (!isFinite(v)) return "–";
  if (v === 0) return "0";
  const a = Math.abs(v);
  const s = a >= 1e5 || a < 1e-3 ? v.toExponential((digits || 3) - 1) : String(+v.toPrecision(digits || 3));
  return s.replace(/-/g, "−");
}

// Ticks at 1, 2 or 5 times a power of ten, about n of them.
function ticks(lo, hi, n) {
  const raw = (hi - lo) / Math.max(n, 1), p = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(k => k * p).find(s => s >= raw) || 10 * p, out = [];
  for (let k = Math.ceil(lo / step - 1e-9); k * step <= hi + 1e-9 * step; k++) out.push(+(k * step).toPrecision(12));
  return out;
}

// The look: colours of the page it stands on.
const look = { dark: false, ink: "#000", faint: "#888", paper: "#fff" };
function readLook() {
  const print = matchMedia("print").matches;
  const lum = c => { const m = (c.match(/[\d.]+/g) || [0, 0, 0]).map(Number); return (m[0] * 2 + m[1] * 5 + m[2]) / 8; };
  look.dark = !print && lum(getComputedStyle(root).color) > 140;
  look.ink = look.dark ? "#eee" : "#111";
  look.faint = look.dark ? "#777" : "#999";
  look.paper = look.dark ? "#181818" : "#fff";
}
function colourOf(k) { // of the k-th class; black is white on a dark page
  const c = DATA.palette[k % DATA.palette.length];
  if (!look.dark) return c;
  return c === "#000000" ? "#ffffff" : c === "#0072b2" ? "#3d9bd6" : c;
}
function hexMix(a, b, t) {
  const p = c => [1, 3, 5].map(i => parseInt(c.slice(i, i + 2), 16)), x = p(a), y = p(b);
  return "rgb(" + x.map((v, i) => Math.round(v + (y[i] - v) * t)).join(",") + ")";
}
function ramp(t) { // light for little on a light page, dark for little on a dark one
  t = Math.min(Math.max(t, 0), 1);
  t = look.dark ? 0.85 * (1 - t) + 0.02 : 0.06 + 0.94 * t;
  const s = DATA.ramp, u = t * (s.length - 1), i = Math.min(Math.floor(u), s.length - 2);
  return hexMix(s[i], s[i + 1], u - i);
}

// Marks that grey and the colour-blind tell apart: disc, square, triangle, diamond,
// triangle upside down, plus.
function mark(p, k, x, y, r) {
  const poly = (n, turn, r) => {
    for (let i = 0; i < n; i++) p[i ? "lineTo" : "moveTo"](x + r * Math.cos(turn + 2 * Math.PI * i / n), y - r * Math.sin(turn + 2 * Math.PI * i / n));
    p.closePath();
  };
  switch (k % 6) {
    case 0: p.moveTo(x + r, y); p.arc(x, y, r, 0, 2 * Math.PI); break;
    case 1: poly(4, Math.PI / 4, 1.25 * r); break;
    case 2: poly(3, Math.PI / 2, 1.4 * r); break;
    case 3: poly(4, 0, 1.35 * r); break;
    case 4: poly(3, -Math.PI / 2, 1.4 * r); break;
    case 5: { const a = 1.25 * r, b = .45 * r; p.rect(x - b, y - a, 2 * b, 2 * a); p.rect(x - a, y - b, 2 * a, 2 * b); }
  }
}
// The second round of colours is open.
function paint(c, path, k, thin) {
  const open = Math.floor(k / DATA.palette.length) % 2 === 1, col = colourOf(k);
  c.fillStyle = open ? look.paper : col;
  c.strokeStyle = open ? col : look.dark ? "rgba(0,0,0,.55)" : "rgba(0,0,0,.45)";
  c.lineWidth = open ? 1.4 : thin || .6;
  c.fill(path);
  c.stroke(path);
}
function sign(k, col) { // a small picture for a legend
  const cv = el("canvas", { width: 28, height: 28, style: "width:14px;height:14px", "aria-hidden": "true" });
  const p = new Path2D();
  mark(p, k, 14, 14, 8);
  paint(cv.getContext("2d"), p, col ?? k, 1);
  return cv;
}

// A stage is a canvas with a view that moves, a box that tells of what is under the
// pointer, and the keys that do the same.
function stage(o) {
  const cv = el("canvas", { tabindex: "0", role: "img", "aria-label": o.label });
  const tip = el("div", { class: "gxw-tip", hidden: true });
  const say = el("p", { class: "gxw-say", role: "status", "aria-live": "polite" });
  const box = el("div", { class: "gxw-stage" }, cv, tip);
  const s = { canvas: cv, box, tip, say, w: 0, h: 0, zoom: 1, dx: 0, dy: 0, at: -1, ctx: cv.getContext("2d") };
  let asked = false;
  s.draw = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; if (s.w > 0) { fit(); s.ctx.clearRect(0, 0, s.w, s.h); o.draw(s.ctx, s); } });
  };
  function fit() {
    const dpr = Math.min(window.devicePixelRatio || 1, 3);
    if (cv.width !== Math.round(s.w * dpr) || cv.height !== Math.round(s.h * dpr)) {
      cv.width = Math.round(s.w * dpr);
      cv.height = Math.round(s.h * dpr);
    }
    cv.style.height = s.h + "px";
    s.ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
  }
  const seen = new ResizeObserver(() => {
    const w = Math.floor(box.clientWidth);
    if (w && w !== s.w) {
      s.w = w;
      s.h = Math.round(Math.min(Math.max(w * (w < 480 ? .95 : o.shape || .66), 240), 460));
      s.draw();
    }
  });
  seen.observe(box);
  s.tell = (i, keep) => {
    s.at = i;
    if (i < 0) {
      tip.hidden = true;
      if (!keep) say.textContent = "";
    } else {
      const t = o.tell(i), p = o.place(i);
      tip.replaceChildren(el("b", {}, t[0]), ...t.slice(1, o.lines || t.length).flatMap((l, k) => k ? [el("br"), l] : [l]));
      tip.hidden = false;
      const left = p.x > s.w / 2;
      tip.style.maxWidth = Math.min(256, s.w - 16) + "px";
      const w = tip.offsetWidth, h = tip.offsetHeight;
      // Beside the point, or above or below it where there is no room.
      const beside = w <= (left ? p.x : s.w - p.x) - 12;
      const x = !beside ? p.x - w / 2 : left ? p.x - w - 10 : p.x + 10;
      const y = beside ? p.y - h / 2 : p.y > s.h / 2 ? p.y - h - 14 : p.y + 14;
      tip.style.left = Math.min(Math.max(x, 2), Math.max(2, s.w - w - 2)) + "px";
      tip.style.top = Math.min(Math.max(y, 2), Math.max(2, s.h - h - 2)) + "px";
      say.textContent = t.join(" · ");
    }
    s.draw();
  };
  const at = e => { const r = cv.getBoundingClientRect(); return { x: e.clientX - r.left, y: e.clientY - r.top }; };
  s.zoomBy = (f, p) => {
    p = p || { x: s.w / 2, y: s.h / 2 };
    const z = Math.min(Math.max(s.zoom * f, 1), 60), k = z / s.zoom;
    s.dx = p.x - (p.x - s.dx) * k;
    s.dy = p.y - (p.y - s.dy) * k;
    s.zoom = z;
    if (z === 1) s.dx = s.dy = 0;
    cv.style.touchAction = z > 1 ? "none" : "pan-y";
    s.tell(-1);
  };
  cv.style.touchAction = "pan-y";
  let down = null;
  cv.addEventListener("pointermove", e => {
    const p = at(e);
    if (down) {
      if (Math.hypot(p.x - down.x, p.y - down.y) > 3) down.moved = true;
      if (down.node >= 0) o.drag(down.node, p);
      else if (s.zoom > 1 && down.moved) { s.dx += p.x - down.lx; s.dy += p.y - down.ly; s.tell(-1); }
      down.lx = p.x; down.ly = p.y;
      return;
    }
    const i = o.find(p);
    if (i !== s.at) s.tell(i);
  });
  cv.addEventListener("pointerdown", e => {
    const p = at(e);
    down = { x: p.x, y: p.y, lx: p.x, ly: p.y, node: o.drag ? o.find(p) : -1 };
    if (down.node >= 0 || s.zoom > 1) cv.setPointerCapture(e.pointerId);
  });
  // A finger on a node drags it; elsewhere it scrolls the page.
  if (o.drag) cv.addEventListener("touchstart", e => { if (e.touches.length === 1 && o.find(at(e.touches[0])) >= 0) e.preventDefault(); }, { passive: false });
  const up = e => {
    if (!down) return;
    const was = down;
    down = null;
    if (was.node >= 0 && o.drop) o.drop(was.node);
    if (!was.moved) s.tell(o.find(at(e)));
  };
  cv.addEventListener("pointerup", up);
  cv.addEventListener("pointercancel", up);
  cv.addEventListener("pointerleave", () => { if (!down) s.tell(-1, true); });
  if (o.zooms !== false) {
    cv.addEventListener("wheel", e => {
      if (!e.ctrlKey && !e.metaKey) return; // the page scrolls
      e.preventDefault();
      s.zoomBy(e.deltaY < 0 ? 1.25 : .8, at(e));
    }, { passive: false });
    cv.addEventListener("dblclick", e => s.zoomBy(e.shiftKey ? .5 : 2, at(e)));
  }
  cv.addEventListener("keydown", e => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (way) s.tell(o.next ? o.next(s.at, way) : nearest(way));
    else if (e.key === "Escape") s.tell(-1);
    else if (o.zooms !== false && (e.key === "+" || e.key === "=")) s.zoomBy(1.4);
    else if (o.zooms !== false && e.key === "-") s.zoomBy(1 / 1.4);
    else if (o.zooms !== false && e.key === "0") s.zoomBy(0);
    else return;
    e.preventDefault();
    e.stopPropagation();
  });
  // The nearest point that way, within 45 degrees of it.
  function nearest(way) {
    const from = s.at >= 0 ? o.place(s.at) : { x: s.w / 2 - way[0] * 1e-3, y: s.h / 2 - way[1] * 1e-3 };
    let best = s.at, least = Infinity;
    for (let i = 0; i < o.n; i++) {
      if (i === s.at || o.hidden && o.hidden(i)) continue;
      const p = o.place(i), x = p.x - from.x, y = p.y - from.y, along = x * way[0] + y * way[1], off = Math.abs(x * way[1]) + Math.abs(y * way[0]);
      if (p.x < 0 || p.y < 0 || p.x > s.w || p.y > s.h) continue;
      if (along > 0 && off <= along && along + off < least) { least = along + off; best = i; }
    }
    return best;
  }
  s.buttons = () => el("span", { style: "display:inline-flex;gap:.25rem" },
    el("button", { type: "button", title: "Zoom in (+)", "aria-label": "Zoom in", on: { click: () => s.zoomBy(1.4) } }, "+"),
    el("button", { type: "button", title: "Zoom out (−)", "aria-label": "Zoom out", on: { click: () => s.zoomBy(1 / 1.4) } }, "−"),
    el("button", { type: "button", title: "Show all (0)", "aria-label": "Show all", on: { click: () => s.zoomBy(0) } }, "⤢"));
  return s;
}

// Axes round a plot; x and y map data to the stage.
function axes(c, b, x, y) {
  c.save();
  c.strokeStyle = look.ink;
  c.fillStyle = look.ink;
  c.lineWidth = 1;
  c.font = "12px system-ui,Helvetica,Arial,sans-serif";
  c.beginPath();
  c.moveTo(b.x0 + .5, b.y0);
  c.lineTo(b.x0 + .5, b.y1 + .5);
  c.lineTo(b.x1, b.y1 + .5);
  c.textAlign = "center";
  c.textBaseline = "top";
  for (const t of x.ticks) {
    const px = Math.round(x.map(t.at)) + .5;
    if (px < b.x0 || px > b.x1 + 1) continue;
    c.moveTo(px, b.y1);
    c.lineTo(px, b.y1 + 5);
    c.fillText(t.text, px, b.y1 + 7);
  }
  c.textAlign = "right";
  c.textBaseline = "middle";
  for (const t of y.ticks) {
    const py = Math.round(y.map(t.at)) + .5;
    if (py < b.y0 - 1 || py > b.y1) continue;
    c.moveTo(b.x0 - 5, py);
    c.lineTo(b.x0, py);
    c.fillText(t.text, b.x0 - 7, py);
  }
  c.stroke();
  c.textAlign = "center";
  c.textBaseline = "bottom";
  c.fillText(x.label, (b.x0 + b.x1) / 2, b.y1 + 38, b.x1 - b.x0);
  c.translate(13, (b.y0 + b.y1) / 2);
  c.rotate(-Math.PI / 2);
  c.textBaseline = "middle";
  c.fillText(y.label, 0, 0, b.y1 - b.y0);
  c.restore();
}
const plain = vs => vs.map(v => ({ at: v, text: short(v, 4) }));

// The still picture gives way; the page's changes of colour are followed.
function live(redraw, ...parts) {
  const still = root.querySelector(".gxw-still");
  readLook();
  if (still) still.hidden = true, still.before(...parts);
  else root.prepend(...parts);
  let was = look.dark;
  const again = () => {
    readLook();
    if (look.dark !== was) { was = look.dark; redraw(); }
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  matchMedia("print").addEventListener("change", again);
  new MutationObserver(again).observe(document.body, { attributes: true });
  redraw();
}
function finder(label, names, act) {
  const list = "gxlab-" + Math.random().toString(36).slice(2);
  const input = el("input", { type: "search", placeholder: label, "aria-label": label, list: names && list, autocomplete: "off", spellcheck: "false" });
  input.addEventListener("input", () => act(input.value.trim()));
  const options = names && el("datalist", { id: list }, ...names.slice(0, 500).map(n => el("option", { value: n })));
  const out = el("span", {}, input, ...(options ? [options] : []));
  out.input = input;
  return out;
}
