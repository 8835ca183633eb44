// Numbers, times and bytes as people read them.

const thin = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export const count = (n) => thin.format(n);

export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

export function bytes(n) {
  if (n === null || n === undefined) return "unknown";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) { n /= 1024; unit++; }
  return `${unit === 0 ? n : n.toFixed(n < 10 ? 1 : 0)} ${units[unit]}`;
}

export function micros(n) {
  if (!n) return "–";
  if (n < 1000) return `${Math.round(n)} µs`;
  if (n < 1000000) return `${(n / 1000).toFixed(n < 10000 ? 1 : 0)} ms`;
  return `${(n / 1000000).toFixed(1)} s`;
}

export const rate = (n) => (n === null ? "–" : n > 0 && n < 10 ? n.toFixed(1) : count(n));

export const clock = (date) => date.toLocaleTimeString("en-GB");

export const moment = (microseconds) => new Date(microseconds / 1000).toISOString().replace("T", " ").replace("Z", " UTC");

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

// The text that bytes are; null when they are none.
export function asText(data) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

export function asHex(data, most = 256) {
  const lines = [];
  for (let at = 0; at < Math.min(data.length, most); at += 16) {
    const row = [...data.slice(at, Math.min(at + 16, most))];
    const hex = row.map((b) => b.toString(16).padStart(2, "0")).join(" ");
    const plain = row.map((b) => (b >= 32 && b < 127 ? String.fromCharCode(b) : "·")).join("");
    lines.push(`${at.toString(16).padStart(4, "0")}  ${hex.padEnd(47)}  ${plain}`);
  }
  if (data.length > most) lines.push(`… ${count(data.length - most)} bytes more`);
  return lines.join("\n");
}

// A name as the node's paths have it. Percent-encoded ones keep their bytes; null when a % has no two digits after it.
export function encodeName(text, isEncoded) {
  if (isEncoded && /%(?![0-9a-fA-F]{2})/.test(text)) return null;
  const parts = isEncoded ? text.split(/(%[0-9a-fA-F]{2})/) : [text];
  return parts.map((part, i) => (i % 2 === 1 ? part.toUpperCase() : encodePlain(part))).join("");
}

const encodePlain = (text) => [...new TextEncoder().encode(text)]
  .map((b) => (/[A-Za-z0-9._~-]/.test(String.fromCharCode(b)) && b < 128
    ? String.fromCharCode(b)
    : `%${b.toString(16).toUpperCase().padStart(2, "0")}`))
  .join("");

// What a reader sees of an encoded name, and whether it had to stay encoded.
export function decodeName(encoded) {
  try {
    return { text: decodeURIComponent(encoded), isEncoded: false };
  } catch {
    return { text: encoded, isEncoded: true };
  }
}
