/** Reused 4-tuples, and SYNs without an answer, that are healthy or somebody else's fault (rules 1.6). */
import { Host, Script, TCP_FLAG, ipv4Bytes } from '../../../../samples/craft/index.ts';
import type { Scenario } from '../../../../samples/craft/index.ts';
import { NOTHING, lookAlike } from './expectations.ts';
import { Flow, LINUX_STACK, Lan, NT_STACK, UNSTAMPED_STACK } from './lan.ts';
import { WINDOWS_10_STACK, linuxEnd, ntEnd } from './lan.ts';
import type { End, Stack } from './lan.ts';
import { LAST_ACK, reuse } from './reuse.ts';
import { openAll, openings } from './series.ts';

/** A client with random numbers: whole 32 bits, as every stack does today (RFC 6528). */
function randomEnd(stack: Stack, ttl: number, stampBase = 9_000_000): End {
  const host = new Host({ mac: '00:1c:42:11:22:33', ip: '10.0.0.5', ttl, firstIpId: 0x3000 });
  return { host, stack, stampBase };
}

const OLD_ISN = 0xa100_0000;

/**
 * Ten connections of such a client, then one that the server closes at 38.2 s, and the same tuple with a lower number
 * at 58 s. `renewed` is the client then.
 */
function randomClient(
  end: End,
  back: number,
  again: (lan: Lan, flow: Flow, old: Flow) => void,
  renewed = end,
): Script {
  const lan = new Lan(17);
  lan.arp(0.2, end, lan.server);
  const list = Array.from({ length: 10 }, (_, index) => ({ at: 1 + index * 3.7, isn: lan.isn() }));
  openAll(lan, list, end);
  const tuple = { client: end, server: lan.server, clientPort: 1479, serverPort: 80 };
  const sizes = { sends: 700, receives: 300 };
  const old = lan.connection(38, { ...tuple, ...sizes, clientIsn: OLD_ISN, ending: 'server' });
  const clientIsn = OLD_ISN + 701 - back;
  again(lan, new Flow({ ...tuple, client: renewed, clientIsn, serverIsn: lan.isn() }), old);
  return lan.end(100);
}

function comesThrough(lan: Lan, flow: Flow, from: number): void {
  lan.send(from, (at) => flow.syn(at)).send(from + 0.0006, (at) => flow.synAck(at));
  lan.send(from + 0.0009, (at) => flow.ack(at, 'client'));
  lan.send(from + 0.003, (at) => flow.data(at, 'client', 150));
  lan
    .send(from + 0.02, (at) => flow.data(at, 'server', 700))
    .send(from + 0.2, (at) => flow.fin(at, 'server'));
  lan.send(from + 0.202, (at) => flow.fin(at, 'client')).send(from + 0.2024, (at) => flow.ack(at, 'server'));
}

/** Accepted at once, by a server that looks at timestamps or takes random numbers for what they are. */
function acceptedAtOnce(end: End): Script {
  return randomClient(end, 16_000_000, (lan, flow) => comesThrough(lan, flow, 58));
}

/** Old acknowledgment and reset, and the same SYN again: accepted after a second, or met in the same way. */
function challenged(end: End, outcome: 'accepted' | 'hangs', renewed = end): Script {
  const again = (lan: Lan, flow: Flow, old: Flow): void => {
    const acknowledgment = OLD_ISN + 702;
    const oldAck = { flags: TCP_FLAG.ack, sequence: old.fields.serverIsn + 302, acknowledgment };
    for (const at of outcome === 'accepted' ? [58] : [58, 59, 61, 65]) {
      lan.send(at, (time) => flow.syn(time));
      lan.send(at + 0.0005, (time) => flow.segment(time, 'server', oldAck));
      lan.send(at + 0.0008, (time) => flow.rst(time, 'client', acknowledgment));
    }
    if (outcome === 'accepted') comesThrough(lan, flow, 59);
    lan.fresh(60, 80).fresh(64, 80);
  };
  return randomClient(end, 30_000_000, again, renewed);
}

/**
 * Two hosts of rising numbers behind a NAT that keeps ports, far from each other or not; the second takes the port of the first.
 * `times`: when the second opens other connections.
 */
function anothersPort(back: number, idsApart: number, times: readonly number[]): Script {
  const second = ntEnd(undefined, undefined, (0x1200 + idsApart) & 0xffff);
  const base = reuse({ back, renewed: second });
  const steps = times.slice(1).map((_, at) => 9_000 + 1_700 * at);
  const first = base.R - 1 - back - 12_000 - steps.reduce((sum, step) => sum + step, 0);
  openAll(base.lan, openings(steps, times, first), second);
  return base.tries('oldAck').fresh(59.5, 75).end(100);
}

