/**
 * Decoders of src/wire. The bytes are in a view that ends where the captured bytes end and begins where they begin, so that a read
 * outside of them throws. What is decoded must be the same whether the record was used before or is new, and lie inside the frame.
 */
import { linkBytes, ENCODINGS, type Random } from '../../samples/craft/index.ts';
import { ARP_OK, ArpFields, decodeArp, formatArp } from '../../src/wire/arp.ts';
import { DHCP_OK, DhcpMessage, formatDhcp } from '../../src/wire/dhcp.ts';
import { decodeGre, GRE_OK, GreHeader } from '../../src/wire/gre.ts';
import {
  clusterOf,
  decodeHeartbeat,
  formatHeartbeat,
  Heartbeat,
  HEARTBEAT_OK,
} from '../../src/wire/heartbeat.ts';
import { icmpCode, undeliveredHeader, undeliveredTcp } from '../../src/wire/icmp.ts';
import { decodeL2tp, L2TP_OK, L2tpMessage } from '../../src/wire/l2tp.ts';
import { decodePacket } from '../../src/wire/link.ts';
import {
  KIND_ARP,
  KIND_CLUSTER_CONTROL,
  KIND_DHCP,
  KIND_HEARTBEAT,
  KIND_ICMP,
  KIND_IPV4,
  KIND_LINK_TUNNEL,
  KIND_PPP,
  KIND_RADIUS,
  KIND_TCP,
  KIND_TCP_CONTROL,
  KIND_TRUNCATED,
  KIND_UDP,
  KINDS,
  Packet,
} from '../../src/wire/packet.ts';
import { AuthPacket, decodeAuth } from '../../src/wire/ppp-auth.ts';
import {
  ConfigureOption,
  decodeLcpOptions,
  findOption,
  LcpOptions,
  terminateCode,
} from '../../src/wire/ppp-options.ts';
import {
  ControlPacket,
  decodeControlPacket,
  decodePppFrame,
  formatControl,
  multilinkPayload,
  PPP_OK,
  PppFrame,
} from '../../src/wire/ppp.ts';
import { decodePppoe, PPPOE_OK, PppoeHeader } from '../../src/wire/pppoe.ts';
import { decodePptp, PPTP_OK, PptpMessage } from '../../src/wire/pptp.ts';
import { looksLikeRadius, RADIUS_OK, RadiusMessage } from '../../src/wire/radius.ts';
import { TcpOptions } from '../../src/wire/tcp-options.ts';
import {
  tcpAcknowledgment,
  tcpFlags,
  tcpOptionOrder,
  tcpPayloadLength,
  tcpPorts,
  tcpSequence,
} from '../../src/wire/tcp.ts';
import { havoc } from '../input/havoc.ts';
import type { Library } from '../input/library.ts';
import { must, type Seed, type Target } from './target.ts';

const LINKS: readonly number[] = [
  1, 0, 1, 9, 1, 12, 14, 1, 50, 51, 101, 1, 105, 108, 113, 1, 166, 204, 228, 229, 276,
];

/** An input of a decoder: link type, bytes cut off, then the frame. */
const HEAD_BYTES = 2;

interface Frame {
  readonly view: DataView;
  readonly linkType: number;
  /** Past the last captured byte; the frame begins at 0. */
  readonly end: number;
  readonly wireEnd: number;
}

function frameOf(bytes: Uint8Array): Frame {
  const [link = 0, cut = 0] = bytes;
  const whole = bytes.subarray(HEAD_BYTES);
  // Every other frame is whole, as most are.
  const missing = (cut & 1) === 0 ? 0 : cut >>> 1;
  const end = Math.max(0, whole.length - missing);
  return {
    // A copy, so that nothing stands before and behind it.
    view: new DataView(whole.slice(0, end).buffer),
    linkType: LINKS[link % LINKS.length] as number,
    end,
    wireEnd: whole.length,
  };
}

const packet = new Packet();

function decode({ view, linkType, end, wireEnd }: Frame, into: Packet = packet): Packet {
  into.view = view;
  into.offset = 0;
  into.capturedLength = end;
  into.originalLength = wireEnd;
  into.end = end;
  into.wireEnd = wireEnd;
  into.linkType = linkType;
  decodePacket(into);
  return into;
}

