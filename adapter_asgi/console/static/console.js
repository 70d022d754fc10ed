"use strict";
// Every page works without this file.

// A part with data-refresh="SECONDS" is fetched anew while the page is looked at, and put in place where it has changed.
// What is said to a screen reader (data-said) is changed only when its words have. Focus stays where it was.
document.querySelectorAll("[data-refresh]").forEach((part) => {
  const again = async () => {
    if (document.hidden || part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
    let text;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "manual" });
      if (!answer.ok) throw new Error(answer.status);
      text = await answer.text();
    } catch {
      const said = part.querySelector("[data-said]");
      const words = "This page is not renewed any more: load it again. The sign-in has ended, or the gate cannot be reached.";
      if (said && said.textContent !== words) said.textContent = words;
      return;
    }
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

// A session in its own rhythm: records with data-at (milliseconds, idle time collapsed) come one after the other.
document.querySelectorAll("[data-player]").forEach((player) => {
  const list = player.nextElementSibling, items = [...list.children], status = document.createElement("span");
  if (items.length < 2) return;
  const button = document.createElement("button"), speed = document.createElement("select"), label = document.createElement("label");
  button.type = "button"; button.textContent = "Play in its rhythm"; status.setAttribute("role", "status"); label.textContent = "Speed ";
  for (const value of [1, 2, 5, 20]) speed.append(new Option(`${value}×`, value));
  label.append(speed); player.append(button, label, status); player.hidden = false;
  let at = 0, timer = 0;
  const show = (count) => items.forEach((item, i) => { item.classList.toggle("later", i >= count); item.classList.toggle("now", i === count - 1 && count < items.length); });
  const stop = (words) => { clearTimeout(timer); timer = 0; button.textContent = "Play in its rhythm"; status.textContent = words; };
  const next = () => {
    at += 1; show(at);
    if (at >= items.length) { at = 0; stop("All records are shown."); return; }
    timer = setTimeout(next, (items[at].dataset.at - items[at - 1].dataset.at) / speed.value);
  };
  button.addEventListener("click", () => {
    if (timer) { stop(`Paused at record ${at} of ${items.length}.`); return; }
    button.textContent = "Pause"; status.textContent = "Playing."; timer = setTimeout(next, 0);
  });
});
document.querySelectorAll(".lanes [data-ref]").forEach((mark) => mark.addEventListener("click", () => { location.hash = `r-${mark.dataset.ref}`; }));
