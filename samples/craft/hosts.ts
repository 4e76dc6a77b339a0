/**
 * Hosts that send frames. A host keeps its IP-ID counter, so that its frames look like one stack's: NT counts in the
 * byte order of an Intel machine (steps of 256 on the wire), Linux in network order.
 *
 *     const a = new Host({ mac: '00:a0:c9:00:00:05', ip: '10.0.0.5', ttl: 128, ipIdStyle: 'swapped' });
 *     a.arpRequest('10.0.0.1')  a.arpReply(peer)  a.announce()  a.probe('10.0.0.9')
 *     a.ping(peer, 7)  a.pong(peer, 7)  a.udp(peer, 137, 137, payload)  a.tcp(peer, { … })  a.unreachable(peer, 1, frame)
 *     client.dhcpClient(DHCP_TYPE.request, { xid, … })       server.dhcpServer(DHCP_TYPE.ack, { xid, … })
 *
 * Every method returns the bytes of one untagged Ethernet frame.
 */
import { ascii, concat, filler, u16, u32, u8 } from './bytes.ts';
import type { Ipv4, Mac } from './bytes.ts';
import { DHCP_OPTION, dhcp } from './dhcp.ts';
import type { DhcpFields, DhcpOption } from './dhcp.ts';
import { BROADCAST_MAC, ETHERTYPE, PROTOCOL, ZERO_MAC } from './frames.ts';
import { arp, ethernet, icmp, icmpError, ipv4, tcp, udp } from './frames.ts';
import type { Ipv4Fields, TcpFields } from './frames.ts';

/** Where a frame goes: an address and the MAC it is sent to. */
export interface Station {
  readonly mac: Mac;
  readonly ip: Ipv4;
}

/** Everybody: limited broadcast. */
export const EVERYBODY: Station = { mac: BROADCAST_MAC, ip: '255.255.255.255' };

export interface HostFields {
  readonly mac: Mac;
  readonly ip: Ipv4;
  /** Initial TTL: 128 Windows, 64 Linux, 32 Windows 3.11 and 95. */
  readonly ttl?: number;
  readonly ipIdStyle?: 'swapped' | 'network';
  readonly firstIpId?: number;
}

/** Differences from the host's own values, for one frame. */
export interface Overrides {
  /** Ethernet source. */
  readonly sourceMac?: Mac;
  /** IPv4 source, ARP sender address. */
  readonly sourceIp?: Ipv4;
  readonly ttl?: number;
  readonly ipId?: number;
}

export interface DhcpClientFields {
  readonly xid: number;
  readonly secs?: number;
  readonly ciaddr?: Ipv4;
  readonly requestedAddress?: Ipv4;
  readonly serverIdentifier?: Ipv4;
  readonly clientId?: Uint8Array;
  readonly hostName?: string;
  readonly parameters?: readonly number[];
  readonly broadcastFlag?: boolean;
  /** Put behind the others. */
  readonly options?: readonly DhcpOption[];
  /** Unicast to this server; broadcast where absent. */
  readonly to?: Station;
  /** Where it differs from the sender's MAC. */
  readonly chaddr?: Mac;
  readonly htype?: number;
}

export interface DhcpServerFields extends Omit<DhcpFields, 'operation' | 'options'> {
  readonly leaseSeconds?: number;
  readonly t1Seconds?: number;
  readonly t2Seconds?: number;
  /** The sender's address where absent; null leaves option 54 out. */
  readonly serverIdentifier?: Ipv4 | null;
  readonly clientId?: Uint8Array;
  readonly subnetMask?: Ipv4;
  readonly router?: Ipv4;
  /** Put behind the others. */
  readonly options?: readonly DhcpOption[];
  /** `unicast` goes to `chaddr` and `yiaddr` (or `ciaddr`). */
  readonly to: 'unicast' | 'broadcast' | Station;
}

export class Host implements Station {
  readonly mac: Mac;
  /** A DHCP client's address changes. */
  ip: Ipv4;
  readonly ttl: number;
  readonly ipIdStyle: 'swapped' | 'network';
  #ipId: number;

  constructor(fields: HostFields) {
    this.mac = fields.mac;
    this.ip = fields.ip;
    this.ttl = fields.ttl ?? 64;
    this.ipIdStyle = fields.ipIdStyle ?? 'network';
    this.#ipId = fields.firstIpId ?? 0x1200;
  }

  /** Takes the next identification, in wire order. Never 0, which says "no identification" to a reader. */
  nextIpId(): number {
    this.#ipId = (this.#ipId + 1) & 0xffff || 1;
    return this.ipIdStyle === 'network' ? this.#ipId : ((this.#ipId & 0xff) << 8) | (this.#ipId >>> 8);
  }

