/** Look-alikes of everyday life: an address that changes hands or adapters once, or is announced without any conflict. */
import { ENCODINGS, Host } from '../../../samples/craft/index.ts';
import type { Mac, Scenario, Script } from '../../../samples/craft/index.ts';
import {
  EXPECT,
  GATEWAY,
  Segment,
  lookAlike,
  X,
  ntAnnounce,
  ntHost,
  ntPair,
  sentBy,
  unixHost,
} from './segment-scenarios.ts';

/** Hosts of RFC 5227 start one after another: three probes and two announcements each, no conflict. */
function startingHosts(): Script {
  const segment = new Segment();
  for (let index = 0; index < 5; index += 1) {
    const host = unixHost(`a4:5e:60:c1:10:0${index + 1}`, `10.0.0.${61 + index}`, 0x900 * (index + 1));
    segment
      .configures(5 + index * 9, host)
      .asks(14 + index * 9, host)
      .pings(host, 15 + index * 9, 155, 12);
  }
  return segment.end(160);
}

/** The lease of a host that left goes to another; it announces itself, or with `silently` just begins to ask. */
function reassigned(silently: boolean): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment().leases(2, owner).asks(4, owner).pings(owner, 5, 65, 6).leases(80, newcomer);
  if (!silently) segment.configures(80.2, newcomer);
  return segment.asks(90, newcomer).pings(newcomer, 91, 155, 6).end(160);
}

/** The address goes to another client and comes back, both times by a lease: the switches are explained, not announced. */
function reassignedBack(): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment().leases(2, owner).asks(4, owner).pings(owner, 5, 45, 6);
  segment.leases(60, newcomer).asks(62, newcomer).pings(newcomer, 63, 100, 6);
  return segment.leases(120, owner).asks(122, owner).pings(owner, 123, 175, 6).end(180);
}

/** A laptop with one reservation for both adapters goes from its dock to Wi-Fi and back. */
function docked(andBack: boolean): Script {
  const wired = ntHost('00:50:b6:51:00:0a');
  const wireless = ntHost('a4:c4:94:52:00:0b', X, 0x9800);
  const segment = new Segment()
    .leases(2, wired)
    .configures(2.2, wired, 'announcement')
    .asks(12, wired)
    .pings(wired, 13, 68, 6);
  segment.leases(75, wireless).configures(75.2, wireless, 'announcement').asks(84, wireless);
  segment.pings(wireless, 85, andBack ? 115 : 155, 6);
  if (andBack)
    segment
      .leases(120, wired)
      .configures(120.2, wired, 'announcement')
      .asks(130, wired)
      .pings(wired, 131, 170, 6);
  return segment.end(175);
}

/** A phone roams between access points: the new one announces it by an LLC XID frame, the phone itself by ARP. */
function roaming(): Script {
  const phone = unixHost('a4:5e:60:c1:20:07');
  const segment = new Segment().leases(2, phone).configures(2.2, phone).pings(phone, 14, 154, 5);
  for (const at of [60, 95, 130]) {
    // IEEE 802.11F layer-2 update: null destination and source service access points, XID response 81 01 02.
    const update = Uint8Array.of(0x00, 0x01, 0xaf, 0x81, 0x01, 0x02);
    segment.send(at, () => {
      const frame = new Uint8Array(60);
      frame.fill(0xff, 0, 6);
      frame.set([0xa4, 0x5e, 0x60, 0xc1, 0x20, 0x07, 0, update.length], 6);
      frame.set(update, 14);
      return frame;
    });
    segment.send(at + 0.3, () => phone.arpRequest(GATEWAY)).send(at + 0.5, () => phone.announce());
  }
  return segment.end(160);
}

