/* The live stream: new events on top, at most ROWS of them; a pause queues them, and the number of dropped ones is shown. */

import { Words, dayOf } from "./words.js";

const ROWS = 300;
const WAITING = 1000;
const PER_FRAME = 40;
const TELL_MS = 4000;

const stream = document.getElementById("stream");
const [live, waitingNote, skippedNote, pause, arrived, facts, empty] = [
  "live", "waiting", "skipped", "pause", "arrived", "facts", "empty",
].map((id) => document.getElementById(id));
const words = new Words(await (await fetch(stream.dataset.words)).json());
const filter = document.querySelector(".filter");
const shown = new Set([...facts.querySelectorAll(".fact")].map((row) => row.dataset.id));

let queue = [];
let paused = false;
let skipped = 0;
let fresh = 0;
let scheduled = false;

/* On a narrow screen the events come first; an active filter stays visible. */
if (matchMedia("(max-width: 60rem)").matches && !("filtered" in filter.dataset)) filter.open = false;

function row(event) {
  const kind = event.type.replace(/^sekul\./, "").replace(/\.v\d+$/, "");
  const service = event.id.split("/", 1)[0];
  const item = document.createElement("li");
  item.className = "fact is-new";
  item.dataset.service = service;
  item.dataset.id = event.id;
  const time = Object.assign(document.createElement("time"), { dateTime: event.time, textContent: words.time(event.time) });
  const by = Object.assign(document.createElement("span"), { className: "fact-service", textContent: words.code(service) });
  const says = Object.assign(document.createElement("span"), { className: "fact-says" });
  for (const { text, href } of words.sentence(kind, event.data ?? {})) {
    says.append(href ? Object.assign(document.createElement("a"), { className: "id", href, textContent: text }) : text);
  }
  item.append(time, by, says, Object.assign(document.createElement("code"), { className: "fact-kind", textContent: kind }));
  return item;
}

function listOf(day) {
  const first = facts.querySelector(".fact-day");
  if (first?.dataset.day === day) return first.querySelector("ol");
  const section = Object.assign(document.createElement("section"), { className: "fact-day" });
  section.dataset.day = day;
  const list = document.createElement("ol");
  section.append(Object.assign(document.createElement("h2"), { textContent: words.day(day) }), list);
  facts.prepend(section);
  return list;
}

function trim() {
  const rows = facts.querySelectorAll(".fact");
  for (const old of [...rows].slice(ROWS)) {
    shown.delete(old.dataset.id);
    const section = old.closest(".fact-day");
    old.remove();
    if (!section.querySelector(".fact")) section.remove();
  }
}

function note(element, key, count) {
  element.hidden = count === 0;
  element.textContent = words.text(key, { count });
}

function flush() {
  scheduled = false;
  if (!paused) {
    /* At most the newest ROWS are drawn, the rest is counted as skipped. */
    if (queue.length > ROWS) skip(queue.length - ROWS), (queue = queue.slice(-ROWS));
    for (const event of queue.splice(0, PER_FRAME)) {
      listOf(dayOf(event.time)).prepend(row(event));
      fresh += 1;
    }
    empty.hidden = true;
    trim();
    if (queue.length) schedule();
  }
  note(waitingNote, "stream.waiting", paused ? queue.length : 0);
}

function schedule() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(flush);
}

function skip(count) {
  skipped += count;
  note(skippedNote, "stream.skipped", skipped);
}

function offer(event) {
  if (shown.has(event.id)) return;
  shown.add(event.id);
  queue.push(event);
  if (queue.length > WAITING) {
    const dropped = queue.splice(0, queue.length - WAITING);
    for (const { id } of dropped) shown.delete(id);
    skip(dropped.length);
  }
  schedule();
}

function state(name) {
  live.dataset.state = name;
  live.textContent = words.text(`stream.${name}`);
}

/* Events between the rendering of the page, or the loss of the stream, and now. */
async function fillGap() {
  const answer = await fetch(stream.dataset.latest);
  if (!answer.ok) return;
  for (const event of (await answer.json()).reverse()) offer(event);
}

const source = new EventSource(stream.dataset.events);
source.addEventListener("open", () => {
  state(paused ? "paused" : "open");
  fillGap().catch((problem) => console.warn(problem));
});
source.addEventListener("error", () => state("lost"));
source.addEventListener("fact", (message) => offer(JSON.parse(message.data)));
source.addEventListener("skipped", (message) => skip(JSON.parse(message.data).skipped));

pause.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  pause.textContent = words.text(paused ? "stream.resume" : "stream.pause");
  state(paused ? "paused" : source.readyState === EventSource.OPEN ? "open" : "lost");
  flush();
});

/* Screen readers announce how many events arrived, not each one. */
setInterval(() => {
  if (fresh) arrived.textContent = words.text("stream.arrived", { count: fresh });
  fresh = 0;
}, TELL_MS);
addEventListener("pagehide", () => source.close());
