// The nodes: who they are, what is with them as this node sees it, and how much they hold. It is the ring's legend, too.
import { $, bar, h, show } from "./dom.js";
import { count } from "./format.js";
import { swatch } from "./palette.js";
import { light, pin, pinned } from "./ring.js";

const words = {
  joining: ["joining", "busy"], leaving: ["leaving", "busy"], gone: ["removed", "bad"], down: ["unreachable", "bad"],
  here: ["this node", "here"], up: ["reachable", "good"],
};

// Every node of the ring that is and of the one that is coming.
export function rows(cluster) {
  const { membership } = cluster;
  const listed = membership ? membership.nodes : cluster.members.map((m) => ({
    ...m, weight_next: m.weight, partitions: m.share, partitions_next: m.share, step: "settled",
  }));
  return listed.map((row) => ({ ...row, isHere: row.name === cluster.self, stands: standing(row, cluster.self) }));
}

function standing(row, self) {
  if (row.step === "gone") return ["gone"];
  const states = [];
  if (row.step === "leaving" || (row.weight > 0 && row.weight_next === 0)) states.push("leaving");
  else if (row.weight === 0) states.push("joining");
  if (!row.reachable) states.push("down");
  else if (states.length === 0) states.push(row.name === self ? "here" : "up");
  return states;
}

export const chip = (kind) => h("span", { class: `chip ${words[kind][1]}` }, words[kind][0]);

export function drawNodes(cluster) {
  const all = rows(cluster);
  const isMoving = all.some((row) => row.partitions !== row.partitions_next);
  const hasZones = all.some((row) => row.zone);
  const most = Math.max(1, ...all.map((row) => Math.max(row.partitions, row.partitions_next)));
  show($("nodes"),
    h("table", { class: "nodes" },
      h("thead", null, h("tr", null,
        h("th", { scope: "col" }, "Node"), h("th", { scope: "col" }, "State"),
        h("th", { scope: "col", class: "number" }, isMoving ? "Partitions, now and after" : "Partitions"),
        h("th", { scope: "col", class: "number" }, "Weight"), hasZones && h("th", { scope: "col" }, "Zone"))),
      h("tbody", null, all.map((row) => line(row, cluster.partitions, most, isMoving, hasZones)))),
    h("p", { class: "quiet" }, "Reachability is what this node sees. The name shows a node on the ring, ",
      "the arrow opens its own console."));
}

function line(row, partitions, most, isMoving, hasZones) {
  const { name } = row;
  return h("tr", { "data-key": name, onpointerenter: () => light(name), onpointerleave: () => light(null) },
    h("th", { scope: "row" }, h("span", { class: "named" },
      h("button", {
        type: "button", class: "look", "aria-pressed": String(pinned() === name), title: `Show the partitions of ${name}`,
        onfocus: () => light(name), onblur: () => light(null), onclick: (e) => toggle(e.currentTarget, name),
      }, swatch(name), name),
      !row.isHere && consoleLink(row.url, `Console of ${name}`))),
    h("td", null, row.stands.map(chip)),
    h("td", { class: "number" },
      h("span", { class: "figures" }, share(row, isMoving)),
      bar(row.partitions, most),
      h("span", { class: "quiet" }, `${(100 * row.partitions / partitions).toFixed(1)} %`)),
    h("td", { class: "number" }, row.weight === row.weight_next ? row.weight : `${row.weight} → ${row.weight_next}`),
    hasZones && h("td", null, row.zone || "–"));
}

const share = (row, isMoving) => (isMoving && row.partitions !== row.partitions_next
  ? `${count(row.partitions)} → ${count(row.partitions_next)}` : count(row.partitions));

function toggle(button, name) {
  pin(name);
  for (const other of document.querySelectorAll("button.look"))
    other.setAttribute("aria-pressed", String(other === button && pinned() === name));
}

// Another node's address comes from that node: nothing but a plain web address becomes a link.
export function consoleLink(url, label, fragment = "") {
  if (!/^https?:\/\/[^\s]+$/i.test(url ?? "")) return null;
  return h("a", { class: "out", href: `${url}/${fragment}`, rel: "noreferrer noopener", title: label, "aria-label": label }, "↗");
}
