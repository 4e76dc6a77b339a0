/** What surrounds an attempt on a reused tuple or a series, near the border between a fault and none. */
import { Host, Random, Script, ipv4Bytes } from '../../../../samples/craft/index.ts';
import type { Scenario, TimedFrame } from '../../../../samples/craft/index.ts';
import { DEFINITIVE, DELAYED, REUSE_FRAMES, SUGGESTIVE, citing, fault, lookAlike } from './expectations.ts';
import { Flow, Lan, NT_STACK, linuxEnd, ntEnd } from './lan.ts';
import { silence } from './positives.ts';
import { reuse } from './reuse.ts';
import type { Ending } from './lan.ts';
import type { Reuse } from './reuse.ts';

const UNSEEN = citing(SUGGESTIVE, [...REUSE_FRAMES, 'clientRst', 'retransmit']);

/** P1 without its end, with an address that is judged in any case. */
function attempt(fields: Parameters<typeof reuse>[0] = {}): Reuse {
  return reuse(fields).tries('oldAck').fresh(59.5, 62, 75).witness();
}

function changed(script: Script, change: (frame: TimedFrame) => TimedFrame | null): Script {
  const frames = script.timeline().map(change);
  return Script.recorded(
    script.interfaces,
    frames.filter((frame) => frame !== null),
  );
}

/** The recorder was stopped for two hours after the attempt. */
function pausedLater(): Script {
  return attempt().fresh(7300, 7303).end(100);
}

/** The recorder's clock goes back by 90 s, long after the attempt. */
function steppedLater(): Script {
  return changed(attempt().end(140), (frame) =>
    frame.nanos > 100e9 ? { ...frame, nanos: frame.nanos - 90e9 } : frame,
  );
}

/** The client was started again after the old connection, and begins its ports and numbers anew. */
function rebooted(): Script {
  const base = attempt();
  base.lan.send(50, () => base.old.fields.client.host.announce());
  return base.end(100);
}

/** The second SYN was accepted, but the recorder lost the SYN/ACK. */
function synAckLost(): Script {
  const base = reuse()
    .tries('oldAck', { syns: [0, 3], answered: 1 })
    .fresh(59.5, 75)
    .witness();
  const { lan, renewed } = base;
  lan.send(base.at + 3.001, (at) => renewed.ack(at, 'client'));
  for (let second = 4; second < 14; second += 1) {
    lan.send(base.at + second, (at) => renewed.data(at, 'client', 100));
    lan.send(base.at + second + 0.02, (at) => renewed.data(at, 'server', 100));
  }
  return base.end(100);
}

/** Old acknowledgments of a connection that did not end in the responder's TIME-WAIT; a firewall drops the resets. */
function otherwiseClosed(ending: Ending): Script {
  return attempt({ ending }).end(100);
}

/** The server never closes its side, and a gate fails. */
function closeWait(): Script {
  const host = new Host({ mac: '00:60:97:11:22:33', ip: '10.0.0.5', ttl: 64, ipIdStyle: 'swapped' });
  const base = attempt({ client: { host, stack: NT_STACK } });
  return changed(base.end(100), (frame) => (frame.mark === 'firstFin' ? null : frame));
}

/** P2, and much later a SYN of another host that nobody answers. */
function unansweredLater(): Script {
  const base = reuse({ serverPort: 443, reuseAt: 32 }).tries('silent').fresh(33, 47);
  const client = ntEnd('10.0.0.77', '00:60:97:11:22:77');
  const tuple = { client, server: base.lan.server, clientPort: 5000, serverPort: 443 };
  const late = new Flow({ ...tuple, clientIsn: 5, serverIsn: 6 });
  base.lan.send(130, (at) => late.syn(at)).send(133, (at) => late.syn(at));
  return base.end(140);
}

/**
 * A healthy NT server with modern clients, some of whose last ACKs are lost on the way: it sends their SYN/ACKs again three
 * seconds later, with the numbers of then.
 */
function synAcksAgain(perSecond: number): Script {
  const lan = new Lan();
  const random = new Random(4);
  const server = ntEnd('10.0.0.9', '00:60:97:99:99:99');
  const clients = [41, 42, 43].map((last) => linuxEnd(`10.0.0.${last}`, `00:25:90:0a:00:${last}`, last * 99));
  let serverIsn = 0x1000_0000;
  for (let count = 0; count < 30 * perSecond; count += 1) {
    const at = 1 + count / perSecond + random.between(0, 0.3 / perSecond);
    serverIsn += random.integer(900, 60_000);
    const client = clients[count % 3] ?? ntEnd();
    const ports = { clientPort: 20_000 + count, serverPort: 80 };
    const fields = { client, server, ...ports, clientIsn: lan.isn(), serverIsn };
    if (count < 60 || count % 20 !== 0) {
      lan.connection(at, fields);
      continue;
    }
    const flow = new Flow(fields);
    lan.send(at, (time) => flow.syn(time));
    for (const later of [0.0006, 3.0006]) lan.send(at + later, (time) => flow.synAck(time));
    lan.send(at + 3.001, (time) => flow.ack(time, 'client'));
  }
  return lan.end(40);
}

/** Both ends are one host, as on its loopback interface. */
function loopback(script: Script): Script {
  return changed(script, (frame) => {
    const bytes = new Uint8Array(frame.bytes);
    const isTcp = bytes[12] === 8 && bytes[13] === 0 && bytes[23] === 6;
    for (const at of isTcp ? [29, 33] : []) if (bytes[at] === 10) bytes[at] = 5;
    return { ...frame, bytes };
  });
}

