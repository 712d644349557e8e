// What was said and has no receipt yet. It waits while there is no connection, and goes out in order, one at a time in
// each conversation. When nobody knows whether a message arrived it is sent again under the same id, which makes
// one message of it.

const PATIENCE = 20_000; // ms for an answer

/** Asks, and asks again when it was too fast. The answer; or throws the server's refusal, which has a `code`. */
export async function ask(socket, name, ...args) {
  for (;;) {
    const answer = await socket.timeout(PATIENCE).emitWithAck(name, ...args);
    if (!answer?.error) return answer;
    const { message, data } = answer.error;
    if (data?.code !== 'too-fast') throw Object.assign(new Error(message), { refused: true, ...data });
    await new Promise(resolve => setTimeout(resolve, data.retry_ms));
  }
}

export class Outbox {
  #queues = new Map(); // conversation → letters
  #busy = new Set(); // conversations
  #socket;
  #changed;
  isOpen = false; // from the server's welcome until the connection breaks

  /** `changed` hears of each entry whose state has. */
  constructor(socket, changed) {
    this.#socket = socket;
    this.#changed = changed;
  }

  /** A letter has the conversation and its entry, the event's name and its argument. */
  put(letter) {
    const { conversation, entry } = letter;
    this.#queues.set(conversation, [...this.#queues.get(conversation) ?? [], letter]);
    this.#tell(letter, { state: 'waiting', waits: true, why: undefined, retry: () => this.put(letter) });
    this.#deliver(conversation);
    return entry;
  }

  open() {
    this.isOpen = true;
    for (const conversation of this.#queues.keys()) this.#deliver(conversation);
  }

  close() {
    this.isOpen = false;
    for (const [letter] of this.#queues.values()) if (letter) this.#tell(letter, { state: 'waiting' });
  }

  forget(conversation) { this.#queues.delete(conversation); }

  async #deliver(conversation) {
    if (this.#busy.has(conversation)) return;
    this.#busy.add(conversation);
    for (let letter; this.isOpen && (letter = this.#queues.get(conversation)?.[0]);) {
      if (await this.#send(letter)) this.#queues.get(conversation)?.shift();
    }
    this.#busy.delete(conversation);
  }

  /** Whether that is the end of it, well or not. */
  async #send(letter) {
    this.#tell(letter, { state: 'sent' });
    try {
      const { read, number, at } = await ask(this.#socket, letter.event, letter.argument);
      this.#tell(letter, { state: read ? 'read' : 'server', waits: false }, { number, at });
    } catch (error) {
      if (!error.refused) return false; // no answer came: once more
      this.#tell(letter, { state: 'failed', waits: false, why: error.message });
    }
    return true;
  }

  #tell({ conversation, entry }, news, receipt) {
    if (entry.state === 'read') delete news.state; // it was seen before the server's receipt came
    this.#changed(conversation, Object.assign(entry, news), receipt);
  }
}
