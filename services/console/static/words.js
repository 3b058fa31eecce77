/* Events as sentences, from the same catalogue as services/console/words.py, by the same rules. */

const PLACEHOLDER = /\{([a-z_]+)(?:\|([a-z]+)(?::([^:}]*):([^:}]*))?)?\}/g;
const PAGES = { plg: "pledges", wrk: "workers" };
const JAKARTA = "Asia/Jakarta";

export class Words {
  constructor({ language, messages, areas, months }) {
    this.language = language;
    this.messages = messages;
    const number = (value) => this.number(value);
    const idr = (value) => this.idr(value);
    this.forms = {
      number,
      idr,
      month: (value) => `${months[Number(value.slice(5, 7)) - 1]} ${value.slice(0, 4)}`,
      day: (value) => `${Number(value.slice(8, 10))} ${months[Number(value.slice(5, 7)) - 1]} ${value.slice(0, 4)}`,
      moment: (value) => `${this.forms.day(dayOf(value))}, ${this.time(value)}`,
      area: (value) => areas[value] ?? value,
      code: (value) => messages[`code.${value}`] ?? value,
      notice: (value) => messages[`notice.${value}`] ?? value,
      count: (value) => number(value.length),
      sum: (value) => idr(value.reduce((sum, line) => sum + line.idr, 0)),
      id: shortId,
    };
  }

  number(value) {
    const digits = String(Math.abs(value)).replace(/\B(?=(\d{3})+$)/g, this.language === "id" ? "." : ",");
    return (value < 0 ? "\u2212" : "") + digits;
  }

  idr(value) {
    return (value < 0 ? "\u2212" : "") + "Rp" + this.number(Math.abs(value));
  }

  time(value) {
    const parts = new Intl.DateTimeFormat("en-GB", { timeZone: JAKARTA, timeStyle: "medium" }).format(new Date(value));
    return `${this.language === "id" ? parts.replaceAll(":", ".") : parts} WIB`;
  }

  day(value) {
    return this.forms.day(value);
  }

  text(key, values = {}) {
    return this.fill(this.messages[key], values).map((part) => part.text).join("");
  }

  code(value) {
    return this.forms.code(value);
  }

  /* An event as parts: {text, href}; href only if the console has a page for the ID. */
  sentence(kind, data) {
    const template = this.messages[`fact.${kind}`];
    return template === undefined ? [{ text: kind, href: "" }] : this.fill(template, data);
  }

  fill(template, values) {
    const parts = [];
    let at = 0;
    for (const hole of template.matchAll(PLACEHOLDER)) {
      if (hole.index > at) parts.push({ text: template.slice(at, hole.index), href: "" });
      at = hole.index + hole[0].length;
      parts.push(this.part(hole, values[hole[1]]));
    }
    if (at < template.length) parts.push({ text: template.slice(at), href: "" });
    return parts;
  }

  part([, , form, one, many], value) {
    if (value === undefined || value === null) return { text: "–", href: "" };
    let text = form ? this.forms[form](value) : String(value);
    if (one !== undefined) text += ` ${text === "1" ? one : many}`;
    return { text, href: form === "id" ? pageOf(value) : "" };
  }
}

export function dayOf(instant) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: JAKARTA, dateStyle: "short" }).format(new Date(instant));
}

function shortId(value) {
  const mark = value.indexOf("_");
  const rest = value.slice(mark + 1);
  return mark > 0 && rest.length > 8 ? `${value.slice(0, mark)}_…${rest.slice(-6)}` : value;
}

function pageOf(value) {
  const page = PAGES[value.split("_", 1)[0]];
  return page ? `/console/${page}/${value}` : "";
}
