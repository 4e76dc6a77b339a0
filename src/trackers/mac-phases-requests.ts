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

/** Identical requests in a row, each but perhaps the last one answered. Used again for the next target. */
export interface RequestRun {
  target: number;
  lastTime: number;
  requests: number;
  /** How many exchanges had worked before the first of them. */
  history: number;
  /** How many of them were answered. */
  answered: number;
  /** The last one was. */
  isAnswered: boolean;
  /** From the second one on. */
  frames: FrameCitation[] | null;
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
    const run = this.#runFor(target);
    if (run.isAnswered && run.target === target && packet.time - run.lastTime <= this.#times.deafGapSeconds) {
      run.requests += 1;
      run.lastTime = packet.time;
      run.isAnswered = false;
      run.frames ??= [];
      if (run.frames.length < MAX_FRAMES) run.frames.push(new ArpCitation(packet, arp, 'repeated request'));
      return run.requests >= this.#times.deafRequests ? run : null;
    }
    if (hasWorked(run)) this.#worked += 1;
    run.target = target;
    run.history = this.#worked;
    for (const other of this.#runs) if (other !== run && hasWorked(other)) run.history += 1;
    run.lastTime = packet.time;
    run.requests = 1;
    run.answered = 0;
    run.isAnswered = false;
    run.frames = null;
    return null;
  }

  /** The run of a target, or the one to give up for it: the oldest. */
  #runFor(target: number): RequestRun {
    let oldest: RequestRun | undefined;
    for (const run of this.#runs) {
      if (run.target === target) return run;
      if (oldest === undefined || run.lastTime < oldest.lastTime) oldest = run;
    }
    if (oldest !== undefined && this.#runs.length >= MAX_RUNS) return oldest;
    const made = {
      target,
      lastTime: 0.5,
      requests: 0,
      history: 0,
      answered: 0,
      isAnswered: false,
      frames: null,
    };
    this.#runs.push(made);
    return made;
  }

  /** A reply to the station, at the MAC address it has; answers the run it belongs to. */
  answered(packet: Packet, arp: Readonly<ArpFields>): RequestRun | null {
    const { senderAddress } = arp;
    let run: RequestRun | undefined;
    for (const candidate of this.#runs) if (candidate.target === senderAddress) run = candidate;
    if (run === undefined || run.isAnswered || packet.time - run.lastTime > this.#times.deafReplySeconds)
      return null;
    run.isAnswered = true;
    run.answered += 1;
    return run;
  }

  /** The station hears after all: its runs tell nothing. */
  forget(): void {
    this.#runs.length = 0;
  }
}

/** Answered at once, and not repeated. */
function hasWorked(run: RequestRun): boolean {
  return run.isAnswered && run.requests === 1;
}
