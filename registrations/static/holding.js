// Keeps the chosen time while the form is filled in, and says how long, politely: at the start, and when little is left.
// Without this script a button beside the times does the same.
const form = document.querySelector("form[data-hold]");
if (form) {
  const says = document.querySelector("#hold-says");
  const shows = document.querySelector("#hold-left");
  const button = form.querySelector("[data-hold-button]");
  if (button) button.hidden = true;
  let until = Number(form.dataset.holdUntil || 0) * 1000;
  let sent = false;
  let told = new Set();

  const tell = (text) => { says.textContent = text; };
  const left = () => Math.max(0, Math.round((until - Date.now()) / 1000));

  function tick() {
    if (!until) return;
    const seconds = left();
    const minutes = Math.floor(seconds / 60);
    shows.textContent = seconds ? `${minutes}:${String(seconds % 60).padStart(2, "0")}` : "";
    for (const mark of [120, 30]) {
      if (seconds && seconds <= mark && !told.has(mark)) {
        told.add(mark);
        tell(form.dataset.holdSoon.replace("{time}", shows.textContent));
      }
    }
    if (!seconds) {
      until = 0;
      tell(form.dataset.holdOver);
    }
  }

  const letGo = () => navigator.sendBeacon(form.dataset.letGo, new URLSearchParams({ attempt: form.elements.attempt.value }));

  async function hold() {
    const data = new URLSearchParams(new FormData(form));
    const chosen = form.querySelector("input[name=place]:checked");
    if (!chosen) return;
    if (chosen.closest(".slot-full")) {
      // There is nothing to keep: the card says that it is full, and the form offers the waiting list.
      if (until) letGo();
      until = 0;
      shows.textContent = "";
      tell("");
      return;
    }
    try {
      const answer = await fetch(form.dataset.hold, { method: "POST", body: data, headers: { Accept: "application/json" } });
      const kept = await answer.json();
      told = new Set();
      until = answer.ok ? Date.now() + kept.seconds * 1000 : 0;
      shows.textContent = "";
      tell(kept.sentence || "");
      tick();
    } catch {
      // No network: the booking itself will say whether there is room.
      until = 0;
    }
  }

  form.addEventListener("change", (event) => {
    if (event.target.name === "place" || (until && event.target.closest(".household"))) hold();
  });
  // In a rush a time is kept only for whoever has done the sums (proof.js).
  form.addEventListener("proved", hold);
  form.addEventListener("submit", () => { sent = true; });
  window.addEventListener("pagehide", () => {
    if (until && !sent) letGo();
  });
  setInterval(tick, 1000);
}
