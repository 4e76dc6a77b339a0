/** The fields of every packet of a capture, as src/wire reads them and as tshark does, in one notation. */
import { ARP_OK, ArpFields, decodeArp } from '../../src/wire/arp.ts';
import { DHCP_CUT, DHCP_MALFORMED, DHCP_OK, DhcpMessage } from '../../src/wire/dhcp.ts';
import { decodeHeartbeat, Heartbeat, HEARTBEAT_OK } from '../../src/wire/heartbeat.ts';
import { formatIpv4, PROTOCOL_UDP } from '../../src/wire/ipv4.ts';
import { decodePacket, isExaminedLink } from '../../src/wire/link.ts';
import { formatMac, macNumber } from '../../src/wire/mac.ts';
import {
  KIND_ARP,
  KIND_CLUSTER_CONTROL,
  KIND_DHCP,
  KIND_HEARTBEAT,
  KIND_ICMP,
  KIND_IPV4,
  KIND_IPV4_TUNNEL,
  KIND_NAMES,
  KIND_RADIUS,
  KIND_RARP,
  KIND_TCP,
  KIND_TCP_CONTROL,
  KIND_UDP,
  type Packet,
} from '../../src/wire/packet.ts';
import { tcpAcknowledgment, tcpFlags, tcpPayloadLength, tcpPorts, tcpSequence } from '../../src/wire/tcp.ts';
import { formatVlanTags } from '../../src/wire/vlan.ts';
import { outputOf } from '../capture/corpus.ts';
import { forEachPacket } from './packets.ts';

/** op to chaddr: what is read of a message whose options are cut off. */
const DHCP_FIXED_BYTES = 44;

/** Fields by name; a field that is not there is unknown or absent. */
export type Fields = ReadonlyMap<string, string>;

export interface DecodedFrame {
  readonly number: number;
  /** Ours: the name of the packet's kind. tshark's: the outermost network layer, and for IPv4 what it carries. */
  readonly kind: string;
  readonly fields: Fields;
  /** tshark's only: what explains a difference and is not compared. */
  readonly facts: Fields;
}

const NO_FACTS: Fields = new Map();

/** Every packet of an examined link type; the others are left out. */
export async function readOurFields(file: string): Promise<DecodedFrame[]> {
  const frames: DecodedFrame[] = [];
  await forEachPacket(file, (packet) => {
    if (!isExaminedLink(packet.linkType)) return;
    const kind = decodePacket(packet);
    frames.push({
      number: packet.number,
      kind: KIND_NAMES[kind] ?? String(kind),
      fields: fieldsOf(packet, kind),
      facts: NO_FACTS,
    });
  });
  return frames;
}

function fieldsOf(packet: Packet, kind: number): Fields {
  const fields = new Map<string, string>();
  const setAddress = (name: string, address: number) => fields.set(name, formatIpv4(address));
  if (packet.sourceHigh >= 0) fields.set('source', formatMac(macNumber(packet.sourceHigh, packet.sourceLow)));
  if (packet.destinationHigh >= 0) {
    fields.set('destination', formatMac(macNumber(packet.destinationHigh, packet.destinationLow)));
  }
  if (packet.vlanDepth > 0) {
    fields.set('vlan', formatVlanTags(packet.vlanDepth, packet.vlanHigh, packet.vlanLow));
  }
  if (kind === KIND_ARP || kind === KIND_RARP) setArp(packet, fields);
  if (kind === KIND_HEARTBEAT) setHeartbeat(packet, fields);
  if (kind < KIND_IPV4) return fields;

  setAddress('ip.src', packet.ipSource);
  setAddress('ip.dst', packet.ipDestination);
  fields.set('ip.proto', String(packet.protocol));
  fields.set('ip.ttl', String(packet.ttl));
  fields.set('ip.id', String(packet.ipId));
  if (packet.laterFragment) fields.set('ip.laterFragment', 'true');
  if (kind === KIND_TCP || kind === KIND_TCP_CONTROL) {
    fields.set('tcp.flags', String(tcpFlags(packet)));
    fields.set('tcp.srcport', String(tcpPorts(packet) >>> 16));
    fields.set('tcp.dstport', String(tcpPorts(packet) & 0xffff));
    fields.set('tcp.seq', String(tcpSequence(packet) >>> 0));
    fields.set('tcp.ack', String(tcpAcknowledgment(packet) >>> 0));
    fields.set('tcp.len', String(tcpPayloadLength(packet)));
  }
  const hasUdp = kind === KIND_IPV4_TUNNEL && packet.protocol === PROTOCOL_UDP;
  const isUdp =
    kind === KIND_UDP ||
    kind === KIND_DHCP ||
    kind === KIND_RADIUS ||
    kind === KIND_CLUSTER_CONTROL ||
    hasUdp;
  if (isUdp) {
    fields.set('udp.srcport', String(packet.view.getUint16(packet.transport)));
    fields.set('udp.dstport', String(packet.view.getUint16(packet.transport + 2)));
  }
  if (kind === KIND_ICMP) fields.set('icmp.type', String(packet.view.getUint8(packet.transport)));
  if (kind === KIND_DHCP) setDhcp(packet, fields);
  return fields;
}

