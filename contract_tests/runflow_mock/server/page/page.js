"use strict";
// The server sends each section that has changed. Forms are outside of the sections, so what is
// being typed stays; sections that are unfolded stay unfolded.
const connection = document.getElementById("connection");

function replace(id, html) {
  const place = document.getElementById(id);
  if (!place) return;
  const unfolded = new Set(
    [...place.querySelectorAll("details[open]")].map((one) => one.dataset.key),
  );
  place.innerHTML = html;
  for (const one of place.querySelectorAll("details")) one.open = unfolded.has(one.dataset.key);
}

const events = new EventSource("/_mock/events");
events.addEventListener("sections", (event) => {
  for (const [id, html] of Object.entries(JSON.parse(event.data))) replace(id, html);
});
events.addEventListener("open", () => {
  connection.textContent = "live";
  connection.className = "";
});
events.addEventListener("error", () => {
  connection.textContent = "not connected";
  connection.className = "lost";
});

// Forms are sent without loading the page anew, so that the others keep what was typed.
document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  const answer = await fetch(form.action, { method: "POST", body: fields, redirect: "manual" });
  const old = document.querySelector("[role=alert]");
  if (old) old.remove();
  if (answer.type === "opaqueredirect" || answer.ok) return;
  const problem = document.createElement("p");
  problem.setAttribute("role", "alert");
  problem.className = "problem";
  problem.textContent = (await answer.json()).message;
  document.querySelector("header.top").after(problem);
});
