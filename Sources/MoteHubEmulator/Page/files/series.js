// What is kept of the numbers in telemetry: for each device and field a ring of half-second buckets with their lowest,
// highest and last value. All of it is bounded, whatever the devices send.

const width = 500; // milliseconds
const length = 600; // buckets of a field: five minutes of a fast one, ten hours of one reading a minute
const mostFields = 64; // of a device
const mostDevices = 32; // the one that was silent longest goes
const deepest = 5;
const mostNumbers = 512; // looked at in one message

/** One field's readings. */
export class Series {
  #values = new Float64Array(4 * length);
  #first = 0;
  count = 0;
  last = NaN;

  /** The bucket of an index, of which 0 is the oldest. */
  at(index) {
    const offset = 4 * ((this.#first + index) % length);
    const v = this.#values;
    return { time: v[offset], low: v[offset + 1], high: v[offset + 2], last: v[offset + 3] };
  }

  add(time, value) {
    this.last = value;
    const v = this.#values;
    if (this.count > 0) {
      const offset = 4 * ((this.#first + this.count - 1) % length);
      if (time - v[offset] < width) {
        v[offset + 1] = Math.min(v[offset + 1], value);
        v[offset + 2] = Math.max(v[offset + 2], value);
        v[offset + 3] = value;
        return;
      }
    }
    if (this.count === length) this.#first = (this.#first + 1) % length;
    else this.count += 1;
    v.set([time, value, value, value], 4 * ((this.#first + this.count - 1) % length));
  }
}

const devices = new Map(); // device → { fields: Map of field → Series, more: whether fields were left out }

/** The fields of a device. */
export const readings = (name) => devices.get(name) ?? { fields: new Map(), more: false };

/** Forgets a device. */
export const forget = (name) => devices.delete(name);

/** Keeps the numbers of a message; `kept` is a device that stays whatever others send. */
export function record(name, event, kept) {
  if (typeof event.body !== "string" || !/^\s*[[{\d-]/.test(event.body)) return;
  let value;
  try {
    value = JSON.parse(event.body);
  } catch {
    return;
  }
  const device = devices.get(name) ?? { fields: new Map(), more: false };
  // The order of a Map is that of insertion: the first is the one that was silent longest.
  devices.delete(name);
  devices.set(name, device);
  if (devices.size > mostDevices) {
    for (const other of devices.keys()) {
      if (other !== kept && other !== name) {
        devices.delete(other);
        break;
      }
    }
  }
  const component = event.systemProperties?.["dt-subject"];
  const left = { numbers: mostNumbers };
  take(device, typeof component === "string" ? component : "", value, Date.now(), deepest, left);
  if (left.numbers < 0) device.more = true;
}

function take(device, name, value, now, depth, left) {
  if (typeof value === "number") {
    if ((left.numbers -= 1) < 0 || !Number.isFinite(value)) return;
    const field = name || "value";
    let series = device.fields.get(field);
    if (!series) {
      if (device.fields.size >= mostFields) {
        device.more = true;
        return;
      }
      device.fields.set(field, (series = new Series()));
    }
    series.add(now, value);
  } else if (value !== null && typeof value === "object" && depth > 0) {
    for (const key in value) {
      if (left.numbers < 0) return;
      take(device, name ? `${name}.${key}` : key, value[key], now, depth - 1, left);
    }
  }
}
