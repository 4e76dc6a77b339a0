/** The fields of PPP, of what carries it, and of RADIUS, as src/wire reads them and as tshark does, in one notation. */
import { decodeGre, GRE_OK, GreHeader } from '../../src/wire/gre.ts';
import { formatIpv4, PROTOCOL_GRE, PROTOCOL_UDP } from '../../src/wire/ipv4.ts';
import { decodeL2tp, L2TP_OK, L2TP_PORT, L2tpMessage } from '../../src/wire/l2tp.ts';
import { decodePacket } from '../../src/wire/link.ts';
import {
  KIND_IPV4_TUNNEL,
  KIND_LINK_TUNNEL,
  KIND_PPP,
  KIND_RADIUS,
  KIND_TCP,
  KIND_TCP_CONTROL,
  type Packet,
} from '../../src/wire/packet.ts';
import {
  CONFIGURE_ACK,
  CONFIGURE_REQUEST,
  ControlPacket,
  decodeControlPacket,
  decodePppFrame,
  isPppControl,
  PPP_CHAP,
  PPP_EAP,
  PPP_IPCP,
  PPP_LCP,
  PPP_OK,
  PPP_PAP,
  PppFrame,
} from '../../src/wire/ppp.ts';
import { AUTH_NAME, AuthPacket, decodeAuth } from '../../src/wire/ppp-auth.ts';
import { ConfigureOption, decodeLcpOptions, findOption, LcpOptions } from '../../src/wire/ppp-options.ts';
import {
  decodePppoe,
  PPPOE_DISCOVERY_TYPE,
  PPPOE_OK,
  PPPOE_SESSION_TYPE,
  PppoeHeader,
} from '../../src/wire/pppoe.ts';
import { decodePptp, PPTP_OK, PPTP_PORT, PptpMessage } from '../../src/wire/pptp.ts';
import { RADIUS_OK, RadiusMessage } from '../../src/wire/radius.ts';
import { tcpPayloadLength, tcpPorts } from '../../src/wire/tcp.ts';
import { outputOf } from '../capture/corpus.ts';
import { forEachPacket } from './packets.ts';

export type Fields = Map<string, string>;

const PPPOE_TYPES = new Set([PPPOE_DISCOVERY_TYPE, PPPOE_SESSION_TYPE]);

/** Frames with anything to compare, by number. */
export async function readOurDialIn(file: string): Promise<ReadonlyMap<number, Fields>> {
  const frames = new Map<number, Fields>();
  await forEachPacket(file, (packet) => {
    const fields: Fields = new Map();
    setFields(packet, decodePacket(packet), fields);
    if (fields.size > 0) frames.set(packet.number, fields);
  });
  return frames;
}

function setFields(packet: Packet, kind: number, fields: Fields): void {
  const { view, end } = packet;
  if (kind === KIND_PPP) setPpp(packet, packet.network, packet.wireEnd, fields);
  else if (kind === KIND_RADIUS) setRadius(packet, fields);
  else if (kind === KIND_TCP || kind === KIND_TCP_CONTROL) setPptp(packet, fields);
  else if (kind === KIND_LINK_TUNNEL && PPPOE_TYPES.has(packet.etherType)) setPppoe(packet, fields);
  else if (kind === KIND_IPV4_TUNNEL && packet.protocol === PROTOCOL_GRE) {
    const header = new GreHeader();
    if (decodeGre(view, packet.transport, end, packet.ipEnd, header) !== GRE_OK) return;
    fields.set('gre.call', String(header.call));
    if (header.payloadEnd > header.payload) setPpp(packet, header.payload, header.payloadEnd, fields);
  } else if (kind === KIND_IPV4_TUNNEL && packet.protocol === PROTOCOL_UDP) setL2tp(packet, fields);
}

function setPppoe(packet: Packet, fields: Fields): void {
  const header = new PppoeHeader();
  if (decodePppoe(packet.view, packet.network, packet.end, packet.wireEnd, header) !== PPPOE_OK) return;
  fields.set('pppoe.code', String(header.code));
  fields.set('pppoe.session', String(header.session));
  if (packet.etherType === PPPOE_SESSION_TYPE) setPpp(packet, header.payload, header.payloadEnd, fields);
}

