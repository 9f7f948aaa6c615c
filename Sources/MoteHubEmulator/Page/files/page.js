// The page: what is chosen, and where each event goes.

import * as commands from "/commands.js";
import * as devices from "/devices.js";
import * as events from "/events.js";
import * as forms from "/forms.js";
import { redraw } from "/frames.js";
import { hasKey, json, useKey } from "/hub.js";
import * as readings from "/readings.js";
import * as registry from "/registry.js";
import { forget } from "/series.js";
import { follow } from "/stream.js";
import { find, line, write } from "/text.js";
import * as twin from "/twin.js";

let chosen = null;
let loading = null;

/** A device is chosen, or the chosen one may have changed. */
function choose(name, another) {
  chosen = name;
  find("nothing").hidden = name !== null;
  find("device").hidden = name === null;
  if (another) for (const part of [events, readings, twin, commands]) part.choose(name);
  if (name !== null) redraw(drawChosen);
}

function drawChosen() {
  if (chosen === null) return;
  write(find("chosen-name"), line(chosen, 260));
  const state = devices.stateOf(chosen);
  write(find("chosen-state"), state);
  find("chosen-state").dataset.state = state;
  registry.show(chosen);
}

// Reads the list of devices; once, however often it is asked for meanwhile.
function load() {
  loading ??= devices
    .load()
    .catch((error) => write(find("devices-note"), error.message))
    .finally(() => (loading = null));
}

// A device or module that the list does not have, or has in an older state.
const found = ({ device, module }) => (module ? devices.modules(device) : load());

function take(event) {
  const name = events.name(event);
  switch (event.kind) {
    case "telemetry":
      readings.telemetry(name, event);
      break;
    case "connected":
    case "disconnected":
      if (devices.identity(name)) devices.connection(name, event.kind === "connected");
      else found(event);
      if (name === chosen) redraw(drawChosen);
      break;
    case "cloudMessage":
      if (name === chosen) commands.message(event);
      break;
    case "twin":
      if (name === chosen) twin.read();
      break;
    case "identity":
      if (event.stage === "deleted") {
        forget(name);
        devices.remove(name);
      } else {
        found(event);
      }
      break;
  }
  // Last, since the list keeps a long body in part only.
  events.add(event);
}

// Asks for the key, and ends when one was given. Nothing else can be done without, hence the dialog comes back.
function askForKey(reason) {
  write(find("key-reason"), reason);
  forms.open("key-dialog");
  return new Promise((resolve) => {
    find("key-dialog").onclose = () => forms.open("key-dialog");
    find("key-form").onsubmit = (event) => {
      event.preventDefault();
      const key = find("key").value;
      if (!/^[\x20-\x7e]+$/.test(key)) return write(find("key-reason"), "That is no key.");
      useKey(key);
      find("key").value = "";
      find("key-dialog").onclose = null;
      find("key-dialog").close();
      resolve();
    };
  });
}

for (const part of [forms, events, readings, twin, commands, registry]) part.start();
devices.start(choose);

const whereItIs = "Open the address that mote-hub serve prints, or paste it here.";
if (!hasKey()) await askForKey(whereItIs);
follow({
  event: take,
  missed(lost) {
    events.missed(lost);
    load();
    if (chosen !== null) twin.read();
  },
  state(name, text) {
    find("stream").dataset.state = name;
    write(find("stream"), text);
  },
  async opened() {
    load();
    if (chosen !== null) twin.read();
    try {
      const { hostName } = await json("GET", "/emulator/status");
      registry.hostName(hostName);
      write(find("host"), line(hostName, 260));
      document.title = `${line(hostName, 60)} – Mote hub`;
    } catch (error) {
      write(find("host"), "");
    }
  },
  refused: () => askForKey(`The hub did not accept the key, or it has expired. ${whereItIs}`),
});