/** A repeater puts its own MAC on the stations behind it; a phone walks over to it. */
function repeater(): Script {
  const phone = unixHost('a4:5e:60:c1:20:07');
  const behind = unixHost('c0:25:e9:70:00:01', X, 0x7b00);
  const segment = new Segment().asks(5, phone).pings(phone, 6, 70, 6);
  return segment
    .send(80, () => behind.announce())
    .asks(85, behind)
    .pings(behind, 86, 155, 6)
    .end(160);
}

/** An access point sends a station's broadcasts back to it. */
function reflected(): Script {
  const phone = unixHost('a4:5e:60:c1:20:07');
  const segment = new Segment();
  for (const at of [10, 12, 70, 100]) {
    segment.send(at, () => phone.announce()).send(at + 0.012, () => phone.announce());
  }
  return segment.asks(14, phone).pings(phone, 15, 155, 7).end(160);
}

/** A container is replaced twice, each time with a new random MAC: the address never returns to an earlier one. */
function replacedContainers(): Script {
  const segment = new Segment();
  const macs: readonly Mac[] = ['3e:1c:00:45:8a:01', 'ba:77:3d:10:02:9c', '66:0d:91:e2:44:f3'];
  for (const [index, mac] of macs.entries()) {
    const container = unixHost(mac, X, 0x2000 + index * 0x3000);
    const from = 2 + index * 50;
    segment
      .send(from, () => container.announce())
      .asks(from + 1, container)
      .pings(container, from + 2, from + 44, 5);
  }
  return segment.end(155);
}

/** macvlan: three containers and their host on one adapter, each with address and MAC of its own. */
function macvlan(): Script {
  const segment = new Segment();
  for (const [index, mac] of [
    '00:25:90:31:07:a0',
    '02:42:0a:00:00:52',
    '02:42:0a:00:00:53',
    '7a:0b:11:c0:5d:54',
  ].entries()) {
    const host = unixHost(mac, `10.0.0.${51 + index}`, 0x1100 * (index + 1));
    segment
      .send(2 + index, () => host.announce())
      .asks(5 + index, host)
      .answers(40 + index, host)
      .pings(host, 9 + index, 155, 11);
  }
  return segment.end(160);
}

/** A switch that tracks devices probes them with sender address 0; a client takes that for a rival and declines. */
function deviceTracking(): Script {
  const tracker = new Host({ mac: '00:1d:70:aa:00:19', ip: '10.0.0.9' });
  const client = ntHost('00:23:ae:10:00:61', '10.0.0.61', 0x3300);
  const segment = new Segment().leases(70, client).send(70.2, () => client.probe(client.ip));
  segment.send(70.5, () => tracker.probe(client.ip)).declines(70.6, client, client.ip);
  const moved = ntHost(client.mac, '10.0.0.62', 0x3400);
  segment.leases(81, moved).configures(81.2, moved).pings(moved, 92, 155, 7);
  for (const at of [100, 130]) {
    segment
      .send(at, () => tracker.probe(moved.ip))
      .send(at + 0.001, () => moved.arpReply({ mac: tracker.mac, ip: '0.0.0.0' }));
  }
  return segment.end(160);
}

/** A printer announces itself at every waking and every minute, and answers. */
function wakingPrinter(): Script {
  const printer = unixHost('00:10:83:2a:90:0c');
  const segment = new Segment().sendEach([5, 5.5, 65, 125], () => printer.announce());
  return segment.answers(20, printer).answers(80, printer).answers(140, printer).end(160);
}

/** The gateway's hardware is replaced: a burst of announcements, the old one gone. */
function replacedRouter(): Script {
  const [old, fresh] = [
    unixHost('00:04:9a:10:00:03', GATEWAY),
    unixHost('00:1b:0c:77:00:05', GATEWAY, 0x6000),
  ] as const;
  const segment = new Segment().send(2, () => old.announce());
  for (let at = 5; at < 70; at += 10) segment.answers(at, old).pinged(old, at + 1, at + 1, 1);
  segment.sendEach([80, 80.5, 81, 82], () => fresh.announce());
  for (let at = 85; at < 150; at += 10) segment.answers(at, fresh).pinged(fresh, at + 1, at + 1, 1);
  return segment.end(160);
}