function setL2tp(packet: Packet, fields: Fields): void {
  const { view, transport } = packet;
  if (view.getUint16(transport + 2) !== L2TP_PORT) return;
  const message = new L2tpMessage();
  const wireEnd = transport + view.getUint16(transport + 4);
  if (decodeL2tp(view, transport + 8, packet.end, wireEnd, message) !== L2TP_OK) return;
  fields.set('l2tp.tunnel', String(message.tunnel));
  fields.set('l2tp.session', String(message.session));
  if (message.type !== 0) fields.set('l2tp.message', String(message.type));
  if (message.assignedTunnel >= 0) fields.set('l2tp.assignedTunnel', String(message.assignedTunnel));
  if (message.assignedSession >= 0) fields.set('l2tp.assignedSession', String(message.assignedSession));
  if (!message.isControl) setPpp(packet, message.payload, message.payloadEnd, fields);
}

function setPptp(packet: Packet, fields: Fields): void {
  const ports = tcpPorts(packet);
  if (ports >>> 16 !== PPTP_PORT && (ports & 0xffff) !== PPTP_PORT) return;
  const bytes = tcpPayloadLength(packet);
  const from = packet.transport + ((packet.view.getUint8(packet.transport + 12) >>> 4) << 2);
  const message = new PptpMessage();
  if (bytes === 0 || decodePptp(packet.view, from, Math.min(packet.end, from + bytes), message) !== PPTP_OK)
    return;
  fields.set('pptp.type', String(message.type));
  if (message.call >= 0) fields.set('pptp.call', String(message.call));
  if (message.peerCall >= 0) fields.set('pptp.peerCall', String(message.peerCall));
}

const frame = new PppFrame();
const control = new ControlPacket();
const lcp = new LcpOptions();
const option = new ConfigureOption();
const auth = new AuthPacket();

function setPpp(packet: Packet, at: number, wireEnd: number, fields: Fields): void {
  const { view, end } = packet;
  if (decodePppFrame(view, at, end, wireEnd, frame) !== PPP_OK) return;
  fields.set('ppp.protocol', String(frame.protocol));
  const { protocol } = frame;
  // Link quality reports have another form; EAP has names of its own.
  const isRead = isPppControl(protocol) && protocol !== 0xc025 && protocol !== PPP_EAP;
  if (!isRead || decodeControlPacket(view, frame.information, end, wireEnd, control) !== PPP_OK) return;
  fields.set('control.code', String(control.code));
  fields.set('control.identifier', String(control.identifier));
  const isConfigure = control.code >= CONFIGURE_REQUEST && control.code <= CONFIGURE_ACK + 2;
  if (protocol === PPP_LCP && isConfigure && decodeLcpOptions(view, control, lcp) === PPP_OK) {
    if (lcp.magic !== 0) fields.set('lcp.magic', String(lcp.magic >>> 0));
    if (lcp.authentication !== 0) fields.set('lcp.authentication', String(lcp.authentication));
  } else if (protocol === PPP_IPCP && isConfigure) {
    if (findOption(view, control, 3, option) === PPP_OK && option.isThere)
      fields.set('ipcp.address', formatIpv4(option.value));
  } else if (protocol === PPP_PAP || protocol === PPP_CHAP) {
    if (decodeAuth(view, protocol, control, auth) === PPP_OK && auth.meaning === AUTH_NAME)
      fields.set('auth.name', auth.name);
  }
}

function setRadius(packet: Packet, fields: Fields): void {
  const { view, transport } = packet;
  const message = new RadiusMessage();
  const wireEnd = transport + view.getUint16(transport + 4);
  if (message.decode(view, transport + 8, Math.min(packet.end, wireEnd), wireEnd) !== RADIUS_OK) return;
  const set = (name: string, value: number | string, absent: number | string): void => {
    if (value !== absent) fields.set(`radius.${name}`, String(value));
  };
  set('code', message.code, 0);
  set('identifier', message.identifier, -1);
  set('user', message.userName, '');
  set('nas', message.nasAddress === 0 ? '' : formatIpv4(message.nasAddress), '');
  set('framedProtocol', message.framedProtocol, -1);
  set('framedAddress', message.framedAddress === 0 ? '' : formatIpv4(message.framedAddress), '');
  set('status', message.status, -1);
  set('session', message.session, '');
  set('sessionTime', message.sessionSeconds, -1);
  set('cause', message.terminateCause, -1);
  set('portType', message.portType, -1);
}

