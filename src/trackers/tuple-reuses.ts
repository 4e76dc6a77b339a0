/** Attempts on tuples in TIME-WAIT that are under way, and those that are over. */
import { tcpPorts } from '../wire/tcp.ts';
import type { ArpFields } from '../wire/arp.ts';
import type { Packet } from '../wire/packet.ts';
import { OpenerLiveness } from './opener-liveness.ts';
import {
  META_REFUSED,
  PENDING_DESTINATION,
  PENDING_FRAME,
  PENDING_META,
  PENDING_PORTS,
  type PendingSyns,
} from './pending-syns.ts';
import type { TupleFilter } from './tuple-filter.ts';
import type { TupleReuse } from './tuple-reuse.ts';
import type { Watches } from './watches.ts';

const MAX_OPEN = 256;
const MAX_KEPT = 2048;
/** An attempt that nothing was heard of for so long is over; a later SYN is another one. */
const IDLE_SECONDS = 120;
/** Resets of fresh attempts that are remembered for attempts to come. */
const MAX_RESETS = 64;

interface FreshReset {
  readonly responder: number;
  readonly scope: number;
  readonly time: number;
}

export class TupleReuses {
  /** Attempts that are over. */
  readonly kept: TupleReuse[] = [];
  /** Attempts that were not kept because there were too many. */
  evictions = 0;
  readonly #open: TupleReuse[] = [];
  /** Addresses that attempts under way or over went to. */
  readonly #responders = new Set<number>();
  readonly #resets: FreshReset[] = [];
  readonly #filter: TupleFilter;
  readonly #watches: Watches;
  readonly #freshResetSeconds: number;
  readonly #hangSeconds: number;
  /** When attempts that are long over are looked for. */
  #sweepTime = 0;
  /** What is heard of others during attempts that could be proven. */
  #listening: OpenerLiveness[] = [];
  /** Attempts that are over, in domains whose clock runs on. */
  #unconcluded: TupleReuse[] = [];

  constructor(filter: TupleFilter, watches: Watches, freshResetSeconds: number, hangSeconds: number) {
    this.#filter = filter;
    this.#watches = watches;
    this.#freshResetSeconds = freshResetSeconds;
    this.#hangSeconds = hangSeconds;
  }

  get isAnyOpen(): boolean {
    return this.#open.length > 0;
  }