function setArp(packet: Packet, fields: Map<string, string>): void {
  const arp = new ArpFields();
  if (decodeArp(packet.view, packet.network, packet.end, arp) !== ARP_OK) return;
  fields.set('arp.opcode', String(arp.operation));
  fields.set('arp.sha', formatMac(arp.senderMac));
  fields.set('arp.spa', formatIpv4(arp.senderAddress));
  fields.set('arp.tha', formatMac(arp.targetMac));
  fields.set('arp.tpa', formatIpv4(arp.targetAddress));
}

/** Nothing of one that is cut before its rules, or contradicts itself. */
function setHeartbeat({ view, network, end, wireEnd }: Packet, fields: Map<string, string>): void {
  const beat = new Heartbeat();
  if (decodeHeartbeat(view, network, end, wireEnd, beat) !== HEARTBEAT_OK) return;
  fields.set('nlb.version', String(beat.version));
  fields.set('nlb.priority', String(beat.priority));
  fields.set('nlb.cluster', formatIpv4(beat.clusterAddress));
  fields.set('nlb.host', formatIpv4(beat.hostAddress));
  fields.set('nlb.ownId', String(beat.ownId));
  fields.set('nlb.defaultId', String(beat.defaultId));
  fields.set('nlb.state', String(beat.state));
  fields.set('nlb.ruleCount', String(beat.ruleCount));
  fields.set('nlb.hostCode', String(beat.hostCode >>> 0));
  fields.set('nlb.packets', String(beat.packetsHandled >>> 0));
  const codes = [...beat.codes.subarray(0, beat.codeCount)];
  if (codes.length > 0) fields.set('nlb.codes', codes.map((code) => code >>> 0).join());
}

function setDhcp(packet: Packet, fields: Map<string, string>): void {
  const message = new DhcpMessage();
  const { view, transport } = packet;
  const datagramEnd = transport + view.getUint16(transport + 4);
  const isFragment = (view.getUint8(packet.network + 6) & 0x20) !== 0;
  const wireEnd = isFragment ? datagramEnd : Math.min(packet.ipEnd, datagramEnd);
  const start = transport + 8;
  const end = Math.min(packet.end, packet.ipEnd, wireEnd);
  const status = message.decode(view, start, end, wireEnd);
  fields.set('dhcp.status', status === DHCP_OK ? 'ok' : status === DHCP_CUT ? 'cut' : 'malformed');
  // What is no BOOTP has no fields.
  const isUnread = status === DHCP_MALFORMED && message.xid === 0;
  if (end - start < DHCP_FIXED_BYTES || isUnread) return;
  const setAddress = (name: string, address: number) => {
    if (address !== 0) fields.set(name, formatIpv4(address));
  };
  const setNumber = (name: string, value: number, absent: number) => {
    if (value !== absent) fields.set(name, String(value));
  };
  fields.set('dhcp.op', String(message.operation));
  fields.set('dhcp.htype', String(message.hardwareType));
  fields.set('dhcp.xid', String(message.xid >>> 0));
  setAddress('dhcp.ciaddr', message.ciaddr);
  setAddress('dhcp.yiaddr', message.yiaddr);
  setAddress('dhcp.giaddr', message.giaddr);
  if (!Number.isNaN(message.chaddr)) fields.set('dhcp.chaddr', formatMac(message.chaddr));
  // The options of a cut message are unknown as a whole.
  if (status === DHCP_CUT) return;
  setNumber('dhcp.53', message.type, 0);
  setAddress('dhcp.50', message.requestedAddress);
  setAddress('dhcp.54', message.serverId);
  setNumber('dhcp.51', message.leaseSeconds, -1);
  setNumber('dhcp.58', message.t1Seconds, -1);
  setNumber('dhcp.59', message.t2Seconds, -1);
  if (message.clientId !== '') fields.set('dhcp.61', message.clientId);
  if (message.rapidCommit) fields.set('dhcp.80', 'true');
  if (message.ipv6Only) fields.set('dhcp.108', 'true');
}