/** tshark's fields by our names. */
const TSHARK: ReadonlyArray<readonly [name: string, field: string]> = [
  ['layers', 'frame.protocols'],
  ['pppoe.code', 'pppoe.code'],
  ['pppoe.session', 'pppoe.session_id'],
  ['gre.call', 'gre.key.call_id'],
  ['l2tp.tunnel', 'l2tp.tunnel'],
  ['l2tp.session', 'l2tp.session'],
  ['l2tp.message', 'l2tp.avp.message_type'],
  ['l2tp.assignedTunnel', 'l2tp.avp.assigned_tunnel_id'],
  ['l2tp.assignedSession', 'l2tp.avp.assigned_session_id'],
  ['ppp.protocol', 'ppp.protocol'],
  ['control.code', 'ppp.code'],
  ['control.identifier', 'ppp.identifier'],
  ['pap.code', 'pap.code'],
  ['pap.identifier', 'pap.identifier'],
  ['chap.code', 'chap.code'],
  ['chap.identifier', 'chap.identifier'],
  ['lcp.magic', 'lcp.opt.magic_number'],
  ['lcp.authentication', 'lcp.opt.auth_protocol'],
  ['ipcp.address', 'ipcp.opt.ip_address'],
  ['pap.name', 'pap.peer_id'],
  ['chap.name', 'chap.name'],
  ['pptp.type', 'pptp.control_message_type'],
  ['pptp.call', 'pptp.call_id'],
  ['pptp.peerCall', 'pptp.peer_call_id'],
  ['radius.code', 'radius.code'],
  ['radius.identifier', 'radius.id'],
  ['radius.user', 'radius.User_Name'],
  ['radius.nas', 'radius.NAS_IP_Address'],
  ['radius.framedProtocol', 'radius.Framed_Protocol'],
  ['radius.framedAddress', 'radius.Framed-IP-Address'],
  ['radius.status', 'radius.Acct_Status_Type'],
  ['radius.session', 'radius.Acct_Session_Id'],
  ['radius.sessionTime', 'radius.Acct_Session_Time'],
  ['radius.cause', 'radius.Acct_Terminate_Cause'],
  ['radius.portType', 'radius.NAS_Port_Type'],
];

/** Values that tshark shows in hexadecimal. */
const HEXADECIMAL = /^0x[0-9a-f]+$/;

export async function readTsharkDialIn(file: string): Promise<ReadonlyMap<number, Fields>> {
  const wanted = ['frame.number', ...TSHARK.map(([, field]) => field)].flatMap((field) => ['-e', field]);
  const format = ['-T', 'fields', '-E', 'occurrence=f'];
  const options = ['-o', 'tcp.desegment_tcp_streams:FALSE', '-o', 'ip.defragment:FALSE'];
  const filter = 'ppp or pppoed or pppoes or pptp or l2tp or radius or gre.key.call_id';
  const output = await outputOf('tshark', ['-n', '-r', file, '-Y', filter, ...options, ...format, ...wanted]);
  const frames = new Map<number, Fields>();
  for (const line of output.split('\n')) {
    if (line === '') continue;
    const [number, ...values] = line.split('\t');
    const shown = new Map(
      TSHARK.map(([name], at) => [name, inDecimal(values[at] ?? '')] as const).filter(
        ([, value]) => value !== '',
      ),
    );
    frames.set(Number(number), inOurNames(shown));
  }
  return frames;
}

function inDecimal(value: string): string {
  return HEXADECIMAL.test(value) ? String(Number(value)) : value;
}

/** What stays of a frame whose PPP carries IP: all else that tshark shows is inside. */
const OUTSIDE = new Set([
  'pppoe.code',
  'pppoe.session',
  'gre.call',
  'l2tp.tunnel',
  'l2tp.session',
  'ppp.protocol',
]);

/** PAP and CHAP have code, identifier and name under their own names. */
function inOurNames(shown: Fields): Fields {
  const fields: Fields = new Map(shown);
  const layers = (fields.get('layers') ?? '').split(':');
  fields.delete('layers');
  const inner = new Set(layers.slice(layers.indexOf('ppp') + 1));
  if (layers.includes('ppp') && (inner.has('ip') || inner.has('ipv6'))) {
    const isL2tpInside = !layers.slice(0, layers.indexOf('ppp')).includes('l2tp');
    for (const name of fields.keys())
      if (!OUTSIDE.has(name) || (name.startsWith('l2tp.') && isL2tpInside)) fields.delete(name);
  }
  // A challenge has the name of the one who asks: nobody logs in with it.
  if (fields.get('chap.code') === '1') fields.delete('chap.name');
  for (const protocol of ['pap', 'chap']) {
    for (const [theirs, ours] of [
      ['code', 'control.code'],
      ['identifier', 'control.identifier'],
      ['name', 'auth.name'],
    ] as const) {
      const value = fields.get(`${protocol}.${theirs}`);
      fields.delete(`${protocol}.${theirs}`);
      if (value !== undefined) fields.set(ours, value);
    }
  }
  return fields;
}