/** All that is defined of a packet of its kind. */
function toldOf(decoded: Packet): string {
  const { kind } = decoded;
  let told = `${kind} ${decoded.sourceHigh} ${decoded.vlanDepth} ${decoded.cookedInterface} ${decoded.cookedType}`;
  told += ` ${decoded.isGroupDestination} ${decoded.isUnicastDestination} ${decoded.ethernet}`;
  if (decoded.sourceHigh >= 0) told += ` ${decoded.sourceLow}`;
  if (decoded.vlanDepth > 0) told += ` ${decoded.vlanHigh} ${decoded.vlanLow}`;
  if (kind !== KIND_TRUNCATED) told += ` ${decoded.destinationHigh} ${decoded.destinationLow}`;
  if (kind < KIND_IPV4) return told;
  told += ` ${decoded.ipSource} ${decoded.ipDestination} ${decoded.ttl} ${decoded.ipId} ${decoded.protocol}`;
  told += ` ${decoded.ipEnd} ${decoded.laterFragment}`;
  if (kind !== KIND_TCP && kind !== KIND_TCP_CONTROL) return told;
  told += ` ${tcpFlags(decoded)} ${tcpPorts(decoded)} ${tcpSequence(decoded)} ${tcpAcknowledgment(decoded)}`;
  told += ` ${tcpPayloadLength(decoded)}`;
  return decoded.transport + 20 <= decoded.end ? `${told} ${tcpOptionOrder(decoded)}` : told;
}

const tcpOptions = new TcpOptions();

function runLink(bytes: Uint8Array): void {
  const frame = frameOf(bytes);
  const decoded = decode(frame);
  const { kind, end, transport, network } = decoded;
  must(kind >= 0 && kind < KINDS, 'the kind is one of the known ones');
  must(
    toldOf(decoded) === toldOf(decode(frame, new Packet())),
    'a packet is decoded as if it were the first',
  );
  if (kind >= KIND_IPV4) {
    must(network >= 0 && network + 20 <= end, 'an IPv4 header lies in what was captured');
    must(decoded.ipEnd >= network + 20, 'a datagram holds its header');
  }
  if (kind === KIND_TCP || kind === KIND_TCP_CONTROL) {
    must(tcpPayloadLength(decoded) >= 0, 'a payload has no negative length');
    if (transport + 20 <= end) tcpOptions.read(decoded);
  }
  if (kind === KIND_ICMP && transport + 2 <= end) {
    icmpCode(decoded);
    undeliveredHeader(decoded);
    undeliveredTcp(decoded);
  }
  const needsUdp =
    kind === KIND_UDP || kind === KIND_DHCP || kind === KIND_RADIUS || kind === KIND_CLUSTER_CONTROL;
  if (needsUdp) must(transport + 8 <= end, 'a UDP header lies in what was captured');
}

/** Runs a decoder into a used record and a new one; both must tell the same. */
function alike<Out>(used: Out, fresh: Out, fill: (out: Out) => boolean): void {
  const isUsedFine = fill(used);
  const isFreshFine = fill(fresh);
  must(isUsedFine === isFreshFine, 'a record that was used before gives another status');
  if (isUsedFine && !isSame(used, fresh))
    must(false, 'a record that was used before holds something of before');
}

function isSame(one: unknown, other: unknown): boolean {
  const left = one as Readonly<Record<string, unknown>>;
  const right = other as Readonly<Record<string, unknown>>;
  for (const name in left) {
    if (typeof left[name] !== 'object' && !Object.is(left[name], right[name])) return false;
  }
  return true;
}

const dhcp = new DhcpMessage();
const radius = new RadiusMessage();
const beat = new Heartbeat();
const arp = new ArpFields();
const l2tp = new L2tpMessage();
const gre = new GreHeader();
const pptp = new PptpMessage();
const pppoe = new PppoeHeader();
const pppFrame = new PppFrame();
const control = new ControlPacket();
const lcp = new LcpOptions();
const auth = new AuthPacket();
const option = new ConfigureOption();