/** tshark's names of the fields, by the order in which they are asked for. */
const TSHARK_FIELDS = [
  'frame.number',
  'frame.time_epoch',
  'frame.protocols',
  'eth.src',
  'eth.dst',
  'sll.src.eth',
  'vlan.id',
  'ieee8021ad.id',
  'arp.opcode',
  'arp.src.hw_mac',
  'arp.src.proto_ipv4',
  'arp.dst.hw_mac',
  'arp.dst.proto_ipv4',
  'ip.src',
  'ip.dst',
  'ip.proto',
  'ip.ttl',
  'ip.id',
  'ip.frag_offset',
  'tcp.flags',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.seq_raw',
  'tcp.ack_raw',
  'tcp.len',
  'udp.srcport',
  'udp.dstport',
  'icmp.type',
  'dhcp.type',
  'dhcp.hw.type',
  'dhcp.id',
  'dhcp.ip.client',
  'dhcp.ip.your',
  'dhcp.ip.relay',
  'dhcp.hw.mac_addr',
  'dhcp.option.dhcp',
  'dhcp.option.requested_ip_address',
  'dhcp.option.dhcp_server_id',
  'dhcp.option.ip_address_lease_time',
  'dhcp.option.renewal_time_value',
  'dhcp.option.rebinding_time_value',
  'dhcp.option.type',
  'dhcp.option.value',
  'msnlb.version',
  'msnlb.unique_host_id',
  'msnlb.cluster_ip',
  'msnlb.host_ip',
  'msnlb.my_host_ip',
  'msnlb.default_host_ip',
  'msnlb.convergence_state',
  'msnlb.number_of_port_rules',
  'msnlb.unique_host_code',
  'msnlb.packets_handled',
  'msnlb.portruleconfiguration.data',
  'frame.len',
  'frame.cap_len',
  'arp.hw.type',
  'arp.proto.type',
  'arp.hw.size',
  'arp.proto.size',
  'ip.len',
  'ip.hdr_len',
  'ip.flags.mf',
  'tcp.hdr_len',
] as const;

/** Those that explain a difference. */
const FACTS = TSHARK_FIELDS.slice(TSHARK_FIELDS.indexOf('frame.len'));

type TsharkField = (typeof TSHARK_FIELDS)[number];

/** Nothing that joins packets: each is compared by itself. */
const TSHARK_OPTIONS = [
  'tcp.desegment_tcp_streams:FALSE',
  'ip.defragment:FALSE',
  'tcp.analyze_sequence_numbers:FALSE',
  'eth.fcs:Never',
].flatMap((option) => ['-o', option]);

export async function readTsharkFields(file: string): Promise<ReadonlyMap<number, DecodedFrame>> {
  const wanted = TSHARK_FIELDS.flatMap((field) => ['-e', field]);
  const format = ['-T', 'fields', '-E', 'occurrence=a', '-E', 'aggregator=;'];
  const output = await outputOf('tshark', ['-n', '-r', file, ...TSHARK_OPTIONS, ...format, ...wanted]);
  const frames = new Map<number, DecodedFrame>();
  for (const line of output.split('\n')) {
    if (line === '') continue;
    const values = line.split('\t');
    const all = (field: TsharkField) => {
      const text = values[TSHARK_FIELDS.indexOf(field)] ?? '';
      return text === '' ? [] : text.split(';');
    };
    const frame = frameOf(all);
    frames.set(frame.number, frame);
  }
  return frames;
}

/** Layers that only lead to the network layer. */
const LINK_LAYERS = new Set([
  'eth',
  'ethertype',
  'vlan',
  'ieee8021ad',
  'llc',
  'sll',
  'null',
  'raw',
  'eth_withoutfcs',
  'frame',
  'ppp',
  'chdlc',
]);

