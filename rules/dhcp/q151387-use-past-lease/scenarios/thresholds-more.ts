/** Thresholds of taps that see no renewals, of leases known from their REQUESTs, of laptops that wake, of closing connections. */
import { Connection, startedAt } from '../../../../samples/craft/index.ts';
import type { Expectation, Scenario, Script } from '../../../../samples/craft/index.ts';
import { CLEAR, STRONG, SUGGESTIVE, UNDECIDED, threshold } from './expectations.ts';
import { LEASED_2, Lan } from './lan.ts';
import { overuse } from './overuse.ts';

/** Clients that renew once, never again and stay, among others that keep their leases' ends. */
function blindTap(staying: number, leaving: number): Script {
  const lan = new Lan();
  for (let number = 1; number <= staying + leaving; number += 1) {
    const client = lan.crowd(number);
    const address = `10.0.0.${100 + number}`;
    lan.dora(client, number, { address });
    if (number <= staying) {
      lan.renewed(client, number + 60.1, { address });
      lan.life(client, number + 4, number + 290, { address, everySeconds: 10 });
    } else {
      lan.life(client, number + 4, number + 30, { address, everySeconds: 25 });
    }
  }
  return lan.chatter(305);
}

const two = (expect: Expectation): Expectation => ({ ...expect, findings: 2 });

/** The tap is blind to renewals if several clients, and a good part of all, seem to overuse without asking. */
export const tapThresholds: readonly Scenario[] = [
  threshold('blindClients', '1', STRONG, () => blindTap(1, 1)),
  threshold('blindClients', '2', two(SUGGESTIVE), () => blindTap(2, 2)),
  threshold('blindFraction', '0.2', two(STRONG), () => blindTap(2, 8)),
  threshold('blindFraction', '0.22', two(SUGGESTIVE), () => blindTap(2, 7)),
];

interface NoAckFields {
  /** Broadcast REQUESTs, in seconds after T2 (106 s). */
  readonly rebinds?: readonly number[];
  readonly discovers?: number;
  /** Ping times after expiry. */
  readonly uses?: readonly number[];
}

/** P1 from 95 s on, with another client's unicast ACK at 100 s. */
function noAck(fields: NoAckFields): Script {
  const { lan } = overuse({
    doraAt: 0.994,
    rebinds: fields.rebinds ?? [0, 4],
    discovers: [0.5, 4.5, 12.5].slice(0, fields.discovers ?? 3),
    uses: (fields.uses ?? [19, 32, 45, 58, 71]).map((at) => ({ at, arp: false })),
  });
  lan.renewed(lan.crowd(9), 99.992, { address: '10.0.0.109', leaseSeconds: 86_400, tag: 'other' });
  return startedAt(lan.script, 95);
}

export const noAckThresholds: readonly Scenario[] = [
  threshold('noAck-attemptRequests', '1', UNDECIDED, () => noAck({ rebinds: [4] })),
  threshold('noAck-attemptRequests', '2', STRONG, () => noAck({})),
  threshold('noAckDiscovers', '1', UNDECIDED, () => noAck({ discovers: 1 })),
  threshold('noAckDiscovers', '2', STRONG, () => noAck({ discovers: 2 })),
  threshold('noAckFrames', '4', UNDECIDED, () => noAck({ uses: [19, 32, 45, 71] })),
  threshold('noAckFrames', '5', STRONG, () => noAck({ uses: [19, 32, 45, 58, 71] })),
  threshold('noAckSpanSeconds', '29.9', UNDECIDED, () => noAck({ uses: [19, 25, 30, 40, 48.9] })),
  threshold('noAckSpanSeconds', '30', STRONG, () => noAck({ uses: [19, 25, 30, 40, 49] })),
];

/**
 * The last frame before the silence is a DISCOVER at 121.5 s. Then three frames of use over 6 s, and a DISCOVER that
 * brings another address: excused as a resume, or the client's own admission.
 */
function wakes(silenceSeconds: number, dhcpAfterSeconds: number): Script {
  const { lan, client } = overuse({ doraAt: 0.994, discovers: [0.5], uses: [], quiet: true });
  const first = 121.5 + silenceSeconds;
  for (const after of [0, 3, 6]) lan.use(client, first + after, { arp: false });
  lan.dora(client, first + dhcpAfterSeconds, { address: LEASED_2, leaseSeconds: 3600, tag: 'fresh' });
  return lan.chatter(first + 60);
}

export const resumeThresholds: readonly Scenario[] = [
  threshold('resumeSilenceSeconds', '59.9', SUGGESTIVE, () => wakes(59.9, 20)),
  threshold('resumeSilenceSeconds', '60', CLEAR, () => wakes(60, 20)),
  threshold('resumeSilenceSeconds', '60.1', CLEAR, () => wakes(60.1, 20)),
  threshold('resumeDhcpSeconds', '29.9', CLEAR, () => wakes(70, 29.9)),
  threshold('resumeDhcpSeconds', '30', CLEAR, () => wakes(70, 30)),
  threshold('resumeDhcpSeconds', '30.1', SUGGESTIVE, () => wakes(70, 30.1)),
];

/** A connection begins to close at 135 s; the client acknowledges three times over 6 s, the last so long after. */
function closes(lastAfterSeconds: number): Script {
  const { lan, client } = overuse({ doraAt: 0.994, uses: [], quiet: true });
  const fields = { clientPort: 1055, serverPort: 139, clientIsn: 0x0009_1100, serverIsn: 0x00a1_7000 };
  const session = new Connection(client.host, lan.fileServer, fields);
  lan.script
    .at(60, () => session.syn())
    .at(60.0006, () => session.synAck())
    .at(60.0012, () => session.ack('client'))
    .at(135, () => session.fin('server'));
  for (const before of [6, 3, 0]) {
    lan.script.at(135 + lastAfterSeconds - before, () => session.ack('client'), { mark: 'tail' });
  }
  return lan.chatter(215);
}

/** All of the acknowledgements inside the tail, or all behind it. */
export const tailThresholds: readonly Scenario[] = [
  threshold('tailSeconds', '9.9', CLEAR, () => closes(9.9)),
  threshold('tailSeconds', '16.1', SUGGESTIVE, () => closes(16.1)),
];
