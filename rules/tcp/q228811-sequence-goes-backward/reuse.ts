/** What an attempt on a tuple in TIME-WAIT proves (rules 1.4, 1.5). */
import type { Candidate } from '../../../src/engine/rule.ts';
import type { OptionValues } from '../../../src/engine/options.ts';
import type { FrameCitation } from '../../../src/engine/result.ts';
import type { TupleReuse } from '../../../src/trackers/tuple-reuse.ts';
import type { Host } from './host.ts';
import type { options } from './options.ts';

export type Thresholds = OptionValues<typeof options>;

export interface ReuseVerdict {
  readonly candidates: readonly Candidate[];
  /** Its outcome was seen, whatever it was. */
  readonly isJudged: boolean;
}

/** Differences of times are doubles. */
const ROUNDING = 1e-9;

/** NT gives an attempt up after so long (Q200770). */
const GIVE_UP_SECONDS = 45;

/** Whether a gate of rules 1.4 holds; `unknown` allows a strong finding at most. */
type Gate = 'holds' | 'unknown' | 'fails';

export function judgeReuse(
  reuse: TupleReuse,
  host: Host,
  isOnLink: boolean,
  thresholds: Thresholds,
): ReuseVerdict {
  const isJudged = !reuse.isBroken && (!reuse.isOpen || hasOutcome(reuse, thresholds));
  if (host.isScattered || host.isOfOther(reuse) || !isRegressionPlausible(reuse))
    return { candidates: [], isJudged };
  return { candidates: new Judgement(reuse, host, isOnLink, thresholds).candidates(), isJudged };
}

/** Never accepted, or so late that the attempt hung. */
export function hasHung({ acceptedTime, firstTime }: TupleReuse, { hangSeconds }: Thresholds): boolean {
  return !(acceptedTime <= firstTime + hangSeconds + ROUNDING);
}

function hasOutcome(reuse: TupleReuse, { answerSeconds }: Thresholds): boolean {
  if (reuse.oldAcks.length > 0 || reuse.resets.length > 0) return true;
  if (reuse.unseenAnswers.length > 0 || reuse.isAnsweredOtherwise) return false;
  // Silence is an outcome only where what the responder sent to close the old connection was captured, too.
  return reuse.old.close === 'whole' && reuse.seenUntil >= reuse.firstTime + answerSeconds;
}

/** Half of the sequence space is the limit of "below". */
function isRegressionPlausible(reuse: TupleReuse): boolean {
  return reuse.back > 0 || reuse.old.close !== 'unseen';
}

class Judgement {
  readonly #reuse: TupleReuse;
  readonly #host: Host;
  readonly #isOnLink: boolean;
  readonly #thresholds: Thresholds;

  constructor(reuse: TupleReuse, host: Host, isOnLink: boolean, thresholds: Thresholds) {
    this.#reuse = reuse;
    this.#host = host;
    this.#isOnLink = isOnLink;
    this.#thresholds = thresholds;
  }

