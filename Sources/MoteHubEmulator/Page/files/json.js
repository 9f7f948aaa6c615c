// JSON that comes out as it went in: an integer above 2⁵³ and 1.10 keep their digits.

const exact = typeof JSON.rawJSON === "function";

/** A value of JSON; a number that would lose digits is kept as it was written. Throws what JSON.parse throws. */
export function parse(text) {
  if (!exact) return JSON.parse(text);
  return JSON.parse(text, (_, value, context) =>
    typeof value === "number" && context && String(value) !== context.source ? JSON.rawJSON(context.source) : value);
}

/** The value as text on several lines. */
export const indented = (value) => JSON.stringify(value, null, 2) ?? "";

/**
 * What is wrong with a text that should be JSON, and where, or null. `wanted` may ask for an "object". Browsers word it
 * differently and some leave out the place, hence the words here.
 */
export function fault(text, wanted) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const { expected, position } = place(text);
    const before = text.slice(0, position).split("\n");
    const at = `line ${before.length}, column ${before.at(-1).length + 1}`;
    return { message: `This is not JSON: ${expected} is expected at ${at}.`, position };
  }
  if (wanted === "object" && (value === null || typeof value !== "object" || Array.isArray(value))) {
    return { message: "An object is expected: { … }.", position: 0 };
  }
  return null;
}

const space = /[ \t\n\r]*/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const other = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

// Where a text stops to be JSON, and what would have let it go on. A stack instead of recursion: any depth will do.
function place(text) {
  const open = [];
  let position = 0;
  let state = "value";
  const skip = () => {
    space.lastIndex = position;
    space.test(text);
    position = space.lastIndex;
  };
  const taken = (pattern) => {
    pattern.lastIndex = position;
    if (!pattern.test(text)) return false;
    position = pattern.lastIndex;
    return true;
  };
  for (;;) {
    skip();
    const next = text[position];
    if (state === "value" || state === "first") {
      if (next === "{" || next === "[") {
        open.push(next);
        position += 1;
        state = next === "{" ? "name first" : "first";
      } else if (state === "first" && next === "]") {
        state = "end";
      } else if (taken(string) || taken(other)) {
        state = "end";
        continue;
      } else {
        return { expected: next === '"' ? "a string on one line, with JSON's escapes," : "a value", position };
      }
      if (state !== "end") continue;
    }
    if (state.startsWith("name")) {
      if (taken(string)) {
        skip();
        if (text[position] !== ":") return { expected: "a colon", position };
        position += 1;
        state = "value";
        continue;
      }
      if (!(state === "name first" && next === "}")) return { expected: 'a name in "quotes"', position };
    }
    const inside = open.at(-1);
    if (inside === undefined) return { expected: "the end", position };
    if (next === (inside === "{" ? "}" : "]")) {
      open.pop();
      position += 1;
      state = "end";
    } else if (next === ",") {
      position += 1;
      state = inside === "{" ? "name" : "value";
    } else {
      return { expected: inside === "{" ? "a comma or }" : "a comma or ]", position };
    }
  }
}