  find(packet: Packet, scope: number): TupleReuse | undefined {
    if (packet.time >= this.#sweepTime) {
      this.#sweep(packet.time);
      this.#sweepTime = packet.time + IDLE_SECONDS;
    }
    for (const reuse of this.#open) if (reuse.isOf(packet, scope)) return reuse;
    return undefined;
  }

  open(reuse: TupleReuse): void {
    if (this.#open.length >= MAX_OPEN) this.#sweep(reuse.firstTime);
    if (this.#open.length >= MAX_OPEN) {
      this.evictions += 1;
      return;
    }
    for (const reset of this.#resets) {
      if (reset.responder === reuse.responder && reset.scope === reuse.scope)
        reuse.freshResets.push(reset.time);
    }
    this.#open.push(reuse);
    if (this.#responders.size < MAX_OPEN + MAX_KEPT) this.#responders.add(reuse.responder);
    this.#filter.add(reuse.ports);
    // Of modern stacks, and where nothing of the old connection was seen, nothing is said that needs it.
    if (reuse.isPlain && reuse.old.close !== 'unseen') this.#listen(reuse);
  }

  /** Others must be heard while an attempt hangs, or nothing is proven. */
  #listen(reuse: TupleReuse): void {
    if (this.#listening.length >= MAX_OPEN) this.#endListening();
    if (this.#listening.length >= MAX_OPEN) this.evictions += 1;
    else this.#listening.push(new OpenerLiveness(reuse, this.#watches, this.#hangSeconds));
  }

  /** Called with every control segment: listens no longer than it must. */
  advance(): void {
    if (this.#listening[0]?.isOver) this.#endListening();
  }

  /** An ARP packet, or a duplicate of one: of openers, it is their own. */
  ownArp(packet: Packet, fields: ArpFields): void {
    for (const opener of this.#listening) opener.arp(packet, fields);
  }

  settle(reuse: TupleReuse): void {
    const at = this.#open.indexOf(reuse);
    if (at < 0) return;
    if (!reuse.isOpen) this.#endListening();
    this.#open.splice(at, 1);
    this.#filter.remove(reuse.ports);
    if (this.kept.length >= MAX_KEPT) {
      this.evictions += 1;
      return;
    }
    this.kept.push(reuse);
    this.#unconcluded.push(reuse);
  }

  /** A SYN/ACK to an attempt on another tuple: its listener lives. */
  listenerAnswered(packet: Packet, scope: number): void {
    const port = tcpPorts(packet) >>> 16;
    for (const reuse of this.#open) {
      if (reuse.responder === packet.ipSource && reuse.scope === scope && (reuse.ports & 0xffff) === port)
        reuse.listenerAnswered(packet);
    }
  }

  /** A SYN on another tuple was sent again, `seconds` after the first time: the listener had not answered it. */
  otherUnanswered(packet: Packet, scope: number, seconds: number): void {
    const port = tcpPorts(packet) & 0xffff;
    for (const reuse of this.#open) {
      if (
        reuse.responder === packet.ipDestination &&
        reuse.scope === scope &&
        (reuse.ports & 0xffff) === port
      )
        reuse.otherUnanswered(packet.time - seconds);
    }
  }

  /** SYNs that were never answered count against the listeners they were sent to while an attempt was under way. */
  noteUnanswered(pending: PendingSyns): void {
    for (let at = pending.next(0); at >= 0; at = pending.next(pending.after(at)))
      this.noteDisplaced(pending, at);
  }

  /** `noteUnanswered`, of one SYN that is displaced before its answer came. */
  noteDisplaced(pending: PendingSyns, at: number): void {
    const destination = pending.words[at + PENDING_DESTINATION] as number;
    if (!this.#responders.has(destination)) return;
    if (((pending.words[at + PENDING_META] as number) & META_REFUSED) !== 0) return;
    for (const reuse of this.kept) noteUnansweredOf(reuse, destination, pending, at);
    for (const reuse of this.#open) noteUnansweredOf(reuse, destination, pending, at);
  }

  /** An ICMP error about a TCP segment whose IP header stands at `inner`. */
  undelivered(packet: Packet, inner: number): void {
    for (const reuse of this.#open) reuse.noteUndelivered(packet.view, inner);
  }

  /** A fresh attempt was reset. */
  freshReset(packet: Packet, scope: number): void {
    const { time, ipSource: responder } = packet;
    for (const reuse of this.#open) {
      if (reuse.responder === responder && reuse.scope === scope && reuse.freshResets.length < 64)
        reuse.freshResets.push(time);
    }
    while (this.#resets.length > 0 && time - (this.#resets[0] as FreshReset).time > this.#freshResetSeconds)
      this.#resets.shift();
    if (this.#resets.length >= MAX_RESETS) this.#resets.shift();
    this.#resets.push({ responder, scope, time });
  }

  /** A new clock epoch on an interface: no outcome spans it. */
  breakOff(interfaceIndex: number): void {
    for (const reuse of [...this.#open]) {
      if (reuse.domain.interface !== interfaceIndex) continue;
      const { lastTime } = reuse.domain.liveness;
      reuse.isBroken = !(lastTime >= reuse.firstTime + this.#hangSeconds);
      this.settle(reuse);
    }
    this.#sweepTime = 0;
    this.#conclude(interfaceIndex);
    this.#resets.length = 0;
  }

  close(): void {
    for (const reuse of [...this.#open]) this.settle(reuse);
    this.#conclude(null);
  }

  #conclude(interfaceIndex: number | null): void {
    this.#endListening(interfaceIndex);
    if (this.#unconcluded.length === 0) return;
    const rest: TupleReuse[] = [];
    for (const reuse of this.#unconcluded) {
      if (interfaceIndex === null || reuse.domain.interface === interfaceIndex) reuse.conclude();
      else rest.push(reuse);
    }
    this.#unconcluded = rest;
  }

  /** The attempt that a SYN on the tuple continues; one that is long over is settled. */
  continued(packet: Packet, scope: number): TupleReuse | undefined {
    const reuse = this.find(packet, scope);
    if (reuse === undefined) return undefined;
    if (packet.time - reuse.lastTime <= IDLE_SECONDS && reuse.isOpeners(packet)) return reuse;
    this.settle(reuse);
    return undefined;
  }

  /** Ends what is over; on an interface whose time goes no further (null: on all), the rest as well. */
  #endListening(interfaceIndex: number | null = -1): void {
    if (this.#listening.length === 0) return;
    this.#listening = this.#listening.filter((opener) => {
      const isLast = interfaceIndex === null || opener.interface === interfaceIndex;
      if (isLast || opener.isOver) opener.end();
      return !opener.isEnded;
    });
  }

  #sweep(now: number): void {
    for (const reuse of [...this.#open]) if (now - reuse.lastTime > IDLE_SECONDS) this.settle(reuse);
  }
}

function noteUnansweredOf(reuse: TupleReuse, destination: number, pending: PendingSyns, at: number): void {
  const port = (pending.words[at + PENDING_PORTS] as number) & 0xffff;
  const isSame = reuse.responder === destination && (reuse.ports & 0xffff) === port;
  if (!isSame || reuse.scope !== pending.scopeOf(at)) return;
  const time = reuse.firstTime + secondsAfter(reuse, pending, at);
  // Those of another hour say nothing of this attempt, and would fill its list.
  if (time >= reuse.firstTime - IDLE_SECONDS && time <= reuse.lastTime + IDLE_SECONDS)
    reuse.otherUnanswered(time);
}

/** Whole seconds from the first SYN of an attempt to one that waits for its answer. */
function secondsAfter(reuse: TupleReuse, pending: PendingSyns, at: number): number {
  const first = reuse.syns[0]?.frame.time?.seconds ?? 0;
  return ((pending.words[at + PENDING_FRAME + 3] as number) - first) | 0;
}