/** P1, of which only what its opener sends was captured. */
function openerOnly(): Script {
  return changed(reuse().tries('oldAck').fresh(59.5, 75).end(100), (frame) => {
    const { bytes } = frame;
    const isToOpener = bytes[12] === 8 && bytes[13] === 0 && bytes[23] === 6 && bytes[33] === 5;
    return isToOpener ? null : frame;
  });
}

/** P1, but the recorder misses what the server sends to the opener after the old connection; and how many of its SYNs are answered. */
function answersUnseen(answered: number): Script {
  const base = reuse().tries('oldAck', { answered }).fresh(59.5, 75);
  return changed(base.end(100), (frame) => (frame.mark === 'oldAck' ? null : frame));
}

/** P2, but a router says after each SYN that it does not let it through. */
function prohibited(): Script {
  const script = silence([33, 47]);
  const router = new Host({ mac: '00:00:0c:11:22:33', ip: '10.0.0.254', ttl: 255 });
  const client = new Host({ mac: '00:00:0c:11:22:34', ip: '10.0.0.5' });
  for (const frame of script.timeline()) {
    const { bytes } = frame;
    const isSyn = bytes[23] === 6 && bytes[47] === 2 && bytes[29] === 5 && bytes[33] === 10;
    if (isSyn && frame.nanos > 30e9)
      script.at(frame.nanos / 1e9 + 0.001, router.unreachable(client, 13, bytes));
  }
  return script;
}

/** A recorder with a filter on the opener's address: nobody else is heard, by whom it could be told that nothing was missed. */
function openersOwn(base: Reuse): Script {
  const { server } = base.lan;
  const { client } = base.old.fields;
  // Each asks for the other while the attempt hangs.
  base.lan.arp(base.at + 2, server, client).arp(base.at + 5, client, server);
  const address = ipv4Bytes(client.host.ip);
  const isAt = (bytes: Uint8Array, at: number): boolean => address.every((byte, i) => bytes[at + i] === byte);
  return changed(base.end(100), (frame) => {
    const { bytes } = frame;
    const isArp = bytes[12] === 8 && bytes[13] === 6;
    const isOwn = isArp ? isAt(bytes, 28) || isAt(bytes, 38) : isAt(bytes, 26) || isAt(bytes, 30);
    return isOwn ? frame : null;
  });
}

export const review: readonly Scenario[] = [
  fault('R1', 'the capture pauses for two hours after the hang', DEFINITIVE, pausedLater),
  fault('R2', 'the clock goes back long after the hang', DEFINITIVE, steppedLater),
  fault('R3', 'a SYN without an answer, long after the silence', DEFINITIVE, unansweredLater),
  fault('R4', 'the SYN/ACK was not captured, the connection was', DELAYED, synAckLost),
  fault('R5', 'on the loopback interface', DEFINITIVE, () =>
    loopback(reuse().tries('oldAck').fresh(59.5, 75).end(100)),
  ),
  fault('R8', "only the opener's packets were captured", DELAYED, () => openersOwn(reuse().tries('oldAck'))),
  fault('R9', "only the opener's packets were captured, silence", SUGGESTIVE, () =>
    openersOwn(reuse().tries('silent')),
  ),
  fault('R10', 'the opener resets answers that were not captured', UNSEEN, () => answersUnseen(4)),
  fault('R11', 'one answer that was not captured, then silence', UNSEEN, () => answersUnseen(1)),
  lookAlike('RN1', 'the client was started after the old connection', rebooted),
  lookAlike('RN2', 'half-open, resets dropped on their way', () => otherwiseClosed('never')),
  lookAlike('RN3', 'reset before, resets dropped on their way', () => otherwiseClosed('reset')),
  lookAlike('RN4', 'the opener alone holds TIME-WAIT', () => otherwiseClosed('client')),
  lookAlike('RN5', 'the server never closed, other TTL', closeWait),
  lookAlike('RN5-other', 'acknowledgments of a later connection, of which nothing was captured', () => {
    const base = reuse();
    for (const at of [0, 3, 9, 21]) base.syn(at).oldAck(at + 0.0005, 'otherAck', base.R + 5000);
    return base.fresh(59.5, 75).witness().end(100);
  }),
  lookAlike('RN6', 'old acknowledgment to the second SYN, then nothing more', () =>
    reuse().syn(0).syn(3).oldAck(3.0005).fresh(59.5, 75).witness().end(100),
  ),
  ...[5, 20, 40].map((perSecond) =>
    lookAlike(`RN7-${perSecond}`, `SYN/ACKs sent again at ${perSecond} connections a second`, () =>
      synAcksAgain(perSecond),
    ),
  ),
  lookAlike('RN9', 'silence that a router explains: administratively prohibited', prohibited),
  lookAlike('RN10', 'cut behind the flags', () => reuse().tries('oldAck').fresh(59.5, 75).end(100), {
    expect: { verdict: 'inconclusive', findings: 0, notices: 0, undecided: ['cut'] },
    encoding: { container: 'pcap', snapLength: 48 },
  }),
  lookAlike('RN8', 'only what the opener sends', openerOnly, {
    expect: { verdict: 'inconclusive', findings: 0, notices: 0 },
  }),
];
