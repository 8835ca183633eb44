// Elements out of data. Texts become text nodes and nothing else, so a key or a value can never become markup.

const SVG = "http://www.w3.org/2000/svg";

// h("p", { class: "quiet", onclick: f }, "text", child, null): false, null and undefined are left out.
export function h(tag, properties, ...children) {
  return fill(document.createElement(tag), properties, children);
}

export function s(tag, properties, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element[name] = value;
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

// A share as a bar; the figure itself stands beside it.
export const bar = (value, most) => s("svg", { class: "bar", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
  s("rect", { class: "rail", width: 100, height: 6 }), s("rect", { class: "filled", width: (100 * value / Math.max(1, most)).toFixed(1), height: 6 }));

export const $ = (id) => document.getElementById(id);

// Makes a container look as if its children were the new ones, and touches only what differs: what has the focus, is
// selected or scrolled stays so while numbers change around it.
export function show(container, ...children) {
  const wanted = container.cloneNode(false);
  fill(wanted, null, children);
  morph(container, wanted);
}

function morph(old, wanted) {
  const before = [...old.childNodes];
  const after = [...wanted.childNodes];
  after.forEach((next, i) => {
    const now = before[i];
    if (!now) old.append(next);
    else if (!alike(now, next)) now.replaceWith(next);
    else if (now.nodeType !== Node.ELEMENT_NODE) { if (now.data !== next.data) now.data = next.data; }
    else { attributes(now, next); morph(now, next); }
  });
  before.slice(after.length).forEach((extra) => extra.remove());
}

// An element with another key is another thing and is not made over into it.
const alike = (a, b) => a.nodeName === b.nodeName && (a.dataset?.key ?? "") === (b.dataset?.key ?? "");

function attributes(now, next) {
  for (const { name } of [...now.attributes])
    if (!next.hasAttribute(name) && !(now.nodeName === "DETAILS" && name === "open")) now.removeAttribute(name);
  for (const { name, value } of next.attributes) if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  for (const event of ["onclick", "onpointerenter", "onpointerleave", "onfocus", "onblur"]) now[event] = next[event];
}

// Tells those who do not see the page what has happened.
export function announce(sentence) {
  $("announce").textContent = "";
  setTimeout(() => { $("announce").textContent = sentence; }, 50);
}
