/* Loads the page again every few seconds and puts its fresh part in place; a failed load leaves the old one. */
"use strict";

const part = () => document.getElementById("refresh");

async function again() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("refresh");
  if (fresh) part().replaceWith(fresh);
}

setInterval(() => again().catch((problem) => console.warn(problem)), Number(part().dataset.seconds) * 1000);
