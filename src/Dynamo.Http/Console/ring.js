// The ring: partitions clockwise from the top, in the look of their owners. Outside, what moves; inside, where the
// replicas of the chosen partition are.
import { $, h, s, show } from "./dom.js";
import { count, plural } from "./format.js";
import { fillOf } from "./palette.js";

const MIDDLE = 200, OUTER = 178, INNER = 132, MOVES = 184, MOST = 1024;
const state = { ring: null, drawn: "", chosen: null, hovered: null, lit: null, pinned: null, down: new Set() };

// Draws a ring as /admin/ring tells it; the same one again costs nothing.
export function drawRing(ring, mark, down, headline) {
  state.ring = ring;
  state.down = down;
  state.headline = headline;
  if (state.drawn !== mark) {
    state.drawn = mark;
    if (state.chosen >= ring.partitions) state.chosen = null;
    show($("ring"), drawing(ring));
    listen();
  }
  dress();
}

// Lights the partitions of one node, or of none, while something points at it; a pinned one stays.
export function light(node) {
  state.lit = node;
  dress();
}

export function pin(node) {
  state.pinned = state.pinned === node ? null : node;
  dress();
  return state.pinned;
}

export const pinned = () => state.pinned;

// What stands at a partition: its owner, who else holds it, and who gets it.
function sentence(ring, p) {
  const [first, ...rest] = ring.replicas[p].map((at) => ring.nodes[at]);
  const also = rest.length > 0 ? `, replicas at ${rest.join(" and ")}` : "";
  const next = ring.change?.owners_next[p];
  const moves = next && next !== ring.change.owners[p] ? `; moves from ${ring.change.owners[p]} to ${next}` : "";
  return `Partition ${p}: owner ${first}${also}${moves}`;
}

function drawing(ring) {
  const step = Math.ceil(ring.partitions / MOST);
  const segments = [];
  for (let p = 0; p < ring.partitions; p += step) {
    const to = Math.min(p + step, ring.partitions);
    segments.push(s("path", {
      class: "segment", fill: fillOf(ring.owners[p]), d: arc(p / ring.partitions, to / ring.partitions, INNER, OUTER),
      "data-owner": ring.owners[p], "data-p": p,
    }));
  }
  const groups = new Map((ring.change?.moved ?? []).map((p) => [Math.floor(p / step), p]));
  const moved = [...groups].map(([group, p]) => s("path", {
    class: "moving", fill: fillOf(ring.change.owners_next[p]),
    d: arc(group * step / ring.partitions, Math.min(1, (group + 1) * step / ring.partitions), MOVES, MOVES + 14), "data-to": ring.change.owners_next[p],
  }));
  return [
    s("svg", {
      id: "ring-drawing", class: ring.partitions > 256 ? "fine" : null, viewBox: "0 0 400 400", tabindex: 0, role: "slider",
      "aria-label": "Partitions of the ring, clockwise", "aria-valuemin": 0, "aria-valuemax": ring.partitions - 1,
    },
      s("circle", { class: "track", cx: MIDDLE, cy: MIDDLE, r: INNER - 9 }),
      s("g", { id: "segments" }, segments), s("g", null, moved), s("g", { id: "replica-marks" }),
      s("path", { id: "ring-cursor", class: "cursor" }),
      s("text", { id: "ring-big", class: "big", x: MIDDLE, y: MIDDLE - 8 }),
      s("text", { id: "ring-small", class: "small", x: MIDDLE, y: MIDDLE + 18 }),
      s("text", { id: "ring-more", class: "small", x: MIDDLE, y: MIDDLE + 36 })),
    step > 1 && h("p", { class: "quiet" }, `Each stroke stands for ${step} partitions.`),
  ];
}

function arc(from, to, inner, outer) {
  const [a, b] = [turn(from), turn(to - 1e-7)];
  const large = to - from > 0.5 ? 1 : 0;
  return `M${at(a, outer)}A${outer} ${outer} 0 ${large} 1 ${at(b, outer)}L${at(b, inner)}A${inner} ${inner} 0 ${large} 0 ${at(a, inner)}Z`;
}

