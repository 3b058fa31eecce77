/* Reloads the page every few seconds and replaces its changing part; after a failed load the old part stays. */
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
