// The list of devices and modules, found by part of their names; arrow keys walk it.

import { json, path } from "/hub.js";
import { redraw } from "/frames.js";
import { count, element, find, line, write } from "/text.js";

const mostShown = 200;
const mostAtOnce = 1000; // devices that the service lists in one answer

const devices = new Map(); // name → identity as the service describes it, with `connected`
const rows = new Map(); // name → its button
let chosen = null;
let choosing = () => {};

/** `choose` is called with a name, or null, when another device is chosen. */
export function start(choose) {
  choosing = choose;
  find("find").addEventListener("input", () => redraw(draw));
  find("find").addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    find("devices").querySelector("button")?.focus();
  });
  find("devices").addEventListener("keydown", walk);
  find("devices").addEventListener("focusin", (event) => rove(event.target));
}

/** Reads all identities from the hub. */
export async function load() {
  const list = await all();
  const before = new Map(devices);
  devices.clear();
  for (const identity of list) devices.set(identity.deviceId, identity);
  // Modules are looked for when their device is chosen; those that are known stay.
  for (const [name, module] of before) if (module.moduleId && devices.has(module.deviceId)) devices.set(name, module);
  if (chosen !== null && !devices.has(chosen)) choose(null);
  else choosing(chosen, false);
  redraw(draw);
}

async function all() {
  for (const list = []; ; ) {
    const after = list.length > 0 ? `&after=${encodeURIComponent(list.at(-1).deviceId)}` : "";
    const part = await json("GET", `/devices?top=${mostAtOnce}${after}`);
    list.push(...part);
    if (part.length < mostAtOnce) return list;
  }
}

/** What is known of a device, by its name. */
export const identity = (name) => devices.get(name);

/** What a name stands for in requests. */
export const address = (name) => {
  const { deviceId, moduleId } = devices.get(name) ?? { deviceId: name };
  return { device: deviceId, module: moduleId };
};

export const connected = (name) => devices.get(name)?.connectionState === "Connected";

/** Takes what an event says about a connection. */
export function connection(name, isConnected) {
  const known = devices.get(name);
  if (known) known.connectionState = isConnected ? "Connected" : "Disconnected";
  redraw(draw);
}

export function put(identity) {
  devices.set(identity.moduleId ? `${identity.deviceId}/${identity.moduleId}` : identity.deviceId, identity);
  redraw(draw);
}

export function remove(name) {
  devices.delete(name);
  if (name === chosen) choose(null);
  redraw(draw);
}

/** Chooses a device and looks for its modules. */
export function choose(name) {
  chosen = name;
  choosing(name, true);
  redraw(draw);
  if (name !== null && !devices.get(name)?.moduleId) modules(name);
}

/** Looks for the modules of a device. */
export async function modules(name) {
  try {
    for (const module of await json("GET", `${path("/devices", { device: name })}/modules`)) put(module);
  } catch {
    // The device may be gone, or be one that has none.
  }
}

function draw() {
  const wanted = find("find").value.toLowerCase();
  const names = [...devices.keys()].filter((name) => name.toLowerCase().includes(wanted)).sort();
  const visible = new Set(names.slice(0, mostShown));
  const list = find("devices");
  for (const [name, row] of rows) {
    if (!visible.has(name)) {
      row.parentNode.remove();
      rows.delete(name);
    }
  }
  [...visible].forEach((name, index) => {
    const row = rows.get(name) ?? made(name);
    if (list.children[index] !== row.parentNode) list.insertBefore(row.parentNode, list.children[index] ?? null);
    const state = stateOf(name);
    row.dataset.state = state;
    write(row.lastChild, state);
    if (name === chosen) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  });
  if (!list.querySelector('button[tabindex="0"]')) rove(rows.get(chosen) ?? list.querySelector("button"));
  const whole = [...devices.keys()].filter((name) => !devices.get(name).moduleId);
  const live = whole.filter(connected).length.toLocaleString("en");
  write(find("counts"), `${live} of ${count(whole.length, "device")} connected`);
  write(find("devices-note"), note(names.length));
}

function note(found) {
  if (found > mostShown) return `${count(found - mostShown, "more device")}: find by name.`;
  if (devices.size === 0) return "None yet.";
  return found === 0 ? "None has this in its name." : "";
}

/** How a device is, in a word. */
export function stateOf(name) {
  if (devices.get(name)?.status === "disabled") return "disabled";
  return connected(name) ? "connected" : "not connected";
}

function made(name) {
  const label = element("span", { textContent: line(name, 257) });
  const button = element("button", { type: "button", tabIndex: -1 }, label, element("small"));
  button.addEventListener("click", () => choose(name));
  element("li", {}, button);
  rows.set(name, button);
  return button;
}

function walk(event) {
  const buttons = [...find("devices").querySelectorAll("button")];
  const here = buttons.indexOf(event.target);
  const there = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (there === undefined) return;
  event.preventDefault();
  if (there < 0) find("find").focus();
  else buttons[Math.min(there, buttons.length - 1)]?.focus();
}

// One of the list is in the order of Tab.
function rove(button) {
  if (button?.tagName !== "BUTTON") return;
  for (const other of find("devices").querySelectorAll('button[tabindex="0"]')) other.tabIndex = -1;
  button.tabIndex = 0;
}
