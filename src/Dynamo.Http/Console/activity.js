// What the node is about: how fast it answers, what it keeps for others, what is being repaired, and its store.
import { $, announce, bar, h, show } from "./dom.js";
import { post } from "./api.js";
import { count, micros, plural, rate } from "./format.js";
import { latencyChart, latest, minutes, rateChart, topOf, topRate } from "./history.js";
import { named } from "./palette.js";

export function drawTraffic(now) {
  const last = latest();
  if (!last || last.gap) return;
  traffic("gets", "get", last, now);
  traffic("puts", "put", last, now);
}

function traffic(rateOf, timesOf, last, now) {
  const names = ["median", "95 %", "99 %"];
  show($(rateOf),
    h("dl", { class: "figures-row" },
      figure("per second", rate(last[rateOf]), "rate"),
      names.map((name, i) => figure(name, micros(last[timesOf][i]), `p${i}`))),
    h("p", { class: "axis" }, `latency, up to ${micros(topOf(timesOf))}`),
    latencyChart(timesOf, now),
    h("p", { class: "axis" }, `per second, up to ${count(topRate(rateOf))}`),
    rateChart(rateOf, now),
    h("p", { class: "axis ends" }, h("span", null, `${minutes(now)} min ago`), h("span", null, "now")));
}

const figure = (name, value, key) => h("div", { class: `figure ${key}` }, h("dt", null, name), h("dd", null, value));

let mostTransfers = 0;

export function drawComing(cluster, node, stats, repair, refresh) {
  const hints = Object.entries(node.hints).filter(([, n]) => n > 0);
  const most = Math.max(1, ...hints.map(([, n]) => n));
  const left = cluster.membership?.transfers_left ?? 0;
  mostTransfers = left === 0 ? 0 : Math.max(mostTransfers, left);
  show($("coming"), h("div", null,
    h("h4", null, "Hints waiting here"),
    hints.length === 0
      ? h("p", { class: "quiet" }, "None: nobody was away, or all has been handed over.")
      : h("ul", { class: "bars" }, hints.map(([owner, n]) => h("li", { "data-key": owner },
        named(owner), bar(n, most), h("b", null, count(n))))),
    h("h4", null, "Transfers"),
    left === 0
      ? h("p", { class: "quiet" }, cluster.membership?.next ? "This node holds all that it gains." : "None: the ring is settled.")
      : h("div", { class: "progress" },
        h("progress", { max: mostTransfers, value: mostTransfers - left, "aria-label": "Transfers to this node" }),
        h("span", null, `${plural(left, "exchange")} left of ${count(mostTransfers)}`))),
  h("div", null,
    h("h4", null, "Anti-entropy"),
    repair && h("dl", { class: "facts" },
      fact("Pairs compared in turn", count(repair.pairs)), fact("Exchanges", count(repair.exchanges)),
      fact("Failed", count(repair.failed)), fact("Keys repaired", count(repair.keys_repaired)),
      fact("Read repairs", count(stats.read_repairs_total ?? 0)), fact("Hints delivered", count(stats.hints_delivered_total ?? 0))),
    repair && repairing(repair, refresh)));
}

function repairing(repair, refresh) {
  const done = repair.pairs_of_repair - repair.pairs_left;
  const isUnderWay = repair.pairs_of_repair > 0 && repair.pairs_left > 0;
  return h("div", { class: "progress" },
    h("button", { type: "button", id: "repair", onclick: () => begin(refresh), "aria-disabled": String(isUnderWay) },
      "Repair what this node holds"),
    repair.pairs_of_repair > 0 && h("progress", { max: repair.pairs_of_repair, value: done, "aria-label": "Repair" }),
    repair.pairs_of_repair > 0 && h("span", { id: "repair-said" }, isUnderWay
      ? `${count(done)} of ${plural(repair.pairs_of_repair, "pair")} compared`
      : `Finished: ${plural(repair.pairs_of_repair, "pair")} compared`));
}

async function begin(refresh) {
  if ($("repair").getAttribute("aria-disabled") === "true") return;
  try {
    await post("/admin/repair");
    announce("The repair has begun.");
  } catch (fault) {
    announce(fault.message);
  }
  refresh();
}

export function drawHere(node, stats) {
  show($("here"), h("dl", { class: "facts" },
    fact("Storage", node.storage.error ? h("span", { class: "chip bad" }, "failing") : h("span", { class: "chip good" }, "healthy"), node.storage.engine),
    fact("Runtime", node.runtime, `process ${node.pid}`),
    fact("Records", count(node.keys), `in ${plural(node.partitions, "partition")}`),
    fact("Tombstones", count(node.tombstones), `${plural(stats.keys_reaped_total ?? 0, "key")} reaped`),
    fact("Requests under way", count(node.requests_in_flight), `${count(stats.requests_rejected_total ?? 0)} turned away`),
    fact("Gets that failed", count(stats.node_get_fsm_errors_total ?? 0), `of ${count(stats.node_gets_total ?? 0)}`),
    fact("Puts that failed", count(stats.node_put_fsm_errors_total ?? 0), `of ${count(stats.node_puts_total ?? 0)}`),
    fact("Damaged records", count(stats.corrupt_records_total ?? 0), `${plural(stats.store_failures_total ?? 0, "refusal")} of the store`)),
  node.storage.error && h("p", { class: "wrong" }, node.storage.error));
}

const fact = (name, value, more) => h("div", null, h("dt", null, name, more && h("small", null, ` ${more}`)), h("dd", null, value));
