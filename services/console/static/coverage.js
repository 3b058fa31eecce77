/* The map reacts to pointer, touch and arrow keys; the page is complete without it. */
"use strict";

const spots = [...document.querySelectorAll("#spots .spot")];
const picked = document.getElementById("picked");
const shape = document.getElementById("picked-shape");
const [title, place, note] = picked.children;

function pick(spot) {
  for (const other of spots) other.setAttribute("tabindex", other === spot ? "0" : "-1");
  /* Drawn last, so that no neighbour covers its border. */
  shape.setAttribute("d", spot.getAttribute("d"));
  const { name, district, percent } = spot.dataset;
  title.textContent = percent ? `${name} · ${percent}%` : name;
  place.textContent = `${picked.dataset.kecamatan} ${district}`;
  note.textContent = spot.dataset.note;
}

for (const [at, spot] of spots.entries()) {
  spot.addEventListener("pointerenter", () => pick(spot));
  spot.addEventListener("click", () => pick(spot));
  spot.addEventListener("focus", () => pick(spot));
  spot.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    spots[(at + step + spots.length) % spots.length].focus();
  });
}

/* Pointing at a bar shows where its kecamatan lies. */
for (const bar of document.querySelectorAll(".bar")) {
  const inside = spots.filter((spot) => spot.dataset.area.startsWith(bar.dataset.area));
  for (const [name, on] of [["pointerenter", true], ["pointerleave", false]]) {
    bar.addEventListener(name, () => inside.forEach((spot) => spot.classList.toggle("is-near", on)));
  }
}
