// What every form does: says how it went, points at what is wrong, and is sent once.

import { find, shown, write } from "/text.js";

/** Says a result: `kind` is "good", "bad" or nothing; a control that is wrong is marked and gets the focus. */
export function say(id, text, kind = "", control = null, position = null) {
  const result = find(id);
  write(result, shown(text, 2000));
  result.dataset.kind = kind;
  for (const other of result.closest("section, form, dialog")?.querySelectorAll("[aria-invalid]") ?? []) {
    other.removeAttribute("aria-invalid");
  }
  if (!control) return;
  control.setAttribute("aria-invalid", "true");
  control.focus();
  if (position !== null) control.setSelectionRange(position, Math.min(position + 1, control.value.length));
}

/** Does `work` with the form's submit button disabled. */
export async function busy(form, work) {
  const button = form.querySelector('[type="submit"]');
  if (button.getAttribute("aria-disabled") === "true") return;
  // Not `disabled`, which would take the focus from who used it.
  button.setAttribute("aria-disabled", "true");
  try {
    await work();
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

/** The whole number in a control, within limits; null when it is empty, NaN when it is wrong. */
export function whole(control, least, most) {
  const text = control.value.trim();
  if (text === "") return null;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  return number >= least && number <= most ? number : NaN;
}

/** Opens a dialog; Escape and its buttons marked `data-close` close it, and the focus goes back. */
export function open(id) {
  const dialog = find(id);
  if (!dialog.open) dialog.showModal();
}

export function start() {
  for (const button of document.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
}
