// The hub's events, read from a response that does not end: EventSource could not send the key in a header. What is lost
// is counted and told: the hub says how many it dropped for a slow reader, and a gap in the sequence what went by while
// there was no connection.

import { request } from "/hub.js";

const longest = 4 << 20; // of one event, in UTF-16 units: far above the largest message of a hub, 256 KiB in base64
const silence = 45_000; // the hub writes a comment every 15 s
const slice = 8; // milliseconds of reading before the page gets its turn

/**
 * Reads events until the page is left. `listener` has event(event), missed(count), state(name, text), opened() after
 * each connection, and refused(error), whose promise ends when it is worth trying again.
 */
export async function follow(listener) {
  const position = { sequence: 0 };
  for (let attempt = 0; ; attempt += 1) {
    try {
      listener.state("waiting", attempt === 0 ? "Connecting…" : "Reconnecting…");
      await read(listener, position, () => (attempt = 0));
      throw new Error("The hub ended the stream.");
    } catch (error) {
      if (error.status === 401 || error.status === 403) {
        listener.state("lost", "Not authorised");
        await listener.refused(error);
        attempt = -1;
        continue;
      }
      const wait = Math.min(500 * 2 ** attempt, 10_000) * (0.75 + Math.random() / 2);
      listener.state("lost", "No connection to the hub; trying again");
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

async function read(listener, position, opened) {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), silence);
  try {
    const response = await request("GET", "/emulator/events", {
      headers: { Accept: "text/event-stream" },
      signal: abort.signal,
    });
    opened();
    listener.state("live", "Live");
    listener.opened();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const turn = turns();
    let buffer = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), silence);
      buffer += value;
      let start = 0;
      for (let end; (end = buffer.indexOf("\n\n", start)) >= 0; start = end + 2) {
        take(buffer.slice(start, end), listener, position);
        await turn();
      }
      buffer = buffer.slice(start);
      if (buffer.length > longest) throw new Error("An event is too long.");
    }
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

function take(frame, listener, position) {
  let data = "";
  for (const row of frame.split("\n")) if (row.startsWith("data:")) data += row.slice(5);
  if (!data) return;
  let event;
  try {
    event = JSON.parse(data);
  } catch {
    listener.missed(1);
    return;
  }
  if (event === null || typeof event !== "object") return;
  if (event.kind === "missed") {
    position.sequence += event.count;
    listener.missed(event.count);
    return;
  }
  // A number that is not higher is that of a hub which began anew.
  const lost = event.sequence - position.sequence - 1;
  if (position.sequence > 0 && lost > 0) listener.missed(lost);
  position.sequence = event.sequence;
  listener.event(event);
}

// Gives the page its turn when a slice of time is used up. A message to oneself is not slowed down as a timer is.
function turns() {
  const { port1, port2 } = new MessageChannel();
  let began = performance.now();
  return async () => {
    if (performance.now() - began < slice) return;
    await new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
    began = performance.now();
  };
}
