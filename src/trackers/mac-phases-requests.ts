/**
 * The ARP requests of one address: which were answered and not repeated, and which it sends again and again although they are
 * answered, as a station does that no longer receives unicast frames (rules 3.3, M2).
 */
import type { FrameCitation } from '../engine/result.ts';
import type { ArpFields } from '../wire/arp.ts';
import type { Packet } from '../wire/packet.ts';
import { ArpCitation } from './citation.ts';

export interface RequestTimes {
  readonly deafRequests: number;
  readonly deafGapSeconds: number;
  readonly deafReplySeconds: number;
}

/** Identical requests in a row, each but perhaps the last one answered. */
export interface RequestRun {
  readonly target: number;
  readonly firstTime: number;
  lastTime: number;
  /** Requests of the run, and how many of them were answered. */
  requests: number;
  answered: number;
  isAnswered: boolean;
  frames: FrameCitation[];
}

/** Targets followed at once; a station rarely waits for more. */
const MAX_RUNS = 4;
const MAX_FRAMES = 4;

export class ArpRequests {
  readonly #times: RequestTimes;
  readonly #runs: RequestRun[] = [];
  /** Requests that were answered and not repeated, and replies that the station sent. */
  #worked = 0;

  constructor(times: RequestTimes) {
    this.#times = times;
  }

  /** The station sent a reply. */
  replied(): void {
    this.#worked += 1;
  }

  /** A request of the station; answers its run if that is one of a deaf station, else null. */
  asked(packet: Packet, arp: Readonly<ArpFields>): RequestRun | null {
    const { targetAddress: target } = arp;
    const at = this.#runs.findIndex((run) => run.target === target);
    const known = this.#runs[at];
    const frame = new ArpCitation(packet, arp, 'repeated request');
    if (known?.isAnswered && packet.time - known.lastTime <= this.#times.deafGapSeconds) {
      known.requests += 1;
      known.lastTime = packet.time;
      known.isAnswered = false;
      if (known.frames.length < MAX_FRAMES) known.frames.push(frame);
      return known.requests >= this.#times.deafRequests ? known : null;
    }
    if (known) this.#settle(known);
    const run: RequestRun = {
      target,
      firstTime: packet.time,
      lastTime: packet.time,
      requests: 1,
      answered: 0,
      isAnswered: false,
      frames: [frame],
    };
    if (at >= 0) this.#runs[at] = run;
    else this.#runs.push(run);
    if (this.#runs.length > MAX_RUNS) this.#settle(this.#runs.shift());
    return null;
  }

  /** A reply to the station, at the MAC address it has; answers the run it belongs to. */
  answered(packet: Packet, arp: Readonly<ArpFields>): RequestRun | null {
    const run = this.#runs.find((candidate) => candidate.target === arp.senderAddress);
    if (run === undefined || run.isAnswered || packet.time - run.lastTime > this.#times.deafReplySeconds)
      return null;
    run.isAnswered = true;
    run.answered += 1;
    return run;
  }

  /** How many exchanges had worked before this run. */
  historyBefore(run: RequestRun): number {
    const others = this.#runs.filter(
      (other) => other !== run && hasWorked(other) && other.lastTime < run.firstTime,
    );
    return this.#worked + others.length;
  }

  /** The station hears after all: its runs tell nothing. */
  forget(): void {
    this.#runs.length = 0;
  }

  #settle(run: RequestRun | undefined): void {
    if (run !== undefined && hasWorked(run)) this.#worked += 1;
  }
}

/** Answered at once, and not repeated. */
function hasWorked(run: RequestRun): boolean {
  return run.isAnswered && run.requests === 1;
}
