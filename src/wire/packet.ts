/**
 * The one packet view: where the layers of the current packet stand in the reader's window. It is filled
 * anew for every packet and holds nothing of the last one that the kind of the new one does not define.
 *
 * Offsets are absolute in `view`. Two ends are kept apart: `end` is how far bytes were captured, and each
 * length field is checked against it before anything behind it is read.
 */

/** What a packet is, to the extent that anything depends on it. Kinds from `KIND_IPV4` on have an IPv4 header. */
export const KIND_OTHER = 0;
export const KIND_UNKNOWN_LINK = 1;
export const KIND_TRUNCATED = 2;
export const KIND_MALFORMED = 3;
export const KIND_IPV6 = 4;
/** A layer-2 or layer-3 tunnel without an outer IPv4 header (PPPoE, MPLS); `network` is where its header begins. */
export const KIND_LINK_TUNNEL = 5;
export const KIND_ARP = 6;
export const KIND_RARP = 7;
/** NLB and WLBS heartbeats, ethertypes 886F and BF01. */
export const KIND_HEARTBEAT = 8;
/** PPP on a link of its own that is no IP: `network` is where its frame begins. */
export const KIND_PPP = 9;
export const KIND_IPV4 = 10;
/** A TCP segment without SYN, FIN or RST. */
export const KIND_TCP = 11;
export const KIND_TCP_CONTROL = 12;
export const KIND_UDP = 13;
export const KIND_ICMP = 14;
export const KIND_DHCP = 15;
/** A tunnel inside IPv4 (GRE, VXLAN, GENEVE, IP in IP, L2TP): its inside feeds no tracker of addresses. */
export const KIND_IPV4_TUNNEL = 16;
export const KIND_RADIUS = 17;
/** Remote control of a load-balancing cluster: UDP 2504, or 1717 of Convoy (Q198516, Q150543). */
export const KIND_CLUSTER_CONTROL = 18;
export const KINDS = 19;

/** Names of the kinds in reports, by kind number. */
export const KIND_NAMES: readonly string[] = [
  'other',
  'unknownLink',
  'truncated',
  'malformed',
  'ipv6',
  'linkTunnel',
  'arp',
  'rarp',
  'heartbeat',
  'ppp',
  'ipv4Other',
  'tcp',
  'tcpControl',
  'udp',
  'icmp',
  'dhcp',
  'ipv4Tunnel',
  'radius',
  'clusterControl',
];

export class Packet {
  // The record, written by the reader: these fields are those of the capture's record, so that nothing is copied.
  view: DataView = new DataView(new ArrayBuffer(0));
  /** First byte of the frame. */
  offset = 0;
  capturedLength = 0;
  originalLength = 0;
  /** 1-based in its file. */
  number = 0;
  file = 0;
  interface = 0;
  seconds = 0.5;
  nanos = 0;
  hasTime = true;
  /** Offset of the first byte in the decompressed stream. */
  fileOffset = 0.5;
  dropsBefore = 0;

  // The packet, written by the engine and the decoders.
  /** Past the last captured byte, frame check sequence excluded. */
  end = 0;
  /** Past the last byte the frame had on the wire; larger than `end` where it was cut. */
  wireEnd = 0;
  linkType = 0;
  /** Layer-2 domain, an index given by the engine. */
  domain = 0;
  /** Decimals of the capture's time stamps. */
  precision = 6;
  /** Seconds since the first packet of the analysis; what all trackers and rules count in. */
  time = 0.5;

  kind = 0;
  /** Source MAC address: upper 16 bits (or -1: there is none) and lower 32 bits as int32. */
  sourceHigh = -1;
  sourceLow = 0;
  /** Where the Ethernet header starts, or -1 (cooked and raw links have no destination MAC address). */
  ethernet = -1;
  /** Cooked links: the packet type field; -1 elsewhere. */
  cookedType = -1;
  /** Cooked links of version 2: the interface index; 0 elsewhere. */
  cookedInterface = 0;
  /** Number of VLAN tags but priority tags, and their identifiers packed 12 bits each, outermost first. */
  vlanDepth = 0;
  vlanHigh = 0;
  vlanLow = 0;
  etherType = 0;
  /** Start of the network header (ARP, IPv4). */
  network = 0;

  /** IPv4: source address, int32 in network order value. */
  ipSource = 0;
  protocol = 0;
  /** IPv4: start of the transport header. */
  transport = 0;
  /** IPv4: past the last byte of the datagram as the header claims; compare with `end` before reading. */
  ipEnd = 0;
  /** IPv4: true for a later fragment, which has no transport header. */
  laterFragment = false;

  constructor() {
    // Doubles from the start, so that optimised code keeps one representation of the field.
    this.seconds = 0;
    this.time = 0;
    this.fileOffset = 0;
  }

  /** IPv4 destination, int32. */
  get ipDestination(): number {
    return this.view.getInt32(this.network + 16);
  }

  get ttl(): number {
    return this.view.getUint8(this.network + 8);
  }

  /** IPv4 identification, 16 bits. */
  get ipId(): number {
    return this.view.getUint16(this.network + 4);
  }

  /** Destination MAC address, upper 16 bits, or -1 where the link has none. */
  get destinationHigh(): number {
    return this.ethernet < 0 ? -1 : this.view.getUint16(this.ethernet);
  }

  /** Destination MAC address, lower 32 bits as int32. */
  get destinationLow(): number {
    return this.ethernet < 0 ? 0 : this.view.getInt32(this.ethernet + 2);
  }

  /** True if the frame went to a group or to everybody, as far as the link says. */
  get isGroupDestination(): boolean {
    if (this.ethernet >= 0) return (this.view.getUint8(this.ethernet) & 1) === 1;
    return this.cookedType === 1 || this.cookedType === 2;
  }

  /** True if the frame went to a group that is not everybody, as far as the link says. */
  get isMulticastDestination(): boolean {
    if (this.ethernet < 0) return this.cookedType === 2;
    return this.isGroupDestination && (this.destinationLow !== -1 || this.destinationHigh !== 0xffff);
  }

  /** True if the frame went to one station, as far as the link says. */
  get isUnicastDestination(): boolean {
    if (this.ethernet >= 0) return (this.view.getUint8(this.ethernet) & 1) === 0;
    return this.cookedType === 0 || this.cookedType === 3;
  }
}
