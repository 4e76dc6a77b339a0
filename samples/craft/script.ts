/**
 * A capture in the making: frames at times, in seconds from the start.
 *
 *     const script = new Script({ interfaces: [{ name: 'eth0' }] });
 *     script.at(1.003, server.dhcpServer(…), { mark: 'offer' });
 *     script.at(1.006, () => client.ping(server, 1));      made in time order, so that IP-ID counters run with time
 *     script.timeline()      in time order; frames of equal time stay in the order of the calls
 *     script.frameNumbers()  mark -> 1-based frame numbers
 *
 * The start is 2001-02-03T04:05:06Z. Times are kept in whole nanoseconds from it.
 */

/** 2001-02-03T04:05:06Z in seconds since 1970. */
export const BASE_SECONDS = 981_173_106;

/** Link types whose frames are written as they are. */
export type InterfaceLinkType = 'ppp' | 'pppWithDirection';

export interface ScriptInterface {
  readonly name?: string;
  /** Where its frames are no Ethernet frames but are written as they are: a modem beside the LAN. pcap takes the first's. */
  readonly linkType?: InterfaceLinkType;
  /** What the interface statistics of a pcapng say at the end. */
  readonly drops?: {
    /** Share of the packets received, in whole packets and at least one. */
    readonly fraction: number;
  };
}

export interface TimedFrame {
  /** Nanoseconds from the start, whole; may be negative. */
  readonly nanos: number;
  /** The untagged Ethernet frame, or the packet as the interface's own link type has it. */
  readonly bytes: Uint8Array;
  /** That of the interface; absent where the encoding decides. */
  readonly linkType?: InterfaceLinkType;
  /** Position in the script's interfaces. */
  readonly interface: number;
  /** VLAN ids, outermost first. */
  readonly vlans: readonly number[];
  readonly mark: string | null;
  /** Packets lost right before, as pcapng's epb_dropcount says. */
  readonly dropsBefore: number;
  readonly comment: string | null;
}

export interface FrameFields {
  readonly interface?: number;
  readonly vlan?: number | readonly number[];
  /** A name for expectations: `ack`, `use`. Several frames may share one. */
  readonly mark?: string;
  readonly dropsBefore?: number;
  readonly comment?: string;
}

export interface ScriptFields {
  readonly interfaces?: readonly ScriptInterface[];
}

/** A frame, or what makes it once its turn in time comes. */
export type FrameSource = Uint8Array | (() => Uint8Array);

interface Entry extends Omit<TimedFrame, 'bytes'> {
  readonly source: FrameSource;
}

export class Script {
  readonly interfaces: readonly ScriptInterface[];
  #frames: readonly TimedFrame[] = [];
  #added: Entry[] = [];
  #sorts = true;

  constructor(fields: ScriptFields = {}) {
    this.interfaces = fields.interfaces ?? [{}];
  }

  /** A script whose order is final: its times may go back, as a stepped clock's do. */
  static recorded(interfaces: readonly ScriptInterface[], frames: readonly TimedFrame[]): Script {
    const script = new Script({ interfaces });
    script.#frames = frames;
    script.#sorts = false;
    return script;
  }

  /** Adds a frame `seconds` after the start. Functions are called once, in time order, when the frames are asked for. */
  at(seconds: number, frame: FrameSource, fields: FrameFields = {}): this {
    const { vlan } = fields;
    const linkType = this.interfaces[fields.interface ?? 0]?.linkType;
    this.#added.push({
      ...(linkType === undefined ? {} : { linkType }),
      nanos: Math.round(seconds * 1e9),
      source: frame,
      interface: fields.interface ?? 0,
      vlans: vlan === undefined ? [] : typeof vlan === 'number' ? [vlan] : vlan,
      mark: fields.mark ?? null,
      dropsBefore: fields.dropsBefore ?? 0,
      comment: fields.comment ?? null,
    });
    return this;
  }

  /** Adds every frame of another script, `seconds` later. */
  include(other: Script, seconds = 0): this {
    const shift = Math.round(seconds * 1e9);
    for (const { bytes, ...frame } of other.timeline()) {
      this.#added.push({ ...frame, source: bytes, nanos: frame.nanos + shift });
    }
    return this;
  }

  /** The frames in the order of the capture. */
  timeline(): readonly TimedFrame[] {
    if (this.#added.length > 0) {
      const added: TimedFrame[] = [];
      for (const { source, ...frame } of this.#added.toSorted((one, other) => one.nanos - other.nanos)) {
        added.push({ ...frame, bytes: typeof source === 'function' ? source() : source });
      }
      this.#added = [];
      const all = [...this.#frames, ...added];
      this.#frames = this.#sorts ? all.sort((one, other) => one.nanos - other.nanos) : all;
    }
    return this.#frames;
  }

  /** Frame numbers by mark, as Wireshark counts them, from 1. */
  frameNumbers(): ReadonlyMap<string, readonly number[]> {
    const numbers = new Map<string, number[]>();
    for (const [index, frame] of this.timeline().entries()) {
      if (frame.mark === null) continue;
      const known = numbers.get(frame.mark);
      if (known) known.push(index + 1);
      else numbers.set(frame.mark, [index + 1]);
    }
    return numbers;
  }

  /** Seconds from the start to the last frame. */
  durationSeconds(): number {
    return this.timeline().reduce((latest, frame) => Math.max(latest, frame.nanos), 0) / 1e9;
  }
}
