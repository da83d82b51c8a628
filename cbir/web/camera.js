// Says that the camera cannot be used, which Gradio leaves unsaid: it is refused, absent, or the page came without https.
const sentence = element.querySelector("p");
const devices = navigator.mediaDevices;
const ask = devices?.getUserMedia?.bind(devices);

if (ask) {
  devices.getUserMedia = async (wanted) => {
    try {
      const stream = await ask(wanted);
      sentence.hidden = true;
      return stream;
    } catch (error) {
      sentence.hidden = false;
      throw error;
    }
  };
}
document.addEventListener("click", (event) => {
  if (!ask && event.target.closest("#photo [title='grant webcam access']")) sentence.hidden = false;
});
