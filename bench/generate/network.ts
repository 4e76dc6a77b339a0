/** The network the captures come from: one LAN seen at a mirror port of its switch, and hosts behind its gateway. */
import type { Random } from './random.ts';

export interface Host {
  /** IPv4 address, network order value. */
  readonly address: number;
  /** MAC address as 16 and 32 bits; of the gateway for hosts behind it. Changes when the host gets another card. */
  macHigh: number;
  macLow: number;
  /** As seen on this LAN. */
  readonly ttl: number;
  readonly isLocal: boolean;
  /** Identification of the next IPv4 packet. */
  identification: number;
  nextPort: number;
}

export interface Network {
  readonly gateway: Host;
  readonly dhcpServer: Host;
  readonly nameServer: Host;
  /** Servers and clients of the LAN, and servers elsewhere. */
  readonly servers: readonly Host[];
  readonly clients: readonly Host[];
  readonly remotes: readonly Host[];
}

const LAN = 0x0a14_0000;
/** Universally administered prefixes; none has a meaning of its own (rules 0.3). */
const OUI = [0x001b21, 0x3c5282, 0x00219b, 0xb4b52f];
/** RFC 5737: addresses for documentation. */
const REMOTE_PREFIXES = [0xc000_0200, 0xc633_6400, 0xcb00_7100];

function localHost(random: Random, number: number): Host {
  const oui = OUI[number % OUI.length] ?? 0;
  return {
    address: LAN + number,
    macHigh: oui >> 8,
    macLow: ((oui & 0xff) << 24) | (random.below(0x100) << 16) | number,
    ttl: number % 3 === 0 ? 64 : 128,
    isLocal: true,
    identification: random.below(0x10000),
    nextPort: 49_152 + random.below(16_384),
  };
}

export function makeNetwork(random: Random): Network {
  const local = (number: number): Host => localHost(random, number);
  const gateway = local(1);
  const remotes = Array.from({ length: 300 }, (_, index): Host => {
    const prefix = REMOTE_PREFIXES[index % REMOTE_PREFIXES.length] ?? 0;
    return {
      address: prefix + 1 + Math.floor(index / REMOTE_PREFIXES.length),
      macHigh: gateway.macHigh,
      macLow: gateway.macLow,
      ttl: random.onceIn(3) ? random.between(109, 119) : random.between(46, 57),
      isLocal: false,
      identification: random.below(0x10000),
      nextPort: 49_152 + random.below(16_384),
    };
  });
  return {
    gateway,
    dhcpServer: local(5),
    nameServer: local(6),
    servers: Array.from({ length: 20 }, (_, index) => local(10 + index)),
    clients: Array.from({ length: 240 }, (_, index) => local(256 + index)),
    remotes,
  };
}

/** The next ephemeral port (RFC 6335: 49152 to 65535). */
export function takePort(host: Host): number {
  const port = host.nextPort;
  host.nextPort = port === 65_535 ? 49_152 : port + 1;
  return port;
}
