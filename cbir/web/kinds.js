// Fields for the kinds of garments, and the keyboard's place when the shelf is drawn anew. Comes after choose.js.
let editing = null; // the field that is written in, and what stands in it
let place = null; // of the garment that was taken out

element.addEventListener("change", (event) => {
  const { kind } = event.target.dataset;
  if (kind) trigger("select", { choice: `kind:${kind}:${event.target.value}` });
});
element.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.dataset.kind) event.target.blur();
});
for (const name of ["focusin", "input"]) {
  element.addEventListener(name, ({ target }) => {
    editing = target.dataset.kind ? { kind: target.dataset.kind, value: target.value } : null;
  });
}
element.addEventListener("focusout", ({ target }) => {
  if (target.isConnected) editing = null; // and not because the shelf is drawn anew
});
element.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest("[data-choice^='out:']");
    place = button ? [...element.querySelectorAll("[data-choice^='out:']")].indexOf(button) : null;
  },
  true,
);
watch("value", () => {
  if (place !== null) {
    const buttons = [...element.querySelectorAll("[data-choice^='out:']")];
    (buttons[Math.min(place, buttons.length - 1)] ?? document.querySelector("#bring button"))?.focus();
    place = null;
  }
  const field = editing && element.querySelector(`[data-kind='${CSS.escape(editing.kind)}']`);
  if (!field) return;
  const { value } = editing;
  field.focus({ preventScroll: true });
  field.value = value;
});
