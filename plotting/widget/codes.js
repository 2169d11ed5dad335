// A code explorer: a slider for every component, and the genes that answer.
const K = DATA.mean.length, G = DATA.genes.length, top_ = Math.min(DATA.show, G);
const mean = Float64Array.from(DATA.mean), sd = Float64Array.from(DATA.sd), z = Float64Array.from(DATA.mean);
const act = {
  linear: v => v, relu: v => Math.max(v, 0), leakyrelu: v => v > 0 ? v : .2 * v, swish: v => v / (1 + Math.exp(-v)), sigmoid: v => 1 / (1 + Math.exp(-v)),
  logsigmoid: v => Math.min(v, 0) - Math.log1p(Math.exp(-Math.abs(v))), tanh: Math.tanh, softplus: v => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v))),
  softshrink: v => v > .5 ? v - .5 : v < -.5 ? v + .5 : 0,
};
// The decoder itself, its last layer for the genes shown; or, of a large one, each
// component's response at some steps, added up.
const layers = (DATA.layers || []).map(l => ({ in: l.in, out: l.out, act: act[l.act], b: floats(l.b), unit: floats(l.unit), w: l.w && Int16Array.from(ints(l.w, 2, true)) }));
const table = DATA.table && floats(DATA.table), at = DATA.steps;
function exact(code) {
  let x = code;
  for (const l of layers) {
    const y = new Float64Array(l.out);
    if (!l.w) for (let j = 0; j < l.out; j++) y[j] = x[j] * l.unit[j];
    else {
      for (let i = 0; i < l.in; i++) { const v = x[i], row = i * l.out; if (v !== 0) for (let j = 0; j < l.out; j++) y[j] += v * l.w[row + j]; }
      for (let j = 0; j < l.out; j++) y[j] *= l.unit[j];
    }
    for (let j = 0; j < l.out; j++) y[j] = l.act(y[j] + l.b[j]);
    x = y;
  }
  return x;
}
function added(code) {
  const y = Float64Array.from(DATA.base);
  for (let k = 0; k < K; k++) {
    const t = sd[k] ? (code[k] - mean[k]) / sd[k] : 0;
    let i = 0;
    while (i < at.length - 2 && t > at[i + 1]) i++;
    const f = (t - at[i]) / (at[i + 1] - at[i]), p = (k * at.length + i) * G;
    for (let g = 0; g < G; g++) y[g] += table[p + g] * (1 - f) + table[p + G + g] * f;
  }
  return y;
}
const decode = table ? added : exact, base = decode(mean);
const say = el("p", { class: "gxw-say", role: "status", "aria-live": "polite" });
const bars = el("div", { class: "gxw-bars", role: "list", "aria-label": "Genes that answer most" });
const rows = Array.from({ length: top_ }, () => {
  const r = { name: el("span"), fill: el("u"), value: el("span") };
  r.row = el("div", { role: "listitem", tabindex: "0" }, r.name, el("i", { "aria-hidden": "true" }, r.fill), r.value);
  r.row.addEventListener("pointerenter", () => tell(r));
  r.row.addEventListener("focus", () => tell(r));
  bars.append(r.row);
  return r;
});
const unit = DATA.units ? " " + DATA.units : "";
let told = -1;
function tell(r) {
  if (!(r.gene >= 0)) return;
  told = r.gene;
  say.textContent = DATA.genes[r.gene] + ": " + short(r.now, 4) + unit + (Math.abs(r.by) < 5e-4 ? ", as by the mean code" : ", " + (r.by < 0 ? "" : "+") + short(r.by) + " against the mean code");
}
let asked = false;
function show() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    const y = decode(z), d = Array.from(y, (v, g) => v - base[g]);
    const order = d.map((_, g) => g).sort((p, q) => Math.abs(d[q]) - Math.abs(d[p]) || p - q).slice(0, top_);
    const most = Math.max(DATA.scale, Math.abs(d[order[0]] || 0));
    rows.forEach((r, i) => {
      const g = order[i], v = d[g], w = Math.abs(v) / most * 50;
      r.gene = g; r.now = y[g]; r.by = v;
      r.name.textContent = r.name.title = DATA.genes[g];
      r.value.textContent = Math.abs(v) < 5e-4 ? "0" : (v > 0 ? "+" : "−") + Math.abs(v).toFixed(2);
      r.fill.style.cssText = "left:" + (v < 0 ? 50 - w : 50) + "%;width:" + w + "%;background:" + (v < 0 ? colourOf(0) : colourOf(1));
    });
    const r = rows.find(r => r.gene === told);
    if (r) tell(r); else say.textContent = "";
    root.dispatchEvent(new CustomEvent("gxlab-codes", { detail: { genes: order.map(g => DATA.genes[g]), values: Array.from(y) } }));
  });
}
const sliders = el("div", { class: "gxw-sliders", role: "group", "aria-label": "Components of the code" });
const knobs = Array.from(mean, (_, k) => {
  const out = el("output", {}, "0 σ");
  const e = el("input", { type: "range", min: -3, max: 3, step: .1, value: 0, "aria-label": "component " + (k + 1) + ", standard deviations from the mean" });
  const put = v => { out.textContent = (v > 0 ? "+" : "") + short(v, 2) + " σ"; };
  e.addEventListener("input", () => { z[k] = mean[k] + e.value * sd[k]; put(+e.value); pick.value = ""; show(); });
  sliders.append(el("label", {}, "C" + (k + 1), e, out));
  return { to(v) { z[k] = v; const t = sd[k] ? (v - mean[k]) / sd[k] : 0; e.value = t; put(t); } };
});
const codes = DATA.codes && floats(DATA.codes);
const pick = el("select", { "aria-label": "Code of a sample" }, el("option", { value: "" }, "choose"), ...(DATA.samples || []).map((t, i) => el("option", { value: i }, t)));
pick.addEventListener("change", () => { if (pick.value !== "") knobs.forEach((q, k) => q.to(codes[pick.value * K + k])); show(); });
const reset = el("button", { type: "button", on: { click: () => { pick.value = ""; knobs.forEach((q, k) => q.to(mean[k])); show(); } } }, "Mean code");
const bar = el("div", { class: "gxw-bar" }, ...(codes ? [el("label", {}, "Code of sample", pick)] : []), reset);
knobs[DATA.first].to(mean[DATA.first] + 2 * sd[DATA.first]);
live(show, bar, el("div", { class: "gxw-codes" }, sliders, el("div", {}, el("p", { class: "gxw-note" }, "Change against the mean code" + (unit && " (" + unit.trim() + ")") + ", the " + top_ + " genes that answer most"), bars)), say);