/** A SYN above the old connection is lost, and accepted when it comes again; so is one of a fresh connection. */
function synLost(): Script {
  const base = reuse({ back: -90_000 });
  const { client } = base.old.fields;
  openAll(base.lan, openings([21_000, 7_700, 48_000], [24, 28, 33, 37], base.R + 400), client);
  const late = new Flow({
    ...base.old.fields,
    clientPort: 1090,
    clientIsn: base.R + 120_400,
    serverIsn: base.lan.isn(),
  });
  for (const at of [70, 73, 79]) base.lan.send(at, (time) => late.syn(time));
  base.lan.send(79.0006, (at) => late.synAck(at)).send(79.0009, (at) => late.ack(at, 'client'));
  return base.syn(0).syn(3).accepted(3.0006).fresh(59.5, 75).end(100);
}

/** The client lost its power: no FIN. The server's acknowledgment shows it, and the next SYN is accepted. */
function halfOpen(): Script {
  return reuse({ ending: 'never' })
    .tries('oldAck', { syns: [0] })
    .syn(3)
    .accepted(3.0006)
    .fresh(59.5, 75)
    .witness()
    .end(100);
}

/** The same, but the resets do not come through to the server, which keeps its half. */
function halfOpenForLong(): Script {
  return reuse({ ending: 'never' })
    .tries('oldAck', { syns: [0, 3, 9] })
    .fresh(59.5, 75)
    .witness()
    .end(100);
}

/** The client reset its connection, and comes again with a lower number. */
function resetBefore(): Script {
  return reuse({ ending: 'reset' }).syn(0).accepted(0.0006).fresh(59.5, 75).witness().end(100);
}

/** Both FINs, then a reset that ends TIME-WAIT (RFC 1337). The later SYNs are lost for another reason. */
function resetAfterFins(): Script {
  const base = reuse();
  base.lan.send(20.9, (at) => base.old.rst(at, 'client'), 'reset');
  return base.tries('silent').fresh(59.5, 75).witness().end(100);
}

/** Only the client is in TIME-WAIT: the server has nothing it could compare the SYN with. */
function clientClosed(outcome: 'accepted' | 'silent'): Script {
  const base = reuse({ ending: 'client' }).fresh(59.5, 75).witness();
  return (outcome === 'accepted' ? base.syn(0).accepted(0.0006) : base.tries('silent')).end(100);
}

/** P1 and its silent form, 241 s after the last ACK. */
function afterTimeWait(answer: 'oldAck' | 'silent'): Script {
  const reuseAt = LAST_ACK + 241;
  const base = reuse({ reuseAt })
    .tries(answer)
    .fresh(reuseAt + 1.5, reuseAt + 17);
  return base.witness().end(300);
}

/** Nothing ever comes back through the firewall. One port is used twice, the second time with a lower number. */
function firewall(): Script {
  const lan = new Lan();
  const client = ntEnd();
  lan.arp(0.2, client, lan.server);
  const forward = [15_200, -17_000, 44_000, -12_345];
  for (const [index, opening] of openings(forward, [5, 30, 55, 80, 105]).entries()) {
    const clientPort = index === 3 ? 1062 : 1060 + index;
    const tuple = { client, server: lan.server, clientPort, serverPort: 139 };
    const flow = new Flow({ ...tuple, clientIsn: opening.isn, serverIsn: 0 });
    for (const seconds of [0, 3, 9, 21]) lan.send(opening.at + seconds, (time) => flow.syn(time));
  }
  return lan.witness().end(140);
}

/** The firewall drops the very first SYN, and those with a lower number later; other clients come through. */
function firstDropped(): Script {
  return reuse({ ending: 'lost' }).tries('silent').fresh(59.5, 75).witness().end(100);
}

/** An acknowledgment crosses the SYN: sent before it, or not with R. The SYN was lost behind the recorder. */
function crossing(when: 'before' | 'after'): Script {
  const base = reuse();
  if (when === 'before') base.oldAck(-0.0003, 'keepAlive').syn(0);
  else
    base
      .syn(0)
      .oldAck(0.0004, 'keepAlive', base.R - 201)
      .clientRst(0.0006, base.R - 201);
  return base.syn(3).accepted(3.0006).fresh(59.5, 75).witness().end(100);
}

/** The accept queue is full: the server takes a connection now and then and drops the other SYNs, whoever sends them. */
function queueFull(): Script {
  const base = reuse({ serverPort: 80 }).tries('silent');
  const { lan } = base;
  for (const [index, ip] of ['10.0.0.23', '10.0.0.24'].entries()) {
    const client = linuxEnd(ip, `00:25:90:0a:00:2${index + 3}`, 0x7700);
    const tuple = { client, server: lan.server, serverPort: 80 };
    const dropped = new Flow({ ...tuple, clientPort: 50_100, clientIsn: lan.isn(), serverIsn: 0 });
    for (const seconds of [0, 1, 3, 7]) lan.send(59 + index * 4 + seconds, (at) => dropped.syn(at));
    const established = { ...tuple, clientPort: 50_000, clientIsn: lan.isn(), ending: 'never' } as const;
    const flow = lan.connection(10 + index, established);
    for (let at = 15 + index; at < 90; at += 5) {
      lan.send(at, (time) => flow.data(time, 'client', 90));
      lan.send(at + 0.01, (time) => flow.data(time, 'server', 600));
      lan.send(at + 0.05, (time) => flow.ack(time, 'client'));
    }
  }
  return base.fresh(60.5, 75).witness().end(100);
}

