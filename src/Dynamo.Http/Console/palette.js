// Which node looks how. A colour and a pattern each, so that nobody needs to see colours to tell nodes apart.
import { h, s } from "./dom.js";

const COLOURS = 8;
const places = new Map();

// A node keeps its look for as long as the page is open, whoever comes and goes.
export function place(node) {
  if (!places.has(node)) {
    places.set(node, places.size);
    draw(places.get(node));
  }
  return places.get(node);
}

const look = (at) => ({ colour: at % COLOURS, pattern: (at % COLOURS + 3 * Math.floor(at / COLOURS)) % COLOURS });

const marks = [
  () => null,
  () => s("path", { d: "M-2 2 2-2M0 8 8 0M6 10 10 6", class: "ink" }),
  () => s("path", { d: "M-2 6 2 10M0 0 8 8M6-2 10 2", class: "ink" }),
  () => s("circle", { cx: 4, cy: 4, r: 1.5, class: "dot" }),
  () => s("path", { d: "M0 4H8", class: "ink" }),
  () => s("path", { d: "M4 0V8", class: "ink" }),
  () => s("path", { d: "M0 4H8M4 0V8", class: "ink" }),
  () => [s("circle", { cx: 2, cy: 2, r: 1.1, class: "dot" }), s("circle", { cx: 6, cy: 6, r: 1.1, class: "dot" })],
];

export const fillOf = (node) => `url(#look-${place(node)})`;

// One set of patterns serves every drawing on the page.
const looks = s("svg", { id: "looks", width: 0, height: 0, "aria-hidden": "true" });
document.body.append(looks);

function draw(at) {
  const { colour, pattern } = look(at);
  looks.append(s("pattern", { id: `look-${at}`, width: 8, height: 8, patternUnits: "userSpaceOnUse" },
    s("rect", { width: 8, height: 8, class: `c${colour}` }), marks[pattern]()));
}

export const swatch = (node) => s("svg", { class: "swatch", viewBox: "0 0 16 16", "aria-hidden": "true" },
  s("rect", { width: 16, height: 16, rx: 3, fill: fillOf(node) }));

export const named = (node) => h("span", { class: "named" }, swatch(node), node);
