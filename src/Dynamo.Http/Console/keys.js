// The key inspector: where a key lives, what a get shows, and what this node itself holds of it.
import { $, announce, h, show } from "./dom.js";
import { Refused, ask } from "./api.js";
import { count, decodeName, encodeName, plural } from "./format.js";
import { consoleLink } from "./nodes.js";
import { named, swatch } from "./palette.js";
import { editor, siblingCards, versionFacts } from "./siblings.js";

let shown = null;
let cluster = null;
let asked = 0;

// What is known of the nodes, for links to them.
export const know = (now) => { cluster = now; };

export function listenForKeys() {
  $("key-form").onsubmit = (event) => {
    event.preventDefault();
    const [bucket, key] = ["bucket", "key"].map((id) => encodeName($(id).value, id === "key" && $("encoded").checked));
    if (key === null) return complain("A % in the key must be followed by two hexadecimal digits, such as %FF.");
    const address = `#keys/${bucket}/${key}`;
    if (location.hash === address) return lookUp(bucket, key);
    location.hash = address;
    return undefined;
  };
}

// Follows the address of the page: #keys/bucket/key, both percent-encoded.
export function openKey(bucket, key) {
  if (bucket === undefined || key === undefined) return;
  const name = decodeName(key);
  $("bucket").value = decodeName(bucket).text;
  $("key").value = name.text;
  $("encoded").checked = name.isEncoded;
  lookUp(bucket, key);
}

async function lookUp(bucket, key) {
  if ([bucket, key].some((name) => name === "." || name === ".."))
    return complain("A browser cannot ask for a name that is . or .. alone: it takes them for folders. The dynamo command can.");
  const mine = ++asked;
  const names = `${bucket}/${key}`;
  const quorum = $("quorum").value;
  try {
    const [list, seen, local] = await Promise.all([
      ask(`/admin/preflist/${names}`), ask(`/admin/inspect/${names}${quorum ? `?r=${quorum}` : ""}`).catch(refusal),
      ask(`/admin/local/${names}`).catch(refusal),
    ]);
    if (mine !== asked) return undefined;
    const isSame = shown?.names === names;
    shown = { names, list, seen, local };
    draw(isSame);
    announce(summary(seen));
  } catch (fault) {
    if (mine === asked) complain(fault.message);
  }
  return undefined;
}

// A refusal is part of what is shown; a node that is silent, or a token that is missing, is not.
function refusal(fault) {
  if (fault instanceof Refused && fault.status !== 401) return { refused: fault.message, status: fault.status };
  throw fault;
}

const again = () => { const [bucket, key] = shown.names.split("/"); return lookUp(bucket, key); };

function complain(sentence) {
  shown = null;
  asked++;
  show($("key-result"), h("p", { class: "banner bad", role: "alert" }, sentence));
}

function summary(seen) {
  if (seen.refused) return `The read failed: ${seen.refused}`;
  if (seen.counter !== null) return `A counter: ${seen.counter}.`;
  if (seen.siblings.length === 0) return seen.deleted ? "The key has been deleted." : "Nothing is stored under this key.";
  return seen.siblings.length === 1 ? "One value." : `${seen.siblings.length} siblings.`;
}

function draw(isSame) {
  const { list, seen, local } = shown;
  const parts = [
    h("section", { class: "card", "aria-labelledby": "head-where" },
      h("h3", { id: "head-where" }, "Where it lives"), where(list)),
    h("section", { class: "card", "aria-labelledby": "head-versions" },
      h("h3", { id: "head-versions", tabindex: -1 }, "What a get shows"), versions(seen)),
    h("section", { class: "card", "aria-labelledby": "head-local" },
      h("h3", { id: "head-local" }, `What ${cluster?.self ?? "this node"} itself holds`), held(local)),
  ];
  const box = $("key-result");
  const hadFocus = isSame && box.contains(document.activeElement);
  box.replaceChildren(h("div", { class: "key-parts" }, parts));
  // What had the focus is gone; whoever works by the keyboard goes on where the change is to be seen.
  if (hadFocus) $("head-versions").focus();
}

function where(list) {
  const nodes = [...list.primaries.map((x, i) => ({ ...x, role: i === 0 ? "first owner" : "owner" })),
    ...list.fallbacks.map((x) => ({ ...x, role: "fallback" }))];
  return [
    h("p", null, h("b", null, `Partition ${count(list.partition)}`), `, kept by ${plural(list.primaries.length, "owner")} (n_val ${list.n_val}).`),
    h("ol", { class: "chain", "aria-label": "Preference list" }, nodes.map((x) => h("li", {
      class: `${x.role === "fallback" ? "fallback" : "owner"}${x.reachable ? "" : " away"}`,
    }, swatch(x.node), h("b", null, x.node), h("small", null, x.role),
    h("small", { class: x.reachable ? "" : "wrong" }, x.reachable ? "reachable" : "unreachable"), elsewhere(x.node)))),
    list.fallbacks.length > 0 && h("p", { class: "quiet" }, "A fallback takes writes for an owner that is away, and hands them over when it is back."),
  ];
}

// Another node's own record is looked at where it lies: pages of one node are not let into another.
function elsewhere(node) {
  if (!cluster || node === cluster.self) return null;
  const url = cluster.members.find((m) => m.name === node)?.url;
  return consoleLink(url, `What ${node} itself holds of this key, in its own console`, `#keys/${shown.names}`);
}

function versions(seen) {
  if (seen.refused) return [
    h("p", { class: "wrong" }, seen.refused), h("p", { class: "quiet" }, "With quorum one, whoever can be reached answers."),
    h("button", { type: "button", onclick: again }, "Read again"),
  ];
  const [bucket, key] = shown.names.split("/");
  const target = { path: `/buckets/${bucket}/keys/${key}`, inspect: `/admin/inspect/${shown.names}`, seen, again };
  if (seen.counter !== null) return [
    h("p", { class: "counter" }, h("span", { class: "quiet" }, "Counter"), h("output", null, count(BigInt(seen.counter)))),
    h("p", { class: "quiet" }, `The sum of ${plural(seen.siblings.length, "entry", "entries")}; nobody needs to resolve them.`),
    editor(target),
  ];
  return [
    seen.siblings.length === 0 && h("p", null, seen.deleted
      ? "Deleted: a tombstone is left, and its context." : "Nothing is stored under this key."),
    seen.siblings.length > 1 && h("p", { class: "banner busy" },
      `${plural(seen.siblings.length, "sibling")}: versions that were written without knowing of each other. `,
      "Keep one of them, or put what they come to together."),
    siblingCards(target), editor(target),
    seen.context && h("details", null, h("summary", null, "Context"), h("code", { class: "block" }, seen.context)),
  ];
}

function held(local) {
  if (local.refused) return h("p", { class: "quiet" }, local.status === 404 ? "Nothing, neither a record nor a hint." : local.refused);
  return [
    local.record ? record(local.record) : h("p", { class: local.status === "missing" ? "quiet" : "wrong" }, `No record here: ${local.status}.`),
    local.hints.map((hint) => [h("h4", null, "Hint for ", named(hint.owner)), record(hint.record)]),
  ];
}

const record = (record) => [
  h("p", null, record.deleted ? "A tombstone." : `${plural(record.siblings.length, "version")}.`, " The clock:"),
  h("ul", { class: "clock" }, record.clock.map((range) => h("li", null, named(range.node),
    h("code", null, `${range.generation.slice(0, 8)}…`), h("b", null, range.first === range.last ? range.first : `${range.first}–${range.last}`)))),
  record.siblings.map((sibling) => h("div", { class: "version" }, versionFacts(sibling))),
];
