// In a rush: has the sums done that a form asks for, beside the page, and sends the form as soon as they are.
// Where scripts or workers do not run, the form's other way stays in sight.
const box = document.querySelector("[data-challenge]");
if (box && window.Worker) {
  const form = box.closest("form");
  const field = form.elements.proof;
  const bar = box.querySelector("progress");
  const says = box.querySelector("[role=status]");
  const otherwise = box.querySelector("[data-without]");
  let asked = null;
  let sent = false;

  const worker = new Worker(box.dataset.worker);
  const giveUp = () => {
    worker.terminate();
    otherwise.hidden = false;
    bar.hidden = true;
    says.textContent = "";
    sent = true; // the form goes as it is: the answer says what to do
    if (asked) form.requestSubmit(asked);
  };
  worker.onerror = giveUp;
  worker.onmessage = ({ data }) => {
    bar.value = data.share;
    if (!data.numbers) return;
    field.value = `${box.dataset.challenge}:${data.numbers.join(",")}`;
    says.textContent = box.dataset.done;
    worker.terminate();
    form.dispatchEvent(new Event("proved"));
    if (asked) form.requestSubmit(asked);
  };

  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("formaction")) return;
    if (!field.value && !sent) {
      event.preventDefault();
      asked = event.submitter;
      says.textContent = box.dataset.wait;
    } else if (sent && field.value) {
      event.preventDefault(); // a second tap: one proof is one booking
    } else {
      sent = true;
    }
  });
  // Back from the next page the form may be sent anew; the answer then brings a new challenge.
  window.addEventListener("pageshow", () => { sent = false; });

  otherwise.hidden = true;
  bar.hidden = false;
  says.textContent = box.dataset.begun;
  worker.postMessage({ challenge: box.dataset.challenge, bits: Number(box.dataset.bits), pieces: Number(box.dataset.pieces) });
}
