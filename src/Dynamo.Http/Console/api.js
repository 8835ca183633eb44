// Speaks with the node that served this page, and with no other.

const KEPT = "dynamo-token";
let token = sessionStorage.getItem(KEPT) ?? "";

export function keepToken(text) {
  token = text;
  sessionStorage.setItem(KEPT, text);
}

export function dropToken() {
  const had = token !== "";
  token = "";
  sessionStorage.removeItem(KEPT);
  return had;
}

// The node has answered, and said no: its own sentence.
export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

// The node has not answered at all.
class Silent extends Error {}

export async function ask(path, { method = "GET", headers = {}, body } = {}) {
  const sent = { Accept: "application/json", ...headers };
  if (token) sent.Authorization = `Bearer ${token}`;
  let answer;
  let text;
  try {
    answer = await fetch(path, {
      method, headers: sent, body, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(15000),
    });
    text = await answer.text();
  } catch (fault) {
    throw new Silent(fault.name === "TimeoutError" ? "it took longer than 15 s" : "the connection failed");
  }
  if (!answer.ok) throw new Refused(answer.status, text.trim() || `It answered ${answer.status}.`);
  return text && answer.headers.get("Content-Type")?.startsWith("application/json") ? JSON.parse(text) : null;
}

export const post = (path, body) => ask(path, {
  method: "POST",
  headers: body === undefined ? {} : { "Content-Type": "application/json" },
  body: body === undefined ? undefined : JSON.stringify(body),
});

// Header values are bytes for a browser, and UTF-8 for the node.
export const headerText = (text) => String.fromCharCode(...new TextEncoder().encode(text.replace(/[\u0000-\u001f]/g, " ")));
