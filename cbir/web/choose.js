// Tells what was chosen here, and keeps the keyboard's place when an answer takes the place of what was.
let chosen = null; // until its answer is here

const take = (choice) => {
  chosen = choice;
  trigger("select", { choice });
};
element.addEventListener("click", (event) => {
  const control = event.target.closest("[data-choice]");
  if (control) take(control.dataset.choice);
});
let field = null; // of a filter that was changed
element.addEventListener("change", (event) => {
  if (!event.target.matches("select[name]")) return;
  const fields = [...element.querySelectorAll("select[name]")].filter((one) => one.value);
  field = event.target.name;
  take(`where:${JSON.stringify(Object.fromEntries(fields.map((one) => [one.name, one.value])))}`);
});
watch("value", () => {
  if (chosen === null) return;
  const controls = [...element.querySelectorAll("[data-choice]")];
  const changed = [...element.querySelectorAll("select[name]")].find((one) => one.name === field);
  const same = changed ?? controls.find((one) => one.dataset.choice === chosen);
  (element.querySelector("[data-focus]") ?? same ?? controls[0])?.focus({ preventScroll: true });
  const top = document.querySelector("#trail") ?? element;
  const anew = /^(photo:.*|\d+\.\d+)$/.test(chosen); // a match, or a page of the catalogue
  if (anew && top.getBoundingClientRect().top < 0) top.scrollIntoView();
  chosen = null;
});
// Escape puts away what is enlarged, until something else is pointed at.
document.addEventListener("keydown", (event) => element.classList.toggle("calm", event.key === "Escape"));
element.addEventListener("pointerover", () => element.classList.remove("calm"));
