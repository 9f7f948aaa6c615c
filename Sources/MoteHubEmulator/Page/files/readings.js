// The chosen device's readings: a plot for each numeric field of its telemetry.

import { redraw } from "/frames.js";
import { Plot } from "/plot.js";
import { readings, record } from "/series.js";
import { count, find, write } from "/text.js";

const most = 12; // plots at a time; a search finds the others
const plots = new Map(); // field → Plot
let chosen = null;

/** Shows another device. */
export function choose(name) {
  chosen = name;
  plots.clear();
  find("plots").replaceChildren();
  find("fields").value = "";
  redraw(draw);
}

/** Takes a message of a device. */
export function telemetry(name, event) {
  record(name, event, chosen);
  if (name === chosen) redraw(draw);
}

export function start() {
  for (const id of ["fields", "span"]) find(id).addEventListener("input", () => redraw(draw));
  addEventListener("resize", () => redraw(draw));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw(draw));
  // Time passes for the plots of a silent device, too.
  setInterval(() => {
    if (plots.size > 0) redraw(draw);
  }, 1000);
}

function draw() {
  if (chosen === null) return;
  const { fields, more } = readings(chosen);
  find("fields-label").hidden = fields.size <= most;
  const wanted = find("fields").value.toLowerCase();
  const names = [...fields.keys()].filter((name) => name.toLowerCase().includes(wanted));
  const visible = new Set(names.slice(0, most));
  for (const [name, plot] of plots) {
    if (!visible.has(name)) {
      plot.node.remove();
      plots.delete(name);
    }
  }
  const now = Date.now();
  for (const name of visible) {
    let plot = plots.get(name);
    if (!plot) {
      plots.set(name, (plot = new Plot(name)));
      find("plots").append(plot.node);
    }
    plot.draw(fields.get(name), now, Number(find("span").value));
  }
  write(find("readings-note"), note(fields.size, names.length, more));
}

function note(all, found, more) {
  if (all === 0) return "None yet: numbers in JSON telemetry are plotted here.";
  if (found > most) return `${most} of ${count(found, "field")}${more ? " that are kept; this device sends more" : ""}`;
  return more ? "This device sends more fields than are kept." : "";
}
