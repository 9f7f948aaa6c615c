// The list of events, newest first. The last 1,000 are kept; the last 100 of those that are asked for are shown. The list
// holds still while it is paused, has an open entry, or has the focus, so that nothing moves under a reader.

import { redraw } from "/frames.js";
import { count, element, find, line, shown, timeOfDay, write } from "/text.js";

const mostKept = 1000;
const mostShown = 100;
const longestBody = 4096; // of a body that is kept

let kept = []; // oldest first
let rows = new Map(); // entry → its node
let number = 0; // of entries ever
let drawnNumber = 0;
let paused = false;
let chosen = null;

export function start() {
  find("pause").addEventListener("click", () => {
    paused = !held();
    if (!paused) for (const open of find("events").querySelectorAll("details[open]")) open.open = false;
    draw();
  });
  find("clear").addEventListener("click", () => {
    kept = [];
    rows = new Map();
    find("events").replaceChildren();
    draw();
  });
  for (const id of ["events-device", "events-kind"]) {
    find(id).addEventListener("input", () => {
      find("events").replaceChildren();
      rows = new Map();
      draw(true);
    });
  }
  for (const name of ["focusin", "focusout", "toggle"]) {
    find("events").addEventListener(name, () => redraw(draw), { capture: true });
  }
}

/** Which device is "the chosen device" of the filter. */
export function choose(name) {
  chosen = name;
  if (find("events-device").value) {
    find("events").replaceChildren();
    rows = new Map();
    draw(true);
  }
}

/** Takes an event. */
export function add(event) {
  if (event.kind === "telemetry") cut(event);
  keep({ text: summary(event), time: event.time, device: name(event), kind: group(event.kind), event });
}

/** Says in the list what was lost. */
export function missed(lost) {
  keep({ text: `${count(lost, "event")} missed`, time: new Date().toISOString(), device: "", kind: "missed" });
}

/** The name by which the page knows a device or module. */
export const name = ({ device, module }) => (module ? `${device}/${module}` : String(device ?? ""));

function keep(entry) {
  entry.number = number += 1;
  kept.push(entry);
  // In larger pieces, so that it is not moved for each event.
  if (kept.length > mostKept + 100) kept = kept.slice(-mostKept);
  redraw(draw);
}

const held = () =>
  paused || find("events").contains(document.activeElement) || find("events").querySelector("details[open]") !== null;

function wanted(entry) {
  if (entry.kind === "missed") return true;
  const kind = find("events-kind").value;
  if (kind && entry.kind !== kind) return false;
  return !find("events-device").value || entry.device === chosen || entry.device.startsWith(`${chosen}/`);
}

function draw(always) {
  const still = held() && always !== true;
  write(find("pause"), still ? "Resume" : "Pause");
  write(find("events-note"), still && number > drawnNumber ? `${count(number - drawnNumber, "more event")} since` : "");
  find("events-empty").hidden = rows.size > 0 || kept.length > 0;
  if (still) return;
  drawnNumber = number;
  const list = find("events");
  const visible = [];
  for (let i = kept.length - 1; i >= 0 && visible.length < mostShown; i -= 1) {
    if (wanted(kept[i])) visible.push(kept[i]);
  }
  const fresh = new Map();
  const added = [];
  for (const entry of visible) {
    let row = rows.get(entry);
    if (!row) added.push((row = rowOf(entry)));
    fresh.set(entry, row);
  }
  for (const [entry, row] of rows) if (!fresh.has(entry)) row.remove();
  list.prepend(...added);
  rows = fresh;
}

function rowOf(entry) {
  const time = element("time", { textContent: timeOfDay(entry.time), dateTime: shown(entry.time ?? "", 40) });
  const who = element("b", { textContent: line(entry.device, 64) });
  const what = element("span", { textContent: entry.text });
  const row = element("li");
  row.dataset.kind = entry.kind;
  if (!entry.event) {
    row.append(element("p", {}, time, " ", what));
    return row;
  }
  const details = element("details", {}, element("summary", {}, time, " ", who, " ", what));
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) {
      details.append(element("pre", { tabIndex: 0, textContent: detail(entry.event) }));
    }
  });
  row.append(details);
  return row;
}

// The kinds that the filter knows.
const group = (kind) => (kind === "connected" || kind === "disconnected" ? "connection" : String(kind));

// What an event says in a line.
function summary(event) {
  const said = (...texts) => line(texts.filter((text) => text !== undefined && text !== null).join(" "), 160);
  switch (event.kind) {
    case "telemetry":
      return said(event.body ?? `${event.bodyBase64} (base64)`) || "(empty)";
    case "disconnected":
      return said("disconnected:", event.reason);
    case "cloudMessage":
      return said("message", event.messageId ?? event.sequenceNumber, event.stage);
    case "method":
      return said("method", event.name, event.stage, event.status);
    case "twin":
      return said(event.section, "version", event.version, JSON.stringify(event.patch));
    case "upload":
      return said("file", event.stage, event.blobName);
    default:
      return said(event.kind, event.stage);
  }
}

// A body is kept in part only: a thousand of 256 KiB would fill the memory.
function cut(event) {
  for (const field of ["body", "bodyBase64"]) {
    const body = event[field];
    if (typeof body === "string" && body.length > longestBody) {
      event[field] = body.slice(0, longestBody);
      event.cut = `the first ${count(longestBody, "character")} of ${body.length.toLocaleString("en")}`;
    }
  }
}

function detail({ body, bodyBase64, ...rest }) {
  const head = JSON.stringify(rest, null, 2);
  const text = body ?? bodyBase64;
  return shown(text === undefined ? head : `${head}\n\n${text}`, 32_768);
}
