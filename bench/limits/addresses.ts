/** Hosts, claims, moves and leases without end. */
import { DHCP_TYPE, Host, vlanTagged } from '../../samples/craft/index.ts';
import type { Flood } from './flood.ts';
import { LINKTYPE_ETHERNET, pcap, type Change } from './stream.ts';

const A = new Host({ mac: '02:00:00:00:00:01', ip: '10.0.0.1' });
const B = new Host({ mac: '00:80:c7:44:55:66', ip: '192.0.2.1' });

/** The address of a number, in 10/8. */
export const addressOf = (number: number): number => 0x0a00_0000 + 1 + (number % 0xff_0000);

/** Offsets in an ARP frame: the lower bytes of both MAC addresses, sender and target address. */
const ARP_MACS = [8, 24];
const ARP_ADDRESSES = [28, 38];
/** In a DHCP frame: xid, yiaddr, lower bytes of chaddr; IPv4 identification. */
const DHCP = { ipId: 18, xid: 46, ciaddr: 54, yiaddr: 58, chaddr: 72 } as const;

const announcement = A.announce().subarray(0, 42);

function announces(view: DataView, at: number, mac: number, address: number): void {
  for (const offset of ARP_MACS) view.setUint32(at + offset, mac);
  for (const offset of ARP_ADDRESSES) view.setUint32(at + offset, address);
}

const request = A.dhcpClient(DHCP_TYPE.request, {
  xid: 1,
  requestedAddress: '10.0.0.9',
  serverIdentifier: '192.0.2.1',
  clientId: new Uint8Array(32).fill(7),
});
const acknowledgment = B.dhcpServer(DHCP_TYPE.ack, {
  xid: 1,
  yiaddr: '10.0.0.9',
  chaddr: '02:00:00:00:00:09',
  leaseSeconds: 3600,
  to: 'broadcast',
});
/** Behind the message type: code, length, then the identifier. */
const CLIENT_ID = 42 + 240 + 3 + 2;
const REQUESTED = CLIENT_ID + 32 + 2;

/** Option 51 of `acknowledgment`: it stands behind the message type. */
const LEASE_SECONDS = 42 + 240 + 3 + 2;

/** Each number is a REQUEST and its ACK: of this station, identity and address. */
function leases(of: (number: number) => { mac: number; identity: number; address: number }): Change {
  return (view, at, number, which) => {
    const { mac, identity, address } = of(number);
    view.setUint16(at + DHCP.ipId, number);
    view.setUint32(at + DHCP.xid, number);
    view.setUint32(at + DHCP.chaddr, mac + 1);
    if (which === 0) {
      view.setUint32(at + 8, mac + 1);
      view.setUint32(at + CLIENT_ID, identity);
      view.setUint32(at + REQUESTED, address);
    } else view.setUint32(at + DHCP.yiaddr, address);
  };
}

/** One lease of each client. */
const lease = leases((number) => ({ mac: number, identity: 7, address: addressOf(number) }));

const datagram = A.udp(B, 1024, 9, new Uint8Array(18));

/** Two stations of each of so many addresses, which claim it and send from it in turn. */
function contests(addresses: number): Change {
  return (view, at, number, which) => {
    const address = number % addresses;
    const mac = 1 + 2 * address + (Math.floor(number / addresses) & 1);
    if (which === 0) announces(view, at, mac, addressOf(address));
    else {
      view.setUint32(at + 8, mac);
      view.setUint32(at + 26, addressOf(address));
    }
  };
}

/** A clock that counts so many seconds and begins anew; `perSecond` numbers to a second. */
const startingAnew =
  (perSecond: number, seconds: number) =>
  (number: number): number =>
    981_173_106 + (Math.floor(number / perSecond) % seconds);