/** A health check that always comes from one port, 2·10⁸ below its last number; the server closes. */
function healthCheck(): Script {
  return reuse({ steps: [], back: 200_000_000 })
    .tries('oldAck', { syns: [0, 1], answered: 1 })
    .accepted(1.0006)
    .fresh(59.5, 75)
    .end(100);
}

/** The file holds what the client sends, and nothing of the server. */
function oneDirection(): Script {
  const script = reuse({ serverPort: 443 }).tries('silent').end(100);
  const server = ipv4Bytes('10.0.0.10');
  const frames = script
    .timeline()
    .filter(({ bytes }) => server.some((byte, index) => bytes[26 + index] !== byte));
  return Script.recorded(script.interfaces, frames);
}

/** The listener is away for a while, and resets everybody. */
function listenerAway(): Script {
  const base = reuse()
    .tries('refusal', { syns: [0, 0.5, 1] })
    .fresh(50, 70)
    .witness();
  base.lan.fresh(58.2, base.serverPort, 'refused').fresh(59.2, base.serverPort, 'refused');
  return base.end(100);
}

export const reuseLookAlikes: readonly Scenario[] = [
  lookAlike('N3', 'random numbers, growing timestamps: accepted at once', () =>
    acceptedAtOnce(randomEnd(LINUX_STACK, 64)),
  ),
  lookAlike('N4', 'random numbers without timestamps: accepted at once', () =>
    acceptedAtOnce(randomEnd(UNSTAMPED_STACK, 64)),
  ),
  lookAlike('N4-nt', "NT's number is lower and accepted all the same", () =>
    reuse().syn(0).accepted(0.0006).fresh(59.5, 75).end(100),
  ),
  lookAlike('N7', 'SYNs lost and sent again, the reused tuple with a higher number', synLost),
  lookAlike('N8', 'half-open connection recovers', halfOpen),
  lookAlike('N8-long', 'half-open connection that does not recover', halfOpenForLong),
  lookAlike('N9', 'the old connection was reset', resetBefore),
  lookAlike('N9-after-fins', 'the old connection was reset after its FINs', resetAfterFins),
  lookAlike('N10', 'the client closed first', () => clientClosed('accepted')),
  lookAlike('N10-silent', 'the client closed first, its new SYNs are lost', () => clientClosed('silent')),
  lookAlike('N11', 'reuse after 241 s', () => afterTimeWait('oldAck')),
  lookAlike('N11-silent', 'reuse after 241 s, unanswered', () => afterTimeWait('silent')),
  lookAlike('N17', 'a firewall drops every SYN from the start', firewall),
  lookAlike('N17-first', "the tuple's first SYN was dropped, too", firstDropped),
  lookAlike('N18', 'an acknowledgment with another number crosses the new SYN', () => crossing('after')),
  lookAlike('N18-before', 'the acknowledgment comes just before the new SYN', () => crossing('before')),
  lookAlike('N20', 'random numbers behind a port-preserving NAT: old acknowledgments, no success', () =>
    challenged(randomEnd(NT_STACK, 127), 'hangs'),
  ),
  lookAlike('N20-rising', 'two hosts of rising numbers behind a NAT, one port', () =>
    anothersPort(600_000, 0x5000, [2.5, 6, 12, 17]),
  ),
  lookAlike('N20-few', 'the second host has opened two others, and counts apart', () =>
    anothersPort(600_000, 0x5000, [2.5, 12]),
  ),
  lookAlike('N20-one-counter', 'the NAT numbers the packets of both', () =>
    anothersPort(40_000_000, 0, [2.5, 6, 12, 17]),
  ),
  lookAlike('N21', 'the accept queue is full', queueFull),
  lookAlike('N22', 'health check with a fixed source port', healthCheck),
  lookAlike('N24', 'Windows 10 reuses a tuple: old acknowledgment, reset, accepted', () =>
    challenged(randomEnd(WINDOWS_10_STACK, 128), 'accepted'),
  ),
  lookAlike('N24-hangs', 'Windows 10 reuses a tuple and does not come through', () =>
    challenged(randomEnd(WINDOWS_10_STACK, 128), 'hangs'),
  ),
  lookAlike('N25', 'NFS client: timestamps of another offset, old acknowledgment, reset, accepted', () => {
    const end = randomEnd(LINUX_STACK, 64);
    return challenged(end, 'accepted', { ...end, stampBase: 1_000 });
  }),
  lookAlike('N26', 'the listener is away and everybody is reset', listenerAway),
  lookAlike('N27', 'only what the client sends is in the file', oneDirection, { expect: NOTHING }),
];
