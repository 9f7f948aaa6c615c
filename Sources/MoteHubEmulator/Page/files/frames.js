// When the page is drawn: however many events come, each part at most four times a second, and not while it is hidden.

const interval = 250;
const drawn = new Map(); // drawing function → when
const waiting = new Set();
let asked = false;

/** Has `draw` called soon, once, however often it is asked for. */
export function redraw(draw) {
  waiting.add(draw);
  ask();
}

function ask() {
  if (asked) return;
  asked = true;
  requestAnimationFrame((now) => {
    asked = false;
    for (const draw of [...waiting]) {
      if (now - (drawn.get(draw) ?? -interval) < interval) continue;
      drawn.set(draw, now);
      waiting.delete(draw);
      draw();
    }
    if (waiting.size > 0) ask();
  });
}
