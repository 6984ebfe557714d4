// Shows how far an export has come while the browser downloads it. Without this script there is just the download.
"use strict";

(() => {
  const form = document.getElementById("export-form");
  const line = document.getElementById("export-progress");
  if (!form || !line) return;
  const EVERY = 1000; // ms between two looks
  const PATIENCE = 20; // looks for an export that has not begun

  const attempt = () => {
    // Each export has an id of its own; randomUUID is there on secure addresses only.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  const say = (words, found) => {
    const number = (value) => value.toLocaleString(document.documentElement.lang);
    line.textContent = words.replace("{rows}", number(found.rows)).replace("{expected}", number(found.expected));
  };

  const watch = async (id, left) => {
    const answer = await fetch(line.dataset.address + id).catch(() => null);
    if (!answer || !answer.ok) {
      if (left > 0) setTimeout(watch, EVERY, id, left - 1);
      return;
    }
    const found = await answer.json();
    say(line.dataset[found.state], found);
    if (found.state === "running") setTimeout(watch, EVERY, id, PATIENCE);
  };

  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.formMethod === "get") return;
    const field = form.elements.namedItem("attempt");
    field.value = attempt();
    line.textContent = "";
    setTimeout(watch, EVERY, field.value, PATIENCE);
  });
})();
