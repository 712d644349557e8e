// What the page knows: conversations, each with a room or with one person, and what was said in them.

const KEPT = 500; // entries of each

export class Conversation {
  entries = []; // those with a number by number, then those that have none yet
  people = new Map(); // name → 'here' or 'away'
  writing = new Map(); // name → the timer that forgets it
  unread = 0;
  unseen = []; // functions that tell a sender that it has been seen
  draft = '';
  epoch; // whose numbers the entries have: another when the room was made anew
  #era = 0;

  constructor(kind, name) {
    this.kind = kind; // 'room' or 'person'
    this.name = name;
  }

  get isRoom() { return this.kind === 'room'; }

  /** What a server needs to know, to tell us only what we have not heard. */
  get since() {
    const last = this.entries.findLast(it => it.era === this.#era && it.number !== undefined);
    return this.epoch && { epoch: this.epoch, number: last?.number ?? 0 };
  }

  /** What stands under other numbers stays above. True if it does. */
  startAnew(epoch) {
    const anew = this.epoch !== undefined && this.epoch !== epoch;
    if (anew) this.#era += 1;
    this.epoch = epoch;
    return anew;
  }

  /** The entry, in its place; or the one that was there, if this is the same message once more. */
  add(entry) {
    const known = this.find(entry.from, entry.id);
    if (known) return this.settle(known, entry);
    this.#place(entry);
    return entry;
  }

  find(from, id) { return id && this.entries.find(it => it.id === id && it.from === from); }

  /** A message of ours has its number, and with it its place. */
  settle(entry, { number, at }) {
    if (number === undefined) return entry; // a private word: it stands where it came
    this.entries.splice(this.entries.indexOf(entry), 1);
    this.#place(Object.assign(entry, { number, at }));
    return entry;
  }

  after(entry) { return this.entries[this.entries.indexOf(entry) + 1]; }

  before(entry) { return this.entries[this.entries.indexOf(entry) - 1]; }

  #place(entry) {
    entry.era = this.#era;
    const later = it => it.waits || it.era === entry.era && it.number > entry.number;
    const index = entry.waits && entry.number === undefined ? -1 : this.entries.findIndex(later);
    this.entries.splice(index < 0 ? this.entries.length : index, 0, entry);
    if (this.entries.length > KEPT && !this.entries[0].waits) forget(this.entries.shift());
  }
}

function forget({ line, address }) {
  line?.remove();
  if (address) URL.revokeObjectURL(address);
}

export class Conversations extends Map {
  /** The conversation, begun if there was none. */
  open(kind, name) {
    const key = `${kind} ${name}`;
    if (!this.has(key)) this.set(key, new Conversation(kind, name));
    return this.get(key);
  }

  close({ kind, name }) { this.delete(`${kind} ${name}`); }

  get rooms() { return [...this.values()].filter(it => it.isRoom); }

  get private() { return [...this.values()].filter(it => !it.isRoom); }
}
