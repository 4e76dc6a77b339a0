/** DNS and DHCP messages, as bytes behind the UDP header. */
import type { Host } from './network.ts';

const DHCP_COOKIE = 0x6382_5363;
/** RFC 951: messages are at least this long. */
const MIN_BOOTP_BYTES = 300;
const SUBNET_MASK = 0xffff_fc00;

export const DHCP_DISCOVER = 1;
export const DHCP_REQUEST = 3;
export const DHCP_ACK = 5;

/** A query for `hNNN.example.net`, or its answer where `answer` is an address. */
export function dnsMessage(id: number, name: number, answer: number | null): Uint8Array {
  const label = `h${name}`;
  const questionEnd = 12 + 1 + label.length + 1 + 'example'.length + 1 + 'net'.length + 1 + 4;
  const bytes = new Uint8Array(questionEnd + (answer === null ? 0 : 16));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id);
  view.setUint16(2, answer === null ? 0x0100 : 0x8180);
  view.setUint16(4, 1);
  view.setUint16(6, answer === null ? 0 : 1);
  let at = 12;
  for (const part of [label, 'example', 'net']) {
    bytes[at] = part.length;
    for (let index = 0; index < part.length; index += 1) bytes[at + 1 + index] = part.charCodeAt(index);
    at += 1 + part.length;
  }
  view.setUint32(at + 1, 0x0001_0001);
  if (answer !== null) {
    // A pointer to the question's name, type A, class IN, an hour, four bytes.
    view.setUint32(questionEnd, 0xc00c_0001);
    view.setUint16(questionEnd + 4, 1);
    view.setUint32(questionEnd + 6, 3600);
    view.setUint16(questionEnd + 10, 4);
    view.setUint32(questionEnd + 12, answer);
  }
  return bytes;
}

export interface DhcpMessage {
  readonly type: typeof DHCP_DISCOVER | typeof DHCP_REQUEST | typeof DHCP_ACK;
  readonly xid: number;
  readonly client: Host;
  readonly server: Host;
  /** The client's own address, where it has one. */
  readonly ciaddr: number;
  /** Of an ACK. */
  readonly leaseSeconds: number;
}

/** RFC 2131 figure 1 and the options of RFC 2132 that Windows clients and servers send. */
export function dhcpMessage(message: DhcpMessage): Uint8Array {
  const bytes = new Uint8Array(MIN_BOOTP_BYTES);
  const view = new DataView(bytes.buffer);
  const isAck = message.type === DHCP_ACK;
  view.setUint32(0, isAck ? 0x0201_0600 : 0x0101_0600);
  view.setUint32(4, message.xid);
  view.setUint32(12, message.ciaddr);
  view.setUint32(16, isAck ? message.client.address : 0);
  view.setUint16(28, message.client.macHigh);
  view.setUint32(30, message.client.macLow);
  view.setUint32(236, DHCP_COOKIE);
  let at = 240;
  const option = (code: number, length: number, write: (at: number) => void): void => {
    bytes[at] = code;
    bytes[at + 1] = length;
    write(at + 2);
    at += 2 + length;
  };
  option(53, 1, (value) => view.setUint8(value, message.type));
  if (isAck) {
    option(54, 4, (value) => view.setUint32(value, message.server.address));
    option(51, 4, (value) => view.setUint32(value, message.leaseSeconds));
    option(1, 4, (value) => view.setUint32(value, SUBNET_MASK));
  } else {
    option(61, 7, (value) => {
      view.setUint8(value, 1);
      view.setUint16(value + 1, message.client.macHigh);
      view.setUint32(value + 3, message.client.macLow);
    });
    // Subnet mask, router, name server, domain.
    option(55, 4, (value) => view.setUint32(value, 0x0103_060f));
  }
  bytes[at] = 255;
  return bytes;
}
