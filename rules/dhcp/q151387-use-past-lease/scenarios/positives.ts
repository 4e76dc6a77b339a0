/** P1 to P12: captures in which the fault is, at the tier named. */
import {
  DHCP_TYPE,
  ENCODINGS,
  ETHERTYPE,
  concat,
  ethernet,
  filler,
  ieee8023,
  llc,
  startedAt,
  u16,
  u32,
  u8,
  withGap,
} from '../../../../samples/craft/index.ts';
import type { Encoding, Expectation, Scenario, Script } from '../../../../samples/craft/index.ts';
import { DEFINITIVE, DUPLICATE, RULE, STRONG, SUGGESTIVE } from './expectations.ts';
import { LEASED, LEASED_2, Lan, MAC_A } from './lan.ts';
import { overuse, reassigned, unseen, usedLate } from './overuse.ts';

const FIRST_ORDER_PROOF = ['request', 'ack', 'attempt', 'discover', 'use'];

function positive(
  name: string,
  title: string,
  expect: Expectation,
  build: () => Script,
  encodings: readonly Encoding[],
): Scenario {
  return { name, title, rule: RULE, expect, build, encodings };
}

/** The client is NAKed off its first address by another server and overuses the second one it gets. */
function movedThenOverused(): Script {
  const lan = new Lan();
  const client = lan.client();
  lan.dora(client, 1, { tag: 'old' });
  lan.life(client, 6, 105, { mark: 'old-address' });
  for (const at of [61.02, 65, 73, 89]) lan.renew(client, at);
  const xid = lan.rebind(client, 106);
  lan.answer(106.01, lan.secondServer, client, 6, { xid, to: 'broadcast' }, 'nak');
  // After the NAK, and past what would have been expiry and grace of the old address.
  for (const at of [133, 134, 135]) lan.use(client, at, { arp: false, mark: 'old-address' });
  return overuse({ lan, client, doraAt: 108, address: LEASED_2, server: lan.secondServer }).lan.script;
}

/** P1 with a broadcast REQUEST in the client's first minute, as RFC 1541 clients check their address after a start. */
function rfc1541(): Script {
  const { lan, client } = overuse({ rfc1541: true });
  lan.rebind(client, 20, { rfc1541: true, mark: 'reboot-check' });
  return lan.script;
}

/** P1 from 95 s on: no ACK of the client, but another client's, unicast. */
function startedLate(): Script {
  const { lan } = overuse();
  const other = lan.crowd(9);
  lan.renewed(other, 99.992, { address: '10.0.0.109', leaseSeconds: 86_400, tag: 'other' });
  return startedAt(lan.script, 95);
}

/** P1 of a machine on which another program asks for parameters, under an identifier of its own. */
function informs(): Script {
  const { lan, client } = overuse();
  const program = { ...client, clientId: concat(u8(0), filler(8)) };
  lan.say(30, program, DHCP_TYPE.inform, { xid: lan.nextXid(), ciaddr: LEASED }, 'inform');
  return lan.script;
}

/** P1 after which the server comes back: a fresh DISCOVER … ACK says nothing against the overuse before. */
function recovered(): Script {
  const { lan, client } = overuse();
  lan.dora(client, 207, { tag: 'fresh', leaseSeconds: 3600 });
  return lan.script;
}

/** P1 with a loss of one packet that is located between T1 and the use. */
function dropsInside(): Script {
  const { lan } = overuse({ script: { interfaces: [{ name: 'lan0' }] } });
  lan.script.at(100.5, () => lan.router.arpRequest('10.0.0.1'), { dropsBefore: 1 });
  return lan.script;
}

/** What an ordinary switch port shows: broadcasts of everybody, unicast of nobody. */
function broadcastsOnly(): Script {
  const lan = new Lan();
  const client = lan.client({ wantsBroadcast: true });
  lan.dora(client, 1);
  lan.nameQuery(client, 1.3);
  for (let at = 6; at <= 116; at += 11)
    lan.use(client, at, { ping: false, answered: false, mark: 'in-lease' });
  for (const at of [106, 110]) lan.rebind(client, at);
  for (const at of [121.5, 125.5, 133.5, 149.5]) lan.discover(client, at);
  for (let at = 127; at <= 205; at += 13) {
    lan.use(client, at, { ping: false, answered: false });
    lan.nameQuery(client, at + 1.5, { mark: 'use' });
  }
  return lan.chatter(212);
}

/** A NetBEUI name query, and an IPv6 packet without anything after its header. */
const NETBEUI = ieee8023('03:00:00:00:00:01', MAC_A, llc(0xf0, 0xf0, 0x03, filler(44)));
const IPV6 = ethernet({
  destination: '33:33:00:00:00:01',
  source: MAC_A,
  type: ETHERTYPE.ipv6,
  payload: concat(u32(0x60000000), u16(0), u8(59), u8(255), filler(32)),
});

const drops = (fraction: number): Script =>
  overuse({ script: { interfaces: [{ name: 'lan0', drops: { fraction } }] } }).lan.script;

