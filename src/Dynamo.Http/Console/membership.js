// Joins, leaves, removals, replacements and weights: staged here, looked at, and committed as one.
import { $, announce, h, show } from "./dom.js";
import { ask, post } from "./api.js";
import { plural } from "./format.js";
import { named } from "./palette.js";
import { chip, rows } from "./nodes.js";
import { drawPlan } from "./plan.js";

const kinds = {
  join: ["Join a new node", ["node", "weight", "zone"]], leave: ["Let a node leave", ["member"]],
  remove: ["Remove a dead node", ["member", "force"]], replace: ["Replace a node", ["old", "new"]],
  weight: ["Change a weight", ["member", "weight"]],
};

const steps = ["aware", "copying", "complete", "switched", "settled"];
const state = { members: [], mark: "", plan: null, wrong: "", refused: "", isBusy: false };
let refresh = () => {};

export function listenForChanges(poll) {
  refresh = poll;
  const form = $("change-form");
  form.onsubmit = (event) => { event.preventDefault(); stage(); };
  form.append(
    h("label", null, "Change", h("select", { id: "change-kind", onchange: fields },
      Object.entries(kinds).map(([kind, [words]]) => h("option", { value: kind }, words)))),
    h("div", { id: "change-fields", class: "fields" }),
    h("div", { class: "buttons" }, h("button", { type: "submit", id: "stage" }, "Stage it")),
    h("p", { id: "stage-wrong", class: "wrong", role: "alert" }));
  fields();
}

const inputs = {
  node: () => h("label", null, "Name of the new node", h("input", { id: "change-node", required: true, autocomplete: "off", spellcheck: "false" })),
  member: () => members("change-node", "Node"),
  old: () => members("change-old", "Node that goes"),
  new: () => h("label", null, "Name of the node that comes", h("input", { id: "change-new", required: true, autocomplete: "off", spellcheck: "false" })),
  weight: () => h("label", null, "Weight", h("input", { id: "change-weight", type: "number", min: 1, max: 1024, required: true, value: 1 })),
  zone: () => h("label", null, "Zone, if any", h("input", { id: "change-zone", autocomplete: "off", spellcheck: "false" })),
  force: () => h("label", { class: "check" }, h("input", { id: "change-force", type: "checkbox" }), " although it can be reached: what only it holds is lost"),
};

const members = (id, words) => h("label", null, words, h("select", { id }, state.members.map((name) => h("option", { value: name }, name))));

function fields() {
  $("change-fields").replaceChildren(...kinds[$("change-kind").value][1].map((name) => inputs[name]()));
}

async function stage() {
  const kind = $("change-kind").value;
  const body = { by: "console" };
  for (const name of ["node", "old", "new", "zone"]) if ($(`change-${name}`)?.value) body[name] = $(`change-${name}`).value;
  if ($("change-weight")) body.weight = Number($("change-weight").value);
  if ($("change-force")?.checked) body.force = true;
  if (await attempt(() => post(`/admin/cluster/${kind}`, body), "Staged; the plan shows what it would do.")) fields();
}

async function attempt(action, done) {
  try {
    await action();
    $("stage-wrong").textContent = "";
    state.refused = "";
    announce(done);
    await refresh();
    return true;
  } catch (fault) {
    $("stage-wrong").textContent = fault.message;
    return false;
  }
}

// What the node says of the membership now; a plan that somebody else has changed is asked for anew.
export async function drawMembership(cluster) {
  const { membership } = cluster;
  if (!membership) {
    for (const id of ["staged", "plan", "progress"]) show($(id), h("p", { class: "quiet" }, "The node cannot tell now."));
    return;
  }
  const now = membership.nodes.map((row) => row.name);
  if (now.join() !== state.members.join()) {
    state.members = now;
    for (const id of ["change-node", "change-old"]) {
      const select = $(id);
      if (select?.nodeName === "SELECT") show(select, now.map((name) => h("option", { value: name }, name)));
    }
  }
  show($("staged"), stagedList(membership.staged));
  drawProgress(cluster);
  await plan(membership);
}

function stagedList(staged) {
  if (staged.length === 0) return h("p", { class: "quiet" }, "Nothing is staged at this node.");
  return [
    h("h4", null, "Staged at this node"),
    h("ol", { class: "staged" }, staged.map((change) => h("li", null, change.sentence,
      change.by && h("small", { class: "quiet" }, ` by ${change.by}`)))),
    h("div", { class: "buttons" }, h("button", {
      type: "button", id: "clear", onclick: () => attempt(() => post("/admin/cluster/clear"), "Nothing is staged any more."),
    }, "Clear what is staged")),
  ];
}

async function plan(membership) {
  const mark = JSON.stringify([membership.digest, membership.staged]);
  if (mark !== state.mark) {
    state.mark = mark;
    state.plan = null;
    if (membership.staged.length > 0) {
      try {
        state.plan = await ask("/admin/cluster/plan");
        state.wrong = "";
      } catch (fault) {
        state.mark = "";
        state.wrong = fault.message;
      }
    }
  }
  drawPlan(state.plan, state.refused || state.wrong, membership, state.isBusy, commit);
}

async function commit(plan) {
  if (state.isBusy) return;
  state.isBusy = true;
  state.refused = "";
  try {
    await post("/admin/cluster/commit", { based_on: plan.based_on });
    announce("Committed: the ring begins to change.");
  } catch (fault) {
    state.refused = fault.message;
    state.mark = "";
    announce(fault.message);
  }
  state.isBusy = false;
  await refresh();
}

function drawProgress(cluster) {
  const { membership } = cluster;
  const all = rows(cluster);
  const isLeaving = all.some((row) => row.step === "leaving");
  if (!membership.next && !isLeaving) {
    show($("progress"), h("p", { id: "settled" }, h("span", { class: "chip good" }, "settled"),
      ` Every node works by ring ${membership.settled.version}, after ${plural(membership.commits, "commit")}.`),
    violations(membership.settled));
    return;
  }
  show($("progress"),
    h("p", null, h("span", { class: "chip busy" }, "changing"), membership.next
      ? ` From ring ${membership.settled.version} to ring ${membership.next.version}; this node has ${plural(membership.transfers_left, "exchange")} left.`
      : " The ring has changed; who leaves hands over what it still holds."),
    h("table", { class: "steps" },
      h("thead", null, h("tr", null, ["Node", "State", "Partitions", "How far it is"].map((t, i) =>
        h("th", { scope: "col", class: i === 2 ? "number" : null }, t)))),
      h("tbody", null, all.map((row) => h("tr", { "data-key": row.name },
        h("th", { scope: "row" }, named(row.name)), h("td", null, row.stands.map(chip)),
        h("td", { class: "number" }, row.partitions === row.partitions_next ? row.partitions : `${row.partitions} → ${row.partitions_next}`),
        h("td", null, stepper(row.step)))))),
    violations(membership.next ?? membership.settled));
}

const stepper = (step) => {
  const reached = steps.indexOf(step);
  return h("span", { class: "stepper" },
    (reached >= 0 || step === "unaware") && h("span", { class: "dots", "aria-hidden": "true" }, steps.map((_, i) => h("i", { class: i <= reached ? "on" : null }))),
    h("span", null, step));
};

const violations = (version) => version.violations.length > 0 && h("details", null,
  h("summary", null, `${plural(version.violations.length, "rule")} of placement gave way`),
  h("ul", { class: "quiet" }, version.violations.map((sentence) => h("li", null, sentence))));
