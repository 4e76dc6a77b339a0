/** Dial-in frames as tshark reads them: PPP in PPTP, L2TP, PPPoE and on lines, and RADIUS. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  ACCOUNTING_STATUS,
  Connection,
  Host,
  IPCP_OPTION,
  L2TP_MESSAGE,
  L2TP_PAIR,
  LCP_OPTION,
  NAS_PORT_TYPE,
  PPPOE_CODE,
  PPPOE_TAG,
  PPP_CODE,
  PPP_PROTOCOL,
  PPTP,
  PROTOCOL,
  RADIUS_ATTRIBUTE,
  RADIUS_CODE,
  Script,
  TERMINATE_CAUSE,
  addressed,
  chapResult,
  chapValue,
  compressedProtocol,
  controlPacket,
  directed,
  encode,
  enhancedGre,
  filler,
  l2tpControl,
  l2tpData,
  multilink,
  papRequest,
  papResult,
  ppp,
  pppoe,
  pppoeTags,
  protocolReject,
  radius,
  terminateData,
} from '../../samples/craft/index.ts';
import type { Encoding, InterfaceLinkType } from '../../samples/craft/index.ts';
import { hasPeer } from '../peers.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const hasTshark = hasPeer('tshark');
const folder = temporaryFolder();

const caller = new Host({ mac: '00:a0:c9:11:22:33', ip: '198.51.100.21', ttl: 117 });
const server = new Host({ mac: '00:80:c7:44:55:66', ip: '10.0.0.2', ttl: 128 });

const { configureRequest, configureNak, terminateRequest } = PPP_CODE;
const ASK = ppp(
  PPP_PROTOCOL.ipcp,
  controlPacket(configureRequest, 7, [IPCP_OPTION.address('0.0.0.0'), IPCP_OPTION.nameServer('0.0.0.0')]),
);
const OFFER = ppp(
  PPP_PROTOCOL.ipcp,
  controlPacket(configureNak, 7, [IPCP_OPTION.address('10.0.0.11'), IPCP_OPTION.netbiosServer('10.0.0.5')]),
);
const LCP = ppp(
  PPP_PROTOCOL.lcp,
  controlPacket(configureRequest, 1, [
    LCP_OPTION.maximumReceiveUnit(1400),
    LCP_OPTION.chap(129),
    LCP_OPTION.magic(0x11223344),
    LCP_OPTION.maximumReconstructedUnit(1524),
    LCP_OPTION.endpoint('u1'),
  ]),
);

function scripted(frames: readonly Uint8Array[], linkType?: InterfaceLinkType): Script {
  const script = new Script({ interfaces: [linkType === undefined ? {} : { name: 'modem1', linkType }] });
  for (const [index, frame] of frames.entries()) script.at(1 + index, frame);
  return script;
}

/** One line a packet, its fields separated by spaces; nothing may be malformed. */
function fieldsOf(script: Script, fields: readonly string[], encoding?: Encoding): string[] {
  const path = join(folder, 'crafted.cap');
  writeFileSync(path, encode(script, encoding));
  const run = (...args: string[]): string[] => {
    const secret = ['-o', 'radius.shared_secret:kbdiag', '-o', 'radius.validate_authenticator:TRUE'];
    const { status, stdout } = spawnSync('tshark', ['-n', '-r', path, ...secret, ...args], {
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    return stdout.split('\n').slice(0, -1);
  };
  const bad = ['ip', 'udp', 'tcp'].map((name) => `${name}.checksum.status == 0`);
  const checks = ['ip', 'udp', 'tcp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
  expect(run(...checks, '-Y', ['_ws.malformed', ...bad].join(' || '))).toEqual([]);
  const columns = fields.flatMap((field) => ['-e', field]);
  return run('-T', 'fields', '-E', 'separator=/s', ...columns);
}

describe.skipIf(!hasTshark)('dial-in frames (needs tshark)', () => {
  it('PPTP: control messages have their lengths and call identifiers', () => {
    const connection = new Connection(caller, server, {
      clientPort: 1030,
      serverPort: 1723,
      clientIsn: 5,
      serverIsn: 9,
    });
    const frames = [
      connection.syn(),
      connection.synAck(),
      connection.data('client', PPTP.startRequest('')),
      connection.data('server', PPTP.startReply('RAS1')),
      connection.data('client', PPTP.outgoingCallRequest(0x4001, 1)),
      connection.data('server', PPTP.outgoingCallReply(17, 0x4001)),
      connection.data('client', PPTP.setLinkInfo(17)),
      connection.data('client', PPTP.callClearRequest(0x4001)),
      connection.data('server', PPTP.callDisconnectNotify(17, 4)),
      connection.data('client', PPTP.stopRequest()),
      connection.data('server', PPTP.stopReply()),
    ];
    const lines = fieldsOf(scripted(frames), ['pptp.control_message_type', 'pptp.length', 'pptp.call_id']);
    expect(lines.slice(2)).toEqual([
      '1 156 ',
      '2 156 ',
      '7 168 16385',
      '8 32 17',
      '15 24 ',
      '12 16 16385',
      '13 148 17',
      '3 16 ',
      '4 16 ',
    ]);
  });

  it('GRE: IPCP with its options, framed or with protocol and address compressed', () => {
    const data = ppp(PPP_PROTOCOL.ip, server.datagram('10.0.0.11', PROTOCOL.icmp, filler(8)));
    const payloads = [addressed(ASK), OFFER, compressedProtocol(data)];
    const frames = payloads.map((payload, sequence) =>
      caller.ipFrame(
        server.mac,
        caller.datagram(
          server.ip,
          PROTOCOL.gre,
          enhancedGre({ callId: 17, sequence, ...(sequence === 1 ? { acknowledgment: 4 } : {}), payload }),
        ),
      ),
    );
    const lines = fieldsOf(scripted(frames), [
      'gre.key.call_id',
      'gre.sequence_number',
      'gre.ack_number',
      'gre.key.payload_length',
      'ipcp.opt.ip_address',
    ]);
    expect(lines).toEqual(['17 0  20 0.0.0.0', '17 1 4 18 10.0.0.11', '17 2  29 ']);
  });

  it('L2TP: control messages and data', () => {
    const pairs = [
      L2TP_PAIR.messageType(L2TP_MESSAGE.cdn),
      L2TP_PAIR.resultCode(3),
      L2TP_PAIR.assignedSession(0x6001),
    ];
    const opening = [
      L2TP_PAIR.messageType(L2TP_MESSAGE.sccrq),
      L2TP_PAIR.assignedTunnel(0x1593),
      L2TP_PAIR.protocolVersion,
      L2TP_PAIR.framing,
      L2TP_PAIR.hostName('LAC7'),
    ];
    const payloads = [
      l2tpControl({ tunnelId: 0, sent: 0, received: 0, pairs: opening }),
      l2tpControl({ tunnelId: 9, sessionId: 0x2001, sent: 3, received: 2, pairs }),
      l2tpControl({ tunnelId: 9, sent: 4, received: 2, pairs: [] }),
      l2tpData(9, 0x2001, addressed(OFFER)),
    ];
    const frames = payloads.map((payload) => caller.udp(server, 1701, 1701, payload));
    const fields = ['l2tp.avp.message_type', 'l2tp.tunnel', 'l2tp.session', 'l2tp.Ns', 'ipcp.opt.ip_address'];
    expect(fieldsOf(scripted(frames), fields)).toEqual([
      '1 0 0 0 ',
      '14 9 8193 3 ',
      ' 9 0 4 ',
      ' 9 8193  10.0.0.11',
    ]);
  });

  it('PPPoE: discovery, a session, and its end', () => {
    const between = { destination: server.mac, source: caller.mac } as const;
    const { padi, padt, session } = PPPOE_CODE;
    const tags = pppoeTags([
      [PPPOE_TAG.serviceName, ''],
      [PPPOE_TAG.hostUniq, 'H1'],
    ]);
    const frames = [
      pppoe({ ...between, code: padi, payload: tags }),
      pppoe({ ...between, code: session, sessionId: 0x0101, payload: LCP }),
      pppoe({ ...between, code: padt, sessionId: 0x0101, payload: new Uint8Array(0) }),
    ];
    const fields = ['pppoe.code', 'pppoe.session_id', 'lcp.opt.mru', 'lcp.magic_number'];
    expect(fieldsOf(scripted(frames), [...fields, 'pppoe.payload_length'])).toEqual([
      '0x09 0x0000   10',
      expect.stringMatching(/^0x00 0x0101 1400 .* \d+$/),
      '0xa7 0x0101   0',
    ]);
  });

  it.each(['ppp', 'pppWithDirection'] as const)('%s: authentication, rejects, terminations', (linkType) => {
    const { chap, pap, lcp } = PPP_PROTOCOL;
    const packets = [
      ppp(pap, papRequest(1, 'u1', 'secret')),
      ppp(pap, papResult(1, true)),
      ppp(chap, chapValue('response', 2, filler(16), 'u1')),
      ppp(chap, chapResult(2, false, 'E=691')),
      ppp(lcp, protocolReject(3, ASK)),
      ppp(lcp, controlPacket(terminateRequest, 4, terminateData(0x11223344, 717))),
      multilink(5, OFFER),
    ].map((packet) => addressed(packet));
    const frames = packets.map((packet) => (linkType === 'ppp' ? packet : directed('sent', packet)));
    const encodings: Encoding[] = [{ container: 'pcap' }, { container: 'pcapng', byteOrder: 'big' }];
    for (const encoding of encodings) {
      const lines = fieldsOf(scripted(frames, linkType), ['ppp.protocol'], encoding);
      expect(lines.map((line) => line.split(',')[0])).toEqual([
        '0xc023',
        '0xc023',
        '0xc223',
        '0xc223',
        '0xc021',
        '0xc021',
        '0x003d',
      ]);
    }
    const names = fieldsOf(scripted(frames, linkType), ['chap.name', 'pap.peer_id']);
    expect(names.slice(0, 3)).toEqual([' u1', ' ', 'u1 ']);
    expect(fieldsOf(scripted(frames, linkType), ['ipcp.opt.ip_address']).at(-1)).toBe('10.0.0.11');
  });

  it('RADIUS: attributes, and a response that belongs to its request', () => {
    const request = radius({
      code: RADIUS_CODE.accountingRequest,
      identifier: 9,
      attributes: [
        RADIUS_ATTRIBUTE.userName('u1'),
        RADIUS_ATTRIBUTE.nasAddress('10.0.0.2'),
        RADIUS_ATTRIBUTE.framedProtocol(1),
        RADIUS_ATTRIBUTE.nasPortType(NAS_PORT_TYPE.virtual),
        RADIUS_ATTRIBUTE.statusType(ACCOUNTING_STATUS.stop),
        RADIUS_ATTRIBUTE.sessionId('41000001'),
        RADIUS_ATTRIBUTE.framedAddress('10.0.0.11'),
        RADIUS_ATTRIBUTE.sessionTime(28),
        RADIUS_ATTRIBUTE.terminateCause(TERMINATE_CAUSE.nasError),
      ],
    });
    const response = radius({ code: RADIUS_CODE.accountingResponse, identifier: 9, attributes: [], request });
    const frames = [server.udp(caller, 1025, 1813, request), caller.udp(server, 1813, 1025, response)];
    const fields = [
      'radius.code',
      'radius.User_Name',
      'radius.Framed-IP-Address',
      'radius.Acct_Status_Type',
      'radius.Acct_Terminate_Cause',
      'radius.NAS_Port_Type',
      'radius.Acct_Session_Time',
      'radius.authenticator.valid',
    ];
    expect(fieldsOf(scripted(frames), fields)).toEqual(['4 u1 10.0.0.11 2 9 5 28 ', '5       1']);
  });
});