const late = (seconds: number): Script =>
  startedAt(
    reassigned({ discovers: [91.5], firstUses: [122, 126, 130, 134, 138, 142, 146] }).script,
    seconds,
  );

export const positives: readonly Scenario[] = [
  positive(
    'P1',
    'asks in vain, stays on the address for 84 s',
    { ...DEFINITIVE, cites: FIRST_ORDER_PROOF, judged: 1 },
    () => overuse().lan.script,
    [
      ENCODINGS.pcapNano,
      ENCODINGS.pcapBig,
      ENCODINGS.modified,
      ENCODINGS.pcapngBigNano,
      ENCODINGS.pcapngTwoSections,
      ENCODINGS.vlan,
      ENCODINGS.qinq,
    ],
  ),
  positive(
    'P1-recovered',
    'P1, then a new lease: the ceiling for missed renewals does not apply',
    { ...DEFINITIVE, cites: FIRST_ORDER_PROOF },
    recovered,
    [ENCODINGS.pcapng],
  ),
  positive(
    'P1-inform',
    'P1 with an INFORM under another client identifier',
    { ...DEFINITIVE, cites: FIRST_ORDER_PROOF },
    informs,
    [],
  ),
  positive(
    'P1-netbeui',
    'silent but for another protocol, so that it did not sleep',
    { ...DEFINITIVE, cites: FIRST_ORDER_PROOF },
    () => usedLate(NETBEUI),
    [ENCODINGS.vlan],
  ),
  positive(
    'P1-ipv6',
    'silent but for IPv6',
    { ...DEFINITIVE, cites: FIRST_ORDER_PROOF },
    () => usedLate(IPV6),
    [],
  ),
  positive(
    'P2',
    'the server leases the address to another client, both go on',
    { ...DUPLICATE, cites: ['request', 'ack', 'second-request', 'second-ack', 'first-use'] },
    () => reassigned().script,
    [ENCODINGS.pcapNano, ENCODINGS.vlan],
  ),
  {
    ...positive(
      'P3',
      'P1 with option overload: lease time and server identifier in the sname field',
      { ...DEFINITIVE, cites: FIRST_ORDER_PROOF },
      () => overuse({ overloads: true }).lan.script,
      [ENCODINGS.pcap],
    ),
    encoding: ENCODINGS.qinqBig,
  },
  positive(
    'P4',
    'P1 with the client identifier split over two options',
    { ...DEFINITIVE, cites: FIRST_ORDER_PROOF },
    () => overuse({ splitsClientId: true }).lan.script,
    [ENCODINGS.pcapBigNano],
  ),
  positive(
    'P5a',
    'NAKed off one address, overuses the next',
    { ...DEFINITIVE, cites: FIRST_ORDER_PROOF, omits: ['old-address'], judged: 2 },
    movedThenOverused,
    [ENCODINGS.modifiedBig],
  ),
  positive(
    'P6',
    'never asks at expiry, though the tap sees its renewals',
    { ...STRONG, cites: ['renewal', 'renewal-ack', 'use'], omits: ['in-lease'], judged: 1 },
    () => unseen().lan.script,
    [ENCODINGS.pcapngTwoSections],
  ),
  positive(
    'P7',
    'leased to another client, trace begun after the first lease',
    { ...STRONG, cites: ['attempt', 'second-ack', 'first-use'] },
    () => late(75),
    [ENCODINGS.pcapng],
  ),
  positive(
    'P8',
    'broadcasts alone are seen',
    { ...SUGGESTIVE, cites: ['ack', 'discover', 'use'] },
    broadcastsOnly,
    [ENCODINGS.sll2, ENCODINGS.sll],
  ),
  positive(
    'P9',
    'P1 with 40 s missing between T1 and expiry',
    { ...SUGGESTIVE, cites: ['ack', 'use'] },
    () => withGap(overuse().lan.script, 66, 106),
    [ENCODINGS.pcapBig],
  ),
  {
    ...positive(
      'P10',
      'P1 with 0.5 % drops',
      { ...STRONG, cites: FIRST_ORDER_PROOF },
      () => drops(0.005),
      [],
    ),
    encoding: ENCODINGS.pcapng,
  },
  {
    ...positive('P10b', 'P1 with 5 % drops', { ...SUGGESTIVE, cites: ['ack', 'use'] }, () => drops(0.05), []),
    encoding: ENCODINGS.pcapng,
  },
  {
    ...positive(
      'P10c',
      'P1 with one drop inside the time in which nothing was answered',
      { ...SUGGESTIVE, cites: ['ack', 'use'] },
      dropsInside,
      [],
    ),
    encoding: ENCODINGS.pcapng,
  },
  positive(
    'P11',
    'P1 from 95 s on: the lease itself is not in the capture',
    { ...STRONG, cites: ['attempt', 'discover', 'use'] },
    startedLate,
    [ENCODINGS.pcapNano],
  ),
  positive(
    'P12',
    'P1 from an RFC 1541 client',
    { ...DEFINITIVE, cites: FIRST_ORDER_PROOF, omits: ['reboot-check'] },
    rfc1541,
    [ENCODINGS.vlan],
  ),
];