  /** An IPv4 datagram of this host. */
  datagram(
    to: Ipv4,
    protocol: number,
    payload: Uint8Array,
    fields: Overrides &
      Omit<Partial<Ipv4Fields>, 'source' | 'destination' | 'protocol' | 'payload' | 'id'> = {},
  ): Uint8Array {
    return ipv4({
      ...fields,
      source: fields.sourceIp ?? this.ip,
      destination: to,
      protocol,
      payload,
      id: fields.ipId ?? this.nextIpId(),
      ttl: fields.ttl ?? this.ttl,
    });
  }

  /** A frame around a datagram. */
  ipFrame(to: Mac, datagram: Uint8Array, overrides: Overrides = {}): Uint8Array {
    return ethernet({
      destination: to,
      source: overrides.sourceMac ?? this.mac,
      type: ETHERTYPE.ipv4,
      payload: datagram,
    });
  }

  arpRequest(target: Ipv4, overrides: Overrides & { readonly to?: Mac } = {}): Uint8Array {
    return ethernet({
      destination: overrides.to ?? BROADCAST_MAC,
      source: overrides.sourceMac ?? this.mac,
      type: ETHERTYPE.arp,
      payload: arp({
        operation: 1,
        senderMac: this.mac,
        senderIp: overrides.sourceIp ?? this.ip,
        targetMac: ZERO_MAC,
        targetIp: target,
      }),
    });
  }

  /** `senderMac` is the host's own unless overridden, also where the Ethernet source is another. */
  arpReply(to: Station, overrides: Overrides & { readonly senderMac?: Mac } = {}): Uint8Array {
    return ethernet({
      destination: to.mac,
      source: overrides.sourceMac ?? this.mac,
      type: ETHERTYPE.arp,
      payload: arp({
        operation: 2,
        senderMac: overrides.senderMac ?? this.mac,
        senderIp: overrides.sourceIp ?? this.ip,
        targetMac: to.mac,
        targetIp: to.ip,
      }),
    });
  }

  /** Gratuitous ARP request (RFC 5227 announcement). `targetMac` FF as NT sends it (Q120599) where asked for. */
  announce(overrides: Overrides & { readonly senderMac?: Mac; readonly targetMac?: Mac } = {}): Uint8Array {
    const address = overrides.sourceIp ?? this.ip;
    return ethernet({
      destination: BROADCAST_MAC,
      source: overrides.sourceMac ?? this.mac,
      type: ETHERTYPE.arp,
      payload: arp({
        operation: 1,
        senderMac: overrides.senderMac ?? this.mac,
        senderIp: address,
        targetMac: overrides.targetMac ?? ZERO_MAC,
        targetIp: address,
      }),
    });
  }

  /** RFC 5227 probe: sender address 0. */
  probe(target: Ipv4): Uint8Array {
    return this.arpRequest(target, { sourceIp: '0.0.0.0' });
  }

  /** ICMP echo request; 32 bytes of data, as Windows sends. */
  ping(
    to: Station,
    sequence: number,
    overrides: Overrides & { readonly dataBytes?: number } = {},
  ): Uint8Array {
    const message = icmp(8, 0, 0x02000000 + sequence, filler(overrides.dataBytes ?? 32));
    return this.#icmpFrame(to, message, overrides);
  }

  /** ICMP echo reply to `ping` with the same sequence and size. */
  pong(
    to: Station,
    sequence: number,
    overrides: Overrides & { readonly dataBytes?: number } = {},
  ): Uint8Array {
    const message = icmp(0, 0, 0x02000000 + sequence, filler(overrides.dataBytes ?? 32));
    return this.#icmpFrame(to, message, overrides);
  }

