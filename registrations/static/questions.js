// Hides the questions that do not apply, as they are answered. Without this script each says when it does.
// A question comes after the one that it depends on, so one pass in their order is enough.
function settle(form) {
  for (const question of form.querySelectorAll(".question[data-when]")) {
    const wanted = question.dataset.for.split(" ");
    const given = [...form.elements]
      .filter((input) => input.name === question.dataset.when && !input.closest(".question")?.hidden)
      .filter((input) => (input.type === "checkbox" || input.type === "radio" ? input.checked : input.value))
      .map((input) => (input.closest("[data-consent]") ? "yes" : input.value));
    // What was typed stays, should the answer change back; what is hidden is not stored.
    question.hidden = !given.some((key) => wanted.includes(key));
    const says = question.querySelector(".question-when");
    if (says) says.hidden = true;
  }
}

for (const form of document.querySelectorAll("form:has(.question[data-when])")) {
  settle(form);
  form.addEventListener("change", () => settle(form));
}
