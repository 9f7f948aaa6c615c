// The chosen device's twin, desired beside reported, and the form that edits the desired properties.

import { request, text, path } from "/hub.js";
import { address } from "/devices.js";
import { fault, indented, parse } from "/json.js";
import { find, shown, timeOfDay, write } from "/text.js";
import { busy, say } from "/forms.js";

const longest = 128 << 10; // shown of a section: above what a hub keeps

let chosen = null;
let twin = null;
let again = false;
let reading = false;

export function start() {
  find("desired-form").addEventListener("submit", (event) => {
    event.preventDefault();
    update();
  });
  find("desired-current").addEventListener("click", () => {
    find("desired-text").value = twin ? indented(plain(twin.properties.desired)) : "{}";
    find("desired-text").focus();
  });
}

/** Shows another device's twin. */
export function choose(name) {
  chosen = name;
  twin = null;
  find("desired-text").value = "";
  say("desired-result", "");
  draw();
  read();
}

/** Reads the twin again, soon: a burst of changes is one reading. */
export function read() {
  again = true;
  if (reading) return;
  reading = true;
  setTimeout(async () => {
    while (again && chosen !== null) {
      again = false;
      await load(chosen);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    reading = false;
  });
}

async function load(name) {
  try {
    const read = parse(await text("GET", path("/twins", address(name))));
    if (name !== chosen) return;
    twin = read;
    write(find("twin-note"), "");
    draw();
  } catch (error) {
    if (name === chosen) write(find("twin-note"), error.status === 404 ? "There is none." : error.message);
  }
}

function draw() {
  for (const section of ["desired", "reported"]) {
    const properties = twin?.properties?.[section];
    write(find(section), properties ? shown(indented(plain(properties)), longest) : "");
    const updated = properties?.$metadata?.$lastUpdated;
    const at = updated && !updated.startsWith("0001") ? `, ${timeOfDay(updated)}` : "";
    write(find(`${section}-version`), properties?.$version === undefined ? "" : `version ${properties.$version}${at}`);
  }
}

// The properties themselves.
const plain = ({ $metadata, $version, ...properties }) => properties;

async function update() {
  const typed = find("desired-text").value;
  const wrong = fault(typed, "object");
  if (wrong) {
    say("desired-result", wrong.message, "bad", find("desired-text"), wrong.position);
    return;
  }
  const device = address(chosen);
  const replace = find("desired-form").elements.how.value === "replace";
  await busy(find("desired-form"), async () => {
    try {
      await (replace ? replaceDesired : mergeDesired)(path("/twins", device), typed);
      say("desired-result", replace ? "Replaced." : "Updated.", "good");
      read();
    } catch (error) {
      say("desired-result", error.message, "bad");
    }
  });
}

// What was typed goes out as it is, so that no number loses digits.
const mergeDesired = (twinPath, typed) =>
  request("PATCH", twinPath, { body: `{"properties":{"desired":${typed}}}`, headers: { "If-Match": "*" } });

// The service replaces the tags with the properties, hence the tags that are there go with it.
async function replaceDesired(twinPath, typed) {
  const { etag, tags = {} } = parse(await text("GET", twinPath));
  await request("PUT", twinPath, {
    body: `{"tags":${JSON.stringify(tags)},"properties":{"desired":${typed}}}`,
    headers: { "If-Match": `"${etag}"` },
  });
}
