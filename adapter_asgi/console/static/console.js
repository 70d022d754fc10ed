"use strict";
// Every page works without this file.

// A part with data-refresh="SECONDS" is fetched anew while the page is looked at, and put in place where it has changed.
// What is said to a screen reader (data-said) is changed only when its words have. Focus stays where it was.
document.querySelectorAll("[data-refresh]").forEach((part) => {
  const again = async () => {
    if (document.hidden || part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
    let text;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
      if (!answer.ok) return;
      text = await answer.text();
    } catch { return; }
    const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-refresh]");
    if (!fresh) return;
    const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const old = [...part.children], fetched = [...fresh.children];
    fetched.forEach((one, i) => {
      if (!old[i]) part.append(one);
      else if (old[i].matches("[data-said]") && one.matches("[data-said]")) { if (old[i].textContent !== one.textContent) old[i].textContent = one.textContent; }
      else if (!old[i].isEqualNode(one)) old[i].replaceWith(one);
    });
    old.slice(fetched.length).forEach((one) => one.remove());
    if (focused) part.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  };
  setInterval(again, 1000 * Number(part.dataset.refresh));
});
