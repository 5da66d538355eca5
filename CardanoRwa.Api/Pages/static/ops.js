// Looks again at a page that tells how far something is, and replaces its live part only: what is typed or focused elsewhere stays.
"use strict";
(function follow() {
  const live = document.getElementById("live");
  const seconds = Number(live?.dataset.again);
  if (!seconds) return;
  setTimeout(async () => {
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store", redirect: "error" });
      if (answer.ok) {
        const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
        const focused = live.contains(document.activeElement);
        if (next) live.replaceWith(document.adoptNode(next));
        if (focused) document.getElementById("live").querySelector("button")?.focus();
      }
    } catch {
      // The connection is gone for the moment; the next turn tries again.
    }
    follow();
  }, seconds * 1000);
})();
