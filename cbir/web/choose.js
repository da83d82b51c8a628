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
watch("value", () => {
  if (chosen === null) return;
  const controls = [...element.querySelectorAll("[data-choice]")];
  const same = controls.find((one) => one.dataset.choice === chosen);
  (element.querySelector("[data-focus]") ?? same ?? controls[0])?.focus({ preventScroll: true });
  const top = document.querySelector("#trail") ?? element;
  const anew = /^(photo:.*|\d+\.\d+)$/.test(chosen); // a match, or a page of the catalogue
  if (anew && top.getBoundingClientRect().top < 0) top.scrollIntoView();
  chosen = null;
});
// Escape puts away what is enlarged, until something else is pointed at.
document.addEventListener("keydown", (event) => element.classList.toggle("calm", event.key === "Escape"));
element.addEventListener("pointerover", () => element.classList.remove("calm"));
