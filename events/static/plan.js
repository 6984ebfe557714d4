// The stands on the plan of a hall: dragged, or moved with the arrow keys; the drawing and the table say the same.
// Without this script the table does it alone.
const UNIT = 40; // of the drawing, to the metre
const STEP = 0.5; // metres
const STRIDE = 2;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const form = document.querySelector("#plan");
if (form) {
  const drawing = form.querySelector(".events-hall");
  const status = form.querySelector("#plan-says");
  const waiting = form.querySelector("#plan-waiting");
  const words = form.dataset;
  const format = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });

  const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const metres = (input) => (input.value.trim() === "" ? NaN : Number(input.value));
  const snapped = (value) => Math.round(value / STEP) * STEP;
  const kept = (value, most) => Math.max(0, Math.min(snapped(value), most));

  const COLUMNS = ["name", "number", "x", "y", "width", "depth", "turned"];
  const stands = [...drawing.querySelectorAll("[data-stand]")].map((node) => {
    const inputs = Object.fromEntries(COLUMNS.map((name) => [name, form.elements[`stands.${node.dataset.stand}.${name}`]]));
    return {
      node,
      floor: node.querySelector("rect"),
      paper: node.querySelector("foreignObject"),
      sign: node.querySelector(".events-spot-label"),
      input: (name) => inputs[name],
    };
  });
  const standOf = (target) => stands.find((stand) => stand.node === target.closest("[data-stand]"));

  const hall = () => ({ width: metres(form.elements.hall_width) || 0, depth: metres(form.elements.hall_depth) || 0 });

  // Where a stand stands and how far it reaches, as the table says; x is NaN where it is not on the plan.
  function boxOf(stand) {
    const [x, y, width, depth] = ["x", "y", "width", "depth"].map((name) => metres(stand.input(name)));
    const turned = stand.input("turned").checked;
    const [across, down] = turned ? [depth || 0, width || 0] : [width || 0, depth || 0];
    return Number.isNaN(x) || Number.isNaN(y) ? { x: NaN, y: NaN, across, down } : { x, y, across, down };
  }

  // Whether there is something that would be lost with the page.
  let isChanged = form.hasAttribute("data-unsaved");

  const isPlaced = (box) => !Number.isNaN(box.x);
  const overlap = (one, other) =>
    one.x < other.x + other.across && other.x < one.x + one.across && one.y < other.y + other.down && other.y < one.y + one.down;
  const isInside = (box, floor) => box.x >= 0 && box.y >= 0 && box.x + box.across <= floor.width && box.y + box.down <= floor.depth;

  function nameOf(stand) {
    const [number, name] = ["number", "name"].map((part) => stand.input(part).value.trim());
    return number ? fill(words.numbered, { number: number.toUpperCase(), name }) : name;
  }

  function describe(stand, boxes) {
    const box = boxes.get(stand);
    const said = [fill(words.place, { stand: nameOf(stand), x: format.format(box.x), y: format.format(box.y) })];
    const other = stands.find((one) => one !== stand && isPlaced(boxes.get(one)) && overlap(box, boxes.get(one)));
    if (other) said.push(fill(words.overlaps, { other: nameOf(other) }));
    if (!isInside(box, hall())) said.push(words.outside);
    return { text: `${said[0]}${said.length > 1 ? ". " : ""}${said.slice(1).join(" ")}`, isWrong: said.length > 1 };
  }

  // What stays the same is left alone: a hall may hold hundreds, and all are looked at as one of them is dragged.
  function set(node, values) {
    for (const [name, value] of Object.entries(values)) {
      if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
    }
  }

  function drawHall() {
    const { width, depth } = hall();
    const [across, down] = [width * UNIT, depth * UNIT];
    set(drawing, { viewBox: `-2 -2 ${across + 4} ${down + 4}`, width: Math.trunc(width * 13) });
    drawing.toggleAttribute("data-tall", depth > width);
    drawing.toggleAttribute("data-wide", width > 30);
    drawing.setAttribute("aria-label", fill(words.hall, { width: format.format(width), depth: format.format(depth) }));
    for (const floor of drawing.querySelectorAll(":scope > rect")) set(floor, { width: across, height: down });
  }

  function drawSign(stand) {
    const number = document.createElement("b");
    number.textContent = stand.input("number").value.trim().toUpperCase();
    const name = document.createElement("span");
    name.textContent = stand.input("name").value.trim();
    stand.sign.replaceChildren(...(number.textContent ? [number, " ", name] : [name]));
    stand.says = nameOf(stand);
  }

  function drawStand(stand, boxes) {
    const box = boxes.get(stand);
    const [across, down] = [box.across * UNIT, box.down * UNIT];
    set(stand.floor, { width: Math.max(0, across - 2), height: Math.max(0, down - 2) });
    set(stand.paper, { width: across, height: down });
    if (stand.says !== nameOf(stand)) drawSign(stand);
    stand.node.toggleAttribute("display", false);
    if (!isPlaced(box)) {
      stand.node.setAttribute("display", "none");
      return;
    }
    const { text, isWrong } = describe(stand, boxes);
    set(stand.node, { transform: `translate(${box.x * UNIT} ${box.y * UNIT})`, "aria-label": text });
    stand.node.toggleAttribute("data-wrong", isWrong);
  }

  function drawWaiting(boxes) {
    const left = stands.filter((stand) => !isPlaced(boxes.get(stand)));
    waiting.hidden = !left.length;
    form.querySelector("[data-arrange]").hidden = !left.length;
    waiting.querySelector("ul").replaceChildren(
      ...left.map((stand) => {
        const line = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.className = "ds-button";
        button.dataset.variant = "secondary";
        button.textContent = nameOf(stand);
        button.addEventListener("click", () => {
          const { x, y } = freePlace(stand);
          move(stand, x, y);
          stand.node.focus();
          tell(stand);
        });
        line.append(button);
        return line;
      }),
    );
  }

  const allBoxes = () => new Map(stands.map((stand) => [stand, boxOf(stand)]));

  function draw() {
    const boxes = allBoxes();
    drawHall();
    for (const stand of stands) drawStand(stand, boxes);
    drawWaiting(boxes);
  }

  // The first place where a stand is in nobody's way, a metre from others where there is room for that.
  function freePlace(stand) {
    const floor = hall();
    const own = boxOf(stand);
    const others = stands.filter((one) => one !== stand).map(boxOf).filter(isPlaced);
    for (const around of [1, 0]) {
      for (let y = around; y + own.down + around <= floor.depth; y += STEP) {
        for (let x = around; x + own.across + around <= floor.width; x += STEP) {
          const wide = { x: x - around, y: y - around, across: own.across + 2 * around, down: own.down + 2 * around };
          if (!others.some((one) => overlap(wide, one))) return { x, y };
        }
      }
    }
    return { x: 0, y: 0 };
  }

  function move(stand, x, y) {
    const floor = hall();
    const { across, down } = boxOf(stand);
    stand.input("x").value = kept(x, floor.width - across);
    stand.input("y").value = kept(y, floor.depth - down);
    isChanged = true;
    draw();
  }

  const tell = (stand) => { status.textContent = describe(stand, allBoxes()).text; };

  // The mouse, a finger or a pen ------------------------------------------------------------------------------------
  let held = null;

  const pointed = (event) => {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
    return { x: x / UNIT, y: y / UNIT };
  };

  drawing.addEventListener("pointerdown", (event) => {
    const stand = standOf(event.target);
    if (!stand || event.button || held) return;
    event.preventDefault();
    stand.node.focus();
    stand.node.setPointerCapture(event.pointerId);
    const box = boxOf(stand);
    const from = pointed(event);
    held = { stand, pointer: event.pointerId, x: from.x - box.x, y: from.y - box.y };
    stand.node.toggleAttribute("data-held", true);
  });
  drawing.addEventListener("pointermove", (event) => {
    if (!held || event.pointerId !== held.pointer) return;
    const { x, y } = pointed(event);
    move(held.stand, x - held.x, y - held.y);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    drawing.addEventListener(end, (event) => {
      if (!held || event.pointerId !== held.pointer) return;
      held.stand.node.toggleAttribute("data-held", false);
      tell(held.stand);
      held = null;
    });
  }

  // The keyboard ----------------------------------------------------------------------------------------------------
  drawing.addEventListener("keydown", (event) => {
    const stand = standOf(event.target);
    if (!stand || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = boxOf(stand);
    if (ARROWS[event.key]) {
      const [right, down] = ARROWS[event.key].map((way) => way * (event.shiftKey ? STRIDE : STEP));
      move(stand, box.x + right, box.y + down);
      tell(stand);
    } else if (event.key === "r" || event.key === "R") {
      stand.input("turned").checked = !stand.input("turned").checked;
      move(stand, box.x, box.y);
      tell(stand);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      for (const name of ["x", "y"]) stand.input(name).value = "";
      isChanged = true;
      draw();
      status.textContent = fill(words.off, { stand: nameOf(stand) });
      [...waiting.querySelectorAll("button")].at(-1)?.focus();
    } else {
      return;
    }
    event.preventDefault();
  });

  form.addEventListener("input", () => {
    isChanged = true;
    draw();
  });
  form.addEventListener("submit", () => { isChanged = false; });
  window.addEventListener("beforeunload", (event) => {
    if (isChanged) event.preventDefault();
  });
  // What is read aloud of the drawing, and the keys that move its parts, are of use with this script only.
  drawing.setAttribute("role", "application");
  drawing.toggleAttribute("data-movable", true);
  for (const stand of stands) stand.node.setAttribute("tabindex", "0");
  for (const part of form.querySelectorAll("[data-scripted]")) part.hidden = false;
  draw();
}
