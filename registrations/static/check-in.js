// Check-in beyond the form: the camera reads tickets, answers come without a new page, and scans made without a network
// wait in this device, each with a nonce of its own, so that sending one twice counts once.
"use strict";

(() => {
  const desk = document.getElementById("check-in-desk");
  if (!desk) return;

  const words = JSON.parse(desk.dataset.words);
  const verdicts = JSON.parse(desk.dataset.verdicts);
  const result = document.getElementById("result");
  const field = document.getElementById("text");
  const form = field.form;
  const KEPT = `blest-scans-${desk.dataset.event}`;
  const PATIENCE = 3000; // ms: a slower answer is no answer in a queue
  const SOON = 500; // ms, between two attempts to send what waits
  const LATE = 10000;
  const AGAIN = 4000; // ms: the camera sees one ticket many times
  const TICKET = /^(?:.*\/t\/)?[a-z2-7]{26}\/?$/i;
  const CODE = /^[a-z0-9]{4}[- ]?[a-z0-9]{4}$/i;
  const LIGHTS = { admitted: "green", already: "amber", waiting: "amber", undone: "amber", queued: "amber" };
  const TONES = { green: [880, 0.12], amber: [440, 0.3], red: [180, 0.5] }; // Hz, seconds

  // The queue ----------------------------------------------------------------------------------------------------------

  const waiting = () => JSON.parse(localStorage.getItem(KEPT) || "[]");
  const keep = (scans) => {
    localStorage.setItem(KEPT, JSON.stringify(scans));
    const line = document.getElementById("queue");
    line.hidden = scans.length === 0;
    line.textContent = words.queue.replace("{count}", scans.length);
  };

  const nonce = () => {
    // randomUUID is there on secure addresses only; a village hall's network may have none.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  const post = async (path, body, method = "POST") => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    try {
      return await fetch(`${desk.dataset.api}${path}`, {
        method,
        headers: { "Content-Type": "application/json", "X-CSRF-Token": desk.dataset.csrf },
        body: JSON.stringify(body),
        signal: stop.signal,
      });
    } finally {
      clearTimeout(timer);
    }
  };

  // The answer, or null where nobody answers; a session that ended leads to the log-in, and the scan stays kept.
  const ask = async (path, body, method) => {
    let answer;
    try {
      answer = await post(path, body, method);
    } catch {
      return null;
    }
    if (answer.status === 401) location.reload();
    if (answer.status === 401 || answer.status >= 500 || answer.status === 429) return null;
    return answer.ok ? answer.json() : { verdict: "unknown" };
  };

  let sending = false;
  const send = async () => {
    if (sending) return;
    sending = true;
    try {
      for (let scans = waiting(); scans.length; scans = waiting()) {
        const answer = await ask("", { ...scans[0], offline: true });
        if (!answer) return;
        keep(waiting().filter((one) => one.nonce !== scans[0].nonce));
        if (answer.verdict !== "admitted") complain(scans[0], answer);
      }
    } finally {
      sending = false;
    }
  };

  // A network that is said to be back often is not yet: soon once more, then ever more patiently.
  let timer;
  const sendAgain = async (pause) => {
    await send();
    clearTimeout(timer);
    timer = setTimeout(sendAgain, pause, Math.min(2 * pause, LATE));
  };

  // What was said offline and turned out otherwise: somebody should look.
  const complain = (scan, answer) => {
    const line = document.createElement("li");
    const when = new Date(scan.scanned_at).toLocaleTimeString(document.documentElement.lang);
    line.textContent = `${when}: ${answer.name || scan.text.slice(-26)} – ${verdicts[answer.verdict][0]}`;
    const list = document.getElementById("later");
    list.append(line);
    list.parentElement.hidden = false;
  };

  // What is shown --------------------------------------------------------------------------------------------------------

  let sound;
  const beep = (light) => {
    sound = sound || new AudioContext();
    const [pitch, length] = TONES[light];
    const tone = sound.createOscillator();
    const loud = sound.createGain();
    loud.gain.value = 0.2;
    tone.frequency.value = pitch;
    tone.connect(loud).connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + length);
  };

  const show = (answer) => {
    const light = LIGHTS[answer.verdict] || "red";
    const [title, text] = answer.verdict === "queued" ? [words.queued, words.later] : verdicts[answer.verdict];
    const card = document.createElement("section");
    card.className = "light";
    card.dataset.light = light;
    card.append(line("h2", title), line("p", text));
    if (answer.name) {
      const people = words.people.replace("{adults}", answer.adults).replace("{children}", answer.children);
      const group = answer.group_name ? ` (${answer.group_name})` : "";
      card.append(line("p", `${answer.name}${group} · ${people}`));
    }
    result.replaceChildren(card);
    if (answer.verdict === "admitted") result.append(taker(answer.booking_id));
    if (answer.is_group && ["admitted", "already"].includes(answer.verdict)) result.append(counter(answer));
    beep(light);
  };

  const line = (tag, text) => {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  };

  const taker = (booking) => {
    const button = line("button", words.undo);
    button.className = "ds-button";
    button.dataset.variant = "secondary";
    button.type = "button";
    button.addEventListener("click", async () => {
      const answer = await ask(`/${booking}/undo`, { nonce: nonce() });
      if (answer) show(answer);
    });
    return button;
  };

  // How many of a group came: all who were said to, unless somebody counts otherwise.
  const counter = (answer) => {
    const asked = document.createElement("form");
    asked.className = "form";
    const label = line("label", words.came);
    label.className = "ds-label";
    const number = document.createElement("input");
    Object.assign(number, { id: "came", className: "ds-input", type: "number", inputMode: "numeric", min: 0, max: 2000, required: true });
    number.value = answer.came ?? answer.adults + answer.children;
    label.htmlFor = number.id;
    const button = line("button", words.count);
    button.className = "ds-button";
    button.dataset.variant = "secondary";
    const said = line("p", "");
    said.setAttribute("role", "status");
    asked.append(label, number, button, said);
    asked.addEventListener("submit", async (event) => {
      event.preventDefault();
      const counted = await ask(`/${answer.booking_id}/came`, { came: Number(number.value) }, "PUT");
      said.textContent = counted && "came" in counted ? words.counted : words.uncounted;
    });
    return asked;
  };

  // Scanning -------------------------------------------------------------------------------------------------------------

  const scan = async (text) => {
    const one = { event_id: desk.dataset.event, text, nonce: nonce(), scanned_at: new Date().toISOString() };
    keep([...waiting(), one]); // before it is sent: a battery may die
    const answer = sending ? null : await ask("", one);
    if (answer) keep(waiting().filter((kept) => kept.nonce !== one.nonce));
    show(answer || { verdict: "queued" });
  };

  form.addEventListener("submit", (event) => {
    const text = field.value.trim();
    // A name is looked for by the page itself, which can show whom it found.
    if (!TICKET.test(text) && !(CODE.test(text) && /[2-7-]/.test(text)) && navigator.onLine) return;
    event.preventDefault();
    field.value = "";
    field.focus();
    scan(text);
  });

  // The camera -----------------------------------------------------------------------------------------------------------

  const video = document.getElementById("camera");
  const button = document.getElementById("camera-button");
  let seen = { text: "", at: 0 };

  const detector = async () => {
    const formats = "BarcodeDetector" in window ? await BarcodeDetector.getSupportedFormats() : [];
    if (formats.includes("qr_code")) return new BarcodeDetector({ formats: ["qr_code"] });
    await new Promise((done, failed) => {
      const script = document.createElement("script");
      Object.assign(script, { src: desk.dataset.reader, onload: done, onerror: failed });
      document.head.append(script);
    });
    BarcodeDetectionAPI.prepareZXingModule({ overrides: { locateFile: () => desk.dataset.wasm } });
    return new BarcodeDetectionAPI.BarcodeDetector({ formats: ["qr_code"] });
  };

  const look = async (reader) => {
    if (!video.srcObject) return;
    const found = video.readyState >= 2 ? await reader.detect(video).catch(() => []) : [];
    const text = found[0]?.rawValue || "";
    if (text && (text !== seen.text || Date.now() - seen.at > AGAIN)) {
      seen = { text, at: Date.now() };
      await scan(text);
    } else if (text) {
      seen.at = Date.now();
    }
    setTimeout(() => look(reader), 150);
  };

  button.addEventListener("click", async () => {
    if (video.srcObject) {
      video.srcObject.getTracks().forEach((track) => track.stop());
      video.srcObject = null;
      video.hidden = true;
      button.textContent = words.camera;
      return;
    }
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.hidden = false;
      await video.play();
      button.textContent = words.stop;
      look(await detector());
    } catch {
      document.getElementById("camera-problem").hidden = false;
    }
  });

  if (navigator.mediaDevices) button.hidden = false;
  keep(waiting());
  sendAgain(SOON);
  addEventListener("online", () => sendAgain(SOON));
})();
