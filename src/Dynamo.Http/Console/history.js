// What was seen since the page was opened, at most five minutes of it, and small drawings of that.
import { s } from "./dom.js";
import { micros } from "./format.js";

const MINUTE = 60 * 1000, MOST = 5;
const samples = [];
let before = null;

// Takes one answer of /stats in; rates are what has grown since the one before.
export function remember(stats, now) {
  const seconds = before ? (now - before.at) / 1000 : 0;
  // After a pause, or a restart that set the counters back, nothing is known of the time between.
  const broken = !before || seconds > 10 || stats.node_gets_total < before.gets || stats.node_puts_total < before.puts;
  if (broken && samples.length > 0) samples.push({ at: now - 1, gap: true });
  samples.push({
    at: now,
    gets: broken ? null : (stats.node_gets_total - before.gets) / seconds,
    puts: broken ? null : (stats.node_puts_total - before.puts) / seconds,
    get: times(stats, "node_get_fsm_time"), put: times(stats, "node_put_fsm_time"),
  });
  before = { at: now, gets: stats.node_gets_total, puts: stats.node_puts_total };
  while (samples[0].at < now - MOST * MINUTE) samples.shift();
}

const times = (stats, name) => ["median", "95", "99"].map((part) => stats[`${name}_${part}`] || null);

// How much of the past the drawings have: a minute at first, five at most.
export const minutes = (now) => Math.min(MOST, Math.max(1, Math.ceil((now - samples[0].at) / MINUTE)));

export const latest = () => samples[samples.length - 1];

// Three lines, told apart by how they are drawn and by the names at their figures, not by colour alone.
export function latencyChart(kind, now) {
  const top = topOf(kind);
  const lines = [2, 1, 0].map((i) => s("path", { class: `line p${i}`, d: path((x) => x[kind][i], top, now, 84) }));
  return s("svg", {
    class: "chart", viewBox: "0 0 320 100", preserveAspectRatio: "none", role: "img",
    "aria-label": `Latency, up to ${micros(top)}`,
  }, s("path", { class: "grid", d: "M0 8H320M0 50H320M0 92H320" }), lines);
}

export const topOf = (kind) => nice(Math.max(1000, ...samples.flatMap((x) => (x.gap ? [] : x[kind]))));

export const topRate = (kind) => nice(Math.max(1, ...samples.map((x) => x[kind] ?? 0)));

export function rateChart(kind, now) {
  const top = topRate(kind);
  return s("svg", { class: "chart low", viewBox: "0 0 320 44", preserveAspectRatio: "none", role: "img",
    "aria-label": `Operations a second, up to ${top}` },
  s("path", { class: "grid", d: "M0 40H320" }), s("path", { class: "line rate", d: path((x) => x[kind], top, now, 32) }));
}

function path(value, top, now, height) {
  let d = "";
  let pen = "M";
  for (const sample of samples) {
    const y = sample.gap ? null : value(sample);
    if (y === null) { pen = "M"; continue; }
    d += `${pen}${(320 - 320 * (now - sample.at) / (minutes(now) * MINUTE)).toFixed(1)} ${(height + 8 - height * Math.min(1, y / top)).toFixed(1)}`;
    pen = "L";
  }
  return d;
}

// The next of 1, 2 or 5 with zeros.
function nice(n) {
  const power = 10 ** Math.floor(Math.log10(n));
  return [1, 2, 5, 10].map((m) => m * power).find((m) => m >= n * 0.999);
}
