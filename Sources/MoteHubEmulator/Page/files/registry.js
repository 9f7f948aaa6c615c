// What is done to a device as a whole, and the dialogs for it: make, show the connection string, disable, delete.

import { address, choose, identity, put, remove } from "/devices.js";
import { busy, open, say } from "/forms.js";
import { json, path, request } from "/hub.js";
import { find, line, write } from "/text.js";

let host = "";
let chosen = null;

/** The hub's name, for connection strings. */
export const hostName = (name) => (host = name);

/** Another device is chosen, or the same has changed. */
export function show(name) {
  if (name !== chosen) say("device-result", "");
  chosen = name;
  const known = identity(name);
  write(find("toggle"), known?.status === "disabled" ? "Enable" : "Disable");
  find("toggle").hidden = Boolean(known?.moduleId);
}

export function start() {
  find("new-device").addEventListener("click", () => {
    find("create-form").reset();
    find("create-thumbprint-label").hidden = true;
    say("create-result", "");
    open("create-dialog");
  });
  find("create-type").addEventListener("input", () => {
    find("create-thumbprint-label").hidden = find("create-type").value !== "selfSigned";
  });
  find("show-string").addEventListener("click", async () => {
    try {
      showString(await json("GET", path("/devices", address(chosen))));
    } catch (error) {
      say("device-result", error.message, "bad");
    }
  });
  find("toggle").addEventListener("click", toggle);
  find("delete").addEventListener("click", () => {
    write(find("delete-text"), `${line(chosen, 260)}, its twin and its queued messages go for good.`);
    open("delete-dialog");
  });
  find("copy").addEventListener("click", copy);
  find("string-dialog").addEventListener("close", () => {
    find("string").value = "";
  });
  for (const [id, act] of [["create-form", create], ["delete-form", erase]]) {
    find(id).addEventListener("submit", (event) => {
      event.preventDefault();
      act();
    });
  }
}

async function create() {
  const wrong = (text, id) => say("create-result", text, "bad", find(id));
  const deviceId = find("create-id").value.trim();
  if (!deviceId) return wrong("A device has a name.", "create-id");
  const authentication = { type: find("create-type").value };
  if (authentication.type === "selfSigned") {
    const thumbprint = find("create-thumbprint").value.replace(/[\s:]/g, "").toUpperCase();
    if (!/^([0-9A-F]{40}|[0-9A-F]{64})$/.test(thumbprint)) {
      return wrong("A thumbprint has 40 or 64 hexadecimal digits.", "create-thumbprint");
    }
    authentication.x509Thumbprint = { primaryThumbprint: thumbprint, secondaryThumbprint: thumbprint };
  }
  await busy(find("create-form"), async () => {
    try {
      const made = await json("PUT", path("/devices", { device: deviceId }), {
        body: JSON.stringify({ deviceId, status: "enabled", authentication }),
      });
      put(made);
      find("create-dialog").close();
      choose(deviceId);
      showString(made);
    } catch (error) {
      wrong(error.status === 409 ? `There is a device ${deviceId} already.` : error.message, "create-id");
    }
  });
}

function showString({ deviceId, moduleId, authentication }) {
  const key = authentication?.symmetricKey?.primaryKey;
  const secret = key && authentication.type === "sas" ? `SharedAccessKey=${key}` : "x509=true";
  find("string").value = `HostName=${host};DeviceId=${deviceId};${moduleId ? `ModuleId=${moduleId};` : ""}${secret}`;
  write(find("string-label"), `Of ${line(moduleId ? `${deviceId}/${moduleId}` : deviceId, 260)}`);
  say("string-result", "");
  open("string-dialog");
  find("string").select();
}

async function copy() {
  find("string").select();
  try {
    await navigator.clipboard.writeText(find("string").value);
    say("string-result", "Copied.", "good");
  } catch {
    say("string-result", "The browser did not allow it: copy the marked text by hand.", "bad");
  }
}

async function toggle() {
  const device = address(chosen);
  try {
    const known = await json("GET", path("/devices", device));
    known.status = known.status === "disabled" ? "enabled" : "disabled";
    put(await json("PUT", path("/devices", device), {
      body: JSON.stringify(known),
      headers: { "If-Match": `"${known.etag}"` },
    }));
    say("device-result", known.status === "disabled" ? "Disabled: the hub refuses it." : "Enabled.", "good");
    show(chosen);
  } catch (error) {
    say("device-result", error.message, "bad");
  }
}

async function erase() {
  const name = chosen;
  await busy(find("delete-form"), async () => {
    try {
      await request("DELETE", path("/devices", address(name)), { headers: { "If-Match": "*" } });
    } catch (error) {
      if (error.status !== 404) {
        find("delete-dialog").close();
        return say("device-result", error.message, "bad");
      }
    }
    find("delete-dialog").close();
    remove(name);
    find("find").focus();
  });
}
