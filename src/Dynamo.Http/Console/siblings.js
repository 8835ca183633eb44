// Versions of a key, and the ways to end their disagreement: each write here says, by the context, what it has seen.
import { $, announce, h } from "./dom.js";
import { ask, headerText } from "./api.js";
import { asHex, asText, bytes, fromBase64, moment, plural } from "./format.js";
import { named } from "./palette.js";

export function siblingCards(target) {
  const { siblings } = target.seen;
  return h("div", { class: "siblings" }, siblings.map((sibling, i) => h("article", { class: "sibling", "data-vtag": sibling.vtag },
    h("h4", null, siblings.length > 1 ? `Sibling ${i + 1}` : "Value"),
    preview(sibling), versionFacts(sibling),
    siblings.length > 1 && h("button", { type: "button", onclick: (e) => keep(target, sibling, e.currentTarget) },
      `Keep sibling ${i + 1} alone`))));
}

function preview(sibling) {
  if (sibling.value === undefined) return h("p", { class: "quiet" }, `${bytes(sibling.bytes)}: too long to be shown here.`);
  const data = fromBase64(sibling.value);
  const text = asText(data);
  return h("pre", { class: "value", tabindex: 0, "aria-label": "Value" }, data.length === 0 ? "(empty)" : text ?? asHex(data));
}

export const versionFacts = (sibling) => h("dl", { class: "facts tight" },
  fact("Written", moment(sibling.timestamp)),
  fact("Dot", h("span", null, named(sibling.dot.node), " ", h("code", null, `${sibling.dot.generation.slice(0, 8)}… : ${sibling.dot.counter}`))),
  fact("Vtag", h("code", null, sibling.vtag)),
  sibling.tombstone ? fact("Kind", "tombstone") : [
    fact("Content type", h("code", null, sibling.content_type || "application/octet-stream")),
    sibling.content_encoding && fact("Encoding", h("code", null, sibling.content_encoding)),
    fact("Length", bytes(sibling.bytes)),
    Object.entries(sibling.metadata).map(([name, text]) => fact(`Meta ${name}`, text)),
  ]);

const fact = (name, value) => h("div", null, h("dt", null, name), h("dd", null, value));

// What is proposed for a merge: every text once, and all metadata, later versions over earlier ones.
function proposal(siblings) {
  const ordered = [...siblings].sort((a, b) => a.timestamp - b.timestamp);
  const texts = ordered.map((x) => (x.value === undefined ? null : asText(fromBase64(x.value)))).filter((text) => text !== null);
  return {
    text: [...new Set(texts)].join("\n"),
    isWhole: texts.length === siblings.length,
    type: ordered.at(-1)?.content_type || "text/plain; charset=utf-8",
    metadata: Object.assign({}, ...ordered.map((x) => x.metadata)),
  };
}

export function editor(target) {
  const { siblings, counter, context } = target.seen;
  const words = siblings.length > 1 ? ["Put what they come to", "Put the merged value"]
    : siblings.length === 1 ? ["Replace the value", "Put"] : ["Store a value", "Put"];
  const isThere = siblings.length > 0;
  if (counter !== null) return h("div", { class: "buttons" }, remover(target));
  const merged = proposal(siblings);
  return h("form", { class: "editor", id: "editor", onsubmit: (event) => { event.preventDefault(); put(target); } },
    h("h4", null, words[0]),
    !merged.isWhole && h("p", { class: "quiet" }, "Values that are bytes or long are left out of the text below."),
    h("label", null, "Text", h("textarea", { id: "new-text", rows: 4, spellcheck: "false", value: merged.text })),
    h("div", { class: "pair" },
      h("label", null, "Content type", h("input", { id: "new-type", required: true, value: merged.type, autocomplete: "off", spellcheck: "false" })),
      h("label", null, "Metadata, a name: value in each line", h("textarea", {
        id: "new-meta", rows: 1, spellcheck: "false", value: Object.entries(merged.metadata).map(([n, v]) => `${n}: ${v}`).join("\n"),
      }))),
    h("p", { class: "quiet" }, context
      ? `It is put with the context of what is shown, and so replaces ${siblings.length > 1 ? "all of it" : "exactly that"}.`
      : "There is no context yet: should somebody else write meanwhile, both values are kept."),
    h("div", { class: "buttons" }, h("button", { type: "submit", class: "main", id: "put" }, words[1]), isThere && remover(target)),
    h("p", { id: "put-wrong", class: "wrong", role: "alert" }));
}

// Deleting takes two steps, the second of which is another word.
function remover(target) {
  const button = h("button", { type: "button", id: "delete", class: "danger" }, "Delete the key");
  let isSure = false;
  button.onblur = () => { isSure = false; button.textContent = "Delete the key"; };
  button.onclick = () => {
    if (isSure) return write(target, { method: "DELETE" }, "The key is deleted.");
    isSure = true;
    button.textContent = "Yes, delete it now";
    announce("Press again to delete the key.");
    return undefined;
  };
  return button;
}

function put(target) {
  const metadata = {};
  for (const line of $("new-meta").value.split("\n").filter((text) => text.trim() !== "")) {
    const [, name, text] = /^\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*:\s*(.*)$/.exec(line) ?? [];
    if (!name) return wrong(`A line of metadata must be a name, a colon and a value; this one is not: ${line}`);
    metadata[name] = text;
  }
  return write(target, content($("new-type").value, "", metadata, new TextEncoder().encode($("new-text").value)), "The value is stored.");
}

async function keep(target, sibling, button) {
  // Not disabled in truth, which would take the focus away from it.
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    // Whatever its length and kind, it is put back byte for byte.
    const all = sibling.value !== undefined ? sibling
      : (await ask(`${target.inspect}?whole=true`)).siblings.find((x) => x.vtag === sibling.vtag);
    if (!all) throw new Error("That sibling is not there any more; look the key up again.");
    await write(target, content(all.content_type, all.content_encoding, all.metadata, fromBase64(all.value)), "The siblings are resolved.");
  } catch (fault) {
    wrong(fault.message);
  } finally {
    button.setAttribute("aria-disabled", "false");
  }
}

function content(type, encoding, metadata, body) {
  const headers = { "Content-Type": headerText(type || "application/octet-stream") };
  if (encoding) headers["Content-Encoding"] = headerText(encoding);
  for (const [name, text] of Object.entries(metadata)) headers[`X-Riak-Meta-${name}`] = headerText(text);
  return { method: "PUT", headers, body };
}

async function write(target, request, done) {
  const headers = { ...request.headers };
  if (target.seen.context) headers["X-Riak-Vclock"] = target.seen.context;
  const quorum = $("quorum").value;
  const before = target.seen.siblings.length;
  try {
    await ask(`${target.path}${quorum ? `?w=${quorum}` : ""}`, { ...request, headers });
    await target.again();
    announce(before > 1 ? `${done} ${plural(before, "sibling")} replaced.` : done);
  } catch (fault) {
    wrong(fault.message);
  }
}

function wrong(sentence) {
  const place = $("put-wrong");
  if (place) place.textContent = sentence;
  else announce(sentence);
}