export const ADDRESS_FLOODS: readonly Flood[] = [
  {
    name: 'hosts',
    content: 'hosts that announce themselves by ARP',
    count: 1_000_000,
    testCount: 200_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [announcement],
        count,
        perSecond: 2000,
        change: (view, at, number) => announces(view, at, number + 1, addressOf(number)),
      }),
    evicted: ['addresses', 'stations'],
    tellingVerdicts: ['Q120599', 'Q193157'],
  },
  {
    name: 'senders',
    content: 'hosts with a MAC address each that send datagrams',
    count: 4_000_000,
    testCount: 400_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [datagram],
        count,
        perSecond: 20_000,
        change: (view, at, number) => {
          view.setUint32(at + 8, number + 1);
          view.setUint32(at + 26, addressOf(number));
        },
      }),
    evicted: ['sources'],
  },
  {
    name: 'routed',
    content: 'sources without end behind few stations',
    count: 4_000_000,
    testCount: 400_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [datagram],
        count,
        perSecond: 20_000,
        change: (view, at, number) => {
          view.setUint32(at + 8, (number % 1000) + 1);
          view.setUint32(at + 26, 0x0b00_0000 + (Math.imul(number, 0x9e37_79b1) >>> 8));
        },
      }),
    evicted: ['sources'],
  },
  {
    name: 'claims',
    content: 'claims of addresses that two hosts claim in turn',
    count: 1_000_000,
    testCount: 150_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [announcement, announcement],
        count,
        perSecond: 3000,
        change: (view, at, number, which) => {
          const host = number % 15_000;
          announces(view, at, host * 2 + which + 1, addressOf(host));
        },
      }),
    evicted: ['addresses'],
  },
  {
    name: 'claimants',
    content: 'claims of 1,500 addresses by 20 hosts each',
    count: 1_000_000,
    testCount: 150_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [announcement],
        count,
        perSecond: 2000,
        change: (view, at, number) => {
          const address = number % 1500;
          const claimant = Math.floor(number / 1500) % 20;
          announces(view, at, 1 + address * 20 + claimant, addressOf(address));
        },
      }),
  },
  {
    name: 'contests',
    content: 'claims of 1,000 addresses by two hosts each, which send as well, while the clock begins anew',
    count: 1_000_000,
    testCount: 240_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [announcement, datagram],
        count,
        perSecond: 1,
        timeOf: startingAnew(2000, 20),
        change: contests(1000),
      }),
    evicted: ['addressClaims'],
    tellingVerdicts: ['Q120599'],
  },
  {
    name: 'quarrels',
    content:
      'packets of two hosts each under 64 addresses, which they claim now and then, while the clock begins anew',
    count: 8_000_000,
    testCount: 2_000_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [datagram],
        count,
        perSecond: 1,
        timeOf: startingAnew(128, 1000),
        change: (view, at, number) => {
          contests(64)(view, at, number, 1);
          // Every thirtieth second it is a claim, behind which stands what ARP passes over.
          if (Math.floor(number / 128) % 30 !== 0) return;
          const bytes = new Uint8Array(view.buffer, view.byteOffset + at, announcement.length);
          bytes.set(announcement);
          contests(64)(view, at, number, 0);
        },
      }),
    check: ({ health }) => (health.clockEpochs > 10 ? null : 'no clock epochs are told'),
  },
  {
    name: 'moves',
    content: 'addresses that move to another MAC address time and again',
    count: 1_000_000,
    testCount: 150_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [announcement, datagram],
        count,
        perSecond: 1000,
        change: (view, at, number, which) => {
          const host = number % 5000;
          const mac = 1 + host + 5000 * (Math.floor(number / 5000) % 40);
          if (which === 0) announces(view, at, mac, addressOf(host));
          else {
            view.setUint32(at + 8, mac);
            view.setUint32(at + 26, addressOf(host));
          }
        },
      }),
  },
  {
    name: 'clients',
    content: 'DHCP clients with a lease each',
    count: 1_000_000,
    testCount: 60_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [request, acknowledgment],
        count,
        perSecond: 600,
        change: lease,
      }),
    evicted: ['leases'],
    tellingVerdicts: ['Q151387'],
  },
  {
    name: 'leases',
    content: 'leases of 16,000 DHCP clients, each with several identities',
    count: 1_000_000,
    testCount: 96_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [request, acknowledgment],
        count,
        perSecond: 600,
        change: leases((number) => ({
          mac: number % 16_000,
          identity: Math.floor(number / 16_000),
          address: addressOf(number),
        })),
      }),
    evicted: ['leases'],
    tellingVerdicts: ['Q151387'],
  },
  {
    name: 'overuse',
    content: 'uses of 4,000 leases long past their expiry, which their clients ask for in vain',
    count: 3_000_000,
    testCount: 200_000,
    stream: (count) =>
      pcap(
        LINKTYPE_ETHERNET,
        {
          frames: [request, acknowledgment],
          count: 4000,
          perSecond: 1000,
          change: (view, at, number, which) => {
            lease(view, at, number, which);
            if (which === 1) view.setUint32(at + LEASE_SECONDS, 10);
          },
        },
        {
          frames: [datagram, request],
          count,
          perSecond: 2000,
          firstSecond: 4,
          change: (view, at, number, which) => {
            const user = number % 4000;
            if (which === 1) {
              lease(view, at, user, 0);
              view.setUint32(at + DHCP.ciaddr, addressOf(user));
              view.setUint32(at + DHCP.xid, number);
            } else {
              view.setUint32(at + 8, user + 1);
              view.setUint32(at + 26, addressOf(user));
            }
          },
        },
      ),
  },
  {
    name: 'renewals',
    content: 'DHCP clients that ask for the lease they have, and are not answered',
    count: 400_000,
    testCount: 40_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [request],
        count,
        perSecond: 1000,
        change: (view, at, number) => {
          lease(view, at, number, 0);
          view.setUint32(at + 26, addressOf(number));
          view.setUint32(at + DHCP.ciaddr, addressOf(number));
        },
      }),
    evicted: ['leases'],
    tellingVerdicts: ['Q151387'],
  },
  {
    name: 'networks',
    content: 'VLANs without end, with a host each',
    count: 400_000,
    testCount: 40_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [vlanTagged(announcement, [1, 1])],
        count,
        perSecond: 400,
        change: (view, at, number) => {
          const network = number % 16_000_000;
          view.setUint16(at + 14, 1 + Math.floor(network / 4000));
          view.setUint16(at + 18, 1 + (network % 4000));
          for (const offset of [8, 32]) view.setUint32(at + offset, network + 1);
          for (const offset of [36, 46]) view.setUint32(at + offset, addressOf(network >> 1));
        },
      }),
    evicted: ['domains'],
  },
];