function runDhcp(bytes: Uint8Array): void {
  const { view, end, wireEnd } = frameOf(bytes);
  alike(dhcp, new DhcpMessage(), (out) => out.decode(view, 0, end, wireEnd) === DHCP_OK);
  formatDhcp(dhcp);
  must(dhcp.hostName.length <= 512, 'a host name is bounded');
  must(dhcp.leaseSeconds === -1 || dhcp.leaseSeconds > 0, 'a lease lasts');
}

function runRadius(bytes: Uint8Array): void {
  const { view, end, wireEnd } = frameOf(bytes);
  looksLikeRadius(view, 0, end, wireEnd);
  alike(radius, new RadiusMessage(), (out) => out.decode(view, 0, end, wireEnd) === RADIUS_OK);
}

function runHeartbeat(bytes: Uint8Array): void {
  const { view, end, wireEnd } = frameOf(bytes);
  clusterOf(view, 0, end);
  alike(beat, new Heartbeat(), (out) => decodeHeartbeat(view, 0, end, wireEnd, out) === HEARTBEAT_OK);
  formatHeartbeat(beat);
  must(beat.codeCount >= 0 && beat.codeCount <= beat.codes.length, 'rule codes have their place');
}

function runArp(bytes: Uint8Array): void {
  const { view, end } = frameOf(bytes);
  alike(arp, new ArpFields(), (out) => decodeArp(view, 0, end, out) === ARP_OK);
  formatArp(arp);
}

function runL2tp(bytes: Uint8Array): void {
  const { view, end, wireEnd } = frameOf(bytes);
  alike(l2tp, new L2tpMessage(), (out) => decodeL2tp(view, 0, end, wireEnd, out) === L2TP_OK);
  if (decodeL2tp(view, 0, end, wireEnd, l2tp) === L2TP_OK)
    must(l2tp.payload <= l2tp.payloadEnd && l2tp.payloadEnd <= wireEnd, 'the payload lies in the datagram');
}

function runGre(bytes: Uint8Array): void {
  const { view, end, wireEnd } = frameOf(bytes);
  alike(gre, new GreHeader(), (out) => decodeGre(view, 0, end, wireEnd, out) === GRE_OK);
  if (decodeGre(view, 0, end, wireEnd, gre) === GRE_OK)
    must(gre.payload <= gre.payloadEnd && gre.payloadEnd <= wireEnd, 'the payload lies in the datagram');
}

function runPptp(bytes: Uint8Array): void {
  const { view, end } = frameOf(bytes);
  let at = 0;
  // As a stream of messages is walked.
  for (let messages = 0; at < end && messages < 64; messages += 1) {
    const from = at;
    alike(pptp, new PptpMessage(), (out) => decodePptp(view, from, end, out) === PPTP_OK);
    if (decodePptp(view, from, end, pptp) !== PPTP_OK) break;
    must(pptp.length > 0, 'a message has a length');
    at += pptp.length;
  }
}

function runPppoe(bytes: Uint8Array): void {
  const { view, end, wireEnd } = frameOf(bytes);
  alike(pppoe, new PppoeHeader(), (out) => decodePppoe(view, 0, end, wireEnd, out) === PPPOE_OK);
}

function runPpp(bytes: Uint8Array): void {
  const { view, end, wireEnd } = frameOf(bytes);
  alike(pppFrame, new PppFrame(), (out) => decodePppFrame(view, 0, end, wireEnd, out) === PPP_OK);
  if (decodePppFrame(view, 0, end, wireEnd, pppFrame) !== PPP_OK) return;
  const { protocol, information } = pppFrame;
  must(information <= Math.min(end, wireEnd), 'the information begins in the frame');
  multilinkPayload(view, information, end, false);
  multilinkPayload(view, information, end, true);
  alike(
    control,
    new ControlPacket(),
    (out) => decodeControlPacket(view, information, end, wireEnd, out) === PPP_OK,
  );
  if (decodeControlPacket(view, information, end, wireEnd, control) !== PPP_OK) return;
  must(control.data <= control.wireEnd && control.end <= end, 'a control packet lies in its frame');
  alike(lcp, new LcpOptions(), (out) => decodeLcpOptions(view, control, out) === PPP_OK);
  alike(auth, new AuthPacket(), (out) => decodeAuth(view, protocol, control, out) === PPP_OK);
  for (const wanted of [3, 18])
    alike(option, new ConfigureOption(), (out) => findOption(view, control, wanted, out) === PPP_OK);
  terminateCode(view, control);
  formatControl(protocol, control.code);
}