const turn = (share) => share * 2 * Math.PI - Math.PI / 2;

const at = (angle, r) => `${(MIDDLE + r * Math.cos(angle)).toFixed(2)} ${(MIDDLE + r * Math.sin(angle)).toFixed(2)}`;

// Everything that changes without another ring: what is chosen, lit and down.
function dress() {
  const svg = $("ring-drawing");
  if (!svg || !state.ring) return;
  const { ring } = state;
  const lit = state.lit ?? state.pinned;
  for (const segment of $("segments").children) {
    const { owner } = segment.dataset;
    segment.classList.toggle("dim", lit !== null && owner !== lit);
    segment.classList.toggle("down", state.down.has(owner));
  }
  for (const path of svg.querySelectorAll(".moving")) path.classList.toggle("dim", lit !== null && path.dataset.to !== lit);
  const p = state.hovered ?? state.chosen;
  svg.setAttribute("aria-valuenow", p ?? 0);
  svg.setAttribute("aria-valuetext", p === null ? "No partition chosen; the arrow keys choose one" : sentence(ring, p));
  $("ring-cursor").setAttribute("d", p === null ? "" : arc(p / ring.partitions, (p + 1) / ring.partitions, INNER - 3, OUTER + 3));
  marks(p);
  say(p);
}

// A dot inside the ring for each replica of the chosen partition, at the middle of it: first, second, third owner.
function marks(p) {
  if (p === null) return show($("replica-marks"));
  const angle = turn((p + 0.5) / state.ring.partitions);
  const owners = state.ring.replicas[p].map((i) => state.ring.nodes[i]);
  return show($("replica-marks"), owners.slice(0, 3).map((owner, i) => {
    const [x, y] = at(angle, INNER - 14 - i * 15).split(" ");
    return s("circle", { cx: x, cy: y, r: 6, class: state.down.has(owner) ? "mark down" : "mark", fill: fillOf(owner) });
  }));
}

function say(p) {
  const { ring } = state;
  const [big, small, more] = p === null
    ? [count(ring.partitions), "partitions", state.headline]
    : [ring.owners[p], `partition ${p}`, ring.replicas[p].slice(1).map((i) => ring.nodes[i]).join(", ")];
  $("ring-big").textContent = big.length > 14 ? `${big.slice(0, 13)}…` : big;
  $("ring-small").textContent = small;
  $("ring-more").textContent = more.length > 26 ? `${more.slice(0, 25)}…` : more;
  const moved = ring.change?.moved.length ?? 0;
  $("ring-said").textContent = p !== null ? `${sentence(ring, p)}.`
    : moved > 0 ? `${plural(moved, "partition")} of ${count(ring.partitions)} get another owner: marked outside the ring, in the look of who gets them.`
      : "Point at the ring, or move through it with the arrow keys, to see who holds a partition.";
}

function listen() {
  const svg = $("ring-drawing");
  svg.onpointermove = (event) => {
    const box = svg.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * 400 - MIDDLE;
    const y = (event.clientY - box.top) / box.height * 400 - MIDDLE;
    const far = Math.hypot(x, y);
    const share = (Math.atan2(y, x) + Math.PI / 2 + 2 * Math.PI) % (2 * Math.PI) / (2 * Math.PI);
    hover(far < INNER - 12 || far > MOVES + 16 ? null : Math.floor(share * state.ring.partitions));
  };
  svg.onpointerleave = () => hover(null);
  svg.onclick = () => choose(state.hovered);
  svg.onkeydown = (event) => {
    const last = state.ring.partitions - 1;
    const now = state.chosen ?? -1;
    const page = Math.max(1, Math.floor(state.ring.partitions / 16));
    const next = {
      ArrowRight: now + 1, ArrowUp: now + 1, ArrowLeft: now - 1, ArrowDown: now - 1,
      PageUp: now + page, PageDown: now - page, Home: 0, End: last, Escape: null,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(next === null ? null : (next + last + 1) % (last + 1));
  };
}

function hover(p) {
  if (state.hovered === p) return;
  state.hovered = p;
  dress();
}

function choose(p) {
  state.chosen = p;
  state.hovered = null;
  dress();
}
