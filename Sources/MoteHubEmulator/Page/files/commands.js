// The forms that reach a device: a message into its queue, and a direct method with its answer.

import { address } from "/devices.js";
import { busy, say, whole } from "/forms.js";
import { json, path, text } from "/hub.js";
import { fault, indented, parse } from "/json.js";
import { find, line, shown } from "/text.js";

let chosen = null;
let sent = null; // the number of the message that was sent last
let latest = null; // what was heard last of a message: it may come before the answer to who sent it

/** The forms are for another device now. */
export function choose(name) {
  chosen = name;
  sent = latest = null;
  say("message-result", "");
  say("method-result", "");
  find("method-answer").hidden = true;
}

export function start() {
  for (const [id, act] of [["message-form", send], ["method-form", invoke]]) {
    find(id).addEventListener("submit", (event) => {
      event.preventDefault();
      act();
    });
  }
}

/** Takes what became of a message of the chosen device. */
export function message(event) {
  const { sequenceNumber, stage } = (latest = event);
  if (sequenceNumber !== sent || stage === "enqueued") return;
  const bad = ["expired", "rejected", "deadLettered"].includes(stage);
  say("message-result", `The message was ${stages[stage] ?? line(stage, 20)}.`, bad ? "bad" : "good");
}

const stages = {
  delivered: "delivered; the device has yet to acknowledge it",
  completed: "delivered and acknowledged",
  abandoned: "given back by the device",
  expired: "not delivered in its time",
  rejected: "rejected by the device",
  deadLettered: "given up after too many deliveries",
};

async function send() {
  const device = address(chosen);
  const wrong = (text, id) => say("message-result", text, "bad", find(id));
  const properties = {};
  for (const row of find("message-properties").value.split("\n")) {
    if (row.trim() === "") continue;
    const equals = row.indexOf("=");
    if (equals < 1) return wrong(`A property is name=value, and this is not: ${line(row, 80)}`, "message-properties");
    Object.defineProperty(properties, row.slice(0, equals).trim(), { value: row.slice(equals + 1), enumerable: true });
  }
  const expiry = whole(find("message-expiry"), 1, 172_800);
  if (Number.isNaN(expiry)) return wrong("A message expires after 1 to 172,800 seconds (two days).", "message-expiry");
  const body = { ack: find("message-ack").value, properties, body: find("message-body").value };
  if (find("message-type").value.trim()) body.contentType = find("message-type").value.trim();
  if (expiry !== null) body.timeToLive = expiry;
  await busy(find("message-form"), async () => {
    try {
      const asked = chosen;
      const messages = `${path("/emulator/devices", device)}/messages`;
      const answer = await json("POST", messages, { body: JSON.stringify(body) });
      if (asked !== chosen) return;
      sent = answer.sequenceNumber;
      say("message-result", "In the device's queue.", "good");
      if (latest) message(latest);
    } catch (error) {
      say("message-result", error.message, "bad");
    }
  });
}

async function invoke() {
  const device = address(chosen);
  const wrong = (text, id, position) => say("method-result", text, "bad", find(id), position);
  const name = find("method-name").value.trim();
  if (!name) return wrong("A method has a name.", "method-name");
  const payload = find("method-payload").value.trim() || "null";
  const problem = fault(payload);
  if (problem) return wrong(problem.message, "method-payload", problem.position);
  const response = whole(find("method-response"), 5, 300) ?? 30;
  if (Number.isNaN(response)) return wrong("An answer is awaited for 5 to 300 seconds.", "method-response");
  const connect = whole(find("method-connect"), 0, 300) ?? 0;
  if (Number.isNaN(connect)) return wrong("A connection is awaited for 0 to 300 seconds.", "method-connect");

  const answer = find("method-answer");
  answer.hidden = true;
  say("method-result", `Waiting for ${line(name, 60)}…`);
  const asked = chosen;
  await busy(find("method-form"), async () => {
    const began = performance.now();
    try {
      const head = { methodName: name, responseTimeoutInSeconds: response, connectTimeoutInSeconds: connect };
      // The payload goes out as it was typed, so that no number loses digits.
      const body = `${JSON.stringify(head).slice(0, -1)},"payload":${payload}}`;
      const result = parse(await text("POST", `${path("/twins", device)}/methods`, { body }));
      if (asked !== chosen) return;
      const seconds = ((performance.now() - began) / 1000).toFixed(2);
      say("method-result", `${line(name, 60)} answered ${line(result.status, 12)} after ${seconds} s.`, "good");
      answer.textContent = shown(indented(result.payload), 262_144);
      answer.hidden = false;
    } catch (error) {
      if (asked === chosen) say("method-result", error.message, "bad");
    }
  });
}
