// One field over time, on a canvas: the last value of each half second as a line, the range within it as a bar.

import { element, figures, line, write } from "/text.js";

const margin = { left: 46, right: 8, top: 6, bottom: 16 };
const height = 120;

export class Plot {
  #name;
  #value = element("output");
  #range = element("span", { className: "note" });
  #canvas = element("canvas", { role: "img", height });
  #pointer = null;
  #drawn = null;
  node;

  constructor(field) {
    this.#name = line(field, 120);
    const name = element("h4", { textContent: this.#name, title: this.#name });
    this.node = element("figure", {}, element("figcaption", {}, name, this.#value), this.#canvas, this.#range);
    const look = (event) => {
      this.#pointer = event.type === "pointerleave" ? null : event.offsetX;
      if (this.#drawn) this.draw(...this.#drawn);
    };
    this.#canvas.addEventListener("pointermove", look);
    this.#canvas.addEventListener("pointerleave", look);
  }

  /** Draws a series as of `now`, over the last `span` seconds, or all that is kept when that is 0. */
  draw(series, now, span) {
    this.#drawn = [series, now, span];
    const since = span > 0 ? now - span * 1000 : -Infinity;
    const buckets = [];
    for (let i = 0; i < series.count; i += 1) {
      const bucket = series.at(i);
      if (bucket.time >= since) buckets.push(bucket);
    }
    write(this.#value, figures(series.last));
    let low = Infinity;
    let high = -Infinity;
    for (const bucket of buckets) {
      low = Math.min(low, bucket.low);
      high = Math.max(high, bucket.high);
    }
    write(this.#range, buckets.length > 0 ? `${figures(low)} to ${figures(high)}` : "nothing in this time");
    const label = `${this.#name}: ${figures(series.last)}; ${this.#range.textContent}`;
    if (this.#canvas.getAttribute("aria-label") !== label) this.#canvas.setAttribute("aria-label", label);
    this.#paint(buckets, low, high, now);
  }

  #paint(buckets, low, high, now) {
    const canvas = this.#canvas;
    const scale = window.devicePixelRatio || 1;
    const width = canvas.clientWidth || 280;
    if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
    if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    if (buckets.length === 0) return;

    const style = getComputedStyle(canvas);
    const [ink, muted, rule] = ["--accent", "--muted", "--rule"].map((name) => style.getPropertyValue(name));
    const right = width - margin.right;
    const bottom = height - margin.bottom;
    const begin = Math.min(buckets[0].time, now - 10_000);
    const x = (time) => margin.left + ((time - begin) / (now - begin)) * (right - margin.left);
    const ticks = steps(low, high);
    const [from, to] = [ticks[0], ticks[ticks.length - 1]];
    const y = (value) => bottom - ((value - from) / (to - from)) * (bottom - margin.top);

    context.font = `11px ${style.fontFamily}`;
    context.lineWidth = 1;
    context.strokeStyle = rule;
    context.fillStyle = muted;
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const tick of ticks) {
      const row = Math.round(y(tick)) + 0.5;
      context.beginPath();
      context.moveTo(margin.left, row);
      context.lineTo(right, row);
      context.stroke();
      context.fillText(figures(tick), margin.left - 5, row, margin.left - 8);
    }
    context.textBaseline = "bottom";
    context.fillText("now", right, height);
    context.textAlign = "left";
    context.fillText(`${duration((now - begin) / 1000)} ago`, margin.left, height);

    context.fillStyle = context.strokeStyle = ink;
    context.globalAlpha = 0.35;
    context.lineWidth = 3;
    context.beginPath();
    for (const bucket of buckets) {
      context.moveTo(x(bucket.time), y(bucket.low));
      context.lineTo(x(bucket.time), y(bucket.high));
    }
    context.stroke();
    context.globalAlpha = 1;
    context.lineWidth = 1.5;
    context.lineJoin = "round";
    context.beginPath();
    for (const bucket of buckets) context.lineTo(x(bucket.time), y(bucket.last));
    context.stroke();
    if (buckets.length < 60) for (const bucket of buckets) dot(context, x(bucket.time), y(bucket.last), 2);

    if (this.#pointer === null) return;
    const near = buckets.reduce((best, bucket) =>
      Math.abs(x(bucket.time) - this.#pointer) < Math.abs(x(best.time) - this.#pointer) ? bucket : best);
    dot(context, x(near.time), y(near.last), 4);
    write(this.#range, `${figures(near.last)}, ${duration((now - near.time) / 1000)} ago`);
  }
}

function dot(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

// Three to five round numbers that hold both ends.
function steps(low, high) {
  if (!(high - low > Math.abs(high) * 1e-9)) {
    const margin = Math.abs(high) * 0.1 || 1;
    [low, high] = [low - margin, high + margin];
  }
  const rough = (high - low) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? rough;
  const first = Math.floor(low / step);
  const made = [];
  for (let n = first; made.length < 8; n += 1) {
    made.push(n * step);
    if (n * step >= high) break;
  }
  // At the end of what a Double holds there are no round numbers.
  return made.every(Number.isFinite) && made.length > 1 && made[made.length - 1] > made[0] ? made : [low, high];
}

function duration(seconds) {
  if (seconds < 180) return `${Math.round(seconds)} s`;
  if (seconds < 10_800) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}