/** Bytes of a frame where a decoder of an inner protocol begins, by the kind of the packet and its ports. */
type Start = (decoded: Packet) => number;

const none: Start = () => 0;
const network =
  (kinds: readonly number[]): Start =>
  (decoded) =>
    kinds.includes(decoded.kind) ? decoded.network : -1;
const datagram: (kind: number) => Start = (wanted) => (decoded) =>
  decoded.kind === wanted ? decoded.transport + 8 : -1;

function behindIp(protocol: number, skip: number, port = -1): Start {
  return (decoded) => {
    if (decoded.kind < KIND_IPV4 || decoded.protocol !== protocol || decoded.laterFragment) return -1;
    const { view, transport, end } = decoded;
    if (transport + 4 > end) return -1;
    const isWanted = port < 0 || view.getUint16(transport) === port || view.getUint16(transport + 2) === port;
    return isWanted ? transport + skip : -1;
  };
}

function decoder(name: string, start: Start, run: (bytes: Uint8Array) => void): Target {
  return {
    name,
    extension: 'bin',
    isGuided: false,
    share: name === 'wire-link' ? 1 : 0.3,
    *seeds(library: Library): Iterable<Seed> {
      for (const { bytes, isOurs } of library.frames) {
        const from = start(decode(frameOf(withHead(bytes))));
        if (from >= 0 && from < bytes.length) yield { bytes: withHead(bytes.subarray(from)), isOurs };
      }
      if (name !== 'wire-link') return;
      for (const { bytes, isOurs } of library.frames.slice(0, 100)) {
        for (const [encoding, link] of [
          [ENCODINGS.sll, 113],
          [ENCODINGS.sll2, 276],
          [ENCODINGS.qinq, 1],
        ] as const) {
          const frame = {
            bytes,
            nanos: 0,
            interface: 0,
            vlans: [],
            mark: null,
            dropsBefore: 0,
            comment: null,
          };
          const cooked = linkBytes(frame, encoding);
          yield { bytes: withHead(cooked, LINKS.indexOf(link)), isOurs };
        }
        if (bytes.length > 14) yield { bytes: withHead(bytes.subarray(14), LINKS.indexOf(101)), isOurs };
      }
    },
    change(bytes: Uint8Array, random: Random, donor: Uint8Array): Uint8Array {
      const changed = havoc(bytes, random, donor, 3);
      if (changed.length >= HEAD_BYTES && random.chance(0.3)) changed[1] = random.integer(0, 255);
      return changed;
    },
    run,
  };
}

function withHead(frame: Uint8Array, link = 0): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + frame.length);
  bytes[0] = link;
  bytes.set(frame, HEAD_BYTES);
  return bytes;
}

/** A line each; the name, where its protocol begins in a frame, and how it is run. */
export const DECODERS: readonly Target[] = [
  decoder('wire-link', none, runLink),
  decoder('wire-arp', network([KIND_ARP]), runArp),
  decoder('wire-dhcp', datagram(KIND_DHCP), runDhcp),
  decoder('wire-radius', datagram(KIND_RADIUS), runRadius),
  decoder('wire-heartbeat', network([KIND_HEARTBEAT]), runHeartbeat),
  decoder('wire-gre', behindIp(47, 0), runGre),
  decoder('wire-l2tp', behindIp(17, 8, 1701), runL2tp),
  decoder('wire-pptp', behindIp(6, 20, 1723), runPptp),
  decoder('wire-pppoe', network([KIND_LINK_TUNNEL]), runPppoe),
  decoder('wire-ppp', (decoded) => (decoded.kind === KIND_PPP ? decoded.network : innerPpp(decoded)), runPpp),
];

/** A PPP frame inside PPPoE or L2TP. */
function innerPpp(decoded: Packet): number {
  if (decoded.kind === KIND_LINK_TUNNEL && decoded.etherType === 0x8864) return decoded.network + 6;
  const l2tpStart = behindIp(17, 16, 1701)(decoded);
  return l2tpStart;
}
