// What is wrong with the page as it is drawn now, as a list of sentences: contrast (WCAG 2.1, 1.4.3 and 1.4.11), names,
// identifiers, headings, landmarks, and whether it must be scrolled sideways.
(() => {
  const wrong = [];
  const seen = (node) =>
    node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && node.getClientRects().length > 0;
  const where = (node) => {
    const text = (node.textContent || node.value || "").trim().slice(0, 30);
    return `${node.tagName.toLowerCase()}${node.id ? "#" + node.id : ""} "${text}"`;
  };

  const colour = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a),
    g: top.g * top.a + under.g * (1 - top.a),
    b: top.b * top.a + under.b * (1 - top.a),
    a: 1,
  });
  const behind = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const layer = colour(getComputedStyle(at).backgroundColor);
      if (layer.a > 0) layers.push(layer);
      if (layer.a === 1 || at.tagName === "DIALOG") break;
    }
    return layers.reduceRight((under, top) => over(top, under), { r: 255, g: 255, b: 255, a: 1 });
  };
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  let looked = 0;
  const contrast = (node, text, least, what) => {
    looked += 1;
    const found = ratio(over(text, behind(node)), behind(node));
    if (found < least) wrong.push(`${what} of ${where(node)} has a contrast of ${found.toFixed(2)}`);
  };

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() && seen(node)) contrast(node, colour(getComputedStyle(node).color), 4.5, "text");
  }
  for (const node of document.querySelectorAll("input, textarea, select, button")) {
    if (!seen(node)) continue;
    contrast(node, colour(getComputedStyle(node).color), 4.5, "text");
    if (node.placeholder) contrast(node, colour(getComputedStyle(node, "::placeholder").color), 4.5, "placeholder");
    const edge = colour(getComputedStyle(node).borderTopColor);
    if (edge.a > 0 && node.type !== "radio" && node.tagName !== "BUTTON") contrast(node.parentElement, edge, 3, "edge");
    const ownText = node.tagName === "BUTTON" && node.textContent.trim();
    if (!(node.labels?.length > 0 || node.getAttribute("aria-label") || ownText)) wrong.push(`${where(node)} has no label`);
  }
  if (looked < 40) wrong.push(`only ${looked} colours were looked at`);

  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  for (const id of ids) if (ids.filter((other) => other === id).length > 1) wrong.push(`there are two #${id}`);
  for (const attribute of ["aria-labelledby", "aria-describedby", "for"]) {
    for (const node of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of node.getAttribute(attribute).split(" ")) {
        if (!document.getElementById(id)) wrong.push(`${attribute} of ${where(node)} names no element`);
      }
    }
  }
  for (const landmark of ["body > header", "nav", "main", "aside"]) {
    if (document.querySelectorAll(landmark).length !== 1) wrong.push(`there is not one ${landmark}`);
  }
  let level = 0;
  for (const node of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    if (!seen(node)) continue;
    const own = Number(node.tagName[1]);
    if (own > level + 1) wrong.push(`${where(node)} comes after a heading of level ${level}`);
    level = own;
  }
  for (const node of document.querySelectorAll("img, canvas")) {
    if (!node.hasAttribute("alt") && !node.getAttribute("aria-label")) wrong.push(`${where(node)} has no text`);
  }
  if (!document.documentElement.lang) wrong.push("the language is not told");
  const width = document.documentElement.scrollWidth;
  if (width > window.innerWidth) {
    const sticksOut = (node) => node.getBoundingClientRect().right > window.innerWidth + 1;
    const wide = [...document.body.querySelectorAll("*")].filter(sticksOut).slice(0, 3).map(where);
    wrong.push(`it is ${width} wide in ${window.innerWidth}: ${wide}`);
  }
  return wrong;
})()
