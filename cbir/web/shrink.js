// Photos that are larger than a search looks at are made smaller here before they are sent. Comes after stage.js.
const LONGEST = 2048; // pixels of the longer side: a box drawn on a tenth of it still has all that the network sees
const HEAVY = 1_000_000; // bytes: what is lighter is sent as it is
const LOCAL = ["localhost", "127.0.0.1", "[::1]"]; // nothing is gained where nothing is sent far
const seen = new WeakSet();

// Some browsers give noise instead of what was drawn, so that nobody is known again by it.
const isTrue = (context) => {
  context.fillStyle = "#123456";
  context.fillRect(0, 0, 1, 1);
  return String(context.getImageData(0, 0, 1, 1).data) === "18,52,86,255";
};
const shrink = async (file) => {
  const whole = await createImageBitmap(file);
  const scale = LONGEST / Math.max(whole.width, whole.height);
  if (scale >= 1) return file;
  const small = new OffscreenCanvas(Math.round(scale * whole.width), Math.round(scale * whole.height));
  const context = small.getContext("2d");
  if (!isTrue(context)) return file;
  context.imageSmoothingQuality = "high";
  context.drawImage(whole, 0, 0, small.width, small.height);
  whole.close();
  const blob = await small.convertToBlob({ type: "image/jpeg", quality: 0.92 });
  return blob.size < file.size ? new File([blob], file.name, { type: blob.type }) : file;
};
document.addEventListener(
  "change",
  async (event) => {
    const input = event.target;
    const file = input.matches?.("#photo input[type=file]") && input.files[0];
    if (!file || seen.has(file) || file.type !== "image/jpeg" || file.size <= HEAVY) return;
    if (LOCAL.includes(location.hostname)) return;
    event.stopImmediatePropagation();
    // What cannot be read here may be readable there, and is told there if it is not.
    const sent = await shrink(file).catch(() => file);
    seen.add(sent);
    bring(sent);
  },
  true,
);
document.addEventListener(
  "drop",
  (event) => {
    if (!event.target.closest?.("#photo") || !event.dataTransfer.files.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    bring(event.dataTransfer.files[0]);
  },
  true,
);