/** The outermost network layer only: what is inside a tunnel, or quoted by ICMP, comes later in each list. */
function frameOf(all: (field: TsharkField) => string[]): DecodedFrame {
  const layers = (all('frame.protocols')[0] ?? '').split(':').filter((layer) => layer !== 'ethertype');
  const at = layers.findIndex((layer) => !LINK_LAYERS.has(layer));
  const links = layers.slice(0, at < 0 ? layers.length : at);
  const [network = '', transport = '', application = ''] = at < 0 ? [] : layers.slice(at);
  const fields = new Map<string, string>();
  const take = (name: string, field: TsharkField, change = (text: string): string => text) => {
    const text = all(field)[0];
    if (text !== undefined) fields.set(name, change(text));
  };
  if (links.includes('eth')) {
    take('source', 'eth.src');
    take('destination', 'eth.dst');
  }
  if (links.includes('sll')) take('source', 'sll.src.eth');
  const tags = tagsOf(links, all);
  if (tags !== '') fields.set('vlan', tags);
  if (network === 'arp') {
    take('arp.opcode', 'arp.opcode');
    take('arp.sha', 'arp.src.hw_mac');
    take('arp.spa', 'arp.src.proto_ipv4');
    take('arp.tha', 'arp.dst.hw_mac');
    take('arp.tpa', 'arp.dst.proto_ipv4');
  }
  const kind = network === 'ip' ? `ip:${transport}` : network;
  if (network === 'ip') {
    take('ip.src', 'ip.src');
    take('ip.dst', 'ip.dst');
    take('ip.proto', 'ip.proto');
    take('ip.ttl', 'ip.ttl');
    take('ip.id', 'ip.id', decimal);
    if ((all('ip.frag_offset')[0] ?? '0') !== '0') fields.set('ip.laterFragment', 'true');
  }
  if (network === 'ip' && transport === 'tcp') {
    take('tcp.flags', 'tcp.flags', (text) => String(Number(text) & 0xff));
    take('tcp.srcport', 'tcp.srcport');
    take('tcp.dstport', 'tcp.dstport');
    take('tcp.seq', 'tcp.seq_raw');
    take('tcp.ack', 'tcp.ack_raw');
    take('tcp.len', 'tcp.len');
  }
  if (network === 'ip' && transport === 'udp') {
    take('udp.srcport', 'udp.srcport');
    take('udp.dstport', 'udp.dstport');
  }
  if (network === 'ip' && transport === 'icmp') take('icmp.type', 'icmp.type');
  if (network === 'ip' && transport === 'udp' && application === 'dhcp') setTsharkDhcp(all, fields);
  if (network === 'msnlb') setTsharkHeartbeat(all, fields);
  const facts = new Map(FACTS.map((field) => [field, all(field)[0] ?? '']));
  return { number: Number(all('frame.number')[0]), kind, fields, facts };
}

function setTsharkHeartbeat(all: (field: TsharkField) => string[], fields: Map<string, string>): void {
  const take = (name: string, field: TsharkField) => {
    const text = all(field)[0];
    if (text !== undefined) fields.set(name, text);
  };
  take('nlb.version', 'msnlb.version');
  take('nlb.priority', 'msnlb.unique_host_id');
  take('nlb.cluster', 'msnlb.cluster_ip');
  take('nlb.host', 'msnlb.host_ip');
  take('nlb.ownId', 'msnlb.my_host_ip');
  take('nlb.defaultId', 'msnlb.default_host_ip');
  take('nlb.state', 'msnlb.convergence_state');
  take('nlb.ruleCount', 'msnlb.number_of_port_rules');
  take('nlb.hostCode', 'msnlb.unique_host_code');
  take('nlb.packets', 'msnlb.packets_handled');
  const codes = all('msnlb.portruleconfiguration.data');
  if (codes.length > 0) fields.set('nlb.codes', codes.join());
}

function tagsOf(links: readonly string[], all: (field: TsharkField) => string[]): string {
  const customer = all('vlan.id');
  const provider = all('ieee8021ad.id');
  const tags = links.flatMap((layer) => {
    if (layer === 'vlan') return [customer.shift() ?? '?'];
    return layer === 'ieee8021ad' ? [provider.shift() ?? '?'] : [];
  });
  // Identifier 0 is a priority alone.
  return tags.filter((tag) => tag !== '0').join('.');
}

function setTsharkDhcp(all: (field: TsharkField) => string[], fields: Map<string, string>): void {
  const take = (name: string, field: TsharkField, change = (text: string): string => text) => {
    const text = all(field)[0];
    if (text !== undefined && text !== '0.0.0.0') fields.set(name, change(text));
  };
  take('dhcp.op', 'dhcp.type');
  take('dhcp.htype', 'dhcp.hw.type', decimal);
  take('dhcp.xid', 'dhcp.id', decimal);
  take('dhcp.ciaddr', 'dhcp.ip.client');
  take('dhcp.yiaddr', 'dhcp.ip.your');
  take('dhcp.giaddr', 'dhcp.ip.relay');
  take('dhcp.chaddr', 'dhcp.hw.mac_addr');
  take('dhcp.53', 'dhcp.option.dhcp');
  take('dhcp.50', 'dhcp.option.requested_ip_address');
  take('dhcp.54', 'dhcp.option.dhcp_server_id');
  take('dhcp.51', 'dhcp.option.ip_address_lease_time');
  take('dhcp.58', 'dhcp.option.renewal_time_value');
  take('dhcp.59', 'dhcp.option.rebinding_time_value');
  const types = all('dhcp.option.type');
  const values = all('dhcp.option.value');
  // Every option but padding and the end has a value, if only an empty one.
  const coded = types.filter((type) => type !== '0' && type !== '255');
  if (coded.includes('61')) fields.set('dhcp.61', values[coded.indexOf('61')] ?? '');
  if (coded.includes('80')) fields.set('dhcp.80', 'true');
  if (coded.includes('108')) fields.set('dhcp.108', 'true');
}

const decimal = (text: string): string => String(Number(text));