  candidates(): Candidate[] {
    const { old } = this.#reuse;
    if (old.close === 'unseen') return this.#earlier();
    const found: Candidate[] = [];
    const gate = this.#gate();
    const isWhole = old.close === 'whole';
    const add = (tier: Candidate['tier'], summary: string) => found.push(this.#hang(tier, summary));
    if (this.#isHanging()) {
      const isProven = this.#reuse.isAliveThrough;
      const strict = (tier: Candidate['tier'], summary: string) => {
        add(isProven ? tier : 'suggestive', summary);
      };
      if (this.#isRefusedByOldAck()) {
        if (isWhole && gate === 'holds') strict('definitive', 'oldAck');
        else if (isWhole && gate === 'unknown') strict('strong', 'oldAck');
        else if (isWhole && gate === 'fails') add('suggestive', 'doubtful');
        if (!isWhole && gate === 'holds' && this.#reuse.rounds >= this.#thresholds.rounds)
          strict('strong', 'stillHeld');
      }
      if (this.#isSilent()) {
        const isAlive = this.#isListenerAlive();
        if (isAlive && isWhole && gate === 'holds') strict('definitive', 'silent');
        else if (isAlive && isWhole && gate === 'unknown') strict('strong', 'silent');
        else if (isAlive && isWhole && gate === 'fails') add('suggestive', 'doubtful');
        else if (isWhole && gate === 'holds') strict('strong', 'silentUnproven');
      }
      if (isWhole && gate === 'holds' && this.#isAnsweredUnseen()) add('suggestive', 'answeredUnseen');
      if (this.#isReset()) {
        const isHabit = this.#freshResets() >= this.#thresholds.freshResets;
        if (gate === 'holds' && isWhole && !isHabit) strict('strong', 'refused');
        else if (isWhole) add('suggestive', isHabit || gate !== 'fails' ? 'refused' : 'doubtful');
      }
    }
    if (isWhole && gate === 'holds' && this.#isRefusedByOldAck()) found.push(this.#delayed());
    return found;
  }

  /** An old connection of which nothing was seen (rules 1.5, suggestive). */
  #earlier(): Candidate[] {
    const { rounds } = this.#thresholds;
    // What is seen of it is enough: its absence from the rest of the capture adds nothing.
    if (this.#reuse.rounds < rounds || this.#reuse.acceptedTime <= this.#hangEnd) return [];
    if (!this.#isListenerAlive(this.#reuse.firstTime + GIVE_UP_SECONDS)) return [];
    const { steps, jumps } = this.#host.otherSteps;
    if (!this.#isOldStack() || jumps > 0 || steps < this.#thresholds.otherSteps) return [];
    return [this.#hang('suggestive', 'earlier')];
  }

  /** Gates G1 to G5 together. */
  #gate(): Gate {
    const { old, back } = this.#reuse;
    const { isnBound, otherSteps } = this.#thresholds;
    const { steps, jumps } = this.#host.otherSteps;
    const isOther = old.isSameStack === false || (this.#isOnLink && old.isSameMac === false);
    if (back > isnBound || isOther || jumps > 0 || !this.#isOldStack()) return 'fails';
    return old.isSameStack === null || steps < otherSteps ? 'unknown' : 'holds';
  }

  /** Gates G3 and G4. */
  #isOldStack(): boolean {
    const { ttl, isPlain } = this.#reuse;
    return isPlain && ttl >= this.#thresholds.ttlMin && ttl <= this.#thresholds.ttlMax;
  }

  get #hangEnd(): number {
    return this.#reuse.firstTime + this.#thresholds.hangSeconds + ROUNDING;
  }

  #isHanging(): boolean {
    const { isBroken, seenUntil } = this.#reuse;
    return !isBroken && seenUntil >= this.#hangEnd && hasHung(this.#reuse, this.#thresholds);
  }

  /** An old acknowledgment, then a retransmission or the opener's reset. */
  #isRefusedByOldAck(): boolean {
    const { oldAcks, openerResets, isRepeatedAfterOldAck } = this.#reuse;
    // To the first SYN or to a later one: stacks limit the rate of such answers.
    const until = this.#thresholds.answerSeconds + ROUNDING;
    const isAnswer = oldAcks.some(({ time, syn }) => time - syn.time <= until);
    return isAnswer && (openerResets.length > 0 || isRepeatedAfterOldAck);
  }

  #isSilent(): boolean {
    const { oldAcks, openerResets, unseenAnswers, resets, retransmissions } = this.#reuse;
    const { isUndelivered, isAnsweredOtherwise } = this.#reuse;
    return (
      oldAcks.length === 0 &&
      openerResets.length === 0 &&
      unseenAnswers.length === 0 &&
      resets.length === 0 &&
      !isUndelivered &&
      !isAnsweredOtherwise &&
      !this.#isOtherUnanswered() &&
      retransmissions.length >= this.#thresholds.silentRetransmits
    );
  }

  /** The opener reset old acknowledgments, none of which was captured. */
  #isAnsweredUnseen(): boolean {
    const { oldAcks, unseenAnswers, resets } = this.#reuse;
    return oldAcks.length === 0 && resets.length === 0 && unseenAnswers.length > 0;
  }

  /** SYNs of others to the listener found no answer either, meanwhile. */
  #isOtherUnanswered(): boolean {
    const { firstTime, syns, othersUnanswered } = this.#reuse;
    const until = (syns.at(-1)?.time ?? firstTime) + this.#thresholds.livenessTailSeconds;
    // Those that began shortly before are told by what came of them later.
    const from = firstTime - this.#thresholds.hangSeconds;
    return othersUnanswered.some((time) => time >= from && time <= until);
  }

  /** Others were accepted between the first SYN and the last one, and a little after, or until `atLeast`. */
  #isListenerAlive(atLeast = 0): boolean {
    const { firstTime, syns, listenerTimes } = this.#reuse;
    const last = (syns.at(-1)?.time ?? firstTime) + this.#thresholds.livenessTailSeconds;
    const until = Math.max(last, atLeast);
    const answers = listenerTimes.filter((time) => time >= firstTime && time <= until);
    return answers.length >= this.#thresholds.livenessAnswers;
  }

  #isReset(): boolean {
    const { resets, listenerTimes, oldAcks } = this.#reuse;
    const { resetAliveSeconds, resets: least } = this.#thresholds;
    const accompanied = resets.filter((reset) =>
      listenerTimes.some((time) => Math.abs(time - reset.time) <= resetAliveSeconds),
    );
    return oldAcks.length === 0 && accompanied.length >= least && accompanied.length === resets.length;
  }

  /** Resets of the responder to other attempts, around this one. */
  #freshResets(): number {
    const { firstTime, resets, freshResets } = this.#reuse;
    const { freshResetSeconds } = this.#thresholds;
    const until = (resets.at(-1)?.time ?? firstTime) + freshResetSeconds;
    return freshResets.filter((time) => time >= firstTime - freshResetSeconds && time <= until).length;
  }

  #hang(tier: Candidate['tier'], summary: string): Candidate {
    return {
      tier,
      summary,
      absence: { from: this.#reuse.firstTime, to: this.#hangEnd },
      restsOnMac: false,
    };
  }

  /** The old acknowledgment alone: the connection came late, or its absence cannot be proven. */
  #delayed(): Candidate {
    const summary = this.#reuse.isOpen ? 'notProven' : 'delayed';
    return { tier: 'strong', summary, qualifier: 'delayed', absence: null, restsOnMac: false };
  }
}

/** The frames of an attempt: old close, SYNs, answers, resets, listener. */
export function framesOf(reuse: TupleReuse): FrameCitation[] {
  return [
    ...reuse.old.frames,
    ...reuse.syns.slice(0, 6).map((attempt) => attempt.frame),
    ...reuse.oldAcks.slice(0, 5).map((ack) => ack.frame),
    ...reuse.openerResets.slice(0, 4),
    ...reuse.unseenAnswers.slice(0, 4),
    ...reuse.resets.slice(0, 4).map((reset) => reset.frame),
    ...reuse.listenerFrames.slice(0, 2),
    ...(reuse.accepted === null ? [] : [reuse.accepted]),
  ];
}
