/**
 * Who asks for an address by unicast ARP at a MAC address that its station may no longer receive on, as stacks do that confirm
 * an entry (RFC 1122 2.3.2.1). A reply shows that it still receives, unless the asker asked in another way since.
 */
interface Question {
  peer: number;
  time: number;
}

/** Askers remembered; of more, the latest. */
const MAX_QUESTIONS = 16;

export class ArpQuestions {
  readonly #answerSeconds: number;
  readonly #questions: Question[] = [];
  #next = 0;

  constructor(answerSeconds: number) {
    this.#answerSeconds = answerSeconds;
  }

  /** `peer` asks at the old MAC address. */
  asked(peer: number, time: number): void {
    const known = this.#find(peer);
    if (known !== undefined) {
      known.time = time;
      return;
    }
    this.#questions[this.#next] = { peer, time };
    this.#next = (this.#next + 1) % MAX_QUESTIONS;
  }

  /** `peer` asks everybody, or at another MAC address: a reply may answer that. */
  askedElsewhere(peer: number): void {
    const known = this.#find(peer);
    if (known !== undefined) known.time = Number.NaN;
  }

  /** True if a reply to `peer` answers what it asked at the old MAC address. */
  isAnswered(peer: number, time: number): boolean {
    const known = this.#find(peer);
    return known !== undefined && time - known.time <= this.#answerSeconds;
  }

  #find(peer: number): Question | undefined {
    for (const question of this.#questions) if (question.peer === peer) return question;
    return undefined;
  }
}
