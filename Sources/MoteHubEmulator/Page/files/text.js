// Text on the page: everything that comes from outside goes through `shown` and into textContent, never into markup.

export const find = (id) => document.getElementById(id);

/** An element with properties of its own and children: strings become text. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Writes only what has changed, so that nothing is laid out or announced again for the same text. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Controls, what turns the direction of text, and what is not seen: a name or a payload may hold them to look like
// something else.
const unseen = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text with what cannot be seen as its code, and at most `limit` units long. */
export function shown(text, limit = 4096) {
  const whole = String(text);
  const part = whole.length > limit ? whole.slice(0, limit) : whole;
  const clear = part.replace(unseen, (c) => `‹U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}›`);
  return whole.length > limit ? clear + "…" : clear;
}

/** Text for one line. */
export const line = (text, limit) => shown(text, limit).replace(/\s+/g, " ").trim();

const clock = new Intl.DateTimeFormat("en", { timeStyle: "medium", hourCycle: "h23" });

/** The time of day of an ISO 8601 instant, or nothing when it is none. */
export function timeOfDay(instant) {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? "" : clock.format(date);
}

/** A number in at most six figures, so that a reading does not dance. */
export function figures(number) {
  const size = Math.abs(number);
  if (size !== 0 && (size >= 1e9 || size < 1e-4)) return number.toExponential(3);
  return String(Number(number.toPrecision(size >= 1e6 ? 9 : 6)));
}

/** "1 event", "2 events". */
export const count = (number, one, more = one + "s") => `${number.toLocaleString("en")} ${number === 1 ? one : more}`;