/** The owner answers a third host just after its successor announced itself, and is not heard again. */
function answerInFlight(): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment().asks(5, owner).pings(owner, 6, 72, 6);
  segment.send(79.99, () => segment.peer.arpRequest(X)).send(80, () => ntAnnounce(newcomer));
  segment.send(80.2, () => owner.arpReply(segment.peer));
  return segment.asks(90, newcomer).pings(newcomer, 91, 155, 6).end(160);
}

/** A probe is answered and the prober gives up without DHCP: nothing was claimed twice, nothing declined. */
function probeAnswered(): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment().asks(3, owner).pings(owner, 3.1, 153.1, 10);
  segment
    .send(80, () => newcomer.probe(X))
    .send(80.0004, () => owner.arpReply({ mac: newcomer.mac, ip: '0.0.0.0' }));
  return segment.end(160);
}

/** The owner defends by one announcement, as RFC 5227 2.4 (b) has it, and the newcomer gives way. */
function defendedByAnnouncement(): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment().asks(3, owner).pings(owner, 3.1, 153.1, 10);
  segment
    .send(80, () => ntAnnounce(newcomer), 'announcement')
    .send(80.3, () => ntAnnounce(owner), 'announcement');
  return segment.end(160);
}

/** An adapter's driver writes another member's MAC outside: the ARP body stays one host's. */
function otherSource(): Script {
  const host = unixHost('00:25:90:31:07:a0');
  const segment = new Segment().asks(5, host);
  for (let at = 20; at < 150; at += 20)
    segment.send(at, () => sentBy('00:25:90:31:07:a1', host.arpRequest(GATEWAY)));
  return segment.answers(30, host).answers(90, host).pings(host, 6, 155, 9).end(160);
}

const { notice } = EXPECT;

export const handOvers: readonly Scenario[] = [
  lookAlike('N-rfc5227', 'probes and announcements of hosts that start without conflict', startingHosts),
  lookAlike('N-dhcp', 'a lease goes to another client, which probes and announces', () => reassigned(false), {
    encodings: [ENCODINGS.qinq],
  }),
  lookAlike('N-dhcp-silent', 'a lease goes to another client, which announces nothing', () =>
    reassigned(true),
  ),
  lookAlike('N-dhcp-back', 'a lease goes to another client and back, nothing announced', reassignedBack),
  lookAlike('N-dock', 'a laptop leaves its dock; both adapters have one reservation', () => docked(false)),
  lookAlike('N-dock-back', 'a laptop leaves its dock and comes back', () => docked(true), {
    expect: { ...notice, cites: ['announcement'] },
  }),
  lookAlike('N-roaming', 'a phone roams between access points', roaming),
  lookAlike('N-repeater', 'a phone walks over to a repeater that puts its own MAC on it', repeater),
  lookAlike('N-reflected', 'an access point reflects a station’s announcements', reflected),
  lookAlike('N-containers', 'a container is replaced twice, always with a new MAC', replacedContainers),
  lookAlike('N-macvlan', 'macvlan containers beside their host', macvlan),
  lookAlike(
    'N-device-tracking',
    'a switch probes its hosts with sender address 0; one declines',
    deviceTracking,
  ),
  lookAlike('N-printer', 'a printer announces itself again and again', wakingPrinter),
  lookAlike('N-router', 'a gateway is replaced by another machine', replacedRouter),
  lookAlike('N-in-flight', 'the old owner’s last answer goes to a third host', answerInFlight),
  lookAlike('N-probe', 'a probe is answered and nothing declined', probeAnswered),
  lookAlike('N-announced-defence', 'the owner answers an announcement by its own', defendedByAnnouncement, {
    expect: { ...notice, cites: ['announcement'] },
  }),
  lookAlike('N-other-source', 'ARP requests under another adapter’s source, the body unchanged', otherSource),
];