  #icmpFrame(to: Station, message: Uint8Array, overrides: Overrides): Uint8Array {
    const datagram = this.datagram(to.ip, PROTOCOL.icmp, message, overrides);
    return this.ipFrame(to.mac, datagram, overrides);
  }

  /** ICMP destination unreachable about a frame this host saw. */
  unreachable(to: Station, code: number, frame: Uint8Array): Uint8Array {
    return this.#icmpFrame(to, icmpError(3, code, frame.subarray(14)), {});
  }

  udp(
    to: Station,
    sourcePort: number,
    destinationPort: number,
    payload: Uint8Array,
    overrides: Overrides = {},
  ): Uint8Array {
    const source = overrides.sourceIp ?? this.ip;
    const datagram = udp({ source, destination: to.ip, sourcePort, destinationPort, payload });
    return this.ipFrame(to.mac, this.datagram(to.ip, PROTOCOL.udp, datagram, overrides), overrides);
  }

  tcp(to: Station, fields: Omit<TcpFields, 'source' | 'destination'>, overrides: Overrides = {}): Uint8Array {
    const segment = tcp({ source: overrides.sourceIp ?? this.ip, destination: to.ip, ...fields });
    const datagram = this.datagram(to.ip, PROTOCOL.tcp, segment, { ...overrides, dontFragment: true });
    return this.ipFrame(to.mac, datagram, overrides);
  }

  /** NetBIOS name query broadcast (RFC 1002 4.2.12), 15 letters at most. */
  nameQuery(name: string, transaction: number, broadcast: Ipv4, overrides: Overrides = {}): Uint8Array {
    const to = { mac: BROADCAST_MAC, ip: broadcast };
    return this.udp(to, 137, 137, nameQueryPayload(name, transaction), overrides);
  }

  /**
   * A message of a DHCP client. The IPv4 source is `ciaddr` (0.0.0.0 without); the destination is `to`, or everybody.
   * Options in order: 53, 61, 50, 54, 12, 55, then the others.
   */
  dhcpClient(type: number, fields: DhcpClientFields, overrides: Overrides = {}): Uint8Array {
    const options: DhcpOption[] = [DHCP_OPTION.messageType(type)];
    if (fields.clientId) options.push(DHCP_OPTION.clientIdentifier(fields.clientId));
    if (fields.requestedAddress) options.push(DHCP_OPTION.requestedAddress(fields.requestedAddress));
    if (fields.serverIdentifier) options.push(DHCP_OPTION.serverIdentifier(fields.serverIdentifier));
    if (fields.hostName) options.push(DHCP_OPTION.hostName(fields.hostName));
    if (fields.parameters) options.push(DHCP_OPTION.parameterRequestList(fields.parameters));
    options.push(...(fields.options ?? []));
    const payload = dhcp({
      operation: 1,
      xid: fields.xid,
      secs: fields.secs ?? 0,
      broadcastFlag: fields.broadcastFlag ?? false,
      ciaddr: fields.ciaddr ?? '0.0.0.0',
      chaddr: fields.chaddr ?? this.mac,
      htype: fields.htype ?? 1,
      options,
    });
    const sourceIp = overrides.sourceIp ?? fields.ciaddr ?? '0.0.0.0';
    return this.udp(fields.to ?? EVERYBODY, 68, 67, payload, { ...overrides, sourceIp });
  }

  /** A message of a DHCP server. Options in order: 53, 58, 59, 51, 54, 1, 3, 61, then the others. */
  dhcpServer(type: number, fields: DhcpServerFields, overrides: Overrides = {}): Uint8Array {
    const {
      leaseSeconds,
      t1Seconds,
      t2Seconds,
      serverIdentifier,
      clientId,
      subnetMask,
      router,
      to,
      ...rest
    } = fields;
    const options: DhcpOption[] = [DHCP_OPTION.messageType(type)];
    if (t1Seconds !== undefined) options.push(DHCP_OPTION.renewalTime(t1Seconds));
    if (t2Seconds !== undefined) options.push(DHCP_OPTION.rebindingTime(t2Seconds));
    if (leaseSeconds !== undefined) options.push(DHCP_OPTION.leaseTime(leaseSeconds));
    if (serverIdentifier !== null) options.push(DHCP_OPTION.serverIdentifier(serverIdentifier ?? this.ip));
    if (subnetMask) options.push(DHCP_OPTION.subnetMask(subnetMask));
    if (router) options.push(DHCP_OPTION.router(router));
    if (clientId) options.push(DHCP_OPTION.clientIdentifier(clientId));
    options.push(...(fields.options ?? []));
    const payload = dhcp({ ...rest, operation: 2, options });
    const relayed = fields.giaddr !== undefined && typeof to !== 'string';
    const unicast: Station = { mac: fields.chaddr, ip: fields.yiaddr ?? fields.ciaddr ?? '255.255.255.255' };
    const station = typeof to === 'string' ? (to === 'unicast' ? unicast : EVERYBODY) : to;
    return this.udp(station, 67, relayed ? 67 : 68, payload, overrides);
  }
}

function nameQueryPayload(name: string, transaction: number): Uint8Array {
  const padded = name.toUpperCase().padEnd(15, ' ') + '\u0000';
  // First-level encoding: each half byte as a letter from A on (RFC 1001 14.1).
  const letters = ascii(padded);
  const encoded = Uint8Array.from({ length: 32 }, (_, index) => {
    const letter = letters[index >> 1] ?? 0;
    return 0x41 + (index % 2 === 0 ? letter >>> 4 : letter & 15);
  });
  // Flags 0110: recursion desired, broadcast; one question of type NB, class IN.
  return concat(
    u16(transaction),
    u16(0x0110),
    u16(1),
    u16(0),
    u32(0),
    u8(32),
    encoded,
    u8(0),
    u16(32),
    u16(1),
  );
}
