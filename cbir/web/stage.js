// Tells what was chosen on the photo: by a tap on a garment, by a button, or by a box that was drawn.
const LEAST = 0.02; // of the photo: a shorter drag is a tap
let start = null;
let dragged = false; // the click that ends a drag chooses nothing
let byFinger = false; // a finger draws after the button was pressed; otherwise it scrolls

const canvas = () => element.querySelector(".canvas");
const place = (event) => {
  const box = canvas().getBoundingClientRect();
  const inside = (value) => Math.min(Math.max(value, 0), 1);
  return [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height)];
};
const corners = (here) => [
  Math.min(start[0], here[0]), Math.min(start[1], here[1]), Math.max(start[0], here[0]), Math.max(start[1], here[1]),
];
const sketch = (box) => {
  const shape = element.querySelector(".drawing");
  const [left, upper, right, lower] = box.map((edge) => Math.round(1000 * edge));
  for (const [name, value] of Object.entries({ x: left, y: upper, width: right - left, height: lower - upper })) {
    shape.setAttribute(name, value);
  }
};
const ready = (draws) => {
  byFinger = draws;
  element.querySelector(".draw")?.setAttribute("aria-pressed", draws);
  canvas()?.classList.toggle("draws", draws);
};

element.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-choice]");
  if (event.target.closest(".draw")) ready(!byFinger);
  else if (chosen && !(dragged && event.detail)) trigger("select", { choice: chosen.dataset.choice });
});
element.addEventListener("pointerdown", (event) => {
  dragged = false;
  if (!event.target.closest(".canvas") || event.target.closest("button") || event.button) return;
  if (event.pointerType === "mouse" || byFinger) start = place(event);
});
document.addEventListener("pointermove", (event) => {
  if (start) sketch(corners(place(event)));
});
document.addEventListener("pointercancel", () => {
  if (start) sketch([0, 0, 0, 0]);
  start = null;
});
document.addEventListener("pointerup", (event) => {
  if (!start) return;
  const box = corners(place(event));
  start = null;
  dragged = box[2] - box[0] >= LEAST && box[3] - box[1] >= LEAST;
  if (!dragged) return sketch([0, 0, 0, 0]);
  ready(false);
  trigger("select", { choice: box });
});
element.addEventListener("dragover", (event) => event.preventDefault());
element.addEventListener("drop", (event) => {
  event.preventDefault();
  const input = document.querySelector("#photo input[type=file]");
  if (!input || !event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
watch("value", () => ready(false));
