// Boxes that are drawn on the photo, and photos that are dropped on it. Comes after choose.js, beside shrink.js.
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

element.addEventListener(
  "click",
  (event) => {
    if (event.target.closest(".draw")) ready(!byFinger);
    else if (dragged && event.detail) event.stopPropagation();
  },
  true,
);
element.addEventListener("pointerdown", (event) => {
  dragged = false;
  if (!event.target.closest(".canvas:not(.still)") || event.target.closest("button") || event.button) return;
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
  take(box);
});
element.addEventListener("dragover", (event) => event.preventDefault());
element.addEventListener("drop", (event) => {
  event.preventDefault();
  const input = document.querySelector("#photo input[type=file]");
  if (event.dataTransfer.files.length) give(input, [event.dataTransfer.files[0]]);
});
watch("value", () => {
  ready(false);
  // An example below is chosen, and its answer is above what is in view.
  if (canvas() && element.getBoundingClientRect().bottom < 100) document.querySelector("#trail").scrollIntoView();
});
