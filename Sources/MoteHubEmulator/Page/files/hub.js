// Requests to the hub, with the service key that came in the address's fragment. The key goes into a header and into no
// cookie, so that no other page can make the browser send it.

const version = "api-version=2021-04-12";
let key = takeKey();

function takeKey() {
  const fragment = new URLSearchParams(location.hash.slice(1)).get("key");
  if (fragment) {
    sessionStorage.setItem("key", fragment);
    // Out of the address, so that it is in no bookmark and no picture of the screen.
    history.replaceState(null, "", location.pathname);
  }
  return fragment ?? sessionStorage.getItem("key");
}

export const hasKey = () => Boolean(key);

/** Takes a key, or the whole address that `mote-hub serve` printed. */
export function useKey(text) {
  const trimmed = text.trim();
  key = new URLSearchParams(trimmed.split("#")[1]).get("key") ?? trimmed;
  sessionStorage.setItem("key", key);
}

/** What the hub refused, or that it could not be reached (status 0). */
export class HubError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** A request; `body` is text that is JSON already. Throws HubError. */
export async function request(method, path, { body, headers = {}, signal } = {}) {
  let response;
  try {
    response = await fetch(path + (path.includes("?") ? "&" : "?") + version, {
      method,
      body,
      signal,
      headers: { Authorization: key ?? "", ...(body && { "Content-Type": "application/json" }), ...headers },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new HubError(0, "The hub does not answer.");
  }
  if (!response.ok) throw new HubError(response.status, reason(response, await response.text()));
  return response;
}

/** The text of the answer to a request. */
export const text = async (method, path, options) => (await request(method, path, options)).text();

/** The answer to a request, which is JSON. */
export const json = async (method, path, options) => JSON.parse((await text(method, path, options)) || "null");

// The service nests JSON in the text of its errors; the innermost message is what a person wants.
function reason(response, body) {
  let message = body;
  for (let depth = 0; depth < 3; depth += 1) {
    try {
      const inner = JSON.parse(message);
      const next = inner.message ?? inner.Message ?? inner.ExceptionMessage;
      if (typeof next !== "string") break;
      message = next;
    } catch {
      break;
    }
  }
  return message || `The hub refused: ${response.status} ${response.statusText}`.trim();
}

/** The path of a device or module below a collection such as "/twins". */
export const path = (collection, { device, module }) =>
  `${collection}/${encodeURIComponent(device)}${module ? `/modules/${encodeURIComponent(module)}` : ""}`;
