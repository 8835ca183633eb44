// Asks the node every two seconds while somebody looks, and shows what it says.
import { $, h, show } from "./dom.js";
import { Refused, ask, dropToken, keepToken } from "./api.js";
import { drawComing, drawHere, drawTraffic } from "./activity.js";
import { clock, plural } from "./format.js";
import { remember } from "./history.js";
import { know, listenForKeys, openKey } from "./keys.js";
import { drawMembership, listenForChanges } from "./membership.js";
import { drawNodes, rows } from "./nodes.js";
import { place } from "./palette.js";
import { drawRing } from "./ring.js";

const EVERY = 2000;
const views = ["ring", "keys", "membership"];
const state = { cluster: null, ring: null, ringMark: "", heard: null, trouble: "", polling: null, timer: 0, opened: false };

function poll() {
  state.polling ??= once().finally(() => { state.polling = null; });
  return state.polling;
}

async function once() {
  clearTimeout(state.timer);
  try {
    const [cluster, node, stats, repair] = await Promise.all([
      ask("/admin/cluster"), ask("/admin/node"), ask("/stats"), ask("/admin/repair").catch(() => null),
    ]);
    await look(cluster);
    state.heard = new Date();
    state.trouble = "";
    draw(cluster, node, stats, repair);
  } catch (fault) {
    if (fault instanceof Refused && fault.status === 401) return askForToken(fault);
    state.trouble = fault.message;
    banners();
  }
  again();
  return undefined;
}

function again() {
  clearTimeout(state.timer);
  if (!document.hidden && !$("token-dialog").open) state.timer = setTimeout(poll, EVERY);
}

// A ring is large, so it is asked for only when another one must have come.
async function look(cluster) {
  const { membership } = cluster;
  const mark = JSON.stringify([membership?.settled?.digest, membership?.next?.digest, cluster.members]);
  if (mark !== state.ringMark || !state.ring) {
    state.ring = await ask("/admin/ring");
    state.ringMark = mark;
  }
  rows(cluster).forEach((row) => place(row.name));
}

function draw(cluster, node, stats, repair) {
  const now = Date.now();
  state.cluster = cluster;
  state.node = node;
  know(cluster);
  remember(stats, now);
  document.title = `${cluster.self} – Dynamo console`;
  $("node-name").textContent = cluster.self;
  $("cluster-name").textContent = `cluster ${cluster.name}`;
  const all = rows(cluster);
  const reachable = all.filter((row) => row.reachable).length;
  const down = new Set(all.filter((row) => !row.reachable).map((row) => row.name));
  const headline = `${reachable} of ${all.length} nodes reachable`;
  drawRing(state.ring, state.ringMark, down, headline);
  drawNodes(cluster);
  drawTraffic(now);
  drawComing(cluster, node, stats, repair, poll);
  drawHere(node, stats);
  drawMembership(cluster);
  banners();
  if (!state.opened) { state.opened = true; route(); }
}

function banners() {
  const list = [];
  const say = (kind, ...words) => list.push(h("p", { class: `banner ${kind}` }, ...words));
  if (state.trouble) say("bad", h("b", null, `${state.cluster?.self ?? "The node"} does not answer: ${state.trouble.replace(/\.$/, "")}. `),
    state.heard ? `What is shown is from ${clock(state.heard)}. ` : "", "It is asked again every two seconds.");
  if (state.cluster) standing(say);
  show($("banners"), list);
  document.body.classList.toggle("stale", state.trouble !== "" && state.heard !== null);
  $("pulse").className = `pulse ${state.trouble ? "bad" : "good"}`;
  $("pulse").textContent = state.trouble ? "no answer" : state.heard ? "live" : "connecting";
}

function standing(say) {
  const { cluster, node } = state;
  if (node.absence) say("bad", h("b", null, "This node takes no requests: "), node.absence);
  if (node.storage.error) say("bad", h("b", null, "The store fails: "), node.storage.error);
  const silent = rows(cluster).filter((row) => !row.reachable && row.step !== "gone");
  const away = silent.filter((row) => !row.stands.includes("joining")).map((row) => row.name);
  const coming = silent.filter((row) => row.stands.includes("joining")).map((row) => row.name);
  if (coming.length > 0) say("busy", h("b", null, `${cluster.self} does not reach ${coming.join(" and ")} yet. `),
    "A node that joins has to run and to hear of it; the change waits for that.");
  if (away.length > 0) say("bad", h("b", null, `${cluster.self} cannot reach ${away.join(" and ")}. `),
    "Puts and gets go on: fallbacks stand in, and hand over what they took when it is back.");
  const { next, transfers_left: left } = cluster.membership ?? {};
  if (next) say("busy", h("b", null, "The ring is changing. "), left > 0 ? `${plural(left, "exchange")} left at this node. ` : "",
    h("a", { href: "#membership" }, "See how far each node is"));
}

function askForToken(fault) {
  const dialog = $("token-dialog");
  $("token-wrong").textContent = dropToken() ? "The node does not take that token." : "";
  $("cluster-name").textContent = "waiting for the token";
  $("pulse").textContent = "no token";
  if (!dialog.open) dialog.showModal();
  $("token").focus();
  return fault;
}

$("token-form").onsubmit = (event) => {
  event.preventDefault();
  keepToken($("token").value);
  $("token").value = "";
  $("token-dialog").close();
  poll();
};

// Without a token nothing can be shown, so Escape does not send the question away.
$("token-dialog").oncancel = (event) => event.preventDefault();

function route() {
  const [view, bucket, key] = location.hash.slice(1).split("/");
  const current = views.includes(view) ? view : "ring";
  for (const name of views) {
    $(`view-${name}`).hidden = name !== current;
    const link = document.querySelector(`nav [data-view="${name}"]`);
    if (name === current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  // The first answer tells whether there is a token to send.
  if (current === "keys" && state.opened) openKey(bucket, key);
}

window.addEventListener("hashchange", route);
document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); else clearTimeout(state.timer); });
document.querySelector(".skip").onclick = (event) => { event.preventDefault(); $("main").focus(); };
listenForKeys();
listenForChanges(poll);
route();
poll();
