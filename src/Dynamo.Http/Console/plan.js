// What committing would do, as a table: nothing is committed but the plan that stands here.
import { $, h, show } from "./dom.js";
import { bytes, count, plural } from "./format.js";
import { named } from "./palette.js";

export function drawPlan(plan, wrong, membership, isBusy, commit) {
  const complaint = wrong && h("p", { class: "wrong", role: "alert" }, wrong);
  if (!plan) {
    show($("plan"), complaint, h("p", { class: "quiet" }, membership.next
      ? "A change is under way; below is how far it has come."
      : "Stage one or more changes, and here is what they would do together."));
    return;
  }
  show($("plan"), complaint,
    list("Without effect", "busy", plan.ignored.map((x) => `${x.change}: ${x.why}`)),
    h("p", { class: "sum" }, h("b", null, plural(plan.partitions_moved, "partition")), " change their owner, ",
      h("b", null, plural(plan.replicas_moved, "replica")), " are copied: about ",
      h("b", null, bytes(plan.bytes_moved)), plan.keys_moved === null ? "" : ` in ${plural(plan.keys_moved, "record")}`,
      ", as far as this node can tell from what it holds itself."),
    h("table", { class: "plan" },
      h("thead", null, h("tr", null, ["Node", "State", "Partitions now", "after", "Weight"].map((t, i) =>
        h("th", { scope: "col", class: i > 1 ? "number" : null }, t)))),
      h("tbody", null, plan.nodes.map((row) => h("tr", { "data-key": row.name },
        h("th", { scope: "row" }, named(row.name)), h("td", null, row.state), h("td", { class: "number" }, count(row.partitions)),
        h("td", { class: "number" }, h("b", null, count(row.partitions_next)), difference(row.partitions_next - row.partitions)),
        h("td", { class: "number" }, row.weight === row.weight_next ? row.weight : `${row.weight} → ${row.weight_next}`))))),
    list("What gives way", "bad", plan.violations), list("Warnings", "busy", plan.warnings),
    plan.moves.length > 0 && h("details", null, h("summary", null, "Who sends how much to whom"),
      h("table", null, h("thead", null, h("tr", null, ["From", "To", "Replicas", "About"].map((t, i) =>
        h("th", { scope: "col", class: i > 1 ? "number" : null }, t)))),
      h("tbody", null, plan.moves.map((move) => h("tr", null,
        h("td", null, move.from ? named(move.from) : "nobody"), h("td", null, named(move.to)),
        h("td", { class: "number" }, count(move.replicas)), h("td", { class: "number" }, bytes(move.bytes))))))),
    h("div", { class: "buttons" }, h("button", {
      type: "button", class: "main", id: "commit", "aria-disabled": String(isBusy), onclick: () => commit(plan),
    }, "Commit this plan"), h("small", { class: "quiet" }, "It cannot be taken back. Mark ", h("code", null, plan.based_on))));
}

const difference = (n) => n !== 0 && h("small", { class: n > 0 ? "more" : "less" }, n > 0 ? ` +${count(n)}` : ` −${count(-n)}`);

const list = (title, kind, sentences) => sentences.length > 0 && h("div", { class: `banner ${kind}` },
  h("b", null, title), h("ul", null, sentences.map((sentence) => h("li", null, sentence))));
